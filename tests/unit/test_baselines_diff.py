"""A line an entry, and why."""

from __future__ import annotations

from dataclasses import replace

import data_makers as make
from hypothesis import given

from pytest_fastllm.baselines import Baselines, diff, propose
from pytest_fastllm.model import Bound


def lines(old, row, **options):
    return diff(old, propose(old, [make.run(row)], **options).baselines)


def test_new_entries():
    assert lines(Baselines(), make.row(2.0)) == (
        "+ tc/small speedup in any: 1 to open (new: the worst measured 2, 1.98 to 2.02 over 1 environment(s))",
        "+ tc/small speedup in m1: 1.83 to 3 (new: measured 2, 1.98 to 2.02)",
    )


def test_violated_entries():
    assert lines(make.stored(5.0, 6.0), make.row(2.0), portable=False) == (
        "~ tc/small speedup in m1: 5 to 6 -> 1.83 to 3 (fixed, was violated: measured 2, 1.98 to 2.02)",
    )


def test_loose_entries():
    assert lines(make.stored(1.0, None), make.row(2.0), portable=False) == (
        "~ tc/small speedup in m1: 1 to open -> 1.83 to open "
        "(trimmed, was looser than needed: measured 2, 1.98 to 2.02)",
    )


def test_dropped_entries():
    assert diff(make.stored(1.0, 3.0), Baselines()) == ("- tc/small speedup in m1: 1 to 3 (dropped)",)


def test_a_record_that_changed_under_the_same_bound_is_shown_too():
    old = make.stored(1.0, 3.0)
    new = make.stored(1.0, 3.0, reason="again")
    assert diff(old, new) == ("~ tc/small speedup in m1: 1 to 3 as before (measured again: measured 2)",)


@make.untimed
@given(make.baselines)
def test_nothing_differs_from_itself(baselines):
    assert diff(baselines, baselines) == ()


@make.untimed
@given(make.baselines)
def test_every_entry_has_its_line(baselines):
    entries = sum(len(each.entries) for each in baselines.environments.values())
    for lines, mark in ((diff(Baselines(), baselines), "+"), (diff(baselines, Baselines()), "-")):
        assert len(lines) == entries
        assert {line[0] for line in lines} <= {mark}


def test_bounds_are_shown_whole():
    old = make.stored(1.0, 3.0)
    entry = replace(old.find("m1", make.NAME), bound=Bound(0.001234, 1234.0))
    assert "0.001234 to 1234" in diff(old, old.with_entry("m1", {}, make.NAME, entry))[0]
