"""A switch puts the chosen side in place, and leaves everything as it found it whatever happens."""

from __future__ import annotations

import contextlib
import itertools

import pytest
import toys

from pytest_fastllm.component import Component
from pytest_fastllm.errors import SwitchError
from pytest_fastllm.model import Side
from pytest_fastllm.toggle import switch as switches
from pytest_fastllm.toggle.switch import NoSwitch, switch_for

SOURCE = """
def work(x):
    return "python", x

class Codec:
    def method(self, x):
        return "python", type(self).__name__, x

    @staticmethod
    def static(x):
        return "python", x

    @classmethod
    def of_class(cls, x):
        return "python", cls.__name__, x

    @property
    def name(self):
        return "python"

    size = len

class Child(Codec):
    pass

codec = Codec()

def fast_work(x):
    return "rust", x

def fast_bound(x):
    return "rust", "Codec", x

def fast_method(self, x):
    return "rust", type(self).__name__, x

class Fast:
    @classmethod
    def of_class(cls, x):
        return "rust", cls.__name__, x

active = False

def entered(x):
    return ("rust" if active else "python"), x
"""


@pytest.fixture
def toy(monkeypatch):
    made = toys.module(monkeypatch, SOURCE)
    yield made
    assert not switches._untouched, "a place is still held as switched"
    assert not switches._shared, "a context is still held as switched"


@pytest.fixture
def context_component(toy):
    @contextlib.contextmanager
    def accelerated():
        assert not toy.active, "entered twice"
        toy.active = True
        try:
            yield
        finally:
            toy.active = False

    return Component("work", accelerated="toy:fast_work", switch=accelerated)


def patched(place, accelerated="toy:fast_work"):
    return Component("work", reference=place, accelerated=accelerated, patch=(place,))


WORK = patched("toy:work")

# Place, accelerated side, and a call of it through each way that callers take; the answer's first word is the side.
PLACES = [
    ("toy:work", "toy:fast_work", lambda toy: toy.work(1)),
    ("toy:Codec.method", "toy:fast_method", lambda toy: toy.Codec().method(1)),
    ("toy:Codec.method", "toy:fast_method", lambda toy: toy.Child().method(1)),
    ("toy:Child.method", "toy:fast_method", lambda toy: toy.Child().method(1)),
    ("toy:Codec.static", "toy:fast_work", lambda toy: toy.Codec.static(1)),
    ("toy:Codec.static", "toy:fast_work", lambda toy: toy.Codec().static(1)),
    ("toy:Child.static", "toy:fast_work", lambda toy: toy.Child().static(1)),
    ("toy:Codec.of_class", "toy:Fast.of_class", lambda toy: toy.Codec.of_class(1)),
    ("toy:Codec.of_class", "toy:Fast.of_class", lambda toy: toy.Child().of_class(1)),
    ("toy:Child.of_class", "toy:Fast.of_class", lambda toy: toy.Child.of_class(1)),
    ("toy:codec.method", "toy:fast_bound", lambda toy: toy.codec.method(1)),
]
IDS = [f"{place.partition(':')[2]}-{number}" for number, (place, _, _) in enumerate(PLACES)]


def stored_everywhere(toy):
    owners = (toy, toy.Codec, toy.Child, toy.codec)
    return [
        {name: value for name, value in vars(owner).items() if not name.startswith("__")} for owner in owners
    ]


def break_on_the_accelerated_side(component, error):
    with switch_for(component) as switch:
        switch.select(Side.ACCELERATED)
        raise error


@pytest.mark.parametrize(("place", "accelerated", "call"), PLACES, ids=IDS)
def test_either_side_answers_as_if_it_stood_there_itself(toy, place, accelerated, call):
    before, stored = call(toy), stored_everywhere(toy)
    with switch_for(patched(place, accelerated)) as switch:
        for _ in range(2):
            switch.select(Side.ACCELERATED)
            assert call(toy) == ("rust", *before[1:])
            switch.select(Side.REFERENCE)
            assert call(toy) == before
    assert call(toy) == before
    assert stored_everywhere(toy) == stored


@pytest.mark.parametrize(("place", "accelerated", "call"), PLACES, ids=IDS)
@pytest.mark.parametrize("error", [RuntimeError, AssertionError, KeyboardInterrupt])
def test_an_exception_puts_everything_back(toy, place, accelerated, call, error):
    before, stored = call(toy), stored_everywhere(toy)
    with pytest.raises(error):
        break_on_the_accelerated_side(patched(place, accelerated), error)
    assert call(toy) == before
    assert stored_everywhere(toy) == stored


@pytest.mark.parametrize(("place", "accelerated", "call"), PLACES, ids=IDS)
def test_off_inside_on_inside_off(toy, place, accelerated, call):
    component = patched(place, accelerated)
    stored = stored_everywhere(toy)
    sides = (Side.REFERENCE, Side.ACCELERATED, Side.REFERENCE)
    words = {Side.REFERENCE: "python", Side.ACCELERATED: "rust"}
    with contextlib.ExitStack() as stack:
        for side in sides:
            stack.enter_context(switch_for(component)).select(side)
            assert call(toy)[0] == words[side]
    assert stored_everywhere(toy) == stored


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_blocks_that_end_out_of_order_leave_nothing_behind(toy, context_component, order):
    for component, call in ((WORK, toy.__dict__.get), (context_component, toy.__dict__.get)):
        stored = stored_everywhere(toy)
        open_ones = []
        for side in (Side.ACCELERATED, Side.REFERENCE, Side.ACCELERATED):
            switch = switch_for(component)
            switch.__enter__()
            switch.select(side)
            open_ones.append(switch)
        for index in order:
            open_ones[index].__exit__(None, None, None)
        assert stored_everywhere(toy) == stored
        assert call("active") is False


def test_every_place_gets_the_side(toy):
    toy.alias = toy.work
    component = Component(
        "work", reference="toy:work", accelerated="toy:fast_work", patch=("toy:work", "toy:alias")
    )
    with switch_for(component) as switch:
        switch.select(Side.ACCELERATED)
        assert (toy.work(1), toy.alias(1)) == (("rust", 1), ("rust", 1))
    assert (toy.work(1), toy.alias(1)) == (("python", 1), ("python", 1))


def test_a_class_is_written_once_for_a_comparison_and_not_for_each_switch(toy):
    with switch_for(patched("toy:Codec.method", "toy:fast_method")) as switch:
        stored = vars(toy.Codec)["method"]
        for side in (Side.ACCELERATED, Side.REFERENCE, Side.ACCELERATED):
            switch.select(side)
            assert vars(toy.Codec)["method"] is stored
        assert switch.uses_dispatcher


def test_a_builtin_in_a_class_is_not_given_the_instance(toy):
    with switch_for(patched("toy:Codec.size", "builtins:repr")) as switch:
        assert toy.Codec().size([1, 2]) == 2
        switch.select(Side.ACCELERATED)
        assert toy.Codec().size([1, 2]) == "[1, 2]"
    assert vars(toy.Codec)["size"] is len


def test_a_lazy_attribute_is_lazy_again_afterwards(toy):
    def lazily(name):
        if name == "late":
            return lambda x: ("python", x)
        raise AttributeError(name)

    toy.__getattr__ = lazily
    with switch_for(patched("toy:late")) as switch:
        switch.select(Side.ACCELERATED)
        assert toy.late(1) == ("rust", 1)
        switch.select(Side.REFERENCE)
        assert toy.late(1) == ("python", 1)
    assert "late" not in vars(toy)


def test_a_property_is_refused_and_nothing_is_changed(toy):
    component = Component(
        "work",
        reference="toy:work",
        accelerated="toy:fast_work",
        patch=("toy:work", "toy:Codec.method", "toy:Codec.name"),
    )
    stored = stored_everywhere(toy)
    with pytest.raises(SwitchError, match=r"'toy:Codec\.name' is a property.*switch="), switch_for(component):
        pass
    assert stored_everywhere(toy) == stored


@pytest.mark.parametrize("missing", ["toy:absent", "absent_package:f"])
def test_a_missing_side_is_named_and_nothing_is_changed(toy, missing):
    stored = stored_everywhere(toy)
    with pytest.raises(SwitchError, match=missing), switch_for(patched("toy:work", missing)):
        pass
    assert stored_everywhere(toy) == stored


class TestContextManagers:
    def test_each_side_is_in_place_when_selected(self, toy, context_component):
        with switch_for(context_component) as switch:
            assert toy.entered(1) == ("python", 1)
            for _ in range(2):
                switch.select(Side.ACCELERATED)
                switch.select(Side.ACCELERATED)
                assert toy.entered(1) == ("rust", 1)
                switch.select(Side.REFERENCE)
                switch.select(Side.REFERENCE)
                assert toy.entered(1) == ("python", 1)
        assert toy.active is False

    def test_an_exception_leaves_the_context(self, toy, context_component):
        with pytest.raises(RuntimeError):
            break_on_the_accelerated_side(context_component, RuntimeError)
        assert toy.active is False

    def test_off_inside_on_is_off_and_on_comes_back(self, toy, context_component):
        with switch_for(context_component) as outer:
            outer.select(Side.ACCELERATED)
            with switch_for(context_component) as inner:
                inner.select(Side.REFERENCE)
                assert toy.entered(1) == ("python", 1)
            assert toy.entered(1) == ("rust", 1)
        assert toy.active is False

    def test_something_else_than_a_context_manager_is_refused(self, toy):
        component = Component("work", accelerated="toy:fast_work", switch=lambda: 3)
        with pytest.raises(SwitchError, match=r"'work'.*3.*context manager"), switch_for(component) as switch:
            switch.select(Side.ACCELERATED)

    def test_a_context_that_cannot_be_entered_names_the_component(self, toy):
        @contextlib.contextmanager
        def broken():
            raise ImportError("no native library")
            yield

        component = Component("work", accelerated="toy:fast_work", switch=broken)
        with (
            pytest.raises(SwitchError, match=r"'work'.*no native library"),
            switch_for(component) as switch,
        ):
            switch.select(Side.ACCELERATED)


def test_two_callables_side_by_side_need_nothing_in_place(toy):
    stored = stored_everywhere(toy)
    with NoSwitch() as switch:
        switch.select(Side.ACCELERATED)
        assert stored_everywhere(toy) == stored


class TestTogether:
    @pytest.fixture
    def parts(self, toy, context_component):
        patched = Component("patched", reference="toy:work", accelerated="toy:fast_work", patch=("toy:work",))
        return patched, context_component

    def test_all_parts_are_on_the_same_side(self, toy, parts):
        before = toy.work
        with switch_for(Component("all", together=parts)) as switch:
            for side, word in ((Side.ACCELERATED, "rust"), (Side.REFERENCE, "python")) * 2:
                switch.select(side)
                assert (toy.work(1)[0], toy.entered(1)[0]) == (word, word)
            switch.select(Side.ACCELERATED)
        assert toy.work is before
        assert not toy.active

    def test_a_part_that_steps_aside_stays_on_its_reference(self, toy, parts):
        absent = Component(
            "absent",
            reference="toy:work",
            accelerated="toy:fast_work",
            patch=("toy:work",),
            available=lambda: "not as known",
        )
        with switch_for(Component("all", together=(absent, parts[1]))) as switch:
            switch.select(Side.ACCELERATED)
            assert (toy.work(1)[0], toy.entered(1)[0]) == ("python", "rust")

    def test_the_dispatcher_of_a_part_is_the_groups(self, parts):
        method = Component(
            "method",
            reference="toy:Codec.method",
            accelerated="toy:fast_method",
            patch=("toy:Codec.method",),
        )
        for together, uses in ((parts, False), ((*parts, method), True)):
            with switch_for(Component("all", together=together)) as switch:
                assert switch.uses_dispatcher is uses

    def test_a_part_that_cannot_be_bound_leaves_the_others_as_they_were(self, toy, parts):
        before = toy.work
        broken = Component("broken", reference="toy:gone", accelerated="toy:fast_work", patch=("toy:work",))
        with pytest.raises(SwitchError), switch_for(Component("all", together=(*parts, broken))):
            pass
        assert toy.work is before
