//! The names of LiteLLM's attributes and keys, interned.

use crate::py::names::names;

names! {
    /// One field for each name.
    pub struct Names;

    // A router's attributes that are called so in every version.
    // The routing groups' name in LiteLLM 1.105.
    private_routing_groups = "_routing_groups",
    model_to_group = "_model_to_group",
    index_by_id = "model_id_to_deployment_index_map",
    override_selectors = "_override_selectors",
    service_logger = "service_logger_obj",
    // A deployment's keys.
    model_name = "model_name",
    litellm_params = "litellm_params",
    model_info = "model_info",
    model = "model",
    id = "id",
    team_id = "team_id",
    access_windows = "access_windows",
    ptu_shares = "ptu_shares",
    blocked = "blocked",
    order = "order",
    weight = "weight",
    rpm = "rpm",
    tpm = "tpm",
    api_key = "api_key",
    api_base = "api_base",
    base_model = "base_model",
    input_cost = "input_cost_per_token",
    output_cost = "output_cost_per_token",
    tag_filtering = "enable_tag_filtering",
    // A request's keys.
    routing_strategy = "routing_strategy",
    messages = "messages",
    input = "input",
    content = "content",
    output = "output",
    metadata = "metadata",
    litellm_metadata = "litellm_metadata",
    user_api_key_auth = "user_api_key_auth",
    user_team_id = "user_api_key_team_id",
    otel_span = "litellm_parent_otel_span",
    router_weights = "_router_weights",
    target_order = "_target_order",
    excluded_ids = "_excluded_deployment_ids",
    retry_skipped_ids = "_retry_skipped_deployment_ids",
    compaction_state = "_context_compaction_state",
    compaction_config = "config",
    compaction_candidates = "candidates",
    compaction_parent_model = "parent_model",
    affinity_pinned = "_encrypted_content_affinity_pinned",
    output_ceiling = "_client_output_ceiling",
    tools = "tools",
    kind = "type",
    stream = "stream",
    latencies = "_latency_per_deployment",
    // What pre-routing clears in a request's metadata.
    baseline_route = "_autorouter_baseline_route",
    routing_decision = "routing_decision",
    affinity_ttl = "_session_deployment_affinity_ttl",
    consumed_tags = "_consumed_request_tags",
    // A caller's allowed models.
    models = "models",
    team_models = "team_models",
    // Caches.
    cache = "cache",
    store = "_cooldown_store",
    memory = "in_memory_cache",
    redis = "redis_cache",
    entries = "cache_dict",
    expiries = "ttl_dict",
    clock = "_clock",
    code = "__code__",
    timestamp = "timestamp",
    cooldown_time = "cooldown_time",
    // The strategies' own.
    router_cache = "router_cache",
    routing_args = "routing_args",
    latency_buffer = "lowest_latency_buffer",
    ttft_percentile = "ttft_percentile",
    time_to_first_token = "time_to_first_token_seconds",
    mock_testing = "mock_testing",
}
