"""Where a sweep crosses 1, with an interval; never a crossing that the rows do not show."""

from __future__ import annotations

from math import exp
from random import Random

import pytest

from pytest_fastllm.model import Interval
from pytest_fastllm.stats.breakeven import BreakEven, Winning, break_even


def interval(estimate: float, spread: float = 1.05) -> Interval:
    return Interval(estimate, estimate / spread, estimate * spread, 0.01)


def sweep(*estimates: float, start: float = 1.0) -> list[tuple[float, Interval]]:
    return [(start * 10**i, interval(estimate)) for i, estimate in enumerate(estimates)]


def test_crossing_is_interpolated_in_log_log():
    found = break_even(sweep(0.5, 2.0))
    assert found.winning is Winning.FROM
    assert found.at == pytest.approx(10**0.5)
    assert found.low < found.at < found.high


def test_falling_speedup_wins_until():
    found = break_even(sweep(2.0, 0.5))
    assert found.winning is Winning.UNTIL
    assert found.at == pytest.approx(10**0.5)
    assert found.low < found.at < found.high


def test_one_sided_sweeps():
    assert break_even(sweep(2.0, 3.0)) == BreakEven(Winning.ALWAYS)
    assert break_even(sweep(0.4, 0.5)) == BreakEven(Winning.NEVER)


def test_order_of_rows_does_not_matter():
    assert break_even(sweep(0.5, 0.8, 2.0)[::-1]) == break_even(sweep(0.5, 0.8, 2.0))


def test_two_changes_are_no_break_even():
    assert break_even(sweep(0.5, 2.0, 0.5)) == BreakEven(Winning.UNCLEAR)


def test_undecided_rows_widen_the_interval():
    clear = break_even(sweep(0.2, 0.5, 2.0, 5.0))
    vague = break_even(sweep(0.2, 0.98, 1.02, 5.0))
    assert vague.winning is Winning.FROM
    assert vague.low < 10 < vague.at < 100 < vague.high
    assert vague.high / vague.low > clear.high / clear.low


@pytest.mark.parametrize(
    ("estimates", "winning"),
    [
        ((1.01, 3.0), Winning.FROM),
        ((3.0, 1.01), Winning.UNTIL),
        ((1.01, 0.3), Winning.UNTIL),
        ((0.3, 1.01), Winning.FROM),
    ],
)
def test_a_crossing_at_the_edge_has_an_open_end(estimates, winning):
    found = break_even(sweep(*estimates))
    assert found.winning is winning
    assert (found.low is None) != (found.high is None)


@pytest.mark.parametrize("estimates", [(1.01, 0.99), (1.01, 2.0, 1.01), (2.0, 1.01, 2.0), (1.0,)])
def test_what_the_rows_do_not_show_is_unclear(estimates):
    assert break_even(sweep(*estimates)).winning is Winning.UNCLEAR


def test_a_parameter_of_zero_is_interpolated_linearly():
    found = break_even([(0.0, interval(0.5)), (10.0, interval(2.0))])
    assert found.at == pytest.approx(5.0)


def test_an_estimate_of_exactly_one_is_a_crossing():
    assert break_even(sweep(0.5, 1.0, 2.0)).at == pytest.approx(10.0)


def test_a_flat_estimate_reports_the_middle():
    assert (
        break_even([(0, interval(0.5)), (1, interval(1.0)), (2, interval(1.0)), (3, interval(2.0))]).at == 1.5
    )


def test_coverage_of_the_crossing():
    """True crossing at 100; rows with 5 % noise and their own 99 % intervals."""
    missed = 0
    for seed in range(500):
        random = Random(seed)
        rows = []
        for exponent in range(5):
            estimate = 10 ** ((exponent - 2) * 0.3) * exp(random.gauss(0, 0.05))
            rows.append((10.0**exponent, interval(estimate, exp(2.576 * 0.05))))
        found = break_even(rows)
        assert found.winning is Winning.FROM
        missed += not found.low <= 100 <= found.high
    assert missed <= 0.02 * 500


def test_impossible_sweeps_are_refused():
    with pytest.raises(ValueError, match="at least one"):
        break_even([])
    with pytest.raises(ValueError, match="once"):
        break_even([(1.0, interval(2.0)), (1.0, interval(3.0))])
