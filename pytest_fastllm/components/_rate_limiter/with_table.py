"""The native limiter with tables of counters: LiteLLM's caches get one at their first request."""

from __future__ import annotations

from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING

from .examined import HANDLER, HOOK, LIMITER, module_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


@contextmanager
def counting_in_tables(max_keys: int) -> Iterator[None]:
    """Every limiter without Redis counts in a table of so many keys; afterwards in LiteLLM's cache again."""
    from importlib import import_module

    from litellm.caching.in_memory_cache import InMemoryCache

    from .methods import methods
    from .table_cache import adopt, release

    native = methods()
    owner = getattr(import_module(module_name(LIMITER)), HANDLER)
    adopted: list[Any] = []

    @wraps(native[HOOK])
    async def async_pre_call_hook(self: Any, *args: Any, **kwargs: Any) -> object:
        dual = self.internal_usage_cache.dual_cache
        if type(dual.in_memory_cache) is InMemoryCache and dual.redis_cache is None:
            adopt(dual.in_memory_cache, max_keys, self.window_size)
            adopted.append(dual.in_memory_cache)
        return await native[HOOK](self, *args, **kwargs)

    before = {name: vars(owner)[name] for name in native}
    for name, method in {**native, HOOK: async_pre_call_hook}.items():
        setattr(owner, name, method)
    try:
        yield
    finally:
        for name, method in before.items():
            setattr(owner, name, method)
        for cache in adopted:
            release(cache)
