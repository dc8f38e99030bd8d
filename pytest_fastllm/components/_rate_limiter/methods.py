"""The limiter's methods that are replaced: native where that gives the same, else LiteLLM's own."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING

from .examined import FAILURE, HANDLER, HOOK, LIMITER, SUCCESS
from .looked_up import module, stored
from .native import limiter

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    Method = Callable[..., Awaitable[object]]


def methods() -> dict[str, Method]:
    """By name, each as LiteLLM has it."""
    owner = getattr(module(LIMITER), HANDLER)
    return {
        HOOK: _pre_call(stored(owner, HOOK)),
        SUCCESS: _log_success(stored(owner, SUCCESS)),
        FAILURE: _log_failure(stored(owner, FAILURE)),
    }


def _pre_call(original: Method) -> Method:
    pre_call = limiter().pre_call
    generic = module(LIMITER).EndpointType.GENERIC

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


def _log_success(original: Method) -> Method:
    log_success = limiter().log_success

    @wraps(original)
    async def async_log_success_event(
        self: Any, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any
    ) -> None:
        if not log_success(self, kwargs, response_obj):
            await original(self, kwargs, response_obj, start_time, end_time)

    return async_log_success_event


def _log_failure(original: Method) -> Method:
    log_failure = limiter().log_failure

    @wraps(original)
    async def async_log_failure_event(
        self: Any, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any
    ) -> None:
        if not log_failure(self, kwargs):
            await original(self, kwargs, response_obj, start_time, end_time)

    return async_log_failure_event
