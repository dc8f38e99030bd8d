"""On, off and on again while threads and tasks ask: no request is lost, and each is answered by the side in place."""

from __future__ import annotations

import asyncio
import sys
import threading
import time

import pytest

import pytest_fastllm
from pytest_fastllm.components import router as seam

from .routers import OLD_MEMBERS, STRATEGIES, deployments

pytestmark = OLD_MEMBERS
THREADS = 3
TASKS = 8
ANSWERS = 10
"""Of each thread and task, before the sides are switched again."""
PATIENCE_S = 60.0


class Asker:
    """Asks a router over and over, and counts what it asked and what it was given."""

    def __init__(self, router):
        self.router = router
        self.asked = self.answered = 0

    def sync(self, stopped):
        while not stopped.is_set():
            self.asked += 1
            self._take(self.router.get_available_deployment("g", request_kwargs={}))

    async def awaited(self, stopped):
        while not stopped.is_set():
            self.asked += 1
            self._take(await self.router.async_get_available_deployment("g", {}))
            await asyncio.sleep(0)

    def _take(self, found):
        assert any(found is each for each in self.router.model_list)
        self.answered += 1


class Load:
    """Threads that ask, and a loop in one more thread whose tasks do, until the block ends."""

    def __init__(self, router, synchronous):
        self.stopped = threading.Event()
        self.failures = []
        self.callers = [Asker(router) for _ in range(THREADS if synchronous else 0)]
        self.tasks = [Asker(router) for _ in range(TASKS)]
        self.askers = [*self.callers, *self.tasks]
        self._threads = [threading.Thread(target=self._run, args=(each.sync,)) for each in self.callers]
        self._threads.append(threading.Thread(target=self._run, args=(self._loop,)))

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        for thread in self._threads:
            thread.join()

    def _run(self, ask):
        try:
            ask(self.stopped)
        except BaseException as error:
            self.failures.append(error)

    def _loop(self, stopped):
        async def all_tasks():
            await asyncio.gather(*(each.awaited(stopped) for each in self.tasks))

        asyncio.run(all_tasks())

    def wait_for(self, answers):
        """Until everybody has so many more."""
        wanted = [each.answered + answers for each in self.askers]
        deadline_s = time.monotonic() + PATIENCE_S
        while any(each.answered < count for each, count in zip(self.askers, wanted, strict=True)):
            assert not self.failures, self.failures
            assert time.monotonic() < deadline_s, "somebody waits for an answer for ever"
            time.sleep(0.002)


@pytest.fixture
def _short_turns():
    before_s = sys.getswitchinterval()
    sys.setswitchinterval(100e-6)  # threads get in between each other often
    yield
    sys.setswitchinterval(before_s)


@pytest.mark.usefixtures("_short_turns")
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_nothing_is_dropped(twins, strategy):
    router = twins(strategy, model_list=deployments(8)).native.router
    with Load(router, synchronous=strategy != "cost-based-routing") as load:
        for _ in range(3):
            with pytest_fastllm.accelerate("router") as acceleration:
                assert acceleration.active == ("router",)
                load.wait_for(1)  # whoever was with the other side is back
                served, answered = seam.native_calls(), sum(each.answered for each in load.askers)
                load.wait_for(ANSWERS)
                # Read first, and each asker may be between its answer and its count.
                answered = sum(each.answered for each in load.askers) - answered - len(load.askers)
                assert seam.native_calls() - served >= answered >= (ANSWERS - 1) * len(load.askers)
            load.wait_for(1)
            served = seam.native_calls()
            load.wait_for(ANSWERS)
            assert seam.native_calls() == served
    assert not load.failures
    assert all(each.asked == each.answered for each in load.askers)
