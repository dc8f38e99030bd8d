"""Steps are carried out by whatever executor there is, and always get to put things back."""

from __future__ import annotations

import asyncio

import pytest

from pytest_fastllm.timing.executors import LoopExecutor, OwnLoopExecutor, PlainExecutor
from pytest_fastllm.timing.steps import CallOnce, TimeCalls, drive, drive_async
from pytest_fastllm.timing.watchdog import Watchdog

WATCHDOG = Watchdog(60)


def once(function, *args):
    return CallOnce(function, args, {})


def plain(steps):
    return drive(steps, PlainExecutor(), WATCHDOG)


def in_own_loop(steps):
    executor = OwnLoopExecutor()
    try:
        return drive(steps, executor, WATCHDOG)
    finally:
        executor.close()


def in_running_loop(steps):
    async def run():
        return await drive_async(steps, LoopExecutor(), WATCHDOG)

    return asyncio.run(run())


def add(a, b):
    return a + b


async def add_later(a, b):
    await asyncio.sleep(0)
    return a + b


def fail():
    raise LookupError("no such thing")


async def fail_later():
    raise LookupError("no such thing")


DRIVERS = pytest.mark.parametrize(
    ("drive_steps", "adds", "fails"),
    [(plain, add, fail), (in_own_loop, add_later, fail_later), (in_running_loop, add_later, fail_later)],
    ids=["plain", "own loop", "running loop"],
)


@DRIVERS
def test_the_outcome_is_sent_back(drive_steps, adds, fails):
    def steps():
        three = yield once(adds, 1, 2)
        seven = yield once(adds, three, 4)
        nanoseconds = yield TimeCalls(adds, (1, 2), {}, 5, ())
        return seven, nanoseconds

    seven, nanoseconds = drive_steps(steps())
    assert seven == 7
    assert nanoseconds > 0


@DRIVERS
def test_an_exception_is_thrown_in_and_may_be_an_answer(drive_steps, adds, fails):
    def steps():
        try:
            yield once(fails)
        except LookupError as error:
            return str(error), (yield once(adds, 1, 1))

    assert drive_steps(steps()) == ("no such thing", 2)


@DRIVERS
@pytest.mark.parametrize("error", [LookupError, KeyboardInterrupt, SystemExit])
def test_what_the_steps_do_not_catch_ends_them_in_order(drive_steps, adds, fails, error):
    log = []

    def raise_it():
        raise error

    async def raise_it_later():
        raise error

    def steps():
        try:
            yield once(raise_it if fails is fail else raise_it_later)
        finally:
            log.append("put back")

    with pytest.raises(error):
        drive_steps(steps())
    assert log == ["put back"]


@DRIVERS
def test_steps_that_call_nothing(drive_steps, adds, fails):
    def steps():
        return 3
        yield

    assert drive_steps(steps()) == 3


def test_the_own_loop_is_one_and_is_closed():
    loops = []

    async def note():
        loops.append(asyncio.get_running_loop())

    def steps():
        yield once(note)
        yield TimeCalls(note, (), {}, 3, ())

    in_own_loop(steps())
    assert len(loops) == 4
    assert len(set(map(id, loops))) == 1
    assert loops[0].is_closed()


def test_what_still_runs_in_the_own_loop_is_cancelled():
    ended = []

    async def leave_something_behind():
        async def forever():
            try:
                await asyncio.sleep(3600)
            finally:
                ended.append(True)

        task = asyncio.ensure_future(forever())
        await asyncio.sleep(0)
        return task

    def steps():
        task = yield once(leave_something_behind)
        assert not task.done()

    in_own_loop(steps())
    assert ended == [True]
