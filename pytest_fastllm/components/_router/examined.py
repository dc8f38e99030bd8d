"""What of LiteLLM's the native choice reproduces: the one list behind the fingerprint and the guards.

A name with a dot is a method, and its class is one whose instances may have no method of their own in its place.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

ROUTER = "router.py"
_UTILS = "utils.py"
_COMMON_UTILS = "router_utils/common_utils.py"
_CORE_HELPERS = "litellm_core_utils/core_helpers.py"
_COOLDOWNS = "router_utils/cooldown_cache.py"
_HANDLERS = "router_utils/cooldown_handlers.py"
_DUAL = "caching/dual_cache.py"
_MEMORY = "caching/in_memory_cache.py"
_OTEL = "integrations/otel/runtime.py"
_BATCH = "router_utils/routing_read_batch.py"
_TAGS = "router_strategy/tag_based_routing.py"
_SHUFFLE = "router_strategy/simple_shuffle.py"
_LEAST_BUSY = "router_strategy/least_busy.py"
_LATENCY = "router_strategy/lowest_latency.py"
_USAGE = "router_strategy/lowest_tpm_rpm_v2.py"
_COST = "router_strategy/lowest_cost.py"
_COMPACTION = "router_strategy/complexity_router/context_compaction.py"

Part = tuple[str, str]
"""A file of the package, and a name in it."""


def _parts(file: str, names: str, owner: str = "") -> tuple[Part, ...]:
    return tuple((file, f"{owner}.{name}" if owner else name) for name in names.split())


EVERY_PICK: tuple[Part, ...] = (
    *_parts(ROUTER, "_ROUTING_KWARGS_ADAPTER _deployment_pick_attributes _as_retry_skipped_deployment_ids"),
    *_parts(
        ROUTER,
        "_common_checks_available_deployment get_model_from_alias _get_routing_group_deployments "
        "_try_early_resolve_deployments_for_model_not_in_names get_all_deployments should_include_deployment "
        "_filter_deployments_by_model_access_groups _filter_reserved_deployments _drop_strategy_markers "
        "_is_strategy_marker_deployment _get_routing_context _get_request_routing_strategy_override "
        "_normalize_strategy get_routing_group _filter_cooldown_deployments _filter_blocked_deployments "
        "get_model_ids _without_deployments_that_cannot_serve_route _narrow_to_video_deployment _deployment_ids",
        "Router",
    ),
    # In 1.105 the functions themselves; later, aliases that others may still call.
    *_parts(ROUTER, "_get_model_from_alias _get_all_deployments", "Router"),
    *_parts(_UTILS, "_get_deployment_order"),
    *_parts(_COMMON_UTILS, "_is_proxy_admin_request"),
    *_parts(_CORE_HELPERS, "_get_parent_otel_span_from_kwargs"),
    *_parts(_UTILS, "get_deployment_order get_order_filtered_deployments get_excluded_filtered_deployments"),
    *_parts(_COMMON_UTILS, "is_proxy_admin_request get_request_team_id resolve_model_group_alias"),
    *_parts(_COMMON_UTILS, "request_user_api_key_auth"),
    *_parts("router_utils/access_windows.py", "parse_access_windows _reservation_blocking_window"),
    *_parts("router_utils/access_windows.py", "filter_reserved_deployments"),
    *_parts("router_utils/ptu_shares.py", "filter_ptu_shared_deployments _deployment_shares"),
    *_parts("litellm_core_utils/ptu_pricing.py", "parsed_ptu_shares"),
    *_parts("router_utils/auto_router_model_naming.py", "classify_strategy_router_model"),
    *_parts(_CORE_HELPERS, "get_parent_otel_span_from_kwargs"),
    *_parts(_OTEL, "phase_event"),
    *_parts(_COOLDOWNS, "get_cooldown_cache_key _corrected_active_cooldown cooldown_store", "CooldownCache"),
    *_parts(_DUAL, "attach_redis_cache", "DualCache"),
    *_parts(_MEMORY, "get_cache evict_element_if_expired _is_key_expired _remove_key", "InMemoryCache"),
    *_parts(_SHUFFLE, "simple_shuffle _metric_weight _scoped_weights"),
    *_parts("types/router_weights.py", "validate_router_weights"),
)
"""What both methods do with every strategy."""

SYNC: tuple[Part, ...] = (
    *_parts(
        ROUTER,
        "_filter_health_check_unhealthy_deployments _select_deployment_sync "
        "_override_selector_pre_call_check print_deployment",
        "Router",
    ),
    *_parts(_HANDLERS, "get_cooldown_deployments _get_cooldown_deployments"),
    *_parts(_COOLDOWNS, "get_active_cooldowns", "CooldownCache"),
    *_parts(_DUAL, "batch_get_cache get_cache", "DualCache"),
    *_parts(_MEMORY, "batch_get_cache", "InMemoryCache"),
)
"""What the sync method does besides."""

ASYNC: tuple[Part, ...] = (
    *_parts(
        ROUTER,
        "_async_get_available_deployment async_get_healthy_deployments async_pre_routing_hook "
        "_record_routing_decision _stamp_or_clear_metadata_key _resolve_claude_code_session_router "
        "_select_pre_routing_strategy _pin_tier_params_onto_request _restore_client_ceiling_no_tier_pins "
        "_async_filter_health_check_unhealthy_deployments async_callback_filter_deployments "
        "_get_metadata_variable_name_from_kwargs _filter_by_routing_plugin_candidates _select_deployment_async "
        "_async_override_selector_pre_call_check print_deployment",
        "Router",
    ),
    *_parts(_OTEL, "phase_span phase_attributes"),
    *_parts("integrations/otel/routing.py", "routing_decision_attributes"),
    *_parts(_HANDLERS, "async_get_cooldown_deployments _async_get_cooldown_deployments"),
    *_parts(_COOLDOWNS, "async_get_active_cooldowns active_cooldowns_from_results", "CooldownCache"),
    *_parts(_DUAL, "async_get_cache async_batch_get_cache async_batch_get_cache_shared", "DualCache"),
    *_parts(_DUAL, "_prepare_batch_get", "DualCache"),
    *_parts(_MEMORY, "async_get_cache async_batch_get_cache", "InMemoryCache"),
    *_parts(_BATCH, "RoutingPrefetch RoutingReadBatch"),
    *_parts("caching/redis_batch.py", "active_request_redis_batches"),
    *_parts(_COMMON_UTILS, "filter_team_based_models filter_web_search_deployments _WEB_SEARCH_TOOL_TYPES"),
    *_parts(_TAGS, "get_deployments_for_tag _chain_tag_filtering_override _all_deployments_or_fallback"),
    *_parts(_CORE_HELPERS, "get_metadata_variable_name_from_kwargs"),
    *_parts(_COMPACTION, "arm_compaction"),
    *_parts("integrations/custom_logger.py", "async_filter_deployments", "CustomLogger"),
    *_parts("_service_logger.py", "async_service_success_hook", "ServiceLogging"),
)
"""What the async method does besides."""

STRATEGIES: dict[str, tuple[Part, ...]] = {
    "least-busy": (
        *_parts(_LEAST_BUSY, "_DEPLOYMENTS _MEMORY_COUNTS _request_count_key _request_count_keys _as_counts"),
        *_parts(_LEAST_BUSY, "_local_counts _least_busy _Deployment _DeploymentModelInfo"),
        *_parts(
            _LEAST_BUSY,
            "get_available_deployments async_get_available_deployments",
            "LeastBusyLoggingHandler",
        ),
    ),
    "latency-based-routing": (
        *_parts(_LATENCY, "RoutingArgs _average_latency _percentile_latency"),
        *_parts(
            _LATENCY,
            "get_available_deployments async_get_available_deployments _get_available_deployments",
            "LowestLatencyLoggingHandler",
        ),
        *_parts("integrations/custom_logger.py", "_select_metadata_field", "CustomLogger"),
    ),
    "usage-based-routing-v2": (
        *_parts(_USAGE, "PrefetchedUsage"),
        *_parts(
            _USAGE,
            "get_available_deployments async_get_available_deployments usage_counter_keys "
            "_common_checks_available_deployment _return_potential_deployments",
            "LowestTPMLoggingHandler_v2",
        ),
    ),
    "cost-based-routing": (
        *_parts(_COST, "_deployment_cost_map_rates _cost_map _declares_token_price _as_rate"),
        *_parts(_COST, "async_get_available_deployments", "LowestCostLoggingHandler"),
        *_parts("router_utils/deployment_pricing.py", "deployment_pricing_models pricing_models"),
        *_parts("router_utils/deployment_pricing.py", "_named_models str_keyed"),
    ),
}
"""What each strategy does."""

REPLACED: tuple[Part, ...] = _parts(
    ROUTER, "get_available_deployment async_get_available_deployment", "Router"
)

PARTS: tuple[Part, ...] = (
    *REPLACED,
    *EVERY_PICK,
    *SYNC,
    *ASYNC,
    *(part for parts in STRATEGIES.values() for part in parts),
)


def module(file: str) -> ModuleType | None:
    """A file of LiteLLM's as a module; None where this version does not have it."""
    try:
        return import_module("litellm." + file.removesuffix(".py").replace("/", "."))
    except ModuleNotFoundError:
        return None
