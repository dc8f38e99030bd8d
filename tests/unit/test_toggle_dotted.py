"""Dotted names lead to an object, and to the place that callers look it up at."""

from __future__ import annotations

import pytest
import toys

from pytest_fastllm.errors import SwitchError
from pytest_fastllm.toggle.dotted import place, resolve


@pytest.fixture
def toy(monkeypatch):
    return toys.module(
        monkeypatch,
        """
        class Outer:
            class Inner:
                def method(self):
                    return "method"

        class Slotted:
            __slots__ = ("used",)
            def method(self):
                return "slotted"

        slotted = Slotted()

        def __getattr__(name):
            if name == "lazy":
                return "made when asked for"
            raise AttributeError(name)
        """,
    )


def test_a_name_may_go_through_nested_classes(toy):
    assert resolve("toy:Outer.Inner.method") is toy.Outer.Inner.method


def test_a_lazy_attribute_is_found_and_taken_away_again(toy):
    where = place("toy:lazy")
    before = where.read()
    where.write("another")
    assert toy.lazy == "another"
    where.write(before)
    assert "lazy" not in vars(toy)
    assert toy.lazy == "made when asked for"


@pytest.mark.parametrize(
    ("dotted", "missing"),
    [
        ("no_such_package.module:f", "no_such_package"),
        ("toy:absent", "absent"),
        ("toy:Outer.Absent.method", "Absent"),
        ("toy:Outer.Inner.absent", "absent"),
    ],
)
@pytest.mark.parametrize("find", [resolve, place])
def test_what_is_not_there_is_named_with_the_remedy(toy, find, dotted, missing):
    with pytest.raises(SwitchError, match=f"(?s){dotted}.*{missing}.*correct the name"):
        find(dotted)


@pytest.mark.parametrize("dotted", ["builtins:dict.get", "toy:slotted.method"])
def test_a_place_that_cannot_be_set_is_refused(toy, dotted):
    def replace():
        where = place(dotted)
        where.read()
        where.write(len)

    with pytest.raises(SwitchError, match=r"cannot be set.*switch="):
        replace()
