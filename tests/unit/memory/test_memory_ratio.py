from __future__ import annotations

import random
from math import exp, isfinite, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_fastllm.errors import UsageError, WorkloadError
from pytest_fastllm.memory.per_key import SideMemory
from pytest_fastllm.memory.ratio import (
    FIXED_RESOLUTION_BYTES,
    Compared,
    fixed_interval,
    memory_interval,
    memory_ratio,
)

ALPHA = 0.01


def side(*bytes_per_key, fixed=None, keys=1000, resolution=0.0):
    return SideMemory(bytes_per_key, fixed or (0.0,) * len(bytes_per_key), keys, 64, resolution)


def test_above_one_the_accelerated_side_needs_less():
    interval = memory_interval(side(1000, 1000), side(100, 100), ALPHA)
    assert (interval.estimate, interval.low, interval.high) == pytest.approx((10.0, 10.0, 10.0))
    assert interval.alpha == ALPHA


def test_repeats_that_agree_are_as_wide_as_their_readings():
    interval = memory_interval(side(1000, 1000, resolution=2.0), side(100, 100, resolution=1.0), ALPHA)
    assert interval.low == pytest.approx(10.0 / (1.002 * 1.01))
    assert interval.high == pytest.approx(10.0 * 1.002 * 1.01)


@pytest.mark.parametrize(("repeats", "other"), [(2, 2), (3, 5), (5, 5), (10, 2)])
def test_coverage_holds_for_few_repeats(repeats, other):
    # Known truth: logarithms with different scatter a side; 4,000 trials at nominal 99 %.
    rng = random.Random(17)
    truth, trials = log(3.0), 4000
    missed = 0
    for _ in range(trials):
        reference = side(*(exp(truth + rng.gauss(0, 0.01)) for _ in range(repeats)))
        accelerated = side(*(exp(rng.gauss(0, 0.03)) for _ in range(other)))
        interval = memory_interval(reference, accelerated, ALPHA)
        missed += not interval.low <= 3.0 <= interval.high
    assert missed / trials <= 0.015


def test_other_key_counts_are_not_compared():
    with pytest.raises(WorkloadError, match="found 1,000 for the reference and 2,000 for the accelerated"):
        memory_interval(side(1, 1), side(1, 1, keys=2000), ALPHA)


def test_one_repeat_has_no_interval():
    with pytest.raises(UsageError, match="at least 2 repeats a side, found 1"):
        memory_interval(side(1.0), side(1.0, 1.0), ALPHA)
    with pytest.raises(UsageError, match="at least 2 repeats a side, found 1"):
        fixed_interval(side(1.0), side(1.0, 1.0), ALPHA)


def test_a_side_without_growth_counts_as_what_its_readings_could_tell():
    ratio = memory_ratio(side(500, 500, resolution=1.0), side(0.0, -0.1, resolution=2.0), ALPHA)
    assert ratio.compared is Compared.BYTES_PER_KEY
    assert ratio.interval.estimate == pytest.approx(250.0)
    assert ratio.accelerated_bytes == pytest.approx(2.0)
    # The truth may lie twice as far: the interval says so.
    assert ratio.interval.high > 490


def test_fixed_costs_below_the_resolution_are_the_same():
    large = FIXED_RESOLUTION_BYTES * 100.0
    idle, other = side(0, 0, fixed=(-9e4, 4096.0)), side(0, 0, fixed=(3e4, 2e4))
    loads = side(0, 0, fixed=(large, large))
    assert memory_ratio(idle, other, ALPHA).same
    assert memory_ratio(idle, other, ALPHA).interval.estimate == 1.0
    assert memory_ratio(loads, loads, ALPHA).same
    assert not memory_ratio(loads, idle, ALPHA).same
    assert memory_ratio(loads, idle, ALPHA).compared is Compared.FIXED_BYTES
    assert fixed_interval(loads, idle, ALPHA).estimate == pytest.approx(100.0)


values = st.lists(st.floats(0.01, 1e9), min_size=2, max_size=8)
resolutions = st.floats(0, 100)


@given(values, values, resolutions, resolutions, st.floats(1e-6, 0.2))
def test_swapping_the_sides_inverts_the_interval(a, b, a_resolution, b_resolution, alpha):
    one, two = side(*a, resolution=a_resolution), side(*b, resolution=b_resolution)
    forth, back = memory_interval(one, two, alpha), memory_interval(two, one, alpha)
    assert forth.estimate == pytest.approx(1 / back.estimate)
    assert forth.low <= forth.estimate <= forth.high
    assert all(map(isfinite, (forth.low, forth.estimate, forth.high)))
    if forth.low > 1e-200 and forth.high < 1e200:
        assert forth.low == pytest.approx(1 / back.high)


@given(values, values, resolutions)
def test_a_smaller_alpha_is_never_narrower(a, b, resolution):
    one, two = side(*a, resolution=resolution), side(*b, resolution=resolution)
    wide, narrow = (memory_interval(one, two, alpha) for alpha in (0.0001, 0.05))
    assert wide.low <= narrow.low * (1 + 1e-12)
    assert wide.high >= narrow.high * (1 - 1e-12)
