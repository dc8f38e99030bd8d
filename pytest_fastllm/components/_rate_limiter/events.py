"""The native limiter's knowledge of what LiteLLM's does after a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .examined import DUAL_CACHE, EVENT_FUNCTIONS, EVENT_METHODS, HANDLER, LIMITER
from .looked_up import cache_helpers, guarded, loggers, module, unpatched

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from .looked_up import Guard

_COMMON = "proxy/common_utils/callback_utils.py"


def description() -> dict[str, Any]:
    """What `_accel.RateLimiter` has to know of it."""
    from _thread import LockType

    from .memory import stays_for_window

    limiter = module(LIMITER)
    classes = guarded(EVENT_METHODS)
    return {
        "handler": classes[HANDLER],
        "usage_cache": classes["InternalUsageCache"],
        "dual_cache": classes["DualCache"],
        "memory_cache": classes["InMemoryCache"],
        "guards": [*unpatched(EVENT_FUNCTIONS), *_names(), *cache_helpers(), *loggers(DUAL_CACHE)],
        "stash_variable": limiter._request_stash,
        "stash": limiter.RequestRateLimiterStash,
        "rate_limited_model": limiter.RateLimitedModel,
        "responses": [limiter.ModelResponse, limiter.EmbeddingResponse, limiter.TextCompletionResponse],
        "usage": limiter.Usage,
        "prompt_tokens_details": module("types/utils.py").PromptTokensDetailsWrapper,
        "thread_lock": LockType,
        "demands_names": "_callback_kwargs_mapping" in vars(limiter),
        "has_connections": "_is_socket_turn" in vars(limiter),
        "stays_for_window": stays_for_window(),
    }


def _names() -> Iterator[Guard]:
    """What the limiter and its helpers know by names of their own."""
    for file, names in {
        LIMITER: (
            "BaseLiteLLMOpenAIResponseObject",
            "EmbeddingResponse",
            "ModelResponse",
            "TextCompletionResponse",
            "Usage",
            "UserAPIKeyAuth",
        ),
        _COMMON: ("get_metadata_variable_name_from_kwargs",),
    }.items():
        namespace = vars(module(file))
        for name in names:
            yield namespace, name, namespace[name]
