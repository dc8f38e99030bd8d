"""Long lives of a router: the same changes and the same requests on each side, step by step.

Deployments are altered in place, in good and in bad ways, come and go, cool down and get used; the clock is ours.
After each request everything that can be seen is the same: the very deployment or the exception, what was taken out
of the request, log records, the state of `random`, the router's list and both caches.

``FASTLLM_ROUTER_SEQUENCES=4000 pytest tests/equivalence/router/test_sequences.py`` is the long run.
"""

from __future__ import annotations

import logging
import math
import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from .routers import OLD_MEMBERS, SAMPLES, SELECTORS, STRATEGIES, Twins, deployments, selections

proxy_types = pytest.importorskip("litellm.proxy._types")

pytestmark = OLD_MEMBERS
SEQUENCES = int(os.environ.get("FASTLLM_ROUTER_SEQUENCES", "60"))
"""Of each strategy."""
COUNT = 5
IDS = [f"g-{index}" for index in range(COUNT)]

numbers = st.sampled_from([0, 1, 2, 3, 10, 0.5, 1.5, 1e9])
odd = st.sampled_from(
    [
        None,
        "1",
        "",
        -1,
        -0.5,
        math.nan,
        math.inf,
        True,
        False,
        2**70,
        [],
        [1],
        {},
        {"a": 1},
        b"x",
        (1,),
        "\ud800",
    ]
)
values = st.one_of(numbers, numbers, numbers, odd)
deleted = object()
keys = st.sampled_from(
    [
        *[
            "weight",
            "rpm",
            "tpm",
            "order",
            "blocked",
            "team_id",
            "access_windows",
            "ptu_shares",
            "id",
            "model",
            "model_name",
        ],
        *["api_key", "api_base", "base_model", "input_cost_per_token", "output_cost_per_token", "tags"],
        *["supports_vision", "mode", "max_embedding_batch_size", "supported_endpoints"],
        *[
            "enforce_supported_endpoints",
            "enable_tag_filtering",
            "supports_web_search",
            "litellm_params",
            "model_info",
            "nonsense",
        ],
    ]
)
# What a key usually holds; anything else is left to `odd`.
usual = {
    "blocked": st.booleans(),
    "order": st.integers(1, 3),
    "team_id": st.sampled_from([None, "team"]),
    "access_windows": st.none(),
    "supports_vision": st.booleans(),
    "mode": st.sampled_from(["chat", "batch", None]),
    "max_embedding_batch_size": st.sampled_from([None, 1, 2]),
    "supported_endpoints": st.sampled_from([None, ["/v1/embeddings"], ["/v1/chat/completions"]]),
    "enforce_supported_endpoints": st.sampled_from([None, False, True]),
    "ptu_shares": st.sampled_from([None, {}, {"team": 1}, {"other": 2}]),
    "id": st.sampled_from([*IDS, "with:colon"]),
    "model": st.sampled_from(["openai/gpt-4o", "azure/gpt-4o", "unpriced", "auto_router/x"]),
    "model_name": st.sampled_from(["g", "h"]),
    "api_key": st.sampled_from(["sk-1", ""]),
    "api_base": st.sampled_from(["http://a", "http://b", None]),
    "base_model": st.sampled_from(["gpt-4o-mini", "unpriced", None]),
    "input_cost_per_token": st.sampled_from([0, 1e-6, 0.5, None]),
    "output_cost_per_token": st.sampled_from([0, 2e-6, 0.5, None]),
}
metadata = st.dictionaries(
    st.sampled_from(
        [
            *["user_api_key", "user_api_key_team_id", "user_api_key_auth", "model_group", "routing_decision"],
            *["_consumed_request_tags", "_client_output_ceiling", "litellm_parent_otel_span", "tags"],
        ]
    ),
    st.one_of(st.none(), st.sampled_from(["team", "x", ["a"], {"max_tokens": 1}]), st.just("caller")),
    max_size=3,
)
id_lists = st.lists(st.sampled_from(IDS), max_size=4)
request_kwargs = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {},
        optional={
            "metadata": st.one_of(metadata, metadata, metadata, odd),
            "litellm_metadata": metadata,
            "_target_order": st.one_of(st.none(), st.integers(1, 3), odd),
            "_excluded_deployment_ids": st.one_of(id_lists, id_lists.map(set), odd),
            "_retry_skipped_deployment_ids": st.one_of(id_lists.map(tuple), id_lists, odd),
            "stream": st.booleans(),
            "temperature": values,
        },
    ),
    st.dictionaries(
        st.sampled_from(
            [
                *["routing_strategy", "_router_weights", "tools", "enable_tag_filtering", "litellm_params"],
                *[
                    "_encrypted_content_affinity_pinned",
                    "_context_compaction_state",
                    "litellm_parent_otel_span",
                ],
                *["audio", "videos", "_mid_stream_continuation", "messages", "input"],
            ]
        ),
        st.one_of(
            st.none(),
            st.sampled_from(STRATEGIES),
            st.just([{"type": "function"}]),
            st.just([{"type": "web_search"}]),
            st.just({"g": {"g-0": 1.0, "g-1": 2.0}}),
            st.just({"metadata": {}}),
            odd,
        ),
        max_size=2,
    ),
    odd,
)
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "low"}}
PARTS = [{"type": "text", "text": "What is this?"}]
texts = st.sampled_from([None, "Hello, world!", "word " * 300, ["two", "texts"], PARTS, [*PARTS, IMAGE]])
SELECTIONS = selections()
callers = st.builds(
    proxy_types.UserAPIKeyAuth,
    models=st.sampled_from([[], ["g"], ["*"], ["other"]]),
    team_models=st.sampled_from([[], ["g"], ["all-proxy-models"]]),
)


class Router(RuleBasedStateMachine):
    """Two routers, one on each side; a class for each strategy."""

    strategy = "simple-shuffle"

    @initialize(
        grouped=st.sampled_from([1, 2, COUNT]),
        others=st.integers(0, 2),
        logged=st.sampled_from([logging.INFO, logging.WARNING]),
    )
    def start(self, grouped, others, logged):
        models = deployments(grouped) + deployments(others, "h")
        self.twins = Twins(self.strategy, model_list=models)
        for logger in self.twins.loggers:
            logger.setLevel(logged)  # at DEBUG LiteLLM also writes what only its first call does

    def teardown(self):
        twins = getattr(self, "twins", None)
        if twins is None:
            return
        for logger in twins.loggers:
            logger.setLevel(logging.NOTSET)
        twins.close()

    def alter(self, index, place, change):
        def altered(router):
            if not router.model_list:
                return
            deployment = router.model_list[index % len(router.model_list)]
            holder = deployment if place is None else deployment[place]
            change(holder)

        self.twins.both(altered)

    @rule(
        index=st.integers(0, 6),
        place=st.sampled_from([None, "litellm_params", "litellm_params", "model_info", "model_info"]),
        key=keys,
        data=st.data(),
        kind=st.sampled_from(["usual", "usual", "usual", "usual", "odd", "delete"]),
    )
    def change_a_deployment(self, index, place, key, data, kind):
        if kind == "delete":
            self.alter(index, place, lambda holder: holder.pop(key, None))
            return
        value = data.draw(odd if kind == "odd" else usual.get(key, values))
        self.alter(index, place, lambda holder: holder.__setitem__(key, value))

    @rule(index=st.integers(0, COUNT))
    def add_one(self, index):
        from litellm.types.router import Deployment

        [added] = deployments(1)
        added["model_info"]["id"] = f"g-{index}"
        self.twins.both(lambda router: router.add_deployment(Deployment(**added)) and None)

    @rule(id=st.sampled_from(IDS))
    def delete_one(self, id):
        self.twins.both(lambda router: router.delete_deployment(id) and None)

    @rule(id=st.sampled_from([*IDS, "h-0", "gone"]), seconds=st.sampled_from([0, 1, 5, 60, 3600]))
    def cool_down(self, id, seconds):
        error = Exception("too many requests")
        self.twins.both(
            lambda router: router.cooldown_cache.add_deployment_to_cooldown(id, error, 429, seconds)
        )

    @rule(id=st.sampled_from(IDS), value=odd, ttl=st.sampled_from([None, 1, 600]))
    def write_an_odd_cooldown(self, id, value, ttl):
        key = f"deployment:{id}:cooldown"
        self.twins.both(lambda router: router.cooldown_cache.in_memory_cache.set_cache(key, value, ttl=ttl))

    @rule(seconds=st.sampled_from([0.5, 4, 61, 700]))
    def time_passes(self, seconds):
        self.twins.clock.now_s += seconds

    @rule(
        name=st.sampled_from(
            ["enable_tag_filtering", "enable_pre_call_checks", "enable_health_check_routing"]
        ),
        value=st.sampled_from([False, False, True]),
    )
    def change_a_setting(self, name, value):
        self.twins.both(lambda router: setattr(router, name, value))

    @rule(alias=st.sampled_from([None, {}, {"a": "g"}, {"g": "h"}, {"a": {"model": "g"}}]))
    def change_the_aliases(self, alias):
        self.twins.both(lambda router: setattr(router, "model_group_alias", alias))

    @precondition(lambda self: self.strategy in SELECTORS)
    @rule(id=st.sampled_from(IDS), count=values, ttl=st.sampled_from([1, 60, None]), data=st.data())
    def write_usage(self, id, count, ttl, data):
        minute = self.twins.clock.datetime().strftime("%H-%M")
        key = data.draw(
            st.sampled_from(
                [
                    f"g_request_count:{id}",
                    f"{id}:openai/gpt-4o:tpm:{minute}",
                    f"{id}:openai/gpt-4o:rpm:{minute}",
                ]
            )
        )
        self.twins.both(
            lambda router: router.cache.set_cache(key, count, **({} if ttl is None else {"ttl": ttl}))
        )

    @precondition(lambda self: self.strategy in ("latency-based-routing", "cost-based-routing"))
    @rule(
        ids=st.lists(st.sampled_from([*IDS, "stale"]), max_size=4, unique=True),
        samples=st.lists(st.one_of(st.sampled_from([0.1, 0.2, 0.3, 0, 1, 2.5]), odd), max_size=4),
        first=st.lists(st.sampled_from([0.1, 0.2]), max_size=2),
        used=st.one_of(numbers, odd),
        table=st.sampled_from(["whole", "whole", "whole", "no latency", "odd"]),
    )
    def write_what_was_done(self, ids, samples, first, used, table):
        minute = self.twins.clock.datetime().strftime("%Y-%m-%d-%H-%M")
        good = [each for each in samples if isinstance(each, (int, float))] or [0]

        def write(router):
            whole = {
                id: {
                    SAMPLES: list(good if table == "whole" else samples),
                    "time_to_first_token_seconds": list(first),
                    minute: {"tpm": used, "rpm": used},
                }
                for id in ids
            }
            if table == "no latency":
                whole = {id: {} for id in ids}
            for key in ("g_map", "cost_map:g"):
                router.cache.set_cache(key, "text" if table == "odd" else whole)

        self.twins.both(write)

    @precondition(lambda self: self.strategy == "latency-based-routing")
    @rule(buffer=st.sampled_from([0, 0.5, 10]), percentile=st.sampled_from([None, None, 0.5]))
    def set_latency_arguments(self, buffer, percentile):
        def change(router):
            router.lowestlatency_logger.routing_args.lowest_latency_buffer = buffer
            router.lowestlatency_logger.routing_args.ttft_percentile = percentile

        self.twins.both(change)

    def ask(self, kwargs, asynchronous, seed, **call):
        if isinstance(kwargs, dict) and isinstance(kwargs.get("metadata"), dict):
            bucket = kwargs["metadata"]
            if bucket.get("user_api_key_auth") == "caller":
                bucket["user_api_key_auth"] = call.pop("caller", None)
        call.pop("caller", None)
        self.twins.ask(request_kwargs=kwargs, asynchronous=asynchronous, seed=seed, **call)

    @rule(kwargs=request_kwargs, asynchronous=st.booleans(), seed=st.integers(0, 99), caller=callers)
    def request(self, kwargs, asynchronous, seed, caller):
        self.ask(kwargs, asynchronous, seed, caller=caller)

    @rule(asynchronous=st.booleans(), seed=st.integers(0, 99))
    def plain_request(self, asynchronous, seed):
        self.ask({"metadata": {"user_api_key": "k"}}, asynchronous, seed)

    @rule(
        model=st.sampled_from(["g", "h", "a", "g-0", "gpt-4o", "openai/gpt-4o", "", "unknown"]),
        specific=st.sampled_from([False, False, None, True, 0]),
        asynchronous=st.booleans(),
        text=texts,
        as_message=st.booleans(),
        selection=st.sampled_from(sorted(SELECTIONS)),
        seed=st.integers(0, 99),
    )
    def another_request(self, model, specific, asynchronous, text, as_message, selection, seed):
        call = {"model": model, "specific_deployment": specific}
        if text is not None:
            if as_message:
                call["messages"] = [{"role": "user", "content": text}]
            else:
                call["input"] = text
        with SELECTIONS[selection]():
            self.ask({"metadata": {}}, asynchronous, seed, **call)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_step_is_the_same(strategy):
    machine = type(f"Router_{strategy}", (Router,), {"strategy": strategy})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=SEQUENCES,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    # That the native side was there is not left to what was drawn: of few sequences none may have a plain request.
    twins = Twins(strategy, model_list=deployments(2))
    twins.ask(request_kwargs={"metadata": {}}, asynchronous=True, seed=0)
    twins.close()
    assert twins.served == twins.asked == 1
