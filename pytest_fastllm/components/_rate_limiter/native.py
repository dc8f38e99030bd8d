"""The native limiter's knowledge of the LiteLLM in this process, and the hook that asks it first."""

from __future__ import annotations

from functools import lru_cache, wraps
from typing import TYPE_CHECKING

from .examined import AUTH, DUAL_CACHE, FUNCTIONS, HANDLER, HOOK, LIMITER, MEMORY_CACHE, METHODS, module_name

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from types import ModuleType
    from typing import Any

    from ..._accel import RateLimiter

_DEBUG = 10


def make_hook() -> Callable[..., Awaitable[object]]:
    """`async_pre_call_hook` as LiteLLM has it, decided natively where that gives the same."""
    module = _module(LIMITER)
    original = _stored(getattr(module, HANDLER), HOOK)
    pre_call = limiter().pre_call
    generic = module.EndpointType.GENERIC

    @wraps(original)
    async def async_pre_call_hook(
        self: Any,
        user_api_key_dict: Any,
        cache: Any,
        data: Any,
        call_type: Any,
        endpoint_type: Any = generic,
    ) -> object:
        if pre_call(self, user_api_key_dict, data, call_type, endpoint_type):
            return None
        return await original(self, user_api_key_dict, cache, data, call_type, endpoint_type)

    return async_pre_call_hook


@lru_cache(maxsize=1)
def limiter() -> RateLimiter:
    """The native limiter; it holds no state of any of LiteLLM's."""
    import asyncio
    import heapq
    import logging
    import sys
    import time

    from litellm._logging import verbose_proxy_logger
    from litellm.proxy._types import UserAPIKeyAuth

    from ..._accel import RateLimiter
    from .table_cache import TableCache

    module, memory = _module(LIMITER), _module(MEMORY_CACHE)
    classes = {
        owner: _guarded(getattr(_module(file), owner), methods) for (file, owner), methods in METHODS.items()
    }
    return RateLimiter(
        {
            "handler": classes[HANDLER],
            "usage_cache": classes["InternalUsageCache"],
            "dual_cache": classes["DualCache"],
            "memory_cache": classes["InMemoryCache"],
            "table_cache": TableCache,
            "router": classes["Router"],
            "user": UserAPIKeyAuth,
            "lock": asyncio.Lock,
            "guards": [*_unpatched(), *_helpers()],
            # `logging` keeps which levels are enabled in this dict, and empties it when anything is configured.
            "logging": (vars(verbose_proxy_logger)["_cache"], _DEBUG, False),
            "refresh_logging": lambda: logging.Logger.isEnabledFor(verbose_proxy_logger, _DEBUG),
            "other_calls": frozenset(
                (
                    *module.EMBEDDING_API_CALL_TYPES,
                    *module.GOOGLE_GENAI_NATIVE_CALL_TYPES,
                    *module.RESPONSES_API_CALL_TYPES,
                    *module.TEXT_COMPLETION_API_CALL_TYPES,
                )
            ),
            "generic_endpoint": module.EndpointType.GENERIC,
            "model_group_resolver": module._resolve_model_group_alias_via_proxy_router,
            "tag_rate_limit_resolver": module.resolve_tag_rate_limits_from_db,
            "clock_code": memory.InMemoryCache()._clock.__code__,
            "time": vars(time),
            "modules": sys.modules,
            "proxy_server": "litellm.proxy.proxy_server",
            "claim_stash": module.claim_request_stash_for_data,
            "rate_limited_model": module.RateLimitedModel,
            "heappush": heapq.heappush,
            "heappop": heapq.heappop,
            "report": _report,
        }
    )


def _guarded(owner: type, methods: tuple[str, ...]) -> tuple[type, list[str]]:
    """A class and those of its methods that are the same object at each look; the hook is the switch's."""
    return owner, [
        name
        for name in methods
        if name != HOOK and name in vars(owner) and not isinstance(vars(owner)[name], classmethod)
    ]


def _report(operation: str, error: Exception) -> None:
    """Say that the cache failed, in the words in which LiteLLM's `DualCache` does."""
    import logging

    dual_cache = _module(DUAL_CACHE)
    dual_cache.log_redis_failure(
        dual_cache.verbose_logger,
        logging.ERROR,
        f"LiteLLM Cache: exception in {operation}",
        error,
        with_traceback=True,
    )


def _module(file: str) -> Any:
    from importlib import import_module

    return import_module(module_name(file))


def _stored(owner: type, name: str) -> Any:
    """What stands in a class, looked at through our own dispatcher while a switch is on."""
    from ...toggle import dispatcher

    function = vars(owner)[name]
    if function.__code__.co_filename == dispatcher.__file__:
        return function.__wrapped__
    return function


def _unpatched() -> Iterator[tuple[dict[str, Any], str, object]]:
    """Each function that is done natively: while all are in place, LiteLLM does what was fingerprinted."""
    for file, names in FUNCTIONS.items():
        namespace = vars(_module(file))
        for name in names:
            if name in namespace:
                yield namespace, name, namespace[name]
    limiter_namespace = vars(_module(LIMITER))
    for file, names in FUNCTIONS.items():
        for name in names if file != LIMITER else ():
            if name in limiter_namespace:  # imported by name
                yield limiter_namespace, name, limiter_namespace[name]


def _helpers() -> Iterator[tuple[dict[str, Any], str, object]]:
    """What the cache and the limiter call of others."""
    import heapq
    import json
    import time

    from litellm import _logging

    memory = vars(_module(MEMORY_CACHE))
    yield from [
        (memory, "heapq", heapq),
        (memory, "json", json),
        (memory, "time", time),
        (vars(heapq), "heappush", heapq.heappush),
        (vars(heapq), "heappop", heapq.heappop),
        (vars(json), "loads", json.loads),
        (vars(_logging), "set_verbose", False),
    ]
    for module in (_module(DUAL_CACHE), _module(AUTH)):
        yield from _loggers(module)


def _loggers(module: ModuleType) -> Iterator[tuple[dict[str, Any], str, object]]:
    namespace = vars(module)
    for name in ("print_verbose", "verbose_logger", "log_redis_failure"):
        if name in namespace:
            yield namespace, name, namespace[name]
