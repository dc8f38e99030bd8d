"""What the native choice has Python do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .places import has_core, member, router_class, router_module

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def level(logger: Any, number: int) -> tuple[dict[int, bool], int, Callable[[int], bool]]:
    """A level of a logger: where `logging` remembers whether it is enabled, and who is asked if it has forgotten."""
    import logging

    return vars(logger)["_cache"], number, lambda number: logging.Logger.isEnabledFor(logger, number)


def trace_listeners() -> list[Callable[[], object]]:
    """What says who traces requests, if anyone; nothing where OpenTelemetry's SDK is not installed."""
    from litellm.integrations.otel import runtime

    if runtime._otel_runtime() is None:
        return []
    from litellm.integrations.otel import logger

    return [logger._registered_v2_logger]


def batch_listeners() -> list[Callable[[], object]]:
    """What says whether the request has a batch of Redis calls open, which would carry the router's reads."""
    from litellm.caching import redis_batch

    return [redis_batch.active_request_redis_batches]


def route_listeners() -> list[Callable[[], object]]:
    """What says whether the request may only go to deployments that serve its route, or to the one with its video.

    None before LiteLLM 1.108.11.
    """
    known = vars(router_module())
    if "_routed_call_type" not in known:
        return []
    # Looked up for each choice: whatever is put in their places counts.
    return [
        lambda: known["_ROUTE_CAPABILITY_RESOLVERS"].get(known["_routed_call_type"].get()),
        lambda: known["_video_call_deployment_id"].get(),
    ]


def batch_job_listeners() -> list[Callable[[], object]]:
    """What says whether the request creates a batch job, which some deployments cannot run; None before 1.109."""
    if not has_core():
        return []
    from litellm.litellm_core_utils import batch_utils

    known = vars(batch_utils)
    return [lambda: known["_batch_create_routing"].get() or None]


def alias_method() -> str:
    """The name of the router's method that resolves an alias; LiteLLM 1.105 keeps it to itself."""
    name = member("get_model_from_alias")
    _, router = router_class()
    return name if hasattr(getattr(router_module(), router), name) else f"_{name}"


def caller_class() -> object:
    """The proxy's class of authenticated callers; None while nothing has imported it."""
    import sys

    return getattr(sys.modules.get("litellm.proxy._types"), "UserAPIKeyAuth", None)


def count_tokens(messages: Any, text: Any) -> int:
    """As the strategies count a request."""
    from litellm.router_strategy import lowest_latency

    try:
        count: int = lowest_latency.token_counter(messages=messages, text=text)
    except Exception:
        return 0
    return count


def local_minute(namespace: dict[str, Any]) -> Callable[[], str]:
    """The minute in the keys of a strategy, by the clock in its module's namespace."""

    def minute() -> str:
        now: str = namespace["datetime"].now().strftime("%Y-%m-%d-%H-%M")
        return now

    return minute


def utc_minute() -> str:
    """The minute in the keys of usage-based routing."""
    from litellm.router_strategy import lowest_tpm_rpm_v2

    minute: str = lowest_tpm_rpm_v2.get_utc_datetime().strftime("%H-%M")
    return minute
