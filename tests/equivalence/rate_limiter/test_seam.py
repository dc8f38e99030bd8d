"""When the limiter is LiteLLM's own: each reason to step aside, and what is the same although it does not."""

from __future__ import annotations

import asyncio
import logging
import warnings
from types import SimpleNamespace

import pytest
from litellm import Router
from litellm._logging import verbose_proxy_logger

import pytest_fastllm
from pytest_fastllm.components import rate_limiter as seam
from pytest_fastllm.components._rate_limiter.examined import HANDLER as HANDLER_NAME
from pytest_fastllm.components._rate_limiter.examined import HOOK, METHODS

from .sides import (
    HANDLER,
    Clock,
    DualCache,
    InMemoryCache,
    InternalUsageCache,
    Limiter,
    both,
    chat,
    proxy_server,
    served_natively,
    user,
)

LIMITED = {"rpm_limit": 3, "tpm_limit": 50_000}


def answers(limiters, fields=LIMITED, times=5, data=None, **more):
    """What some requests come to on each side; all that is seen of it is the same."""
    seen = {}
    for side, limiter in limiters.items():
        told = [limiter.request(user(**fields), dict(data or chat()), **more) for _ in range(times)]
        seen[side] = repr((told, limiter.state()))
    assert seen["native"] == seen["reference"]
    return told


def test_it_is_available_here():
    assert seam.available() is None


def test_limits_are_kept_natively():
    with served_natively():
        told = answers(both())
    assert [kind for kind, *_ in told] == ["returned"] * 3 + ["raised"] * 2
    assert "Rate limit exceeded for api_key" in told[-1][2]


@pytest.mark.parametrize("length", [1, 3, 100_000])
@pytest.mark.parametrize("text", ["a", "ключ", "😀", "\ud800", "{}", ":tokens"])
def test_keys_of_any_text(text, length):
    with served_natively():
        answers(both(), {**LIMITED, "api_key": text * length, "team_id": text, "team_rpm_limit": 2})


@pytest.mark.parametrize(
    "fields",
    [
        {"rpm_limit": 2.5},
        {"rpm_limit": "2"},
        {"rpm_limit": True},
        {"rpm_limit": 2**63},
        {"rpm_limit": 2, "max_parallel_requests": 5},
        {"rpm_limit": 2, "budget_throttle_pct": 0.5},
        {"rpm_limit": 2, "metadata": {"rpm_limit_type": "dynamic"}},
        {"rpm_limit": 2, "metadata": {"model_rpm_limit": {"gpt-4o": 1}}},
        {"rpm_limit": 2, "metadata": {"tag_rpm_limit": {"t": 1}}},
        {"rpm_limit": 2, "team_metadata": {"model_rpm_limit": {"gpt-4o": 1}}},
        {"tpm_limit": 2000, "metadata": {"default_estimated_output_tokens": 9}},
        {"rpm_limit": 2, "model_max_budget": {"gpt-4o": {"rpm_limit": 1}}},
    ],
    ids=repr,
)
def test_unusual_limits_are_litellms(fields):
    with served_natively(False):
        answers(both(), fields)


@pytest.mark.parametrize("data", [{}, {"server_id": "s"}], ids=["of-a-name", "of-an-id"])
def test_calls_of_mcp_tools(data):
    # Up to 1.105 LiteLLM limits those of a name in this hook.
    limited = {"rpm_limit": 3, "metadata": {"mcp_rpm_limit": {"tools": 1}}}
    answers(both(), limited, data={"mcp_server_name": "tools", **data}, call_type="call_mcp_tool")


OWN_METHODS = METHODS["proxy/hooks/parallel_request_limiter_v3.py", HANDLER_NAME]


# Not every version has all of them.
@pytest.mark.parametrize("method", [name for name in OWN_METHODS if name in vars(HANDLER)])
def test_a_replaced_method_is_called(monkeypatch, method):
    if method == HOOK:
        pytest.skip("the switch's own place")
    original = vars(HANDLER)[method]
    kind = type(original) if isinstance(original, (staticmethod, classmethod)) else None
    replacement = _same(original.__func__ if kind else original)
    monkeypatch.setattr(HANDLER, method, kind(replacement) if kind else replacement)
    with served_natively(False):
        answers(both())


def _same(function):
    return lambda *args, **kwargs: function(*args, **kwargs)


@pytest.mark.parametrize("owner", [DualCache, InMemoryCache, InternalUsageCache])
def test_a_replaced_method_of_a_cache_is_called(monkeypatch, owner):
    (methods,) = (names for (_, name), names in METHODS.items() if name == owner.__name__)
    for method in set(methods) & set(vars(owner)):
        with monkeypatch.context() as patch:
            patch.setattr(owner, method, _same(vars(owner)[method]))
            with served_natively(False):
                answers(both())


def test_a_method_of_an_instance_is_called():
    for method in ("set_cache", "get_cache", "evict_cache"):
        limiters = both()
        for limiter in limiters.values():
            setattr(limiter.memory, method, _same(getattr(limiter.memory, method)))
        with served_natively(False):
            answers(limiters)


def test_a_subclass_of_the_cache_is_litellms():
    class Own(InMemoryCache):
        pass

    limiters = both()
    for limiter in limiters.values():
        limiter.memory.__class__ = Own
    with served_natively(False):
        answers(limiters)


def test_with_redis_litellms_own_path_runs():
    limiters = both()
    for limiter in limiters.values():
        limiter.dual.redis_cache = SimpleNamespace()
    with served_natively(False):
        answers(limiters)


def test_a_held_lock_is_waited_for():
    async def scenario():
        limiter = Limiter("native")
        lock = limiter.handler._check_and_increment_lock
        async with lock:
            hook = seam.async_pre_call_hook(limiter.handler, user(**LIMITED), None, chat(), "acompletion")
            waiting = asyncio.ensure_future(hook)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert not waiting.done()
        await waiting
        assert limiter.dual.get_cache(f"{{api_key:{user().api_key}}}:requests") == 1

    with served_natively(False):
        asyncio.run(scenario())


def test_debug_logging_is_litellms():
    before = verbose_proxy_logger.level
    verbose_proxy_logger.setLevel(logging.DEBUG)
    try:
        with served_natively(False):
            answers(both())
    finally:
        verbose_proxy_logger.setLevel(before)
    with served_natively():
        answers(both())


@pytest.mark.parametrize("clock", [Clock(tick_s=0.3), Clock(now_s=0.0), Clock(now_s=-500.0)], ids=str)
def test_odd_clocks(clock):
    limiters = both()
    for limiter in limiters.values():
        limiter.clock.now_s, limiter.clock.tick_s = clock.now_s, clock.tick_s
    with served_natively():
        answers(limiters, times=8)


class Broken(Exception):
    pass


def test_a_clock_that_fails_is_reported_as_litellm_does(caplog):
    def fail():
        raise Broken("no time")

    messages = {}
    limiters = both()
    for side, limiter in limiters.items():
        limiter.request(user(**LIMITED), chat())
        limiter.memory._clock = fail
        caplog.clear()
        told = [limiter.request(user(**LIMITED), chat()) for _ in range(3)]
        messages[side] = (repr(told), [record.getMessage().partition("\n")[0] for record in caplog.records])
    assert messages["native"] == messages["reference"]
    assert limiters["native"].memory.cache_dict == limiters["reference"].memory.cache_dict


def router(aliases=None, of=Router, **params):
    model = {
        "model_name": "gpt-4o",
        "litellm_params": {"model": "openai/gpt-4o", "api_key": "none", **params},
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what pydantic thinks of LiteLLM's types when they are first used
        return of(model_list=[dict(model) for _ in range(3)], model_group_alias=aliases)


def test_behind_a_router(monkeypatch):
    monkeypatch.setattr(proxy_server, "llm_router", router())
    with served_natively():
        answers(both())


def test_limits_of_a_deployment_are_litellms(monkeypatch):
    monkeypatch.setattr(proxy_server, "llm_router", router(default_api_key_rpm_limit=1))
    with served_natively(False):
        told = answers(both(), {"rpm_limit": 50})
    assert "model_per_key" in told[-1][2]


def test_an_alias_is_litellms(monkeypatch):
    monkeypatch.setattr(proxy_server, "llm_router", router(aliases={"gpt-4o": "other"}))
    with served_natively(False):
        answers(both())


def test_a_model_beside_an_alias(monkeypatch):
    monkeypatch.setattr(proxy_server, "llm_router", router(aliases={"gpt-4": "gpt-4o"}))
    with served_natively():
        answers(both())


class OwnRouter(Router):
    pass


def test_a_router_of_ones_own_is_asked_by_litellm(monkeypatch):
    monkeypatch.setattr(proxy_server, "llm_router", router(of=OwnRouter))
    with served_natively(False):
        answers(both())


# Before 1.109 routers have no registry.
@pytest.mark.skipif(not hasattr(Router, "registry"), reason="this LiteLLM asks routers themselves")
@pytest.mark.parametrize("broken", [False, True])
def test_a_registry_of_ones_own_is_asked_by_litellm(monkeypatch, broken):
    made = router()

    def own():
        if broken:
            raise LookupError("no registry")
        return SimpleNamespace(aliases=dict, deployments=lambda name: [{"litellm_params": LIMITS_OF_KEYS}])

    monkeypatch.setattr(made, "registry", own)
    monkeypatch.setattr(proxy_server, "llm_router", made)
    with served_natively(False):
        told = answers(both(), {"rpm_limit": 50})
    assert broken or "model_per_key" in told[-1][2]


LIMITS_OF_KEYS = {"default_api_key_rpm_limit": 1}


@pytest.mark.skipif(not hasattr(Router, "registry"), reason="this LiteLLM asks routers themselves")
def test_an_interrupt_while_the_router_is_asked_is_raised(monkeypatch):
    made, asked = router(), []

    def interrupted():
        """Only the first time: whoever swallows it and asks again is told."""
        asked.append(None)
        if len(asked) == 1:
            raise KeyboardInterrupt
        return type(made).registry(made)

    monkeypatch.setattr(made, "registry", interrupted)
    monkeypatch.setattr(proxy_server, "llm_router", made)
    with pytest.raises(KeyboardInterrupt):
        both()["native"].request(user(**LIMITED), chat())
    assert len(asked) == 1


def test_switched_on_and_off_under_load_it_keeps_counting():
    limiter = Limiter("native")  # its side is not asked for here
    someone = user(rpm_limit=250)

    def run(times):
        told = []
        for _ in range(times):
            try:
                limiter.handler.async_pre_call_hook(someone, None, chat(), "acompletion").send(None)
            except StopIteration:
                told.append("admitted")
            except Exception as error:
                told.append(type(error).__name__)
        return told

    told = []
    for on in (True, False) * 15:
        if on:
            with pytest_fastllm.accelerate("rate_limiter") as acceleration:
                assert acceleration.active == ("rate_limiter",)
                with served_natively():
                    told += run(10)
        else:
            with served_natively(False):
                told += run(10)
    assert told == ["admitted"] * 250 + ["ProxyRateLimitError"] * 50


@pytest.mark.parametrize("side", ["reference", "native"])
def test_above_66_keys_limits_fail_open_on_both_sides(side):
    limiter = Limiter(side)
    told = [
        limiter.request(user(api_key=f"key-{number}", rpm_limit=1), chat())[0]
        for _ in range(2)
        for number in range(100)
    ]
    # Every key is at its limit after its first request, yet most are admitted again: LiteLLM forgot them.
    assert told[:100].count("returned") == 100
    assert told[100:].count("returned") > 30
