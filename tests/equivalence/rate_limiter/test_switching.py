"""On, off and on again under load: no request is lost, none is admitted twice, and all counters go on."""

from __future__ import annotations

import asyncio
import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest_fastllm
from pytest_fastllm.components import rate_limiter as seam

from .sides import CHAT, Limiter, answered, chat, drive, logged, module, user

LIMIT = 200
PATIENCE_S = 60  # for a thread that never comes; nothing else waits


def counters(limiter):
    return [
        limiter.dual.get_cache(f"{{api_key:{user().api_key}}}:{field}") for field in ("requests", "tokens")
    ]


async def request(limiter):
    """A request and its call; whether it was admitted. The methods are looked up as the proxy looks them up."""
    module._request_stash.set(None)
    try:
        await limiter.handler.async_pre_call_hook(user(rpm_limit=LIMIT), None, chat(), CHAT)
    except module.ProxyRateLimitError:
        return False
    await limiter.handler.async_log_success_event(logged(), answered(), None, None)
    return True


class Toggle:
    """The component's switch, and how many calls were served natively while it was in use."""

    def __init__(self):
        self.acceleration = None
        self.before = seam.native_calls()

    def turn(self, on):
        if on and self.acceleration is None:
            self.acceleration = pytest_fastllm.accelerate("rate_limiter")
        elif not on and self.acceleration is not None:
            self.acceleration.stop()
            self.acceleration = None

    def native_calls(self):
        return seam.native_calls() - self.before


def test_with_tasks_that_share_a_limiter():
    tasks, rounds = 8, 40
    limiter, toggle = Limiter("native"), Toggle()

    async def ask():
        admitted = 0
        for _ in range(rounds):
            admitted += await request(limiter)
            await asyncio.sleep(0)
        return admitted

    async def switch(asking):
        for on in itertools.cycle((True, False)):
            if all(task.done() for task in asking):
                return
            # Requests that come meanwhile wait, begun on one side and let go on the other.
            async with limiter.handler._check_and_increment_lock:
                await asyncio.sleep(0)
                toggle.turn(on)
            for _ in range(3):
                await asyncio.sleep(0)

    async def scenario():
        asking = [asyncio.create_task(ask()) for _ in range(tasks)]
        await switch(asking)
        return sum(await asyncio.gather(*asking))

    try:
        assert asyncio.run(scenario()) == LIMIT
    finally:
        toggle.turn(False)
    requests, tokens = counters(limiter)
    assert tokens == LIMIT * 12
    # LiteLLM looks before it waits for its lock: those who waited together are all counted beyond the limit.
    assert LIMIT < requests <= LIMIT + tasks
    assert 0 < toggle.native_calls() < tasks * rounds


def test_with_threads_that_have_a_limiter_each():
    threads, rounds, requests = (
        4,
        6,
        20,
    )  # LiteLLM's lock is of one event loop: no two threads can share a limiter
    limiters, toggle = [Limiter("native") for _ in range(threads)], Toggle()
    barrier = threading.Barrier(threads + 1, timeout=PATIENCE_S)

    def ask(limiter):
        admitted = 0
        for _ in range(rounds):
            barrier.wait()  # nobody is at work
            barrier.wait()  # a side is chosen
            admitted += sum(drive(request(limiter)) for _ in range(requests))
            barrier.wait()  # from here on it changes
            admitted += sum(drive(request(limiter)) for _ in range(requests))
        return admitted

    with ThreadPoolExecutor(threads) as pool:
        asking = [pool.submit(ask, limiter) for limiter in limiters]
        try:
            for side in range(rounds):
                barrier.wait()
                toggle.turn(side % 2 == 0)
                before = toggle.native_calls()
                barrier.wait()
                barrier.wait()
                assert (toggle.native_calls() > before) is (side % 2 == 0)
                for on in (False, True, False, True):
                    toggle.turn(on)
        except BaseException:
            barrier.abort()
            raise
        finally:
            admitted = [task.exception() or task.result() for task in asking]
            toggle.turn(False)
    assert admitted == [LIMIT] * threads
    assert [counters(limiter) for limiter in limiters] == [[LIMIT + 1, LIMIT * 12]] * threads
