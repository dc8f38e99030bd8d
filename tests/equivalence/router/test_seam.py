"""What is answered natively, what steps aside, and why."""

from __future__ import annotations

import inspect
import random

import pytest

from pytest_fastllm.components import router as seam

from .routers import COOLDOWNS, NATIVE, OLD_MEMBERS, REFERENCE, STRATEGIES, Router, deployments

pytestmark = OLD_MEMBERS

ASYNC_ONLY = "cost-based-routing"
METADATA = {"user_api_key": "hash", "user_api_key_team_id": "team", "routing_decision": {"a": 1}}


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_default_settings_are_answered_natively(twins, strategy, asynchronous):
    pair = twins(strategy)
    for seed in range(20):
        pair.ask(
            seed=seed,
            asynchronous=asynchronous,
            request_kwargs={"metadata": METADATA, "temperature": 1},
            native=asynchronous or strategy != ASYNC_ONLY,
        )


@pytest.mark.parametrize("asynchronous", [False, True])
def test_cooldowns_weights_orders_and_exclusions_are_native(twins, asynchronous):
    pair = twins(model_list=deployments(6))
    pair.both(lambda router: router.model_list[0]["litellm_params"].update(weight=3))
    pair.both(lambda router: router.model_list[1]["model_info"].update(blocked=True))
    pair.both(lambda router: [each["litellm_params"].update(order=1) for each in router.model_list[:5]])
    pair.both(
        lambda router: router.cooldown_cache.add_deployment_to_cooldown("g-2", Exception("busy"), 429, 60)
    )
    for seed in range(20):
        kwargs = {"_target_order": 1, "_excluded_deployment_ids": ["g-3"], "metadata": {}}
        pair.ask(seed=seed, asynchronous=asynchronous, request_kwargs=kwargs, native=True)
        kwargs = {"_retry_skipped_deployment_ids": ("g-0", "g-3")}
        pair.ask(seed=seed, asynchronous=asynchronous, request_kwargs=kwargs, native=True)


def test_what_is_not_plain_steps_aside(twins):
    pair = twins()
    pair.ask(native=True)
    pair.ask(native=False, request_kwargs={"routing_strategy": "least-busy"})
    pair.ask(native=False, model="unknown")
    pair.ask(native=False, specific_deployment=True)
    pair.both(lambda router: setattr(router, "model_group_alias", {"g": "g"}))
    pair.ask(native=False)


@pytest.mark.parametrize("asynchronous", [False, True])
def test_routing_groups_step_aside(twins, asynchronous):
    group = {"group_name": "group", "models": ["h"], "routing_strategy": "simple-shuffle"}
    pair = twins(model_list=[*deployments(3), *deployments(3, "h")], routing_groups=[group])
    for model in ("g", "h", "group"):
        pair.ask(model, asynchronous=asynchronous, request_kwargs={}, native=False)
    pair.both(lambda router: router._model_to_group.clear())
    pair.ask(asynchronous=asynchronous, request_kwargs={}, native=False)


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_pick_that_is_logged_is_native(twins, asynchronous):
    pair = twins()
    pair.both(lambda router: router.model_list[0]["litellm_params"].update(weight=3))
    pair.loggers[0].setLevel("INFO")
    try:
        pair.ask(asynchronous=asynchronous, request_kwargs={}, native=True)
        assert pair.records.seen
    finally:
        pair.loggers[0].setLevel("NOTSET")


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize("team", [None, "team", "other"])
def test_deployments_that_are_shared_among_teams_step_aside(twins, asynchronous, team):
    pair = twins()
    call = {"asynchronous": asynchronous, "request_kwargs": {"metadata": {"user_api_key_team_id": team}}}
    pair.ask(**call, native=True)
    pair.both(lambda router: router.model_list[1]["model_info"].update(ptu_shares={"team": 2}))
    for seed in range(10):
        pair.ask(**call, seed=seed, native=False)
    pair.both(lambda router: router.model_list[1]["model_info"].update(ptu_shares=None))
    pair.ask(**call, native=True)


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize(
    ("variable", "value", "native"),
    [
        ("_routed_call_type", "aresponses", True),
        ("_routed_call_type", "adecisions", False),
        ("_video_call_deployment_id", "g-2", False),
    ],
)
def test_routes_that_only_some_deployments_serve_step_aside(twins, asynchronous, variable, value, native):
    router = pytest.importorskip("litellm.router")
    if not hasattr(router, variable):
        pytest.skip("this LiteLLM lets every deployment serve every route")
    pair = twins()
    token = getattr(router, variable).set(value)
    try:
        for seed in range(5):
            pair.ask(asynchronous=asynchronous, request_kwargs={}, seed=seed, native=native)
    finally:
        getattr(router, variable).reset(token)
    pair.ask(asynchronous=asynchronous, request_kwargs={}, native=True)


def test_debug_logging_steps_aside(twins):
    pair = twins()
    pair.loggers[0].setLevel("DEBUG")
    try:
        pair.ask(native=False)
    finally:
        pair.loggers[0].setLevel("NOTSET")
    pair.ask(native=True)


@pytest.mark.parametrize(("parent_model", "native"), [(None, True), ("g", False)])
def test_the_compaction_state_of_awaited_completions_is_native_while_it_is_new(twins, parent_model, native):
    key = "_context_compaction_state"
    compaction = pytest.importorskip("litellm.router_strategy.complexity_router.context_compaction")
    pair = twins()
    seen = []
    for side in pair.sides:
        state = compaction.CompactionState(parent_model=parent_model)
        call = {"model": "g", "asynchronous": True, "request_kwargs": {key: state}}
        before = seam.native_calls()
        answer, kwargs, drawn, _ = side.ask(call, 1)
        left = kwargs[key]
        seen.append((answer[:2], drawn, left.config, left.candidates, left.parent_model))
    assert seen[0] == seen[1]
    assert seam.native_calls() - before == native


@pytest.mark.filterwarnings("ignore")  # of what the proxy imports
def test_the_filter_that_the_proxy_comes_with_lets_all_pass(twins, monkeypatch):
    litellm = pytest.importorskip("litellm")
    proxy = pytest.importorskip("litellm.proxy.hooks.model_max_budget_limiter")
    limiter = proxy._PROXY_VirtualKeyModelMaxBudgetLimiter(dual_cache=litellm.DualCache())
    monkeypatch.setattr(litellm, "callbacks", [limiter])
    pair = twins()
    pair.ask(asynchronous=True, request_kwargs={"metadata": METADATA}, native=True)

    async def one_only(self, model, healthy_deployments, *_, **__):
        return healthy_deployments[-1:]

    monkeypatch.setattr(type(limiter), "async_filter_deployments", one_only)
    pair.ask(asynchronous=True, request_kwargs={"metadata": METADATA}, native=False)


def test_a_method_of_the_instance_is_called(twins):
    pair = twins()
    for router in pair.routers():
        router._filter_blocked_deployments = lambda found: found[-1:]
    assert pair.ask(native=False)[1] == [3]


def test_a_replaced_function_is_called(twins, monkeypatch):
    pair = twins()
    monkeypatch.setattr(COOLDOWNS, lambda **_: ["g-0", "g-1", "g-2"])
    assert pair.ask(native=False)[1] == [3]
    monkeypatch.undo()
    monkeypatch.setattr(random, "choice", lambda found: found[2])
    assert pair.ask(native=False)[1] == [2]
    monkeypatch.undo()
    pair.ask(native=True)


def test_a_replaced_method_of_the_class_is_called(twins, monkeypatch):
    pair = twins()
    monkeypatch.setattr(Router, "_filter_blocked_deployments", lambda self, found: found[-1:])
    assert pair.ask(native=False)[1] == [3]


def test_a_subclass_is_left_alone(twins):
    pair = twins()
    for side in pair.sides:
        side.chooser.__class__ = type("Mine", (type(side.chooser),), {})
    pair.ask(native=False)


def test_wrong_arguments_raise_the_same(twins):
    router = twins().reference.chooser
    for arguments in [(), ("g", None, None, False, None, "one more")]:
        texts = []
        for method in (REFERENCE[0], NATIVE[0]):
            with pytest.raises(TypeError) as raised:
                method(router, *arguments)
            texts.append(str(raised.value))
        assert texts[0].partition("(")[2] == texts[1].partition("(")[2]


def test_the_async_method_is_a_coroutine_function():
    assert inspect.iscoroutinefunction(NATIVE[1])
    for native, reference in zip(NATIVE, REFERENCE, strict=True):
        assert inspect.signature(native) == inspect.signature(reference)
