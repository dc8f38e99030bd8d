"""The timed loop calls exactly what it is given, as often as it is told."""

from __future__ import annotations

import asyncio

import pytest

from pytest_fastllm.timing.loops import time_awaits_ns, time_calls_ns

SHAPES = [
    ((), {}),
    ((1,), {}),
    ((1, 2, 3), {}),
    ((), {"a": 1}),
    ((1,), {"b": 2, "a": 1}),
    ((1,), {"class": 2, "not an identifier": 3}),
    # Names that the loop's own source uses.
    ((1,), {"f": 1, "clock": 2, "iterations": 3, "start": 4, "expected": 5, "a0": 6, "k0": 7, "kwargs": 8}),
]


class Recorder:
    def __init__(self, error=None):
        self.calls = []
        self.error = error

    def __call__(self, *args, **kwargs):
        self.calls.append((args, kwargs))
        if self.error is not None:
            raise self.error

    async def awaited(self, *args, **kwargs):
        self(*args, **kwargs)


@pytest.mark.parametrize(("args", "kwargs"), SHAPES)
@pytest.mark.parametrize("calls", [1, 7])
def test_calls(args, kwargs, calls):
    function = Recorder()
    assert time_calls_ns(function, args, kwargs, calls) > 0
    assert function.calls == [(args, kwargs)] * calls


@pytest.mark.parametrize(("args", "kwargs"), SHAPES)
def test_calls_whose_exceptions_are_the_point(args, kwargs):
    function = Recorder(KeyError("missing"))
    assert time_calls_ns(function, args, kwargs, 5, (KeyError, ValueError)) > 0
    assert function.calls == [(args, kwargs)] * 5


@pytest.mark.parametrize("raises", [(), (ValueError,)])
def test_another_exception_comes_through(raises):
    function = Recorder(KeyError("missing"))
    with pytest.raises(KeyError):
        time_calls_ns(function, (), {}, 5, raises)
    assert len(function.calls) == 1


@pytest.mark.parametrize(("args", "kwargs"), SHAPES)
def test_awaits(args, kwargs):
    function = Recorder()
    assert asyncio.run(time_awaits_ns(function.awaited, args, kwargs, 7)) > 0
    assert function.calls == [(args, kwargs)] * 7


def test_awaits_whose_exceptions_are_the_point():
    function = Recorder(KeyError("missing"))
    assert asyncio.run(time_awaits_ns(function.awaited, (1,), {"a": 2}, 7, (KeyError,))) > 0
    assert len(function.calls) == 7


def test_order_of_keywords_is_kept():
    orders = []
    for kwargs in ({"b": 1, "a": 2}, {"a": 2, "b": 1}):
        time_calls_ns(lambda **given: orders.append(list(given)), (), kwargs, 1)
    assert orders == [["b", "a"], ["a", "b"]]
