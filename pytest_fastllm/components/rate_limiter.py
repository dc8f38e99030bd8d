"""`rate_limiter`: the rate limiter of LiteLLM's proxy and its native replacement.

What is replaced are three methods of ``parallel_request_limiter_v3._PROXY_MaxParallelRequestsHandler_v3``: the hook
that the proxy calls before each request, and the two events after which tokens are counted or given back. The native
ones keep no state: they read and write LiteLLM's own cache, and what is not plain about a request, its limits or the
cache goes to the method that they replace, before anything is changed. See docs/components/rate_limiter.md.

Importing this module imports neither litellm nor the extension: both happen when they are first needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .extension import missing_extension
from .methods import each_method

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from contextlib import AbstractContextManager

    from ..component import Component

_HANDLER = "litellm.proxy.hooks.parallel_request_limiter_v3:_PROXY_MaxParallelRequestsHandler_v3"
_METHODS = ("async_pre_call_hook", "async_log_success_event", "async_log_failure_event")


def component(max_keys: int | None = None) -> Component:
    """The component, declared without importing what it is about.

    Args:
        max_keys: how many keys, users, teams ... may have counters at a time, in a table in place of LiteLLM's cache;
            None for LiteLLM's cache as it is, which holds 66. For `pytest_fastllm.accelerate`.

    Raises:
        UsageError: ``max_keys`` is not a whole number above 0.
    """
    from ..component import Component

    if max_keys is not None:
        return Component(
            name="rate_limiter",
            switch=_with_table(max_keys),
            available=available,
            native_calls=native_calls,
        )
    return Component(
        name="rate_limiter",
        together=each_method("rate_limiter", _HANDLER, _METHODS),
        available=available,
        native_calls=native_calls,
    )


def _with_table(max_keys: int) -> Callable[[], AbstractContextManager[None]]:
    from ..errors import UsageError

    if type(max_keys) is not int or max_keys < 1:
        raise UsageError(f"max_keys is {max_keys!r}; expected a whole number above 0, as in max_keys=100_000")

    def switch() -> AbstractContextManager[None]:
        from ._rate_limiter.with_table import counting_in_tables

        return counting_in_tables(max_keys)

    return switch


def available() -> str | None:
    """None, or why LiteLLM's rate limiter stays on Python here."""
    from ._rate_limiter.fingerprint import LITELLM
    from ._rate_limiter.replaced import replaced_function

    return missing_extension("RateLimiter") or _no_fastapi() or LITELLM.why_unknown() or replaced_function()


def _no_fastapi() -> str | None:
    from .installed import package_path

    if package_path("litellm") is None or package_path("fastapi") is not None:
        return None
    return "litellm's proxy needs fastapi, which is not installed; run pip install 'pytest-fastllm[proxy]'"


def native_calls() -> int:
    """Hooks and events of requests that the native limiter has done itself in this process."""
    from ._rate_limiter.native import limiter

    return limiter().native_calls if limiter.cache_info().currsize else 0


def __getattr__(name: str) -> Callable[..., Awaitable[object]]:
    """The three methods, made when they are first asked for."""
    if name not in _METHODS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ._rate_limiter.methods import methods

    globals().update(methods())
    method: Callable[..., Awaitable[object]] = globals()[name]
    return method
