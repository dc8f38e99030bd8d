"""What the machine did to both sides is told apart from what the workload did."""

from __future__ import annotations

from random import Random

import pytest

from benchmarks.simulated import independent, pairs
from pytest_fastllm.stats.contention import contention_reach
from pytest_fastllm.stats.disturbance import undisturbed
from pytest_fastllm.stats.interval import estimate_ratio
from pytest_fastllm.stats.series import PairSeries


def changed(
    series: PairSeries, span: range, reference: float, accelerated: float, gap_s: float
) -> PairSeries:
    """Both sides take longer in a stretch of pairs, and pairs start ``gap_s`` apart."""
    return PairSeries(
        [v * reference if i in span else v for i, v in enumerate(series.reference_s)],
        [v * accelerated if i in span else v for i, v in enumerate(series.accelerated_s)],
        [gap_s * i for i in range(len(series))],
        series.reference_first,
    )


def quiet(n: int = 400) -> PairSeries:
    random = Random(1)
    return pairs(random, independent(random, n), 3.0)


def test_a_quiet_row_is_all_usual():
    assert all(undisturbed(quiet()))


def test_a_stretch_in_which_both_sides_are_slower_has_no_influence():
    """As was seen: both sides half as slow again, the ratio 9 % lower meanwhile."""
    slow = changed(quiet(), range(100, 180), 1.47, 1.61, 5e-4)
    assert [i for i, usual in enumerate(undisturbed(slow)) if not usual] == list(range(100, 180))
    whole = estimate_ratio(quiet())
    spoilt = estimate_ratio(slow)
    assert spoilt.log_ratio == pytest.approx(whole.log_ratio, abs=0.003)
    assert spoilt.se < 1.5 * whole.se


def test_a_machine_that_slows_down_all_the_time_has_no_other_state():
    random = Random(2)
    assert all(undisturbed(pairs(random, independent(random, 400), 3.0, slowdown=1.0)))


def test_a_regression_of_one_side_in_half_of_the_row_is_not_rejected():
    half = changed(quiet(), range(200, 400), 1.0, 1.2, 5e-4)
    interval = estimate_ratio(half).interval(0.01)
    assert interval.low < 3.0 / 1.2
    assert interval.high > 3.0


def test_long_samples_beside_busy_processes_do_not_hide_the_true_ratio():
    """The reference always loses a slice and doubles, the accelerated side in one sample of eight."""
    random = Random(3)
    series = pairs(random, independent(random, 64), 6.0, sd=0.02)
    spoilt = PairSeries(
        [v * 2 for v in series.reference_s],
        [v * 7 if i % 8 == 0 else v for i, v in enumerate(series.accelerated_s)],
        [0.01 * i for i in range(64)],
        series.reference_first,
    )
    estimate = estimate_ratio(spoilt)
    assert estimate.reach[0] < -0.5
    interval = estimate.interval(0.01)
    assert interval.low < 6.0 < interval.high


def test_short_samples_and_agreeing_totals_have_no_reach():
    series = quiet()
    assert contention_reach(series, estimate_ratio(series).log_ratio) == (0.0, 0.0)
    slow = changed(series, range(0), 1.0, 1.0, 0.01)
    assert contention_reach(slow, estimate_ratio(slow).log_ratio) == (0.0, 0.0)
    random = Random(4)
    outliers = pairs(random, independent(random, 400), 3.0, outliers_reference=0.05)
    assert estimate_ratio(outliers).reach == (0.0, 0.0)


def test_fast_samples_show_what_most_samples_lost():
    """Most reference samples lose a slice and no accelerated one: the totals agree with the wrong ratio."""
    random = Random(5)
    series = pairs(random, independent(random, 40), 3.0, sd=0.02)
    spoilt = PairSeries(
        [v * 2.5 if i % 6 else v for i, v in enumerate(series.reference_s)],
        series.accelerated_s,
        [0.01 * i for i in range(40)],
        series.reference_first,
    )
    assert estimate_ratio(spoilt).interval(0.01).low < 3.05
