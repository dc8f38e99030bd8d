"""The native limiter's knowledge of the LiteLLM in this process."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from .events import description
from .examined import (
    AUTH,
    DUAL_CACHE,
    FUNCTIONS,
    HANDLER,
    KEYS_IN_ORDER,
    LIMITER,
    MCP_DESCRIPTORS,
    MEMORY_CACHE,
    METHODS,
)
from .looked_up import cache_helpers, guarded, loggers, module, unpatched

if TYPE_CHECKING:
    from typing import Any

    from ..._accel import RateLimiter
    from .looked_up import Guard

_DEBUG = 10


@lru_cache(maxsize=1)
def limiter() -> RateLimiter:
    """The native limiter; it holds no state of any of LiteLLM's."""
    import asyncio
    import heapq
    import logging
    import sys
    import time
    from _thread import LockType

    from litellm._logging import verbose_proxy_logger
    from litellm.proxy._types import UserAPIKeyAuth

    from ..._accel import RateLimiter
    from .memory import asks_of_any
    from .routers import routers
    from .stash import fields
    from .table_cache import TableCache

    hooks, memory = module(LIMITER), module(MEMORY_CACHE).InMemoryCache
    classes = guarded(METHODS)
    return RateLimiter(
        {
            "handler": classes[HANDLER],
            "usage_cache": classes["InternalUsageCache"],
            "dual_cache": classes["DualCache"],
            "memory_cache": classes["InMemoryCache"],
            "table_cache": TableCache,
            "routers": routers(classes),
            "user": UserAPIKeyAuth,
            "lock": asyncio.Lock,
            "guards": [
                *unpatched(FUNCTIONS),
                *cache_helpers(),
                _set_verbose(),
                *loggers(DUAL_CACHE),
                *loggers(AUTH),
            ],
            # `logging` keeps which levels are enabled in this dict, and empties it when anything is configured.
            "logging": (vars(verbose_proxy_logger)["_cache"], _DEBUG, False),
            "refresh_logging": lambda: logging.Logger.isEnabledFor(verbose_proxy_logger, _DEBUG),
            "left_calls": _left_calls(vars(hooks)[HANDLER]),
            "other_calls": frozenset(
                (
                    *hooks.EMBEDDING_API_CALL_TYPES,
                    *hooks.GOOGLE_GENAI_NATIVE_CALL_TYPES,
                    *hooks.RESPONSES_API_CALL_TYPES,
                    *hooks.TEXT_COMPLETION_API_CALL_TYPES,
                    *vars(hooks).get("EXTRACTION_API_CALL_TYPES", ()),
                )
            ),
            "generic_endpoint": hooks.EndpointType.GENERIC,
            "model_group_resolver": hooks._resolve_model_group_alias_via_proxy_router,
            "tag_rate_limit_resolver": hooks.resolve_tag_rate_limits_from_db,
            # Since 1.108 teams may hold shares of provisioned throughput.
            "ptu_team_ceiling_resolver": vars(hooks).get("_resolve_ptu_team_ceiling_via_proxy_router"),
            "clock_code": memory()._clock.__code__,
            "time": vars(time),
            "modules": sys.modules,
            "proxy_server": "litellm.proxy.proxy_server",
            "claim_stash": hooks.claim_request_stash_for_data,
            "rate_limited_model": hooks.RateLimitedModel,
            "stash_fields": fields(),
            # Since 1.109 the fraction is a setting, and pictures and the like are estimated.
            "output_fraction": _output_fraction(hooks),
            "counts_media": "split_media_for_tpm" in vars(hooks),
            "heappush": heapq.heappush,
            "heappop": heapq.heappop,
            # Since 1.108 the cache rebuilds its heap, goes on where that is empty, and stores values under a lock.
            "heapify": heapq.heapify if KEYS_IN_ORDER in vars(memory) else None,
            "write_lock": LockType if "_write_lock" in vars(memory()) else None,
            "asks_of_any": asks_of_any(),
            "report": _report,
        },
        description(),
    )


def _report(operation: str, error: Exception) -> None:
    """Say that the cache failed, in the words in which LiteLLM's `DualCache` does."""
    import logging

    dual_cache = module(DUAL_CACHE)
    if operation == "async_increment_cache_pipeline":
        dual_cache.log_redis_failure(
            dual_cache.verbose_logger,
            logging.WARNING,
            f"Redis {operation} failed, falling back to in-memory result",
            error,
        )
        return
    dual_cache.log_redis_failure(
        dual_cache.verbose_logger,
        logging.ERROR,
        f"LiteLLM Cache: exception in {operation}",
        error,
        with_traceback=True,
    )


def _output_fraction(hooks: Any) -> float:
    """Of a limit: what is reserved for an output of unknown length."""
    setting = vars(hooks).get("NO_MAX_TOKENS_TPM_RESERVATION_FRACTION")
    return 1 / hooks._TPM_FLOOR_FRACTION if setting is None else float(setting)


def _left_calls(handler: type) -> frozenset[str]:
    """Kinds of calls that LiteLLM limits in ways of their own."""
    # Batches have a limiter of their own. Calls of MCP tools have limits of their own up to 1.105.
    has_tool_limits = MCP_DESCRIPTORS in vars(handler)
    return frozenset(("acreate_batch", "call_mcp_tool") if has_tool_limits else ("acreate_batch",))


def _set_verbose() -> Guard:
    from litellm import _logging

    return vars(_logging), "set_verbose", False
