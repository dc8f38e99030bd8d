"""What of LiteLLM's the native choice reproduces: the one list behind the fingerprint and the guards.

Each part is listed as it was called before LiteLLM 1.109, or as it is called where it is newer, and found where the
installed version has it. A name with a dot is a method, and its class is one whose instances may have no method of
their own in its place.
"""

from __future__ import annotations

from .places import CORE, ROUTER, has_core, place

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
_API = "router_api.py"
_HOST = "router_python_host.py"
_CONFIG = "router_config.py"
_DEPRECATED = "router_deprecated.py"
_ENDPOINTS = "router_utils/endpoint_eligibility.py"
_EMBEDDINGS = "router_utils/embedding_batch_size_check.py"
_BATCHES = "litellm_core_utils/batch_utils.py"
_CONTINUATION = "router_utils/pre_call_checks/continuation_prefill_check.py"
_CONTENTS = "litellm_core_utils/prompt_templates/common_utils.py"
_PODS = "router_utils/kubernetes_pod_discovery.py"

Part = tuple[str, str]
"""A file of the package, and a name in it."""


def _parts(file: str, names: str, owner: str = "") -> tuple[Part, ...]:
    return tuple(place(file, f"{owner}.{name}" if owner else name) for name in names.split())


def _of_cores(file: str, names: str, owner: str = "") -> tuple[Part, ...]:
    return _parts(file, names, owner) if has_core() else ()


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
    # New in 1.109: what a router's core hands to others and asks of them, ...
    *_of_cores(
        CORE, "_core_deployments_named _team_deployments_named registry health settings", "PythonCore"
    ),
    *_of_cores(_API, "RoutingContext RouterRegistry RouterHealth RouterSettings"),
    *_of_cores(_API, "registry health settings", "RoutingContext"),
    *_of_cores(_API, "names deployments", "RouterRegistry"),
    *_of_cores(_API, "cooldowns", "RouterHealth"),
    *_of_cores(_API, "of", "RouterSettings"),
    *_of_cores(_HOST, "PythonHost python_host"),
    *_of_cores(_HOST, "dynamic callback_list", "PythonHost"),
    *_of_cores(_CONFIG, "LiveDynamicConfig live_dynamic_config _LIVE_SOURCES"),
    *_of_cores(_CONFIG, "__getattr__", "LiveDynamicConfig"),
    *_of_cores(_DEPRECATED, "_DeprecatedAttribute _setting _as_router renamed_router_param"),
    *_of_cores(_DEPRECATED, "__get__", "_DeprecatedAttribute"),
    *_of_cores(_DEPRECATED, "kubernetes_pod_discovery", "DeprecatedRouterMembers"),
    # ... and filters that are not in the router's own file.
    *_of_cores(CORE, "_OPAQUE_VALUE_ADAPTER _DECISIONS_MEDIA_CALL_TYPES"),
    *_of_cores(
        CORE,
        "_without_declared_text_only_deployments _request_carries_image "
        "_without_decisions_deployments_refusing_media",
        "PythonCore",
    ),
    *_of_cores(
        _ENDPOINTS, "eligible_deployments non_chat_endpoints _enforced_endpoints _EndpointDeclaration"
    ),
    *_of_cores(_EMBEDDINGS, "deployments_admitting_embedding_batch _deployment_admits_embedding_batch"),
    *_of_cores(_EMBEDDINGS, "_embedding_batch_limit _is_str_keyed_mapping _str_keyed_or_empty"),
    *_of_cores(_BATCHES, "without_deployments_that_cannot_batch is_batch_create_routing"),
    *_of_cores(_CONTINUATION, "continuation_deployments"),
    *_of_cores("litellm_core_utils/routing_common_utils.py", "MID_STREAM_CONTINUATION_KWARG"),
    *_of_cores(_CONTENTS, "request_contains_image_content _message_contains_image_content _CONTENT_PARTS"),
    *_of_cores(_PODS, "resolve_pods_after async_resolve_pods_after"),
    *_of_cores(_PODS, "_request_kwargs_from_call _mapping_request_kwargs"),
    *_of_cores(
        _PODS, "resolve_deployment async_resolve_deployment _eligible _target", "KubernetesPodDiscovery"
    ),
)
"""What both methods do with every strategy."""

SYNC: tuple[Part, ...] = (
    *_parts(
        ROUTER,
        "_filter_health_check_unhealthy_deployments _select_deployment_sync "
        "_override_selector_pre_call_check print_deployment",
        "Router",
    ),
    *_of_cores(CORE, "_get_available_deployment_unresolved", "PythonCore"),
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
    *_of_cores(
        CORE,
        "_async_get_available_deployment_unresolved _restore_client_output_ceiling _routing_callbacks",
        "PythonCore",
    ),
    *_of_cores(CORE, "stamped_client_ceiling"),
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
        *_of_cores(_LATENCY, "_usable_latency_samples"),
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
