//! Names that LiteLLM keeps things under, interned once.

use pyo3::prelude::*;
use pyo3::types::PyString;

macro_rules! names {
    ($($field:ident = $text:literal),* $(,)?) => {
        /// Attributes, keys of dicts and values in them.
        pub struct Names {
            $(pub $field: Py<PyString>,)*
        }

        impl Names {
            pub fn new(py: Python<'_>) -> Self {
                Self { $($field: PyString::intern(py, $text).unbind(),)* }
            }
        }
    };
}

names! {
    // the limiter
    internal_usage_cache = "internal_usage_cache",
    time_provider = "_time_provider",
    timestamp = "timestamp",
    model_group_resolver = "_model_group_resolver",
    tag_rate_limit_resolver = "_tag_rate_limit_resolver",
    window_size = "window_size",
    tpm_reservation_enabled = "tpm_reservation_enabled",
    lock = "_check_and_increment_lock",
    handle_rate_limit_error = "_handle_rate_limit_error",
    // scripts that are there with Redis
    batch_rate_limiter_script = "batch_rate_limiter_script",
    check_and_increment_by_n_script = "check_and_increment_by_n_script",
    // caches
    dual_cache = "dual_cache",
    in_memory_cache = "in_memory_cache",
    redis_cache = "redis_cache",
    max_size_in_memory = "max_size_in_memory",
    max_size_per_item = "max_size_per_item",
    cache_dict = "cache_dict",
    ttl_dict = "ttl_dict",
    expiration_heap = "expiration_heap",
    clock = "_clock",
    code = "__code__",
    time = "time",
    table = "table",
    // an asyncio lock
    locked = "_locked",
    waiters = "_waiters",
    // who asks
    api_key = "api_key",
    rpm_limit = "rpm_limit",
    tpm_limit = "tpm_limit",
    max_parallel_requests = "max_parallel_requests",
    budget_throttle_pct = "budget_throttle_pct",
    user_id = "user_id",
    user_rpm_limit = "user_rpm_limit",
    user_tpm_limit = "user_tpm_limit",
    team_id = "team_id",
    team_rpm_limit = "team_rpm_limit",
    team_tpm_limit = "team_tpm_limit",
    team_member_rpm_limit = "team_member_rpm_limit",
    team_member_tpm_limit = "team_member_tpm_limit",
    end_user_id = "end_user_id",
    end_user_rpm_limit = "end_user_rpm_limit",
    end_user_tpm_limit = "end_user_tpm_limit",
    org_id = "org_id",
    organization_rpm_limit = "organization_rpm_limit",
    organization_tpm_limit = "organization_tpm_limit",
    agent_id = "agent_id",
    invoked_agent_id = "invoked_agent_id",
    model_max_budget = "model_max_budget",
    team_metadata = "team_metadata",
    project_metadata = "project_metadata",
    organization_metadata = "organization_metadata",
    // in metadata
    metadata = "metadata",
    litellm_metadata = "litellm_metadata",
    tags = "tags",
    rpm_limit_type = "rpm_limit_type",
    tpm_limit_type = "tpm_limit_type",
    model_rpm_limit = "model_rpm_limit",
    model_tpm_limit = "model_tpm_limit",
    model_itpm_limit = "model_itpm_limit",
    model_otpm_limit = "model_otpm_limit",
    tag_rpm_limit = "tag_rpm_limit",
    estimated_output = "default_estimated_output_tokens",
    estimated_output_per_model = "default_estimated_output_tokens_per_model",
    // the request
    model = "model",
    messages = "messages",
    content = "content",
    text = "text",
    search_results = "search_results",
    max_tokens = "max_tokens",
    max_completion_tokens = "max_completion_tokens",
    n = "n",
    best_of = "best_of",
    // the proxy
    llm_router = "llm_router",
    prisma_client = "prisma_client",
    // its router
    model_list = "model_list",
    model_group_alias = "model_group_alias",
    pattern_router = "pattern_router",
    patterns = "patterns",
    litellm_params = "litellm_params",
    default_rpm_limit = "default_api_key_rpm_limit",
    default_tpm_limit = "default_api_key_tpm_limit",
    // the request's stash
    parallel_slot = "parallel_slot",
    tpm_limited_tags = "tpm_limited_tags",
    rate_limit_response = "rate_limit_response",
    reserved_tokens = "reserved_tokens",
    reserved_model = "reserved_model",
    reserved_scopes = "reserved_scopes",
    owner_call_id = "owner_litellm_call_id",
    parallel_slot_release_lock = "parallel_slot_release_lock",
    itpm_reserved_tokens = "itpm_reserved_tokens",
    otpm_reserved_tokens = "otpm_reserved_tokens",
    reservation_released = "reservation_released",
    group = "group",
    get = "get",
    // what is logged of a call
    call_id = "litellm_call_id",
    standard_logging_object = "standard_logging_object",
    combined_usage_object = "combined_usage_object",
    call_origin = "internal_call_origin",
    model_group = "model_group",
    key_metadata = "user_api_key_metadata",
    key_model_max_budget = "user_api_key_model_max_budget",
    key_hash = "user_api_key_hash",
    key_user_id = "user_api_key_user_id",
    key_team_id = "user_api_key_team_id",
    key_org_id = "user_api_key_org_id",
    key_project_id = "user_api_key_project_id",
    key_end_user_id = "user_api_key_end_user_id",
    // what it used
    usage = "usage",
    prompt_tokens = "prompt_tokens",
    completion_tokens = "completion_tokens",
    total_tokens = "total_tokens",
    prompt_tokens_details = "prompt_tokens_details",
    cached_tokens = "cached_tokens",
    input = "input",
    output = "output",
    // settings of the proxy, and of the cache
    general_settings = "general_settings",
    token_rate_limit_type = "token_rate_limit_type",
    token_increment_script = "token_increment_script",
    default_ttl = "default_ttl",
    increment_lock = "_increment_lock",
    acquire = "acquire",
    release = "release",
    // answers
    overall_code = "overall_code",
    statuses = "statuses",
    status_code = "code",
    current_limit = "current_limit",
    limit_remaining = "limit_remaining",
    rate_limit_type = "rate_limit_type",
    descriptor_key = "descriptor_key",
    descriptor_value = "descriptor_value",
    ok = "OK",
    over_limit = "OVER_LIMIT",
    requests = "requests",
    tokens = "tokens",
    key = "key",
    value = "value",
    response = "response",
    descriptors = "descriptors",
    requested_model = "requested_model",
    // scopes
    user = "user",
    team = "team",
    team_member = "team_member",
    end_user = "end_user",
    organization = "organization",
    model_per_key = "model_per_key",
    model_per_team = "model_per_team",
    model_per_organization = "model_per_organization",
    model_per_project = "model_per_project",
}
