"""The code of LiteLLM whose work is done natively: what is fingerprinted, and guarded while the component is on."""

from __future__ import annotations

LIMITER = "proxy/hooks/parallel_request_limiter_v3.py"
AUTH = "proxy/auth/auth_utils.py"
MEMORY_CACHE = "caching/in_memory_cache.py"
DUAL_CACHE = "caching/dual_cache.py"
ROUTER = "router.py"
ROUTER_CORE = "router_python_core.py"
"""Since 1.109 it keeps a router's deployments; before there is no such file."""
ROUTER_API = "router_api.py"
PROXY = "proxy/utils.py"
PROMPTS = "litellm_core_utils/prompt_templates/common_utils.py"

HOOK = "async_pre_call_hook"
SUCCESS = "async_log_success_event"
FAILURE = "async_log_failure_event"
SWITCHED = (HOOK, SUCCESS, FAILURE)
"""The methods of the limiter that are replaced."""
HANDLER = "_PROXY_MaxParallelRequestsHandler_v3"
MCP_DESCRIPTORS = "_create_rate_limit_descriptors"
"""Up to 1.105 `create_rate_limit_descriptors` has this name, and limits calls of MCP tools too."""
KEYS_IN_ORDER = "_cache_keys"
"""Since 1.108 the cache asks this method for the values that it has had longest."""

METHODS = {
    (LIMITER, HANDLER): (
        HOOK,
        "_add_model_per_key_rate_limit_descriptor",
        "_add_project_model_rate_limit_descriptor_from_metadata",
        "_add_tag_per_key_rate_limit_descriptor",
        "_add_team_model_rate_limit_descriptor_from_metadata",
        "_add_team_ptu_rate_limit_descriptor",
        "_apply_implicit_output_cap",
        "_atomic_check_and_increment_in_memory",
        "_batch_get_counter_values",
        "_build_descriptor_atomic_payload",
        "_build_request_rate_limit_descriptors",
        "_collect_windowed_keys_and_gauges",
        MCP_DESCRIPTORS,
        "_create_tag_rate_limit_descriptors",
        "_estimate_input_and_output_tokens",
        "_estimate_ptu_tokens_for_request",
        "_estimate_tokens_for_request",
        "_get_current_time",
        "_get_enforced_limit",
        "_get_explicit_output_cap",
        "_get_resolved_agent_id",
        "_handle_rate_limit_error",
        "_has_explicit_output_cap",
        "_in_memory_cache_sliding_window",
        "_inherited_team_model_limit",
        "_is_dynamic_rate_limiting_enabled",
        "_is_embedding_request",
        "_rate_limited_model",
        "_release_stashed_parallel_slot",
        "_reserve_project_io_tokens_or_raise",
        "_should_enforce_rate_limit",
        "_translate_google_genai_native_request",
        "add_project_io_token_rate_limit_descriptors_from_metadata",
        "atomic_check_and_increment_by_n",
        "create_organization_rate_limit_descriptor",
        "create_rate_limit_descriptors",
        "create_rate_limit_keys",
        "get_output_candidate_count",
        "get_rate_limiter_for_call_type",
        "in_memory_cache_sliding_window",
        "is_cache_list_over_limit",
        "no_max_tokens_output_floor",
        "reserve_tpm_tokens",
        "should_rate_limit",
    ),
    (PROXY, "InternalUsageCache"): ("async_get_cache", "async_set_cache", "async_batch_get_cache"),
    (DUAL_CACHE, "DualCache"): (
        "async_get_cache",
        "async_set_cache",
        "async_batch_get_cache",
        "_prepare_batch_get",
    ),
    (MEMORY_CACHE, "InMemoryCache"): (
        "__init__",
        KEYS_IN_ORDER,
        "_is_key_expired",
        "_remove_key",
        "allow_ttl_override",
        "async_batch_get_cache",
        "async_get_cache",
        "async_set_cache",
        "check_value_size",
        "evict_cache",
        "evict_element_if_expired",
        "get_cache",
        "set_cache",
    ),
    (ROUTER_CORE, "PythonCore"): (
        "_core_deployments_named",
        "_core_get_all_deployments",
        "_core_get_model_list",
        "_core_get_model_list_from_model_alias",
        "_core_get_model_list_from_routing_groups",
        "_get_wildcard_deployments",
        "_materialize_routing_group_rows",
        "registry",
    ),
    (ROUTER_API, "RouterRegistry"): ("__init__", "aliases", "deployments"),
    (ROUTER, "Router"): (
        "_get_all_deployments",
        "_get_wildcard_deployments",
        "get_all_deployments",
        "get_model_list",
        "get_model_list_from_model_alias",
        "get_model_list_from_routing_groups",
    ),
}
"""File and class: the methods whose work is done natively before a call."""

FUNCTIONS = {
    LIMITER: (
        "_REQUEST_RATE_LIMIT_DATA",
        "RateLimitedModel",
        "RequestRateLimiterStash",
        "_parse_output_cap_value",
        "_resolve_model_group_alias_via_proxy_router",
        "_sibling_counter_keys",
        "claim_request_stash_for_data",
        "get_or_create_request_stash",
        "resolve_tag_rate_limits_from_db",
        "DEFAULT_CHARS_PER_TOKEN",
        "DEFAULT_MAX_TOKENS_ESTIMATE",
        "EMBEDDING_API_CALL_TYPES",
        "GOOGLE_GENAI_NATIVE_CALL_TYPES",
        "PROJECT_ITPM_DESCRIPTOR_KEY",
        "PROJECT_OTPM_DESCRIPTOR_KEY",
        "PTU_TEAM_DESCRIPTOR_KEY",
        "EXTRACTION_API_CALL_TYPES",
        "_AGENT_DESCRIPTOR_KEYS",
        "RESPONSES_API_CALL_TYPES",
        "TEXT_COMPLETION_API_CALL_TYPES",
        "_TPM_FLOOR_FRACTION",
    ),
    AUTH: (
        "_get_deployment_default_limit",
        "_get_deployment_default_rpm_limit",
        "_get_deployment_default_tpm_limit",
        "_estimated_output_tokens_from_metadata",
        "get_estimated_output_tokens",
        "get_key_model_rpm_limit",
        "get_key_model_tpm_limit",
        "get_key_own_model_rate_limit",
        "get_key_tag_rpm_limit",
        "get_model_rate_limit_from_metadata",
    ),
    "proxy/auth/budget_throttle.py": ("throttled_limit",),
    "proxy/common_utils/http_parsing_utils.py": ("get_tags_from_request_body",),
    PROMPTS: (
        "get_str_from_messages",
        "convert_content_list_to_str",
        "extract_search_results_text",
        "_tpm_code_output_media",
        "_tpm_document_media",
        "_tpm_input_media",
        "_tpm_media_leaf",
        "_tpm_media_list",
        "_tpm_replace_field",
        "_tpm_tool_result_media",
        "split_media_for_tpm",
    ),
    "constants.py": ("NO_MAX_TOKENS_TPM_RESERVATION_FRACTION",),
    "_internal_context.py": ("with_service_target",),
}
"""File: functions and constants at its top level."""

EVENT_METHODS = {
    (LIMITER, HANDLER): (
        SUCCESS,
        FAILURE,
        "_aggregate_only_total_tokens",
        "_apply_usage_operations",
        "_build_io_token_reservation_ops",
        "_build_ptu_failure_settlement_ops",
        "_build_reservation_aware_tpm_ops",
        "_build_success_event_pipeline_operations",
        "_build_team_ptu_tpm_ops",
        "_collect_tpm_scope_targets",
        "_get_total_tokens_from_usage",
        "_key_owns_model_limit",
        "_key_owns_model_tpm_limit_from_request_metadata",
        "_rate_limited_model",
        "_recovered_partial_usage",
        "_recovered_partial_usage_tokens",
        "_release_stashed_parallel_slot",
        "async_increment_tokens_with_ttl_preservation",
        "create_rate_limit_keys",
        "get_rate_limit_type",
    ),
    (PROXY, "InternalUsageCache"): ("__init__",),
    (DUAL_CACHE, "DualCache"): (
        "async_increment_cache_pipeline",
        "async_increment_cache_pipeline_post_call",
    ),
    (MEMORY_CACHE, "InMemoryCache"): (
        KEYS_IN_ORDER,
        "_is_key_expired",
        "_remove_key",
        "allow_ttl_override",
        "async_increment",
        "async_increment_pipeline",
        "check_value_size",
        "evict_cache",
        "evict_element_if_expired",
        "get_cache",
        "increment_cache",
        "set_cache",
    ),
}
"""The same for what is done after it."""

EVENT_FUNCTIONS = {
    LIMITER: (
        "RateLimitedModel",
        "RequestRateLimiterStash",
        "_as_window_guarded",
        "_callback_kwargs_mapping",
        "_is_socket_turn",
        "_tpm_limited_tags",
        "_call_id_from_callback_kwargs",
        "_request_stash",
        "_resolve_model_group_alias_via_proxy_router",
        "get_request_stash_for_call",
    ),
    AUTH: ("get_key_own_model_rate_limit",),
    "constants.py": ("INTERNAL_CALL_ORIGIN_METADATA_KEY",),
    "litellm_core_utils/core_helpers.py": (
        "_get_parent_otel_span_from_kwargs",
        "get_litellm_metadata_from_kwargs",
        "get_metadata_variable_name_from_kwargs",
        "get_parent_otel_span_from_kwargs",
    ),
    "proxy/common_utils/callback_utils.py": ("get_model_group_from_litellm_kwargs",),
    "router_utils/common_utils.py": ("resolve_model_group_alias",),
    "litellm_core_utils/routing_common_utils.py": ("resolve_model_group_alias",),
    "types/utils.py": ("Usage", "PromptTokensDetailsWrapper"),
}

PARTS = tuple(
    dict.fromkeys(
        part
        for methods, functions in ((METHODS, FUNCTIONS), (EVENT_METHODS, EVENT_FUNCTIONS))
        for part in (
            *((file, f"{owner}.{method}") for (file, owner), names in methods.items() for method in names),
            *((file, name) for file, names in functions.items() for name in names),
        )
    )
)
"""All of it, in the order of the fingerprint."""


def module_name(file: str) -> str:
    """The module that a file of the package `litellm` is."""
    return "litellm." + file.removesuffix(".py").replace("/", ".")
