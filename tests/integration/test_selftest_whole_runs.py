"""The selftest's A/B trial is a run as a user's CI makes it: bounds from an update, judged by a fresh pytest."""

from __future__ import annotations

import json

import pytest

from pytest_fastllm.errors import UsageError
from pytest_fastllm.model import Verdict
from pytest_fastllm.selftest.trials import against_native
from pytest_fastllm.selftest.whole_runs import INTERPRETED_AGAINST_NATIVE, project


@pytest.fixture(scope="module")
def against():
    with project(INTERPRETED_AGAINST_NATIVE, "--fastllm-max-seconds=0.3") as made:
        yield made


def test_the_bounds_come_from_several_processes(against):
    environments = json.loads((against.folder / "baselines.json").read_text(encoding="utf-8"))["environments"]
    stored = [each["workloads"]["rows/ab"]["speedup"] for each in environments.values()]
    assert [each["processes"] for each in stored] == [5] * len(stored)


def test_a_trial_says_what_the_row_said(against):
    trial = against_native(against).compare(0)
    assert trial.verdict in (Verdict.WITHIN, Verdict.INCONCLUSIVE)
    assert trial.estimate > 1
    assert trial.pairs >= 24


def test_settings_of_the_shell_do_not_reach_it(against, monkeypatch):
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")
    assert [row.workload for row in against.judge()] == ["ab"]


def test_a_pytest_that_breaks_is_told_with_its_output():
    with (
        pytest.raises(UsageError, match=r"(?s)ended with 2.*no_such_module"),
        project("import no_such_module\n"),
    ):
        pass
