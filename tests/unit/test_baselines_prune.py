"""Entries that no test uses are dropped; those that are missing are told; a partial run drops nothing."""

from __future__ import annotations

import data_makers as make
import pytest

from pytest_fastllm.baselines import PORTABLE, Baselines, RowName, propose, prune
from pytest_fastllm.errors import UsageError
from pytest_fastllm.model import Metric, Verdict

NAME = make.NAME
OTHER = RowName("tc/large", Metric.SPEEDUP)


def two_entries():
    rows = (
        make.row(environment="m1"),
        make.row(environment="m2"),
        make.row(workload="large", environment="m2"),
    )
    return propose(Baselines(), [make.run(*rows)]).baselines


def test_unused_entries_are_dropped_in_every_environment():
    pruned = prune(two_entries(), [make.run(make.row())])
    assert pruned.unused == (("any", OTHER), ("m2", OTHER))
    left = {name: list(each.entries) for name, each in pruned.baselines.environments.items()}
    assert left == {PORTABLE: [NAME], "m1": [NAME], "m2": [NAME]}
    assert pruned.missing == ()


def test_an_environment_without_entries_goes_too():
    pruned = prune(make.stored(1.0, 2.0), [make.run(make.row(workload="large"))])
    assert pruned.baselines == Baselines()


def test_another_metric_is_another_entry():
    memory = make.row(metric=Metric.MEMORY_RATIO)
    pruned = prune(make.stored(1.0, 2.0), [make.run(memory)])
    assert pruned.unused == (("m1", NAME),)
    assert pruned.missing == (("m1", RowName("tc/small", Metric.MEMORY_RATIO)),)


def test_of_what_could_not_be_measured_every_entry_stays():
    stored = propose(Baselines(), [make.run(make.row(), make.row(metric=Metric.MEMORY_RATIO))]).baselines
    row = make.row(verdict=Verdict.UNAVAILABLE, interval=None)
    assert prune(stored, [make.run(row)]).unused == ()
    assert prune(stored, [make.run(make.row())]).unused != ()


def test_a_portable_entry_is_enough_not_to_be_missing():
    portable = make.stored(1.0, None, environment=PORTABLE)
    assert prune(portable, [make.run(make.row(environment="m9"))]).missing == ()


def test_several_runs_use_together():
    runs = [make.run(make.row()), make.run(make.row(workload="large"), created="2026-11-23T00:00:00Z")]
    assert prune(two_entries(), runs).unused == ()


def test_a_run_that_left_tests_out_proves_nothing():
    with pytest.raises(
        UsageError, match=r"expected all 3 comparisons that were collected, found 1; .* without -k"
    ):
        prune(Baselines(), [make.run(make.row(), comparisons=3)])


def test_two_rows_of_one_test_do_not_stand_for_a_second_test():
    rows = (make.row(), make.row(metric=Metric.MEMORY_RATIO))
    with pytest.raises(UsageError, match="found 1"):
        prune(Baselines(), [make.run(*rows, comparisons=2)])
    assert len(prune(Baselines(), [make.run(*rows, comparisons=1)]).missing) == 2
