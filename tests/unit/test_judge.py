"""The verdict: exact at every bound, the same whenever it is repeated."""

from __future__ import annotations

import math
from dataclasses import replace

import data_makers as make
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_fastllm.baselines import PORTABLE, Baselines, propose
from pytest_fastllm.explain import explain
from pytest_fastllm.judge import applied_bound, judge, rejudge
from pytest_fastllm.model import AppliedBound, Bound, Interval, Metric, Verdict

W, B, A, I, U = (  # noqa: E741 - the columns below are read at a glance
    Verdict.WITHIN,
    Verdict.BELOW,
    Verdict.ABOVE,
    Verdict.INCONCLUSIVE,
    Verdict.UNJUDGED,
)


def up(x):
    return math.nextafter(x, math.inf)


def down(x):
    return math.nextafter(x, -math.inf)


def at_the_end(interval, corrected, bound=(2.0, 3.0)):
    estimate = (interval[0] + interval[1]) / 2
    return judge(
        Interval(estimate, *interval, 0.01),
        corrected and Interval(estimate, *corrected, 0.001),
        bound and AppliedBound(Bound(*bound), "m1"),
        final=True,
    )


@pytest.mark.parametrize(
    ("interval", "corrected", "verdict"),
    [
        ((2.0, 3.0), (1.9, 3.1), W),
        ((down(2.0), 3.0), (1.9, 3.1), I),
        ((2.0, up(3.0)), (1.9, 3.1), I),
        ((1.8, 1.9), (1.7, down(2.0)), B),
        ((1.8, 1.9), (1.7, 2.0), I),
        ((1.8, 1.9), (1.7, up(2.0)), I),
        ((3.1, 3.2), (up(3.0), 3.3), A),
        ((3.1, 3.2), (3.0, 3.3), I),
        ((3.1, 3.2), (down(3.0), 3.3), I),
        ((1.0, 4.0), (0.5, 5.0), I),
        ((2.0, 2.0), (2.0, 2.0), W),
        ((1.8, 1.9), None, I),
        ((2.1, 2.2), None, W),
    ],
)
def test_verdicts_at_a_bound_and_one_step_off(interval, corrected, verdict):
    assert at_the_end(interval, corrected) is verdict


@pytest.mark.parametrize(
    ("bound", "interval", "verdict"),
    [
        ((2.0, None), (1e9, 2e9), W),
        ((2.0, None), (1.0, 1.1), B),
        ((None, 3.0), (1e-9, 2e-9), W),
        ((None, 3.0), (3.1, 3.2), A),
        ((None, None), (1e-9, 1e9), W),
        ((2.0, 2.0), (2.0, 2.0), W),
        (None, (1.0, 1.1), U),
    ],
)
def test_open_ends_and_no_bound(bound, interval, verdict):
    assert at_the_end(interval, interval, bound) is verdict


def test_an_endless_interval_is_never_decided():
    assert at_the_end((0.0, math.inf), (0.0, math.inf)) is I
    assert at_the_end((0.0, math.inf), (0.0, math.inf), (None, None)) is W
    assert at_the_end((math.nan, math.nan), (math.nan, math.nan)) is I


@make.untimed
@given(make.intervals(), make.intervals(), st.none() | st.builds(AppliedBound, make.bounds(), st.just("m1")))
def test_before_the_end_only_the_undecided_differ(interval, corrected, bound):
    early, late = (judge(interval, corrected, bound, final=final) for final in (False, True))
    assert early is (None if late in (I, U) else late)


@make.untimed
@given(make.intervals(), make.bounds(), st.floats(1.0, 3.0))
def test_a_wider_corrected_interval_never_contradicts_within(interval, bound, factor):
    corrected = replace(interval, low=interval.low / factor, high=interval.high * factor)
    verdict = judge(interval, corrected, AppliedBound(bound, "m1"), final=True)
    assert (verdict is W) == bound.holds(interval.low, interval.high)


# Which bound applies.


def test_the_own_environment_comes_before_the_portable_entry():
    both = make.stored(1.0, 2.0)
    both = replace(
        both, environments={**both.environments, **make.stored(0.1, None, environment=PORTABLE).environments}
    )
    assert applied_bound(both, "m1", "tc/small", Metric.SPEEDUP) == AppliedBound(Bound(1.0, 2.0), "m1")
    assert applied_bound(both, "m2", "tc/small", Metric.SPEEDUP) == AppliedBound(Bound(0.1, None), PORTABLE)
    assert applied_bound(both, "m1", "tc/large", Metric.SPEEDUP) is None
    assert applied_bound(both, "m1", "tc/small", Metric.MEMORY_RATIO) is None


def test_bounds_of_one_environment_never_serve_another():
    assert applied_bound(make.stored(1.0, 2.0), "m2", "tc/small", Metric.SPEEDUP) is None


# Judging again.


@make.untimed
@given(make.rows(), make.baselines)
def test_judging_again_is_judging_and_changes_nothing_measured(row, baselines):
    once = rejudge(row, baselines)
    assert rejudge(once, baselines) == once
    assert replace(once, bound=row.bound, verdict=row.verdict, message=row.message) == row


@pytest.mark.parametrize("verdict", [Verdict.MISMATCH, Verdict.ERROR, Verdict.UNAVAILABLE])
def test_what_was_not_measured_keeps_its_verdict_and_message(verdict):
    row = make.row(verdict=verdict, message="why")
    assert rejudge(row, make.stored(5.0, 6.0)) == row


@pytest.mark.parametrize("warning", ["process-dependent", "process-dependent: 2 of 3"])
def test_what_fresh_interpreters_did_not_confirm_stays_unconfirmed(warning):
    row = make.row(2.0, warnings=("coarse-clock", warning))
    assert rejudge(row, make.stored(5.0, 6.0)).verdict is I
    assert rejudge(row, make.stored(1.0, 6.0)).verdict is W
    assert rejudge(replace(row, warnings=("coarse-clock",)), make.stored(5.0, 6.0)).verdict is B


def test_without_a_bound_a_row_is_unjudged():
    judged = rejudge(make.row(verdict=W, bound=AppliedBound(Bound(1.0, 3.0), "m1")), Baselines())
    assert (judged.verdict, judged.bound) == (U, None)


# The words.


def message(row, baselines):
    judged = rejudge(row, baselines)
    return judged.verdict, judged.message


def test_a_failure_says_bound_then_value_then_both_sides_then_flag():
    verdict, text = message(make.row(2.0, half=0.01), make.stored(5.0, 6.0))
    assert verdict is B
    assert text == (
        "bound 5 to 6 (environment m1), measured speedup 2 (1.98 to 2.02) in 1 process; "
        "reference 20.0 µs, accelerated 10.0 µs; find out which side moved, then mend it or accept it with "
        "pytest --fastllm-compare --fastllm-update --fastllm-update-only=fix"
    )


def test_too_good_is_met_with_suspicion():
    verdict, text = message(make.row(9.0, processes=3), make.stored(1.0, 6.0, environment=PORTABLE))
    assert verdict is A
    assert text.startswith(
        "bound 1 to 6 (every environment), measured speedup 9 (8.91 to 9.09) in 3 processes; "
    )
    assert "too good is often a broken workload" in text
    assert text.endswith("--fastllm-update-only=fix")


def test_undecided_says_why():
    _, straddles = message(make.row(5.0), make.stored(5.0, 6.0))
    assert "straddles the bound; give it more time with --fastllm-max-seconds" in straddles
    _, unconfirmed = message(make.row(2.0, warnings=("process-dependent",)), make.stored(5.0, 6.0))
    assert "fresh interpreters did not confirm it" in unconfirmed


@pytest.mark.parametrize(
    ("changes", "remedy", "no_remedy"),
    [
        ({"stopped": "time"}, "--fastllm-max-seconds", "iterations"),
        ({"stopped": "run-time"}, "--fastllm-max-run-seconds", "--fastllm-max-seconds"),
        ({"stopped": "iterations"}, "--fastllm-iterations", "max-seconds"),
        ({"stopped": "processes", "processes": 3}, "more than 3 interpreters", "max-seconds"),
        ({"metric": Metric.MEMORY_RATIO, "stopped": "bytes per key"}, "=fix", "max-seconds"),
        (
            {"metric": Metric.MEMORY_RATIO, "stopped": "bytes per key", "processes": 5},
            "=fix",
            "--fastllm-processes",
        ),
    ],
)
def test_a_remedy_is_one_that_helps_this_row(changes, remedy, no_remedy):
    bound = AppliedBound(Bound(5.0, 6.0), "m1")
    text = explain(make.row(5.0, verdict=I, bound=bound, **changes))
    assert "straddles the bound; " in text
    assert remedy in text
    assert no_remedy not in text


def test_unjudged_says_how_to_store_a_bound():
    _, text = message(make.row(2.0, metric=Metric.MEMORY_RATIO), Baselines())
    assert text.startswith("no bound applies here; measured memory ratio 2 (1.98 to 2.02)")
    assert text.endswith("--fastllm-update-only=create")


def test_within_needs_no_words_unless_it_improved():
    old = propose(Baselines(), [make.run(make.row(2.0))]).baselines
    assert message(make.row(2.05), old) == (W, None)
    verdict, text = message(make.row(2.6), old)
    assert verdict is W
    assert text.endswith(
        "the bound is looser than needed: "
        "pytest --fastllm-compare --fastllm-update --fastllm-update-only=trim"
    )


def test_the_note_on_trimming_is_true():
    old = propose(Baselines(), [make.run(make.row(2.0))]).baselines
    for estimate in (1.95, 2.0, 2.1, 2.15, 2.2, 2.3, 2.6):
        row = make.row(estimate)
        trimmed = propose(old, [make.run(row)], modes={"trim"}, portable=False).baselines
        assert (message(row, old)[1] is not None) == (trimmed != old)


def test_a_portable_bound_is_wide_on_purpose():
    assert message(make.row(9.0), make.stored(1.0, None, environment=PORTABLE)) == (W, None)
