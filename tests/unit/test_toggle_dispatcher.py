"""A class gets one stable function, and what it calls can be chosen."""

from __future__ import annotations

import functools
import inspect

import pytest

from pytest_fastllm.errors import SwitchError
from pytest_fastllm.toggle.dispatcher import Dispatcher, dispatch_cost_s


def test_the_stored_function_stays_one_while_its_target_changes():
    def first(self, word):
        return "first", word

    dispatcher = Dispatcher("here", first)
    stored = dispatcher.stored
    assert stored(None, "x") == ("first", "x")
    dispatcher.choose(lambda self, word: ("second", word))
    assert dispatcher.stored is stored
    assert stored(None, word="x") == ("second", "x")


def test_it_looks_like_what_it_stands_for():
    def method(self, count: int = 1) -> int:
        """Its words."""

    stored = Dispatcher("here", method).stored
    assert (stored.__name__, stored.__doc__) == ("method", "Its words.")
    assert inspect.signature(stored) == inspect.signature(method)


@pytest.mark.parametrize("kind", [staticmethod, classmethod])
def test_the_kind_of_method_is_kept(kind):
    assert type(Dispatcher("here", kind(lambda *_: None)).stored) is kind


@pytest.mark.parametrize(
    "stored",
    [property(lambda _self: 1), functools.cached_property(lambda _self: 1), 3, functools.partialmethod(len)],
    ids=["property", "cached_property", "value", "partialmethod"],
)
def test_what_is_not_a_method_is_refused(stored):
    with pytest.raises(SwitchError, match=rf"'m:C.f'.*{type(stored).__name__}.*switch="):
        Dispatcher("m:C.f", stored)


def test_its_own_cost_is_known():
    assert 0 <= dispatch_cost_s(calls=100, rounds=2) < 1e-3
