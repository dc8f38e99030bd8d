"""`max_keys`: counters in a table. What is the same as in LiteLLM's cache, what is better, what is different."""

from __future__ import annotations

import asyncio
import threading

import pytest

import pytest_fastllm
from pytest_fastllm.components import rate_limiter as seam
from pytest_fastllm.components._rate_limiter.table_cache import TableCache, adopt, release
from pytest_fastllm.errors import UsageError
from pytest_fastllm.suite.limiters import fill

from .sides import InMemoryCache, Limiter, both, chat, served_natively, user


@pytest.fixture
def tables():
    """A limiter on each side; the native one counts in a table."""
    limiters = both()
    adopt(limiters["native"].memory, max_keys=1000, window_s=60)
    return limiters


def read(limiter, key):
    return [
        limiter.dual.get_cache(f"{{api_key:{key}}}:{field}") for field in ("window", "requests", "tokens")
    ]


def test_the_same_answers_and_the_same_counters_to_readers(tables):
    people = [user(api_key=f"k{number}", rpm_limit=number, tpm_limit=3000 * number) for number in range(5)]
    for step in range(300):
        someone = people[step % 5]
        told = [limiter.request(someone, chat()) for limiter in tables.values()]
        assert repr(told[0]) == repr(told[1])
        seen = [read(limiter, someone.api_key) for limiter in tables.values()]
        assert seen[0] == seen[1]
        for limiter in tables.values():
            # Never just at a window's end: there LiteLLM's counters outlive it by the fraction of a second.
            limiter.clock.now_s += 7 if step % 11 == 0 else 0


def test_limits_hold_above_66_keys():
    with pytest_fastllm.accelerate(seam.component(max_keys=1000)) as acceleration:
        assert acceleration.active == ("rate_limiter",)
        limiter = Limiter("native")
        people = [user(api_key=f"key-{number}", rpm_limit=1) for number in range(500)]

        def admitted():
            told = []
            for someone in people:
                try:
                    limiter.handler.async_pre_call_hook(someone, None, chat(), "acompletion").send(None)
                except StopIteration:
                    told.append(someone)
                except Exception:
                    continue
            return len(told)

        with served_natively():
            assert admitted() == 500
            assert admitted() == 0
        assert type(limiter.memory) is TableCache
        assert len(limiter.memory.table) == 500
    assert type(limiter.memory) is InMemoryCache


def test_counters_move_along_and_other_entries_stay():
    limiter = Limiter("native")
    someone = user(rpm_limit=3)
    for _ in range(2):
        limiter.request(someone, chat())
    limiter.dual.set_cache("something else", {"a": 1})
    adopt(limiter.memory, max_keys=10, window_s=60)
    assert [limiter.request(someone, chat())[0] for _ in range(2)] == ["returned", "raised"]
    assert limiter.dual.get_cache("something else") == {"a": 1}
    limiter.memory.delete_cache(f"{{api_key:{someone.api_key}}}:requests")
    assert limiter.request(someone, chat())[0] == "returned"
    limiter.memory.flush_cache()
    assert len(limiter.memory.table) == 0
    release(limiter.memory)
    assert type(limiter.memory) is InMemoryCache


def test_it_never_holds_more_keys_than_said():
    limiter = Limiter("native")
    adopt(limiter.memory, max_keys=20, window_s=60)
    for number in range(200):
        limiter.request(user(api_key=f"key-{number}", rpm_limit=5), chat())
        assert len(limiter.memory.table) <= 20


def test_values_that_it_cannot_hold_are_said_to_be(caplog):
    limiter = Limiter("native")
    adopt(limiter.memory, max_keys=20, window_s=60)
    with pytest.raises(ValueError, match="cannot hold 'x'"):
        limiter.memory.set_cache("{api_key:a}:requests", "x")


@pytest.mark.parametrize("max_keys", [0, -1, True, 2.5, "7"])
def test_a_number_of_keys_that_makes_no_sense(max_keys):
    with pytest.raises(UsageError, match="expected a whole number above 0"):
        seam.component(max_keys=max_keys)


def test_the_workloads_fill_a_cache_as_requests_do():
    asked, filled = Limiter("reference"), Limiter("reference")
    asked.request(user(api_key=f"{0:064x}", rpm_limit=5), chat())
    fill(filled.memory, 1)
    kinds = [
        ({key: type(value) for key, value in limiter.memory.cache_dict.items()}, len(limiter.memory.ttl_dict),
         len(limiter.memory.expiration_heap))
        for limiter in (asked, filled)
    ]  # fmt: skip
    assert kinds[0] == kinds[1]


@pytest.mark.parametrize("in_table", [False, True])
def test_threads_are_given_just_the_limit(in_table):
    limiter, limit = Limiter("native"), 500
    if in_table:
        adopt(limiter.memory, max_keys=10, window_s=60)
    admitted = []

    def ask():
        for _ in range(200):
            told = _hook(limiter, user(rpm_limit=limit))
            admitted.append(told)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(admitted) == limit
    assert read(limiter, user().api_key)[1] == limit + 1


def _hook(limiter, someone):
    try:
        seam.async_pre_call_hook(limiter.handler, someone, None, chat(), "acompletion").send(None)
    except StopIteration:
        return True
    except Exception:
        return False
    raise AssertionError("the hook waited")


@pytest.mark.parametrize("in_table", [False, True])
def test_tasks_are_given_just_the_limit(in_table):
    limiter, limit = Limiter("native"), 120
    if in_table:
        adopt(limiter.memory, max_keys=10, window_s=60)

    async def ask():
        admitted = 0
        for _ in range(40):
            admitted += _hook(limiter, user(rpm_limit=limit))
            await asyncio.sleep(0)
        return admitted

    async def scenario():
        return sum(await asyncio.gather(*(ask() for _ in range(8))))

    assert asyncio.run(scenario()) == limit
