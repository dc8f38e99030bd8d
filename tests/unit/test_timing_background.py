"""Work that a sample leaves to threads and tasks is over before the next one begins, and is counted."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from pytest_fastllm.timing.background import BACKGROUND, LONGEST_WAIT_S, Background
from pytest_fastllm.timing.executors import LoopExecutor, OwnLoopExecutor, PlainExecutor
from pytest_fastllm.timing.steps import CallOnce, TimeCalls
from pytest_fastllm.timing.threads import ThreadsExecutor


def timed(function, calls=1):
    return TimeCalls(function, (), {}, calls, ())


def spin(seconds):
    end_s = time.thread_time() + seconds
    while time.thread_time() < end_s:
        pass


# A wait is bounded, and a busy machine may keep a thread from its turn for longer.
SELDOM = 5


class Left:
    """Hands work to a pool, and knows how much of it is still to be done."""

    def __init__(self, pool, work):
        self.pool, self.work = pool, work
        self.begun = self.ended = 0

    def __call__(self):
        self.begun += 1
        self.pool.submit(self._run)

    def _run(self):
        self.work()
        self.ended += 1


@pytest.fixture
def pool():
    with ThreadPoolExecutor(2) as executor:
        yield executor


@pytest.mark.parametrize("work", [lambda: spin(0.003), lambda: time.sleep(0.005), lambda: None])
@pytest.mark.parametrize("make", [PlainExecutor, lambda: ThreadsExecutor(2)], ids=["plain", "threads"])
def test_what_a_pool_was_given_is_done_before_the_next_sample(pool, work, make):
    executor = make()
    left = Left(pool, work)
    try:
        executor.call(CallOnce(left, (), {}))
        late = 0
        for _ in range(20):
            executor.time_ns(timed(left))
            late += left.ended < left.begun
    finally:
        executor.close()
    assert late <= SELDOM


def test_how_often_threads_went_on_is_counted(pool):
    executor = PlainExecutor()
    left = Left(pool, lambda: time.sleep(0.005))
    executor.call(CallOnce(left, (), {}))
    for _ in range(20):
        executor.time_ns(timed(left))
    assert executor.background.figures["background_threads"] > 15


def test_work_left_to_threads_is_set_against_the_samples_and_warned_of(pool):
    executor = PlainExecutor()
    left = Left(pool, lambda: spin(0.002))
    executor.call(CallOnce(left, (), {}))
    for _ in range(10):
        executor.time_ns(timed(lambda: (spin(0.001), left())))
    # Two milliseconds after each sample of one; some of it may fall into the sample itself.
    assert 0.5 < executor.background.share < 3
    assert executor.background.warnings == (BACKGROUND,)


def test_where_nobody_else_works_there_is_nothing_to_wait_for(pool):
    pool.submit(lambda: None).result()
    time.sleep(0.01)  # the pool's thread is at rest, and was there before
    executor = PlainExecutor()
    executor.call(CallOnce(lambda: spin(0.001), (), {}))
    for _ in range(50):
        executor.time_ns(timed(lambda: spin(0.001)))
    assert executor.background.warnings == ()
    assert sum(executor.background.pauses(others_ns=0)) < LONGEST_WAIT_S / 4


def test_a_short_sample_that_hints_at_nobody_costs_no_look(monkeypatch):
    executor = PlainExecutor()
    executor.call(CallOnce(lambda: None, (), {}))
    monkeypatch.setattr(Background, "_standing", lambda *_: pytest.fail("looked"))
    executor.background.after_sample(process_ns=40_000, measured_ns=40_000)
    with pytest.raises(pytest.fail.Exception):
        executor.background.after_sample(process_ns=80_000, measured_ns=40_000)


def test_a_thread_that_never_rests_is_waited_for_a_few_times_only():
    stop = threading.Event()
    executor = PlainExecutor()
    threads = []

    def work():
        if not threads:
            threads.append(threading.Thread(target=busy))
            threads[0].start()

    def busy():
        while not stop.is_set():
            sum(range(1000))

    try:
        executor.call(CallOnce(work, (), {}))
        for _ in range(10):
            executor.time_ns(timed(work))
        assert sum(executor.background.pauses(others_ns=0)) < LONGEST_WAIT_S / 4
    finally:
        stop.set()
        threads[0].join()


def test_a_wait_is_bounded(pool):
    executor = PlainExecutor()
    started_s = time.monotonic()
    executor.time_ns(timed(lambda: pool.submit(time.sleep, 0.5)))
    # Not the bound itself: how long the machine lets this thread stand in line is not ours to say.
    assert time.monotonic() - started_s < 8 * LONGEST_WAIT_S


class Worker:
    """A logging worker as LiteLLM has one: a task that lives on and starts a task for each piece of work."""

    def __init__(self):
        self.queue = asyncio.Queue()
        self.ended = self.begun = 0
        self.task = None
        self.running = set()

    async def call(self):
        if self.task is None:
            self.task = asyncio.ensure_future(self._run())
        self.begun += 1
        self.queue.put_nowait(self.begun)

    async def _run(self):
        while True:
            await self.queue.get()
            task = asyncio.ensure_future(self._log())
            self.running.add(task)
            task.add_done_callback(self.running.discard)

    async def _log(self):
        await asyncio.sleep(0.002)
        self.ended += 1


def test_what_a_worker_in_the_loop_was_given_is_done_before_the_next_sample():
    worker = Worker()
    executor = OwnLoopExecutor()
    try:
        executor.call(CallOnce(worker.call, (), {}))
        late = 0
        for _ in range(20):
            executor.time_ns(timed(worker.call, calls=3))
            late += worker.ended < worker.begun
    finally:
        executor.close()
    assert late <= SELDOM
    assert executor.background.figures["background_tasks"] >= 60


def test_a_pool_behind_a_coroutine_is_waited_for_too(pool):
    left = Left(pool, lambda: spin(0.002))

    async def work():
        left()

    async def run():
        executor = LoopExecutor()
        await executor.call(CallOnce(work, (), {}))
        late = 0
        for _ in range(10):
            await executor.time_ns(timed(work))
            late += left.ended < left.begun
        return late

    assert asyncio.run(run()) <= SELDOM


def test_threads_that_are_measured_are_not_background():
    executor = ThreadsExecutor(2)
    try:
        for _ in range(10):
            executor.time_ns(timed(lambda: spin(0.002)))
        assert executor.background.warnings == ()
    finally:
        executor.close()


def test_the_tests_own_tasks_rest_where_they_stood():
    async def run():
        other = asyncio.ensure_future(asyncio.sleep(3600))
        await asyncio.sleep(0)
        background = Background()
        # One round of the loop, for it might have been called; not the wait that an unknown place would cost.
        assert sum(background.pauses(others_ns=0, tasks=True)) < LONGEST_WAIT_S / 4
        assert background.figures.get("background_tasks", 0) == 0
        other.cancel()

    asyncio.run(run())
