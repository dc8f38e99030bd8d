"""Numbers as people read them."""

from __future__ import annotations

import math

import pytest

from pytest_fastllm import quantities
from pytest_fastllm.model import Bound, Interval, SideValue


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1, "1.00"),
        (27.14, "27.1"),
        (0.03456, "0.0346"),
        (123456, "123456"),
        (12345678, "1.23e+07"),
        (0.0000123, "1.23e-05"),
        (-2.5, "-2.50"),
        (math.inf, "inf"),
    ],
)
def test_three_significant_digits(value, text):
    assert quantities.significant(value) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1.5, "s", "1.50 s"),
        (0.0421, "s", "42.1 ms"),
        (4.2e-5, "s", "42.0 µs"),
        (1.55e-7, "s", "155 ns"),
        (3e-10, "s", "0.300 ns"),
        (96, "B", "96.0 B"),
        (2048, "B", "2.00 KiB"),
        (3 * 2**20, "B", "3.00 MiB"),
        (0.5, "B", "0.500 B"),
    ],
)
def test_a_side_in_the_unit_that_suits(value, unit, text):
    assert quantities.side_value(SideValue(value, unit)) == text


def test_what_was_not_measured():
    assert quantities.side_value(None) == "–"
    assert quantities.ratio_with_interval(None) == "–"


def test_a_narrow_interval_is_seen():
    assert quantities.ratio_with_interval(Interval(27.1, 26.4, 27.9, 0.01)) == "27.1× [26.4, 27.9]"
    assert quantities.ratio_with_interval(Interval(1.0, 0.9996, 1.0004, 0.01)) == "1.0000× [0.99960, 1.0004]"


@pytest.mark.parametrize(
    ("bound", "source", "text"),
    [
        (Bound(20.0, 40.0), "here", "20.0 … 40.0"),
        (Bound(20.0, None), "any", "20.0 … (any)"),
        (Bound(None, 0.6), "here", "… 0.600"),
    ],
)
def test_a_bound(bound, source, text):
    assert quantities.bound(bound, source) == text
