"""One side at a time: switched on, given equal state, called, and proven to have been the one that ran."""

from __future__ import annotations

import random

import pytest

from pytest_fastllm.errors import SwitchError, WorkloadError
from pytest_fastllm.model import Side
from pytest_fastllm.timing.executors import PlainExecutor
from pytest_fastllm.timing.sides import Sides
from pytest_fastllm.timing.steps import drive
from pytest_fastllm.timing.watchdog import Watchdog
from pytest_fastllm.toggle.switch import NoSwitch
from pytest_fastllm.workload import Workload

R, A = Side.REFERENCE, Side.ACCELERATED


class Native:
    """A component's own counter that says what it is told to."""

    def __init__(self, served):
        self.served = served

    def mark(self):
        pass

    def since_mark(self):
        return self.served


def sides_of(function, *, native=None, args=(), **more):
    workload = Workload({R: function, A: function}, args=args, **more)
    return Sides(workload, NoSwitch(), native, seed=7)


def carried_out(steps):
    return drive(steps, PlainExecutor(), Watchdog(60))


def answer(sides, side):
    return carried_out(sides.answer(side, random.getstate()))[0]


def test_each_side_has_a_copy_of_the_arguments():
    seen = []
    sides = sides_of(lambda items: seen.append(items), args=([1],))
    answer(sides, R)
    answer(sides, A)
    assert seen[0] == seen[1] == [1]
    assert seen[0] is not seen[1]


def test_random_is_the_same_for_both_sides():
    sides = sides_of(random.random)
    state = random.getstate()
    values = [carried_out(sides.answer(side, state))[0].value for side in Side]
    assert values[0] == values[1]
    assert sides.draws_random


def test_an_exception_is_an_answer():
    def fail():
        raise LookupError("x")

    assert isinstance(answer(sides_of(fail), R).error, LookupError)


def test_the_state_is_read_after_the_call_and_copied():
    state = []
    sides = sides_of(lambda: state.append(1), state=lambda: state)
    first = answer(sides, R)
    answer(sides, A)
    assert first.state == [1]


def test_changed_arguments_are_an_error():
    with pytest.raises(WorkloadError, match=r"accelerated side changed its arguments \(args\[0\].*setup="):
        answer(sides_of(lambda items: items.append(2), args=([1],)), A)


def test_samples_of_one_pair_draw_the_same_and_those_of_another_do_not():
    drawn = []
    sides = sides_of(lambda: drawn.append(random.random()), setup=lambda: None)

    def sampled(side, pair):
        drawn.clear()
        carried_out(sides.sample(side, 1, pair))
        return drawn[-1]

    assert sampled(R, 3) == sampled(A, 3)
    assert sampled(R, 3) != sampled(R, 4)


def test_a_sample_is_seconds_per_call():
    calls = []
    sides = sides_of(lambda: calls.append(1))
    seconds = carried_out(sides.sample(R, 100, 0))
    assert 100 <= len(calls) < 200  # and a few untimed ones after the switch
    assert 0 < seconds < 1e-3


class Clock:
    """An executor for which each call takes known seconds, divided by the threads that take turns."""

    def __init__(self, call_s):
        self.call_s = call_s
        self.timed = []

    def call(self, step):
        raise NotImplementedError

    def time_ns(self, step):
        self.timed.append(step.calls)
        return self.call_s * 1e9


@pytest.mark.parametrize(
    ("call_s", "threads", "warm"), [(0.6e-3, 1, 1), (0.6e-3, 8, 0), (1.2e-3, 1, 0), (0.1e-3, 8, 1)]
)
def test_long_calls_are_their_own_warm_up_and_threads_make_them_longer(call_s, threads, warm):
    sides = sides_of(int, threads=threads)
    clock = Clock(call_s)

    def sampled(pair):
        clock.timed.clear()
        for side in Side:
            drive(sides.sample(side, 1, pair), clock, Watchdog(60))
        return clock.timed

    assert sampled(0) == [1] * 4  # one warm call each while it is not known how long they last
    assert len(sampled(1)) == 2 * (1 + warm)


class TestNativeCalls:
    def test_an_accelerated_sample_without_any(self):
        with pytest.raises(SwitchError, match="0 native calls"):
            carried_out(sides_of(len, args=("x",), native=Native(0)).sample(A, 5, 0))

    def test_a_reference_sample_with_some(self):
        with pytest.raises(SwitchError, match="3 native calls"):
            carried_out(sides_of(len, args=("x",), native=Native(3)).sample(R, 5, 0))

    def test_they_are_added_up(self):
        sides = sides_of(len, args=("x",), native=Native(5))
        for pair in range(3):
            carried_out(sides.sample(A, 5, pair))
        assert sides.native_calls == 15
