"""A cache that makes room: what it forgets, in which order, and whom it waits for."""

from __future__ import annotations

import threading

import pytest

from .sides import InMemoryCache, Limiter, both, chat, served_natively, told_to_loggers, user

KEYS = [f"key-{number}" for number in range(9)]
LOCKS_WRITES = "_write_lock" in vars(InMemoryCache())
since_1_108 = pytest.mark.skipif(not LOCKS_WRITES, reason="the cache is another one since LiteLLM 1.108")


def limited(limiter, key):
    return limiter.request(user(api_key=key, rpm_limit=2), chat())


def same(prepare, tick_s=0.0, **settings):
    """The same requests to caches that were prepared; all that is seen of them is the same."""
    seen, limiters = {}, both(**settings)
    for side, limiter in limiters.items():
        limiter.clock.tick_s = tick_s
        limited(limiter, "first")
        prepare(limiter.memory)
        with told_to_loggers() as told, served_natively(side == "native"):
            answers = [limited(limiter, key) for key in KEYS]
        seen[side] = repr((answers, told, limiter.state()))
    assert seen["native"] == seen["reference"]
    return limiters["native"].memory, told


def outdated(memory):
    """Entries of values that are there no more, behind one that is."""
    memory.expiration_heap.extend((4e9 + number, f"gone-{number}") for number in range(50))


@since_1_108
def test_a_heap_of_more_than_twice_the_size_is_rebuilt():
    heaps = []

    def prepare(memory):
        outdated(memory)
        heaps.append(memory.expiration_heap)

    memory, _ = same(prepare, max_size=20)
    assert all(heap is not memory.expiration_heap for heap in heaps)
    assert len(memory.expiration_heap) <= 40
    assert not any(key.startswith("gone-") for _, key in memory.expiration_heap)


def test_a_heap_of_twice_the_size_stays():
    memory, _ = same(outdated, max_size=200)
    assert any(key.startswith("gone-") for _, key in memory.expiration_heap)


def test_a_full_cache_without_a_heap():
    memory, told = same(lambda memory: memory.expiration_heap.clear(), max_size=3)
    # Before 1.108 it never got over it, which is logged; since then what was stored first goes.
    assert bool(told) is not LOCKS_WRITES
    assert ("{api_key:key-8}:requests" in memory.cache_dict) is LOCKS_WRITES


def test_values_that_no_heap_knows_of_go_first():
    def prepare(memory):
        memory.expiration_heap.clear()
        memory.cache_dict.update(dict.fromkeys(("one", "two", "three"), 1))

    same(prepare, max_size=4)


def test_a_value_that_never_expires():
    def prepare(memory):
        memory.cache_dict.update({f"{{api_key:{key}}}:requests": 1 for key in KEYS})

    # Since 1.109 the clock, which goes on whenever it is asked, is asked of such values too.
    same(prepare, tick_s=0.25)


@since_1_108
def test_a_held_lock_of_the_cache_is_waited_for():
    limiter = Limiter("native")
    asked = at_the_first_look_at_the_clock(limiter, lambda: None)
    with served_natively(False):
        with limiter.memory._write_lock:
            other = threading.Thread(target=limited, args=(limiter, "key"))
            other.start()
            assert asked.wait(
                60
            )  # by LiteLLM's method: the native one would have gone on to the cache at once
            assert "{api_key:key}:requests" not in limiter.memory.cache_dict
        other.join()
    assert limiter.memory.cache_dict["{api_key:key}:requests"] == 1
    assert not limiter.memory._write_lock.locked()


@since_1_108
def test_a_lock_that_is_taken_in_the_middle_is_waited_for():
    limiter = Limiter("native")
    lock, taken, released = limiter.memory._write_lock, threading.Event(), threading.Event()

    def hold():
        with lock:
            taken.set()
            released.wait(60)

    others = [threading.Thread(target=hold), threading.Timer(0.05, released.set)]

    def take():
        """The limiter asks for the time before it stores anything, and the cache afterwards."""
        for other in others:
            other.start()
            taken.wait(60)

    at_the_first_look_at_the_clock(limiter, take)
    with served_natively():
        assert limited(limiter, "key")[0] == "returned"
    assert released.is_set()
    for other in others:
        other.join()
    assert limiter.memory.cache_dict["{api_key:key}:requests"] == 1
    assert not lock.locked()


def at_the_first_look_at_the_clock(limiter, act):
    """Do something when the limiter first asks for the time; an event that is set afterwards."""
    done = threading.Event()

    def now():
        if not done.is_set():
            act()
            done.set()
        return limiter.clock.now()

    limiter.handler._time_provider = now
    return done


@since_1_108
def test_a_lock_of_another_kind_is_litellms():
    limiter = Limiter("native")
    limiter.memory._write_lock = threading.RLock()
    with served_natively(False):
        assert limited(limiter, "key")[0] == "returned"


@since_1_108
@pytest.mark.parametrize("failing", [1, 2, 3])
def test_after_a_clock_that_fails_the_lock_is_free(failing):
    limiter = Limiter("native")
    limited(limiter, "key")
    asked = []

    def fail():
        asked.append(None)
        if len(asked) % failing == 0:
            raise OSError("no time")
        return limiter.clock.time()

    limiter.memory._clock = fail
    with told_to_loggers(), served_natively():
        limited(limiter, "key")
    assert asked
    assert not limiter.memory._write_lock.locked()
