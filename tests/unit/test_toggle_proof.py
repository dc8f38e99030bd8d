"""Which side ran is proven, never assumed."""

from __future__ import annotations

import contextlib
import sys
import threading
from typing import NamedTuple

import pytest
import toys

from pytest_fastllm.component import Component
from pytest_fastllm.errors import SwitchError
from pytest_fastllm.model import Side
from pytest_fastllm.toggle.proof import NativeCalls, counted, explain, proving_switch

SOURCE = """
active = False

def work(x):
    return fast(x) if active else ("python", x)

def fast(x):
    return "rust", x

class Fast:
    def __init__(self):
        self.made = True

class FastCall:
    def __call__(self, x):
        return "rust", x

called = FastCall()
"""


@pytest.fixture
def toy(monkeypatch):
    return toys.module(monkeypatch, SOURCE)


@contextlib.contextmanager
def activated(toy):
    toy.active = True
    try:
        yield
    finally:
        toy.active = False


def taken(component, side, call):
    with proving_switch(component) as (switch, counts):
        switch.select(side)
        call()
        return counts.take()


PATCH = Component("work", reference="toy:work", accelerated="toy:fast", patch=("toy:work",))


def test_entries_are_counted_for_the_side_that_ran(toy):
    assert taken(PATCH, Side.REFERENCE, lambda: toy.work(1)) == {Side.REFERENCE: 1, Side.ACCELERATED: 0}
    assert taken(PATCH, Side.ACCELERATED, lambda: toy.work(1)) == {Side.REFERENCE: 0, Side.ACCELERATED: 1}


def test_counts_start_again_when_taken(toy):
    with proving_switch(PATCH) as (switch, counts):
        switch.select(Side.ACCELERATED)
        toy.work(1)
        counts.take()
        assert counts.take()[Side.ACCELERATED] == 0


def test_a_name_taken_before_the_switch_is_not_entered(toy):
    early = toy.work
    counts = taken(PATCH, Side.ACCELERATED, lambda: early(1))
    assert "never entered it" in explain(Side.ACCELERATED, counts)
    assert "from x import f" in explain(Side.ACCELERATED, counts)


def test_the_accelerated_side_during_a_reference_call_is_told(toy):
    counts = {Side.REFERENCE: 1, Side.ACCELERATED: 2}
    assert "entered the accelerated one 2 times" in explain(Side.REFERENCE, counts)


def test_right_counts_need_no_words():
    assert explain(Side.REFERENCE, {Side.REFERENCE: 1, Side.ACCELERATED: 0}) is None
    assert explain(Side.ACCELERATED, {Side.REFERENCE: 0, Side.ACCELERATED: 1}) is None
    # An accelerated side may hand parts of its work to the reference.
    assert explain(Side.ACCELERATED, {Side.REFERENCE: 5, Side.ACCELERATED: 1}) is None


class TestContextManagers:
    def component(self, toy, accelerated="toy:fast"):
        return Component("work", accelerated=accelerated, switch=lambda: activated(toy))

    def test_entries_are_watched(self, toy):
        component = self.component(toy)
        assert taken(component, Side.ACCELERATED, lambda: toy.work(1))[Side.ACCELERATED] == 1
        assert taken(component, Side.REFERENCE, lambda: toy.work(1))[Side.ACCELERATED] == 0

    @pytest.mark.parametrize(
        ("accelerated", "call"),
        [
            ("builtins:len", lambda toy: len([])),
            ("toy:Fast", lambda toy: toy.Fast()),
            ("toy:called", lambda toy: toy.called(1)),
        ],
        ids=["builtin", "class", "object"],
    )
    def test_whatever_can_be_called_can_be_watched(self, toy, accelerated, call):
        counts = taken(self.component(toy, accelerated), Side.ACCELERATED, lambda: call(toy))
        assert counts[Side.ACCELERATED] >= 1

    def test_entries_in_a_thread_count(self, toy):
        def in_thread():
            thread = threading.Thread(target=toy.work, args=(1,))
            thread.start()
            thread.join()

        assert taken(self.component(toy), Side.ACCELERATED, in_thread)[Side.ACCELERATED] == 1

    def test_profile_functions_come_back(self, toy):
        def mine(frame, event, argument):
            pass

        before = sys.getprofile(), threading.getprofile()
        try:
            sys.setprofile(mine)
            threading.setprofile(mine)
            with pytest.raises(RuntimeError), proving_switch(self.component(toy)):
                raise RuntimeError
            assert (sys.getprofile(), threading.getprofile()) == (mine, mine)
        finally:
            sys.setprofile(before[0])
            threading.setprofile(before[1])

    def test_nothing_to_watch_is_refused(self, toy):
        component = Component("work", switch=lambda: activated(toy))
        with (
            pytest.raises(SwitchError, match=r"'work'.*accelerated=.*native_calls="),
            proving_switch(component),
        ):
            pass


class TestCounted:
    def count(self, implementation, use):
        calls = []
        result = use(counted(implementation, lambda: calls.append(1)))
        return len(calls), result

    def test_a_class_stays_a_class(self):
        class Codec:
            def __init__(self, level):
                self.level = level

        calls, made = self.count(Codec, lambda cls: cls(3))
        assert (calls, made.level) == (1, 3)
        assert isinstance(made, Codec)

    def test_a_class_made_by_new_alone(self):
        class Point(NamedTuple):
            x: int

        class Level(int):
            def __new__(cls, text):
                return super().__new__(cls, text)

        assert self.count(Point, lambda cls: cls(3)) == (1, (3,))
        assert self.count(Level, lambda cls: cls("3")) == (1, 3)

    def test_a_class_that_takes_no_arguments_still_refuses_them(self):
        class Bare:
            pass

        with pytest.raises(TypeError):
            counted(Bare, lambda: None)(1)

    def test_a_class_that_cannot_be_subclassed_is_refused(self):
        with pytest.raises(SwitchError, match=r"bool.*native_calls="):
            counted(bool, lambda: None)

    def test_a_function_keeps_its_name_and_words(self):
        def encode(x):
            """Its words."""

        wrapped = counted(encode, lambda: None)
        assert (wrapped.__name__, wrapped.__doc__) == ("encode", "Its words.")


def test_native_calls_are_counted_from_the_mark():
    served = iter([10, 12, 15])
    native = NativeCalls(lambda: next(served))
    native.mark()
    assert native.since_mark() == 3
