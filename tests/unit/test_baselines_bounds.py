"""How far a bound lies from what was measured."""

from __future__ import annotations

import math

import data_makers as make
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_fastllm.baselines.bounds import (
    ASSUMED_BETWEEN_SD,
    combine,
    looser_than_needed,
    rounded_down,
    rounded_up,
    tighter,
    why_unusable,
)
from pytest_fastllm.model import Bound, Interval, Verdict


def test_a_quiet_row_gets_five_percent_and_a_sanity_end():
    measured = combine([make.row(2.0, half=0.001, between_sd=0.001, processes=5)])
    assert measured.margin == 0.05
    assert measured.bound == Bound(1.902, 3.0)  # 2 e^-0.05 = 1.9025, cut down to four digits


def test_a_loss_is_treated_like_a_win():
    assert combine([make.row(0.5, half=0.001, between_sd=0.0, processes=5)]).bound == Bound(0.4756, 0.75)


def test_the_margin_grows_with_the_spread_between_processes():
    measured = combine([make.row(2.0, half=0.0, between_sd=0.03, processes=4)])
    assert measured.margin == pytest.approx(3 * 0.03 * math.sqrt(1.25))


def test_one_process_cannot_know_its_spread():
    measured = combine([make.row(2.0, half=0.0, between_sd=None, processes=1)])
    assert measured.margin == pytest.approx(3 * ASSUMED_BETWEEN_SD * math.sqrt(2))


def test_the_margin_leaves_room_for_the_interval_itself():
    narrow = combine([make.row(2.0, half=0.0, between_sd=0.03, processes=4)]).margin
    wide = combine([make.row(2.0, half=0.1, between_sd=0.03, processes=4)]).margin
    assert wide == pytest.approx(narrow - math.log(0.9))


def test_several_runs_speak_together():
    measured = combine([make.row(2.0, half=0.01, processes=2), make.row(4.5, half=0.01, processes=3)])
    assert measured.interval == Interval(pytest.approx(3.0), 2.0 * 0.99, 4.5 * 1.01, 0.01)
    assert measured.processes == 5
    assert measured.between_sd == pytest.approx(math.log(4.5 / 2.0) / math.sqrt(2))


def test_the_larger_of_reported_and_seen_spread_counts():
    rows = [make.row(2.0, between_sd=0.2), make.row(2.0, between_sd=0.1)]
    assert combine(rows).between_sd == 0.2


@make.untimed
@given(st.lists(make.intervals(), min_size=1, max_size=4), st.none() | st.floats(0, 0.5))
def test_a_bound_holds_what_it_came_from(intervals, between_sd):
    rows = [make.row(interval=each, between_sd=between_sd) for each in intervals]
    measured = combine(rows)
    assert all(measured.bound.holds(each.low, each.high) for each in intervals)
    assert measured.margin >= 0.05
    assert measured.bound.low <= measured.interval.estimate * math.exp(-0.05)


@pytest.mark.parametrize("verdict", [Verdict.MISMATCH, Verdict.ERROR, Verdict.UNAVAILABLE])
def test_unmeasured_verdicts_give_no_bound(verdict):
    assert why_unusable(make.row(verdict=verdict)) == verdict.value


def test_unmeasured_and_endless_intervals_give_no_bound():
    assert why_unusable(make.row(interval=None)) == "not measured"
    assert "open end" in why_unusable(make.row(interval=Interval(2.0, 0.0, 3.0, 0.01)))
    assert "open end" in why_unusable(make.row(interval=Interval(2.0, 1.0, math.inf, 0.01)))
    assert why_unusable(make.row(verdict=Verdict.BELOW)) is None


@given(st.floats(1e-300, 1e300))
def test_bounds_are_rounded_outwards_to_four_digits(value):
    low, high = rounded_down(value), rounded_up(value)
    assert low <= value <= high
    assert (high - low) <= 1.0001e-3 * value
    assert float(f"{low:.4g}") == low
    assert float(f"{high:.4g}") == high


def test_rounding_has_ends():
    assert rounded_up(math.inf) is None
    assert rounded_up(1.797e308) == 1.797e308
    assert rounded_up(1.79769e308) is None
    assert rounded_down(0.0) is None


@pytest.mark.parametrize(
    ("old", "loose"),
    [
        (Bound(1.90, 3.0), False),
        (Bound(1.81, 3.0), False),  # 1.81 e^0.05 is above 1.90: within the noise
        (Bound(1.80, 3.0), True),
        (Bound(1.90, 3.15), False),
        (Bound(1.90, 3.16), True),
        (Bound(None, None), False),
    ],
)
def test_looser_means_by_more_than_the_noise_of_measuring_again(old, loose):
    assert looser_than_needed(old, Bound(1.90, 3.0), 0.05) is loose


def test_trimming_moves_ends_only_inwards_and_opens_or_closes_none():
    assert tighter(Bound(1.0, 5.0), Bound(1.5, 3.0), 2.0, 0.1) == Bound(1.5, 3.0)
    assert tighter(Bound(1.7, 2.5), Bound(1.5, 3.0), 2.0, 0.1) == Bound(1.7, 2.5)
    assert tighter(Bound(None, 5.0), Bound(1.5, None), 2.0, 0.1) == Bound(None, 5.0)


def test_trimming_does_not_keep_an_end_that_the_estimate_has_come_close_to():
    assert tighter(Bound(1.0, 2.1), Bound(1.8, 3.0), 2.0, 0.1) == Bound(1.8, 3.0)
    assert tighter(Bound(1.9, 9.0), Bound(1.7, 3.0), 2.0, 0.1) == Bound(1.7, 3.0)
