"""The product's words as data."""

from __future__ import annotations

import dataclasses

import pytest

from pytest_fastllm.model import Bound, Interval, Metric, Row, Verdict

FAILING = {Verdict.BELOW, Verdict.ABOVE, Verdict.MISMATCH, Verdict.ERROR}


@pytest.mark.parametrize("verdict", list(Verdict))
def test_which_verdicts_fail(verdict):
    assert verdict.fails == (verdict in FAILING)
    assert verdict.fails_under_strict == (verdict is not Verdict.WITHIN)


@pytest.mark.parametrize(
    ("low", "high", "inside"),
    [
        (1.0, 2.0, True),
        (1.5, 1.6, True),
        (0.9, 1.5, False),
        (1.5, 2.1, False),
        (0.5, 3.0, False),
    ],
)
def test_a_bound_holds_the_whole_interval_or_not(low, high, inside):
    assert Bound(1.0, 2.0).holds(low, high) is inside


def test_an_open_end_holds_everything_on_its_side():
    assert Bound(None, 2.0).holds(0.0, 2.0)
    assert Bound(1.0, None).holds(1.0, float("inf"))
    assert not Bound(1.0, None).holds(0.99, 5.0)


def test_the_half_width_is_relative():
    assert Interval(2.0, 1.9, 2.1, 0.01).half_width == pytest.approx(0.05)


def test_a_row_is_named_as_in_the_baselines_and_cannot_change():
    row = Row("codec", "small[gpt-4]", Metric.SPEEDUP, "t.py::t", "here", Verdict.WITHIN)
    assert row.key == "codec/small[gpt-4]"
    with pytest.raises(dataclasses.FrozenInstanceError):
        row.verdict = Verdict.BELOW
