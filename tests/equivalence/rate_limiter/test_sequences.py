"""Long lives of a limiter: the same requests, hours and meddlers on each side, step by step."""

from __future__ import annotations

import copy
import os
from unittest import mock

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from litellm.types.utils import EmbeddingResponse, ModelResponse, TextCompletionResponse

from pytest_fastllm.components import rate_limiter as seam

from .sides import SIDES, answered, both, chat, drive, outcome, proxy_server, user

SEQUENCES = int(os.environ.get("FASTLLM_LIMITER_SEQUENCES", "250"))

LIMITS = st.one_of(
    st.none(),
    st.integers(-2, 6),
    st.sampled_from([10, 40, 5000, 2**40, 2**62, 2**63, 2**80, 3.5, "4", "x", True, b"7", float("inf")]),
)
NAMES = st.sampled_from(["", "a", "b", "c" * 300, "ключ", "{a}:window", "\ud800", "😀", "a:requests"])
TEXTS = st.sampled_from(["", "hi", "x" * 40, "日本語" * 9])
STORED = st.sampled_from(
    [
        "0",
        "5",
        "-3",
        "007",
        "1e3",
        "NaN",
        "",
        "x",
        "[1]",
        0,
        3,
        -4,
        2.5,
        True,
        None,
        2**70,
        "9" * 30,
        b"6",
        {"a": 1},
    ]
)
USERS = st.fixed_dictionaries(
    {"api_key": NAMES, "rpm_limit": LIMITS, "tpm_limit": LIMITS},
    optional={
        "user_id": NAMES,
        "user_rpm_limit": LIMITS,
        "user_tpm_limit": LIMITS,
        "team_id": NAMES,
        "team_rpm_limit": LIMITS,
        "team_tpm_limit": LIMITS,
        "team_member_rpm_limit": LIMITS,
        "team_member_tpm_limit": LIMITS,
        "end_user_id": NAMES,
        "end_user_rpm_limit": LIMITS,
        "end_user_tpm_limit": LIMITS,
        "org_id": NAMES,
        "organization_rpm_limit": LIMITS,
        "organization_tpm_limit": LIMITS,
        "max_parallel_requests": st.sampled_from([None, None, 2]),
        "budget_throttle_pct": st.sampled_from([None, None, 0.5]),
        "metadata": st.sampled_from(
            [
                {},
                {"rpm_limit_type": "guaranteed_throughput"},
                {"model_rpm_limit": {"gpt-4o": 2}},
                {"other": 1},
            ]
        ),
    },
)
PLAIN_LIMITS = st.one_of(st.none(), st.integers(-1, 6), st.sampled_from([30, 5000]))
PLAIN_USERS = st.fixed_dictionaries(
    {"api_key": NAMES, "rpm_limit": PLAIN_LIMITS, "tpm_limit": PLAIN_LIMITS},
    optional={
        "user_id": NAMES,
        "user_rpm_limit": PLAIN_LIMITS,
        "user_tpm_limit": PLAIN_LIMITS,
        "team_id": NAMES,
        "team_rpm_limit": PLAIN_LIMITS,
        "team_tpm_limit": PLAIN_LIMITS,
        "team_member_rpm_limit": PLAIN_LIMITS,
        "org_id": NAMES,
        "organization_tpm_limit": PLAIN_LIMITS,
    },
)
CAPS = st.sampled_from([None, 0, 1, 7, 100, -5, 2**41, 3.7, "12", "x", True])
REQUESTS = st.fixed_dictionaries(
    {},
    optional={
        "max_tokens": CAPS,
        "max_completion_tokens": CAPS,
        "n": st.sampled_from([None, 1, 3, 0, -2, "2", "x", 2**30, 1.5]),
        "best_of": st.sampled_from([None, 2, True]),
        "tags": st.sampled_from([None, [], ["t"], "t"]),
        "metadata": st.sampled_from([None, {}, {"tags": ["t"]}, {"user_api_key": "k"}, {"agent_id": None}]),
        "litellm_call_id": st.sampled_from(["one", 5]),
        "model": st.sampled_from([None, "", "gpt-4o", "no-such-model", 5]),
        "messages": st.sampled_from(
            [None, [], "text", [{"role": "user"}], [{"content": None}], [{"content": ["x"]}], ["x"], [{"content": 5}],
             [{"content": [{"type": "text", "text": "four"}, {"type": "image_url"}, {"text": None}]}],
             [{"content": "a" * 99, "search_results": [{"title": "b" * 99}]}]]
        ),
    },
)  # fmt: skip
CALL_TYPES = st.sampled_from(
    ["acompletion", "completion", "completion", "aembedding", "aresponses", "atext_completion", "", "any"]
)
FIELDS = st.sampled_from(["window", "requests", "tokens"])
SCOPES = st.sampled_from(["api_key", "user", "team"])

TOKENS = st.sampled_from([0, 0, 1, 9, 40, 3000, 2**61, -4, None])
ANSWERS = st.one_of(
    st.builds(
        answered,
        TOKENS,
        TOKENS,
        TOKENS,
        st.sampled_from([None, None, 0, 2, 50]),
        of=st.sampled_from(
            [ModelResponse, ModelResponse, ModelResponse, EmbeddingResponse, TextCompletionResponse]
        ),
    ),
    st.sampled_from([None, {}, "text", ModelResponse()]),
)
OWNERS = st.fixed_dictionaries(
    {"user_api_key_hash": NAMES},
    optional={
        "user_api_key_user_id": NAMES,
        "user_api_key_team_id": NAMES,
        "user_api_key_org_id": st.one_of(st.none(), NAMES),
        "user_api_key_project_id": NAMES,
        "user_api_key_end_user_id": NAMES,
        "agent_id": st.sampled_from([None, None, None, "agent"]),
    },
)
MODEL_GROUPS = st.sampled_from(
    [
        None,
        {},
        {"model_group": None},
        {"model_group": "gpt-4o"},
        {"model_group": "gpt-4o", "user_api_key_metadata": {"a": 1}, "user_api_key_model_max_budget": {}},
        {"model_group": "gpt-4o", "user_api_key_metadata": {"model_tpm_limit": {"gpt-4o": 5}}},
        {"model_group": "gpt-4o", "user_api_key_model_max_budget": {"gpt-4o": {"tpm_limit": 5}}},
        {"model_group": 5},
        {"model_group": "gpt-4o", "internal_call_origin": "judge"},
        [],
        "text",
    ]
)
PLAIN_CALLS = st.fixed_dictionaries(
    {
        "standard_logging_object": st.fixed_dictionaries({"metadata": OWNERS}),
        "litellm_params": st.just({"metadata": {"model_group": "gpt-4o"}}),
    }
)
CALLS = st.fixed_dictionaries(
    {},
    optional={
        "standard_logging_object": st.one_of(
            st.fixed_dictionaries({"metadata": OWNERS}), st.sampled_from([None, {}, {"metadata": None}])
        ),
        "litellm_params": st.one_of(
            st.fixed_dictionaries({"metadata": MODEL_GROUPS}),
            st.fixed_dictionaries({"metadata": MODEL_GROUPS, "litellm_metadata": MODEL_GROUPS}),
            st.sampled_from([None, {}]),
        ),
        "litellm_metadata": st.just({}),
        "metadata": st.sampled_from([None, {}, {"litellm_parent_otel_span": None}, [], "text"]),
        "litellm_call_id": st.sampled_from(["one", "another", None, 5]),
        "user": st.sampled_from([None, "", "end", 5]),
        "combined_usage_object": st.sampled_from([None, None, answered().usage, 5]),
    },
)
COUNTED = st.sampled_from(
    [{}, {}, {}, *({"token_rate_limit_type": kind} for kind in ("input", "output", "x", 5))]
)


class Machine(RuleBasedStateMachine):
    """What one side does the other does as well."""

    @initialize(
        tick_s=st.sampled_from([0.0, 0.0, 1e-3, 0.4]),
        max_size=st.sampled_from([0, 1, 3, 7, 200, 200]),
        window_size=st.sampled_from([60, 60, 1, 0, -1]),
        reserves=st.sampled_from([True, True, False]),
    )
    def start(self, tick_s, max_size, window_size, reserves):
        self.limiters = both(max_size=max_size, window_size=window_size, tpm_reservation_enabled=reserves)
        for limiter in self.limiters.values():
            limiter.clock.tick_s = tick_s
        self.under_way = []

    def each(self, act):
        reference, native = (act(self.limiters[side]) for side in SIDES)
        assert native == reference

    @rule(fields=st.one_of(PLAIN_USERS, PLAIN_USERS, USERS), text=TEXTS, data=REQUESTS, call_type=CALL_TYPES)
    def request(self, fields, text, data, call_type):
        def act(limiter):
            given = {**chat(text), **copy.deepcopy(data)}
            answer = limiter.request(user(**fields), given, call_type)
            return answer, given

        self.each(act)
        self.remember()

    def remember(self):
        """The request's calls may end at any time from now on, and more than once."""
        self.under_way.append({side: limiter.stash for side, limiter in self.limiters.items()})

    def stashes(self, which):
        if which is None or not self.under_way:
            return dict.fromkeys(SIDES)
        return self.under_way[which % len(self.under_way)]

    @rule(fields=PLAIN_USERS, text=TEXTS, times=st.integers(1, 6))
    def plain_requests(self, fields, text, times):
        for _ in range(times):
            before = seam.native_calls()
            self.each(lambda limiter: limiter.request(user(**fields), chat(text)))
            self.served = seam.native_calls() - before
            self.remember()

    @rule(
        which=st.one_of(st.integers(0, 9), st.none()),
        call=st.one_of(PLAIN_CALLS, PLAIN_CALLS, CALLS),
        response=ANSWERS,
        counted=COUNTED,
    )
    def a_call_succeeds(self, which, call, response, counted):
        stashes = self.stashes(which)
        with mock.patch.dict(proxy_server.general_settings, counted):
            self.each(
                lambda limiter: (
                    limiter.succeeded(given := copy.deepcopy(call), response, stashes[limiter.side]),
                    given,
                )
            )

    @rule(which=st.one_of(st.integers(0, 9), st.none()), call=st.one_of(PLAIN_CALLS, CALLS))
    def a_call_fails(self, which, call):
        stashes = self.stashes(which)
        self.each(
            lambda limiter: (limiter.failed(given := copy.deepcopy(call), stashes[limiter.side]), given)
        )

    @rule(seconds=st.sampled_from([0.5, 1, 30, 59, 59.75, 60, 61, 3600, -1, -30, -100]))
    def wait(self, seconds):
        for limiter in self.limiters.values():
            limiter.clock.now_s += seconds

    @rule(scope=SCOPES, name=NAMES, field=FIELDS, value=STORED, ttl=st.sampled_from([None, 1, 60]))
    def somebody_writes(self, scope, name, field, value, ttl):
        key = f"{{{scope}:{name}}}:{field}"
        self.each(
            lambda limiter: outcome(lambda: limiter.dual.set_cache(key, value, local_only=True, ttl=ttl))
        )

    @rule(scope=SCOPES, name=NAMES, field=FIELDS)
    def somebody_reads(self, scope, name, field):
        key = f"{{{scope}:{name}}}:{field}"
        self.each(lambda limiter: repr(limiter.dual.get_cache(key)))

    @rule(scope=SCOPES, name=NAMES, amount=st.sampled_from([1, -3, 50, 2.5]))
    def tokens_are_counted_afterwards(self, scope, name, amount):
        operation = {"key": f"{{{scope}:{name}}}:tokens", "increment_value": amount, "ttl": 60}
        self.each(
            lambda limiter: outcome(
                lambda: drive(limiter.handler.async_increment_tokens_with_ttl_preservation([operation]))
            )
        )

    @rule(scope=SCOPES, name=NAMES, field=FIELDS)
    def somebody_deletes(self, scope, name, field):
        for limiter in self.limiters.values():
            limiter.memory.delete_cache(f"{{{scope}:{name}}}:{field}")

    @rule(max_size=st.sampled_from([1, 2, 5, 200]))
    def the_cache_is_resized(self, max_size):
        for limiter in self.limiters.values():
            limiter.memory.max_size_in_memory = max_size

    @invariant()
    def nothing_else_is_seen(self):
        if hasattr(self, "limiters"):
            self.each(lambda limiter: repr(limiter.state()))


def test_each_step_is_the_same_on_both_sides():
    before = seam.native_calls()
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=SEQUENCES,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        ),
    )
    assert seam.native_calls() - before > SEQUENCES  # else both sides were LiteLLM's
