"""After a call: its tokens are charged, or those taken in advance given back, as LiteLLM does it."""

from __future__ import annotations

import copy
import threading

import pytest
from litellm.types.utils import EmbeddingResponse

import pytest_fastllm
from pytest_fastllm.components._rate_limiter.examined import EVENT_METHODS, SWITCHED
from pytest_fastllm.components._rate_limiter.examined import HANDLER as HANDLER_NAME
from pytest_fastllm.components._rate_limiter.examined import LIMITER as LIMITER_FILE
from pytest_fastllm.components._rate_limiter.table_cache import adopt

from .sides import (
    HANDLER,
    DualCache,
    InMemoryCache,
    Limiter,
    answered,
    both,
    chat,
    drive,
    logged,
    module,
    proxy_server,
    served_natively,
    user,
)

LIMITED = {"rpm_limit": 50, "tpm_limit": 50_000}
TOKENS = f"{{api_key:{user().api_key}}}:tokens"
OF_MODEL = f"{{model_per_key:{user().api_key}:gpt-4o}}:tokens"


def settled(limiters, call=None, response=None, failed=False):
    """A request on each side and the event of its call, twice; all that is seen of them is the same."""
    seen = {}
    for side, limiter in limiters.items():
        limiter.request(user(**LIMITED), chat())
        stash, told = limiter.stash, []
        for _ in range(2):
            given = copy.deepcopy(call or logged())
            if failed:
                told.append(limiter.failed(given, stash))
            else:
                told.append(limiter.succeeded(given, response or answered(), stash))
            told.append(given)
        seen[side] = repr((told, limiter.state()))
    assert seen["native"] == seen["reference"]
    return limiters["native"].memory.cache_dict


def natively(expected, limiters, **more):
    """As `settled`, where the request itself is decided natively all the same."""
    with served_natively():
        limiters["native"].request(user(), chat())
    limiters["reference"].request(user(), chat())
    seen = {}
    for side, limiter in limiters.items():
        limiter.request(user(**LIMITED), chat())
        with served_natively(expected and side == "native"):
            told = limiter.succeeded(more.get("call") or logged(), answered(), limiter.stash)
        seen[side] = repr((told, limiter.state()))
    assert seen["native"] == seen["reference"]


def test_what_was_used_is_charged_in_place_of_what_was_reserved():
    limiters = both()
    natively(True, limiters)
    found = limiters["native"].memory.cache_dict
    assert (found[TOKENS], found[OF_MODEL]) == (12, 12)


def test_a_call_that_failed_gives_back_what_was_reserved_once():
    found = settled(both(), failed=True)
    assert found[TOKENS] == 0
    assert OF_MODEL not in found


def test_tokens_from_the_providers_cache_are_not_charged():
    found = settled(both(), response=answered(cached=5))
    assert found[OF_MODEL] == 2 * 7


@pytest.mark.parametrize("kind", ["input", "output", "total", "nonsense", None, 5])
def test_tokens_of_the_kind_that_counts(monkeypatch, kind):
    monkeypatch.setitem(proxy_server.general_settings, "token_rate_limit_type", kind)
    found = settled(both(), response=answered(prompt=7, completion=5, total=12))
    assert found[OF_MODEL] == 2 * {"input": 7, "output": 5}.get(kind, 12)


def test_answers_of_other_kinds():
    settled(both(), response=answered(of=EmbeddingResponse))
    settled(both(), response={"usage": {"total_tokens": 3}})


EVENTS = ("async_log_success_event", "async_log_failure_event")


OWN_METHODS = EVENT_METHODS[LIMITER_FILE, HANDLER_NAME]


# Not every version has all of them.
@pytest.mark.parametrize("method", [name for name in OWN_METHODS if name in vars(HANDLER)])
def test_a_replaced_method_is_called(monkeypatch, method):
    if method in SWITCHED:
        pytest.skip("the switch's own place")
    original = vars(HANDLER)[method]
    kind = staticmethod if isinstance(original, staticmethod) else None
    replacement = _same(original.__func__ if kind else original)
    monkeypatch.setattr(HANDLER, method, kind(replacement) if kind else replacement)
    with served_natively(False):
        assert_settled_by_litellm()


@pytest.mark.parametrize("owner", [DualCache, InMemoryCache])
def test_a_replaced_method_of_a_cache_is_called(monkeypatch, owner):
    (methods,) = (names for (_, name), names in EVENT_METHODS.items() if name == owner.__name__)
    for method in set(methods) & set(vars(owner)):
        with monkeypatch.context() as patch:
            patch.setattr(owner, method, _same(vars(owner)[method]))
            with served_natively(False):
                assert_settled_by_litellm()


@pytest.mark.parametrize("name", ["get_request_stash_for_call", "ModelResponse", "Usage", "UserAPIKeyAuth"])
def test_a_replaced_name_is_looked_up(monkeypatch, name):
    kept = vars(module)[name]
    replacement = type(kept.__name__, (kept,), {}) if isinstance(kept, type) else _same(kept)
    monkeypatch.setattr(module, name, replacement)
    with served_natively(False):
        assert_settled_by_litellm()


def assert_settled_by_litellm():
    """Events of a call without a request: the hook's own guards are not what is looked at."""
    for event in ("succeeded", "failed"):
        for limiter in both().values():
            arguments = (logged(), answered()) if event == "succeeded" else (logged(),)
            (kind, *_), _ = getattr(limiter, event)(*arguments)
            assert kind == "returned"


def _same(function):
    return lambda *args, **kwargs: function(*args, **kwargs)


def test_with_redis_litellms_own_path_runs():
    limiters = both()
    for limiter in limiters.values():
        limiter.handler.token_increment_script = _Script()
    with served_natively(False):
        for limiter in limiters.values():
            limiter.succeeded(logged(), answered())
    asked = [limiter.handler.token_increment_script.asked for limiter in limiters.values()]
    assert asked[0] == asked[1] != []


class _Script:
    def __init__(self):
        self.asked = []

    async def __call__(self, **given):
        self.asked.append(given)


def test_a_slot_of_parallel_requests_is_litellms_to_give_back():
    limiter = Limiter("native")
    limiter.request(user(rpm_limit=5, max_parallel_requests=1), chat())
    assert limiter.stash.parallel_slot is not None
    with served_natively(False):
        limiter.succeeded(logged(), answered(), limiter.stash)
    assert limiter.stash.parallel_slot is None


def test_a_held_lock_of_the_cache_is_waited_for():
    limiter = Limiter("native")
    with served_natively(False):
        with limiter.memory._increment_lock:
            other = threading.Thread(target=limiter.succeeded, args=(logged(), answered()))
            other.start()
            other.join(0.2)
            assert other.is_alive()
        other.join()
    assert limiter.memory.cache_dict[TOKENS] == 12
    assert not limiter.memory._increment_lock.locked()


class Broken(Exception):
    pass


def test_a_cache_that_fails_is_reported_as_litellm_does():
    def fail():
        raise Broken("no time")

    seen = {}
    limiters = both()
    for side, limiter in limiters.items():
        limiter.memory._clock = fail
        with served_natively(side == "native"):
            seen[side] = limiter.succeeded(logged(), answered())
        assert not limiter.memory._increment_lock.locked()
    assert seen["native"] == seen["reference"]
    assert "falling back to in-memory result" in repr(seen["native"])


@pytest.mark.parametrize("failed", [False, True])
def test_in_a_table_the_same_is_charged(failed):
    limiters = both()
    adopt(limiters["native"].memory, max_keys=100, window_s=60)
    for limiter in limiters.values():
        for _ in range(3):
            limiter.request(user(**LIMITED), chat())
            stash = limiter.stash
            if failed:
                limiter.failed(logged(), stash)
            else:
                limiter.succeeded(logged(), answered(), stash)
    values = {
        side: [limiter.dual.get_cache(key) for key in (TOKENS, OF_MODEL)]
        for side, limiter in limiters.items()
    }
    assert values["native"] == values["reference"] == ([0, None] if failed else [36, 36])


@pytest.mark.parametrize("make", [None, 1000])
def test_the_switch_replaces_the_events_and_puts_them_back(make):
    from pytest_fastllm.components import rate_limiter as seam

    before = [vars(HANDLER)[name] for name in EVENTS]
    limiter = Limiter("native")
    with pytest_fastllm.accelerate(seam.component(max_keys=make)), served_natively():
        drive(limiter.handler.async_log_success_event(logged(), answered(), None, None))
    assert [vars(HANDLER)[name] for name in EVENTS] == before
    with served_natively(False):
        drive(limiter.handler.async_log_success_event(logged(), answered(), None, None))
