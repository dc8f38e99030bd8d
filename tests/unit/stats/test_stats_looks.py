"""Looks are fixed in advance and never spend more than alpha."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_fastllm.stats.looks import MIN_PAIRS, MIN_PAIRS_FAST, LookPlan
from pytest_fastllm.stats.scatter import MIN_BLOCKS

PLANS = st.builds(LookPlan.for_pair, st.floats(1e-6, 10), st.floats(0.01, 60))


def spent(plan: LookPlan, alpha: float) -> float:
    return sum(plan.alpha_at(look, alpha) for look in range(1, 200))


@given(PLANS, st.sampled_from([0.01, 1e-3, 1e-5]))
def test_all_looks_together_spend_at_most_alpha(plan, alpha):
    assert 0.9 * alpha < spent(plan, alpha) <= alpha * (1 + 1e-12)


@given(PLANS)
def test_looks_grow_and_hold_both_orders_equally(plan):
    counts = [plan.pairs_at(look) for look in range(1, 12)]
    assert counts == sorted(set(counts))
    assert all(count % 2 == 0 for count in counts)


@given(st.floats(1e-6, 1e-3), st.floats(0.5, 60))
def test_fast_pairs_number_at_least_200(pair_s, seconds):
    assert LookPlan.for_pair(pair_s, seconds).pairs_at(1) >= MIN_PAIRS_FAST


@given(st.floats(1.01e-3, 5), st.floats(0.5, 60))
def test_slow_workloads_are_looked_at_by_25_pairs(pair_s, seconds):
    first = LookPlan.for_pair(pair_s, seconds).pairs_at(1)
    assert MIN_BLOCKS <= first == MIN_PAIRS <= 25


@given(st.floats(1e-5, 1e-3))
def test_fast_pairs_are_looked_at_by_a_fifth_of_a_second(pair_s):
    assert LookPlan.for_pair(pair_s, 5).pairs_at(1) * pair_s < 0.21


def test_a_moments_measurement_may_only_tell_the_obvious():
    plan = LookPlan.for_pair(2e-3, 5)
    assert plan.early > 0
    assert plan.alpha_at(1, 0.01) < 0.01 * plan.alpha_at(plan.early + 1, 1.0)


def test_a_fixed_number_of_pairs_is_one_look_with_all_of_alpha():
    plan = LookPlan.single(200)
    assert plan.pairs_at(1) == 200
    assert plan.alpha_at(1, 0.01) == 0.01
    assert plan.alpha_at(2, 0.01) == 0.0


def test_instant_pairs_still_have_a_plan():
    assert LookPlan.for_pair(0.0, 5).pairs_at(1) == MIN_PAIRS_FAST


@pytest.mark.parametrize("look", [0, -1])
def test_looks_count_from_one(look):
    with pytest.raises(ValueError, match="count from 1"):
        LookPlan().pairs_at(look)
    with pytest.raises(ValueError, match="count from 1"):
        LookPlan().alpha_at(look, 0.01)
