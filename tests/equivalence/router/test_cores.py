"""What is new to a choice in LiteLLM 1.109, where a router's core chooses: native and equal, or left to LiteLLM."""

from __future__ import annotations

import threading

import pytest

from pytest_fastllm.components import router as seam
from pytest_fastllm.components._router import core, places

from .routers import OLD_MEMBERS, SAMPLES, Router, deployments, litellm, selections

if not places.has_core():
    pytest.skip("this LiteLLM's routers choose themselves", allow_module_level=True)

pytestmark = [OLD_MEMBERS, pytest.mark.parametrize("asynchronous", [False, True])]

LONG_ENOUGH_S = 0.2
"""For a choice that does not wait to be over."""
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "low"}}
TEXT = {"type": "text", "text": "What is this?"}
SAYS_HELLO = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]
IN_PARTS = [{"role": "user", "content": [TEXT]}]
WITH_AN_IMAGE = [{"role": "user", "content": [TEXT, IMAGE]}]


def change(pair, index, part, **values):
    pair.both(lambda router: router.model_list[index][part].update(values))


def ask(pair, asynchronous, native, seeds=6, **call):
    call.setdefault("request_kwargs", {"metadata": {}})
    return [pair.ask(asynchronous=asynchronous, seed=seed, native=native, **call) for seed in range(seeds)]


def chosen(answers):
    return {position for _, [position], _ in answers}


def test_a_core_keeps_its_state_where_it_is_read(twins, asynchronous):
    state = vars(twins().native.chooser)
    assert not set(core.attributes().values()) - set(state)
    known = core.core()
    assert set(known["empty"]) <= set(state)
    assert type(state["_deployment_index_lock"]) is known["lock"]
    assert state["_host"] is known["host"]
    assert type(state["_core_ctx"]) is known["context"]


@pytest.mark.parametrize("selection", selections())
def test_requests_of_every_kind_are_native(twins, asynchronous, selection):
    with selections()[selection]():
        ask(twins(), asynchronous, native=selection != "batch job")


def test_deployments_that_do_not_serve_chat_are_left_out_by_litellm(twins, asynchronous):
    pair = twins()
    change(pair, 0, "model_info", enforce_supported_endpoints=True, supported_endpoints=["/v1/embeddings"])
    with selections()["chat"]():
        assert 0 not in chosen(ask(pair, asynchronous, native=False, seeds=12))
    change(pair, 0, "model_info", enforce_supported_endpoints=None)
    with selections()["chat"]():
        assert 0 in chosen(ask(pair, asynchronous, native=True, seeds=12))


def test_a_limit_of_embedding_inputs_is_litellms(twins, asynchronous):
    pair = twins()
    change(pair, 0, "model_info", max_embedding_batch_size=1)
    with selections()["embedding"]():
        assert 0 not in chosen(ask(pair, asynchronous, native=False, seeds=12, input=["two", "texts"]))
    change(pair, 0, "model_info", max_embedding_batch_size=None)
    with selections()["embedding"]():
        assert 0 in chosen(ask(pair, asynchronous, native=True, seeds=12, input=["two", "texts"]))


def test_batch_jobs_are_litellms(twins, asynchronous):
    pair = twins(model_list=deployments(3, model="azure/gpt-4o"))
    change(pair, 1, "model_info", mode="batch")
    with selections()["batch job"]():
        assert chosen(ask(pair, asynchronous, native=False)) == {1}
    ask(pair, asynchronous, native=True)


@pytest.mark.parametrize(
    ("messages", "kwargs", "native"),
    [
        (SAYS_HELLO, {}, True),
        (IN_PARTS, {}, True),
        (WITH_AN_IMAGE, {}, False),
        (None, {"messages": IN_PARTS}, True),
        (None, {"messages": WITH_AN_IMAGE}, False),
        ([], {"input": WITH_AN_IMAGE}, False),
        (None, {"input": ["a", "text"]}, True),
        (None, {"input": [{"type": "computer_call_output", "output": {"type": "input_image"}}]}, False),
        (None, {"messages": [], "input": 7}, False),
        (tuple(IN_PARTS), {}, True),
        ([object()], {}, True),
        ([{"role": "user", "content": [{1: "no text key"}]}], {}, None),
    ],
)
def test_images_are_litellms(twins, asynchronous, messages, kwargs, native):
    pair = twins()
    change(pair, 0, "model_info", supports_vision=False)
    answers = ask(
        pair, asynchronous, native, seeds=12, messages=messages, request_kwargs={"metadata": {}, **kwargs}
    )
    if messages is WITH_AN_IMAGE:
        assert 0 not in chosen(answers)


@pytest.mark.parametrize("kwarg", ["audio", "videos"])
def test_requests_with_media_are_litellms(twins, asynchronous, kwarg):
    pair = twins()
    ask(pair, asynchronous, native=True, request_kwargs={kwarg: None})
    ask(pair, asynchronous, native=False, request_kwargs={kwarg: {"voice": "alloy"}})


def test_answers_that_are_continued_are_litellms(twins, asynchronous, monkeypatch):
    from litellm.router_utils.pre_call_checks import continuation_prefill_check as continuation

    # Both sides get the one marker, not copies of it.
    monkeypatch.setattr(
        continuation._ContinuationMarker, "__deepcopy__", lambda marker, _: marker, raising=False
    )
    pair = twins()
    change(pair, 0, "model_info", supports_assistant_prefill=True)
    kwargs = {continuation.MID_STREAM_CONTINUATION_KWARG: continuation.MID_STREAM_CONTINUATION_MARKER}
    answers = ask(pair, asynchronous, native=False, request_kwargs=kwargs)
    if not asynchronous:  # there a callback leaves them out, if there is one
        assert chosen(answers) == {0}


class _Pods:
    """In the place of pod discovery."""

    def resolve_deployment(self, deployment, request_kwargs=None):
        return {**deployment, "pod": 1}

    async def async_resolve_deployment(self, deployment, request_kwargs=None):
        return {**deployment, "pod": 1}


def test_deployments_with_pods_are_litellms(twins, asynchronous):
    pair = twins()
    # An address has no pods behind it, so that nobody is asked for them.
    change(pair, 0, "litellm_params", kubernetes_pod_discovery=True, api_base="http://127.0.0.1:1")
    ask(pair, asynchronous, native=False)
    change(pair, 0, "litellm_params", kubernetes_pod_discovery=None)
    ask(pair, asynchronous, native=True)
    pair.both(lambda router: setattr(router, "_core_kubernetes_pod_discovery", _Pods()))
    assert ask(pair, asynchronous, native=False)[0][2]["pod"] == 1


def test_a_method_of_pod_discovery_is_called(twins, asynchronous):
    pair = twins()
    for router in pair.routers():
        pods = router._core_kubernetes_pod_discovery
        pods.resolve_deployment = lambda deployment, request_kwargs=None: {**deployment, "pod": 2}
        pods.async_resolve_deployment = _Pods().async_resolve_deployment
    assert "pod" in ask(pair, asynchronous, native=False)[0][2]


def test_pod_discovery_of_the_class_is_asked(twins, asynchronous, monkeypatch):
    pair = twins()
    ask(pair, asynchronous, native=True)
    monkeypatch.setattr(places.router_module().PythonCore, "kubernetes_pod_discovery", _Pods(), raising=False)
    assert "pod" in ask(pair, asynchronous, native=False)[0][2]


@pytest.mark.parametrize(
    "samples", [[-1.0, 0.2], [float("nan"), 0.2], [float("inf")], [-1, 3], [], [0.3, 0.1, 0.1]]
)
@pytest.mark.parametrize("first", [[], [0.1], [-0.5], [float("nan"), 0.4]])
def test_latencies_that_cannot_be_are_left_out(twins, asynchronous, samples, first):
    pair = twins("latency-based-routing")
    table = {
        "g-0": {SAMPLES: samples, "time_to_first_token_seconds": first},
        "g-1": {SAMPLES: [0.2], "time_to_first_token_seconds": [0.2]},
        "g-2": {"latency": [9.0]},
    }
    pair.both(lambda router: router.cache.set_cache("g_map", {id: dict(each) for id, each in table.items()}))
    for stream in (False, True):
        ask(pair, asynchronous, native=True, request_kwargs={"stream": stream, "metadata": {}})


def test_callbacks_of_the_request_alone_are_litellms(twins, asynchronous):
    class Last(litellm.integrations.custom_logger.CustomLogger):
        async def async_filter_deployments(self, model, healthy_deployments, *_, **__):
            return healthy_deployments[-1:]

    pair = twins()
    ask(pair, asynchronous, native=True)
    pair.both(lambda router: setattr(router, "_request_scoped_policies", (Last(),)))
    answers = ask(pair, asynchronous, native=False)
    if asynchronous:
        assert chosen(answers) == {3}


@pytest.mark.parametrize(
    "name", ["_host", "_core_ctx", "_registry_view", "_settings_snapshot", "_health_view"]
)
def test_a_core_that_asks_others_is_left_alone(twins, asynchronous, name):
    pair = twins()
    ask(pair, asynchronous, native=True)
    states = [vars(side.chooser) for side in pair.sides]
    for side in pair.sides:
        side.chooser.registry(), side.chooser.settings(), side.chooser.health()
    others = [_Other(), _Other()] if name == "_host" else [state[name] for state in reversed(states)]
    for state, other in zip(states, others, strict=True):
        state[name] = other
    ask(pair, asynchronous, native=False)


class _Other:
    """A host that says what LiteLLM's says."""

    def __getattr__(self, name):
        return getattr(core.core()["host"], name)


@pytest.mark.parametrize(
    ("file", "owner", "name"),
    [
        ("router_api.py", "RouterRegistry", "names"),
        ("router_api.py", "RoutingContext", "health"),
        ("router_python_host.py", "PythonHost", "dynamic"),
        ("router_config.py", "LiveDynamicConfig", "__getattr__"),
        ("router_python_core.py", "PythonCore", "_core_deployments_named"),
        ("router_utils/endpoint_eligibility.py", "", "non_chat_endpoints"),
        ("litellm_core_utils/prompt_templates/common_utils.py", "", "request_contains_image_content"),
    ],
)
def test_what_a_core_asks_is_noticed_when_it_is_replaced(twins, asynchronous, monkeypatch, file, owner, name):
    pair = twins()
    ask(pair, asynchronous, native=True, seeds=2)
    home = places.module(file)
    holder = getattr(home, owner) if owner else home
    original = vars(holder)[name]
    with monkeypatch.context() as patch:
        patch.setattr(holder, name, lambda *args, **kwargs: original(*args, **kwargs))
        ask(pair, asynchronous, native=False, seeds=2)
    ask(pair, asynchronous, native=True, seeds=2)


def test_a_choice_waits_for_the_lock_of_the_list(twins, asynchronous):
    side = twins().native
    lock = side.chooser._deployment_index_lock
    answers = []
    call = {"model": "g", "request_kwargs": {}, "asynchronous": asynchronous}
    thread = threading.Thread(target=lambda: answers.append(side.ask(call, 0)))
    served = seam.native_calls()
    with lock:
        thread.start()
        thread.join(LONG_ENOUGH_S)
        assert thread.is_alive()
        assert not answers
    thread.join()
    assert len(answers) == 1
    assert seam.native_calls() - served == 1
    # It was let go of.
    thread = threading.Thread(target=lambda: answers.append(lock.acquire(blocking=False)))
    thread.start()
    thread.join()
    assert answers[-1] is True


def test_a_router_is_asked_as_ever(twins, asynchronous):
    import pytest_fastllm

    side = twins().native

    async def awaited(router):
        return await router.async_get_available_deployment("g", {})

    served = seam.native_calls()
    with pytest_fastllm.accelerate("router"):
        if asynchronous:
            found = side.loop.run_until_complete(awaited(side.router))
        else:
            found = side.router.get_available_deployment("g")
    assert any(found is each for each in side.chooser._core_model_list)
    assert seam.native_calls() - served == 1
    assert isinstance(side.router, Router)
