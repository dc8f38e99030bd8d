"""What an update writes, and what it must leave alone."""

from __future__ import annotations

import data_makers as make
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_fastllm.baselines import (
    ALL_MODES,
    PORTABLE,
    Baselines,
    Mode,
    diff,
    dump_baselines,
    load_baselines,
    parse_modes,
    propose,
    update_file,
)
from pytest_fastllm.errors import DataError, UsageError
from pytest_fastllm.judge import rejudge
from pytest_fastllm.model import Bound, Interval, Metric, SideValue, Verdict

NAME = make.NAME


def updated(old, *runs, **options):
    return propose(old, runs, **options).baselines


def own(baselines, environment="m1"):
    return baselines.find(environment, NAME)


def portable(baselines):
    return baselines.find(PORTABLE, NAME)


# Update, then judge.


@make.untimed
@given(make.baselines, st.lists(make.runs(), min_size=1, max_size=3), st.booleans())
def test_an_update_followed_by_judging_the_same_results_is_within(old, runs, keep_portable):
    new = updated(old, *runs, portable=keep_portable)
    for row in (row for run in runs for row in run.rows):
        if row.interval is None or row.verdict in (Verdict.MISMATCH, Verdict.ERROR, Verdict.UNAVAILABLE):
            assert rejudge(row, new) == row
        else:
            assert rejudge(row, new).verdict is Verdict.WITHIN


@make.untimed
@given(
    make.bounds(),
    make.ratios,
    st.lists(
        st.builds(make.row, interval=make.intervals(), environment=st.sampled_from(("m1", "m2"))), min_size=1
    ),
)
def test_the_same_over_entries_that_are_there_already(tmp_path_factory, bound, estimate, rows):
    old = make.stored(bound.low, bound.high, estimate)
    old = old.with_entry(PORTABLE, {}, NAME, own(make.stored(bound.low, bound.high, estimate)))
    run = make.run(*rows)
    new = updated(old, run)
    assert {rejudge(row, new).verdict for row in rows} == {Verdict.WITHIN}
    only_portable = Baselines({PORTABLE: new.environments[PORTABLE]})
    assert {rejudge(row, only_portable).verdict for row in rows} == {Verdict.WITHIN}
    # And after a way through the file, and again: nothing is left to do.
    path = tmp_path_factory.mktemp("b") / "baselines.json"
    path.write_text(dump_baselines(new), encoding="utf-8")
    assert load_baselines(path) == new
    again = updated(new, run)
    assert {rejudge(row, again).verdict for row in rows} == {Verdict.WITHIN}


def test_updating_twice_with_the_same_results_changes_nothing():
    run = make.run(make.row(27.1), make.row(3.0, environment="m2"))
    new = updated(Baselines(), run)
    assert diff(new, updated(new, run)) == ()


# The record.


def test_a_new_entry_records_what_it_came_from():
    row = make.row(27.123456789, half=0.01, between_sd=0.0123456789, processes=5, calibration={"python": 1.5})
    entry = own(updated(Baselines(), make.run(row), reason="first light"))
    assert (entry.estimate, entry.first_estimate) == (27.1235, 27.1235)
    assert entry.interval == Interval(27.1235, 26.8522, 27.3947, 0.01)
    assert (entry.between_sd, entry.processes) == (0.0123457, 5)
    assert entry.reference == SideValue(0.000271235, "s")
    assert entry.accelerated == SideValue(1e-5, "s")
    assert entry.calibration == {"python": 1.5}
    assert entry.versions == {"p": "1.0"}
    assert (entry.date, entry.reason) == ("2026-11-22", "first light")


def test_an_environment_is_described():
    new = updated(Baselines(), make.run(make.row()))
    assert new.environments["m1"].description == {
        "cpu": "cpu of m1",
        "python": "CPython 3.11",
        "platform": "linux-x86_64",
        "libc": "glibc",
    }


def test_the_first_estimate_is_kept_for_ever():
    first = updated(Baselines(), make.run(make.row(10.0)))
    second = updated(first, make.run(make.row(20.0)))
    assert (own(second).estimate, own(second).first_estimate) == (20.0, 10.0)


def test_runs_of_one_environment_speak_together_and_the_latest_dates_them():
    late = make.run(make.row(4.5), created="2026-11-23T00:00:00Z")
    early = make.run(make.row(2.0), created="2026-11-20T00:00:00Z")
    entry = own(updated(Baselines(), late, early))
    assert (entry.estimate, entry.date) == (3.0, "2026-11-23")
    assert entry.reference == SideValue(3e-5, "s")
    assert entry.bound.holds(2.0 * 0.99, 4.5 * 1.01)


def test_speed_and_memory_are_kept_apart():
    memory = make.row(9.0, metric=Metric.MEMORY_RATIO)
    new = updated(Baselines(), make.run(make.row(2.0), memory))
    assert {name.metric: entry.estimate for name, entry in new.environments["m1"].entries.items()} == {
        Metric.SPEEDUP: 2.0,
        Metric.MEMORY_RATIO: 9.0,
    }


@pytest.mark.parametrize("verdict", [Verdict.MISMATCH, Verdict.ERROR, Verdict.UNAVAILABLE])
def test_what_was_not_measured_writes_nothing(verdict):
    proposal = propose(Baselines(), [make.run(make.row(verdict=verdict))])
    assert proposal.baselines == Baselines()
    assert proposal.skipped == (f"tc/small speedup: {verdict.value}, no bound written from it",)


# The modes.

TIGHT, OUTSIDE = make.row(4.0), make.row(9.0)
OLD = make.stored(1.88, 5.0)


@pytest.mark.parametrize(
    ("row", "mode"),
    [(OUTSIDE, Mode.FIX), (TIGHT, Mode.TRIM), (make.row(2.0, environment="m2"), Mode.CREATE)],
    ids=["violated", "loose", "missing"],
)
def test_each_mode_does_its_own_work_only(row, mode):
    run = make.run(row)
    assert updated(OLD, run, modes={mode}, portable=False) != OLD
    assert updated(OLD, run, modes=ALL_MODES - {mode}, portable=False) == OLD
    assert updated(OLD, run, modes=(), portable=False) == OLD


def test_modes_may_be_words():
    assert own(updated(OLD, make.run(OUTSIDE), modes={"fix"})).estimate == 9.0


def test_what_is_inside_and_tight_is_left_alone():
    old = make.stored(1.88, 3.1)
    assert updated(old, make.run(make.row(2.0)), portable=False) == old


def test_an_interval_that_straddles_is_a_violation():
    new = updated(OLD, make.run(make.row(1.9, half=0.02)), modes={Mode.FIX}, portable=False)
    assert own(new).estimate == 1.9


def test_noise_never_ratchets_a_bound_upwards():
    baselines = updated(Baselines(), make.run(make.row(2.0, half=0.005)))
    before = own(baselines).bound
    for estimate in (2.03, 2.06, 1.98, 2.09, 2.05):
        baselines = updated(baselines, make.run(make.row(estimate, half=0.005)))
    assert own(baselines).bound == before


def test_an_end_that_somebody_opened_stays_open():
    assert own(updated(make.stored(1.0, None), make.run(make.row(9.0)))).bound.high is None
    fixed = own(updated(make.stored(1.0, None), make.run(make.row(0.5))))
    assert fixed.bound.low < 0.5
    assert fixed.bound.high is None
    assert own(updated(make.stored(None, 3.0), make.run(make.row(9.0)))).bound.low is None


@pytest.mark.parametrize(
    ("text", "modes"),
    [("fix", {Mode.FIX}), (" create, trim ", {Mode.CREATE, Mode.TRIM}), ("create,fix,trim", ALL_MODES)],
)
def test_modes_are_parsed(text, modes):
    assert parse_modes(text) == modes


@pytest.mark.parametrize("text", ["", "all", "fix,", "Fix", "fix;trim"])
def test_other_modes_are_refused(text):
    with pytest.raises(UsageError, match="expected a comma-separated list of create, fix and trim, found "):
        parse_modes(text)


# The portable entry.


def test_the_portable_bound_is_half_the_worst_and_open_upwards():
    new = updated(Baselines(), make.run(make.row(8.0), make.row(6.0, environment="m2")))
    assert portable(new).bound == Bound(3.0, None)
    assert portable(new).environments == ("m1", "m2")
    assert portable(updated(Baselines(), make.run(make.row(0.4)))).bound == Bound(0.2, None)


def test_the_portable_bound_holds_even_the_noisiest_machine():
    noisy = make.row(8.0, half=0.9)
    assert portable(updated(Baselines(), make.run(noisy, make.row(7.9, environment="m2")))).bound.low <= 0.8


def test_it_can_be_left_alone():
    assert PORTABLE not in updated(Baselines(), make.run(make.row()), portable=False).environments


def test_one_machine_can_lower_it_but_not_raise_it_for_the_others():
    both = updated(Baselines(), make.run(make.row(8.0), make.row(6.0, environment="m2")))
    raised = updated(both, make.run(make.row(40.0)))
    assert portable(raised).bound == Bound(3.0, None)
    lowered = updated(both, make.run(make.row(1.0)))
    assert portable(lowered).bound == Bound(0.5, None)


def test_it_rises_when_its_worst_machine_does():
    both = updated(Baselines(), make.run(make.row(8.0), make.row(6.0, environment="m2")))
    raised = updated(both, make.run(make.row(12.0, environment="m2")))
    assert portable(raised).bound == Bound(4.0, None)


def test_a_machine_that_is_not_stored_any_more_still_counts():
    both = updated(Baselines(), make.run(make.row(8.0), make.row(6.0, environment="m2")))
    gone = Baselines({name: each for name, each in both.environments.items() if name != "m2"})
    assert portable(updated(gone, make.run(make.row(40.0)))).bound == Bound(3.0, None)


def test_a_hand_written_portable_entry_is_not_raised():
    assert portable(
        updated(make.stored(1.0, None, environment=PORTABLE), make.run(make.row(40.0)))
    ).bound == Bound(1.0, None)


# The file.


def test_the_file_is_written_once_and_not_touched_without_a_change(tmp_path):
    path = tmp_path / "baselines.json"
    first = update_file(path, [make.run(make.row())])
    assert [line[0] for line in first.changes] == ["+", "+"]
    before = (path.read_bytes(), path.stat().st_ino)
    assert update_file(path, [make.run(make.row())]).changes == ()
    assert (path.read_bytes(), path.stat().st_ino) == before


def test_a_dry_run_writes_nothing(tmp_path):
    assert update_file(tmp_path / "baselines.json", [make.run(make.row())], dry_run=True).changes
    assert list(tmp_path.iterdir()) == []


def test_a_broken_file_is_not_overwritten(tmp_path):
    path = tmp_path / "baselines.json"
    path.write_text('{"schema": 1, "environments": {')
    with pytest.raises(DataError, match=r"baselines\.json: expected JSON"):
        update_file(path, [make.run(make.row())])
    assert path.read_text() == '{"schema": 1, "environments": {'
