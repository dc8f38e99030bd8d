"""The promises of the interval, as rates in simulations with known truth and fixed seeds."""

from __future__ import annotations

from functools import partial
from math import log
from random import Random

import pytest

from benchmarks.simulated import NOISES, autoregressive, head, independent, pairs
from pytest_fastllm.errors import WorkloadError
from pytest_fastllm.stats.interval import RESOLUTION, estimate_ratio, total_ratio
from pytest_fastllm.stats.looks import LookPlan
from pytest_fastllm.stats.series import PairSeries

ALPHA = 0.001
ADDED = {
    "5 % outliers on both sides": {"outliers_reference": 0.05, "outliers_accelerated": 0.05},
    "5 % outliers of the reference": {"outliers_reference": 0.05},
    "5 % outliers of the accelerated": {"outliers_accelerated": 0.05},
    "order effect of 3 %": {"order_effect": 0.03},
    "machine slows down twofold": {"slowdown": 1.0},
}
CASES = [(name, make, {}) for name, make in NOISES.items()]
CASES += [(name, independent, added) for name, added in ADDED.items()]
CASES += [("AR(1), ρ = 0.8, outliers", partial(autoregressive, rho=0.8), ADDED["5 % outliers on both sides"])]
IDS = [name for name, _, _ in CASES]


def missed(make, added, n: int, trials: int, truth: float = 3.0) -> int:
    count = 0
    for seed in range(trials):
        random = Random(seed)
        interval = estimate_ratio(pairs(random, make(random, n), truth, **added)).interval(ALPHA)
        count += not interval.low <= truth <= interval.high
    return count


@pytest.mark.parametrize(("name", "make", "added"), CASES, ids=IDS)
def test_coverage_of_200_pairs_is_at_least_99_7_percent(name, make, added):
    assert missed(make, added, 200, 1500) <= 4


@pytest.mark.parametrize(("name", "make", "added"), CASES, ids=IDS)
def test_coverage_of_a_slow_workloads_24_pairs_is_at_least_99_7_percent(name, make, added):
    assert missed(make, added, 24, 3000) <= 9


@pytest.mark.parametrize("rho", [0.0, 0.8])
def test_coverage_over_all_looks_is_at_least_99_7_percent(rho):
    """Wrong at any look counts as wrong: sampling may stop at the worst moment."""
    plan = LookPlan(first=200, planned=5)
    trials, wrong = 400, 0
    for seed in range(trials):
        random = Random(seed)
        series = pairs(random, autoregressive(random, plan.pairs_at(5), rho=rho), 3.0)
        for look in range(1, 6):
            interval = estimate_ratio(head(series, plan.pairs_at(look))).interval(plan.alpha_at(look, ALPHA))
            if not interval.low <= 3.0 <= interval.high:
                wrong += 1
                break
    assert wrong <= 0.003 * trials


def test_same_against_same_is_never_seen_outside_5_percent():
    """A/A: 0 of 400, at the error rate of one comparison."""
    for seed in range(400):
        random = Random(seed)
        interval = estimate_ratio(pairs(random, independent(random, 200), 1.0)).interval(0.01)
        assert interval.low < 1.05
        assert interval.high > 0.95


@pytest.mark.parametrize(
    ("planted", "bound", "n", "least"),
    [(1.05, 1.02, 450, 0.99), (1.02, 1.01, 1014, 0.99), (1.05, 1.02, 200, 0.5)],
)
def test_planted_slowdowns_are_seen(planted, bound, n, least):
    """Pairs that scatter by 2 %, which is more than idle machines were seen to do."""
    trials, seen = 200, 0
    for seed in range(trials):
        random = Random(seed)
        interval = estimate_ratio(pairs(random, independent(random, n), planted, sd=0.02)).interval(0.001)
        seen += interval.low > bound
    assert seen >= least * trials


@pytest.mark.parametrize(("alpha", "least"), [(1e-3, 1.0), (2e-5, 0.98)])
def test_a_clear_slow_workload_is_decided_by_24_pairs(alpha, least):
    """3× inside [1, 9], at the share of a look, of one row and of 50."""
    trials, decided = 500, 0
    for seed in range(trials):
        random = Random(seed)
        interval = estimate_ratio(pairs(random, independent(random, 24), 3.0)).interval(alpha)
        decided += interval.low > 1.0 and interval.high < 9.0
    assert decided >= least * trials


def test_swapping_the_sides_inverts_the_interval():
    random = Random(5)
    series = pairs(random, independent(random, 300), 3.0, outliers_reference=0.05)
    swapped = PairSeries(
        series.accelerated_s, series.reference_s, series.started_s, [not f for f in series.reference_first]
    )
    one, other = estimate_ratio(series).interval(0.01), estimate_ratio(swapped).interval(0.01)
    assert other.estimate == pytest.approx(1 / one.estimate)
    assert other.low == pytest.approx(1 / one.high)
    assert other.high == pytest.approx(1 / one.low)


def test_a_smaller_alpha_never_narrows():
    random = Random(6)
    estimate = estimate_ratio(pairs(random, independent(random, 100), 3.0))
    widths = [estimate.interval(alpha).half_width for alpha in (0.1, 0.01, 1e-3, 1e-5, 1e-9)]
    assert widths == sorted(widths)


def test_no_number_of_pairs_is_finer_than_the_method():
    series = PairSeries([3.0] * 500, [1.0] * 500, list(range(500)), [i % 2 == 0 for i in range(500)])
    estimate = estimate_ratio(series)
    assert estimate.se == 0.0
    for alpha in (0.01, 1e-9):
        assert estimate.interval(alpha).half_width == pytest.approx(RESOLUTION, rel=1e-3)


def test_ends_stay_finite_where_hardly_anything_is_known():
    series = PairSeries([1.0, 1e9, 1e-9, 5.0], [1.0] * 4, [0.0, 1.0, 2.0, 3.0], [True, False, False, True])
    interval = estimate_ratio(series).interval(1e-9)
    assert 0.0 < interval.low < interval.high < float("inf")


def test_too_few_pairs_are_refused():
    series = PairSeries([1.0] * 3, [1.0] * 3, [0.0] * 3, [True, False, True])
    with pytest.raises(WorkloadError, match="at least 4 pairs, got 3"):
        estimate_ratio(series)


def test_total_ratio_counts_outliers_in_full():
    series = PairSeries([1.0, 1.0, 10.0], [1.0, 1.0, 1.0], [0.0] * 3, [True] * 3)
    assert total_ratio(series) == 4.0


def test_estimate_is_of_typical_times_not_of_totals():
    random = Random(7)
    series = pairs(random, independent(random, 400), 3.0, outliers_reference=0.05)
    assert log(estimate_ratio(series).interval(0.01).estimate) == pytest.approx(log(3.0), abs=0.01)
    assert total_ratio(series) > 3.6
