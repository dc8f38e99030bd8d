"""The selftest: known truths, exact limits, never a bare 0."""

from __future__ import annotations

import subprocess
import time
from contextlib import nullcontext

import pytest

from pytest_fastllm.cli import main
from pytest_fastllm.errors import UsageError
from pytest_fastllm.model import Verdict
from pytest_fastllm.selftest import kernels, load, run, trials, whole_runs
from pytest_fastllm.selftest.load import busy_processes
from pytest_fastllm.selftest.run import Tally, smallest_visible, tally
from pytest_fastllm.selftest.trials import FAILED, Case, Trial

W, B, I = Verdict.WITHIN, Verdict.BELOW, Verdict.INCONCLUSIVE  # noqa: E741


def trial(verdict):
    return Trial(verdict, 1.0, 0.25, 200)


def planted(percent, *verdicts):
    case = Case(f"planted {percent} %", trial, seen=frozenset({B}), percent=percent)
    return Tally(case, tuple(map(trial, verdicts)))


def test_no_false_alarm_is_told_with_its_exact_limit():
    told = Tally(Case("A/A", trial, wrong=FAILED), (trial(W),) * 300).line()
    # 1 - 0.05 ** (1 / 300): nothing seen in 300 trials.
    assert "false alarms 0 of 300: below 1.0%" in told


def test_everything_seen_is_told_with_its_exact_limit():
    assert "seen 59 of 59: above 95.0%" in planted(5, *[B] * 59).line()


def test_a_false_alarm_is_counted_whichever_way_it_went():
    case = Case("A/A", trial, wrong=FAILED)
    assert Tally(case, (trial(W), trial(B), trial(Verdict.ABOVE), trial(I))).hits == 2


def test_the_smallest_change_that_was_surely_seen():
    tallies = [planted(1, *[B] * 10, *[I] * 10), planted(2, *[B] * 20), planted(5, *[B] * 20)]
    assert "surely sees: 2 %" in smallest_visible(tallies)
    assert "No planted change" in smallest_visible([planted(5, *[B] * 10, *[I] * 10)])


def test_a_change_seen_each_time_in_too_few_trials():
    told = smallest_visible([planted(1, B, I), planted(2, B, B), planted(5, B, B)])
    assert "Planted 2 % was seen each time, but 2 of 2 is too little" in told


def test_each_case_is_tried_at_least_once_and_the_time_is_shared():
    seen = []
    cases = [Case(name, lambda seed, name=name: seen.append((name, seed)) or trial(W)) for name in "ab"]
    for each in tally(cases, time.monotonic(), 7):
        assert each.trials
    assert seen == [("a", 7), ("b", 7)]


@pytest.mark.parametrize("percent", [1.0, 2.0, 5.0, 10.0])
def test_a_planted_change_is_exactly_that_many_turns_more(percent):
    assert kernels.planted(percent) == pytest.approx(kernels.SPINS * (1 + percent / 100))


def test_a_change_of_a_third_is_seen_by_a_trial():
    assert trials.planted_slowdown(33, 0.1).compare(1).verdict is B


def test_the_load_is_there_and_gone_afterwards(monkeypatch):
    started = []
    real = subprocess.Popen
    monkeypatch.setattr(load.subprocess, "Popen", lambda *args: started.append(real(*args)) or started[-1])
    with busy_processes(2):
        assert [process.poll() for process in started] == [None, None]
    assert all(process.poll() is not None for process in started)


@pytest.fixture
def no_whole_runs(monkeypatch):
    monkeypatch.setattr(run, "project", lambda *_: nullcontext())


@pytest.mark.usefixtures("no_whole_runs")
def test_the_report_and_its_exit_status(monkeypatch, capsys):
    fine = Case("A/A", lambda seed: trial(W), wrong=FAILED)
    monkeypatch.setattr(run, "cases", lambda against: [fine])
    assert main(["selftest", "--seconds", "1"]) == 0
    assert "false alarms 0 of" in capsys.readouterr().out
    monkeypatch.setattr(run, "cases", lambda against: [Case("A/A", lambda seed: trial(B), wrong=FAILED)])
    assert main(["selftest", "--seconds", "1"]) == 1


@pytest.mark.parametrize(
    "args", [["--seconds", "0"], ["--seconds", "soon"], ["--load", "-1"], ["--load", "999"]]
)
def test_what_cannot_be_asked(args, capsys):
    assert main(["selftest", *args]) == 2
    told = capsys.readouterr().err
    assert args[0] in told
    assert "expected" in told
    assert f"found {args[1]!r}" in told


def test_it_refuses_where_timing_is_refused(monkeypatch, capsys):
    monkeypatch.setattr(run, "why_timing_is_refused", lambda: "a tracer is set; run without it")
    start = time.monotonic()
    assert main(["selftest"]) == 2
    assert time.monotonic() - start < 60
    assert "a tracer is set" in capsys.readouterr().err


def test_an_interrupted_one_ends_without_a_traceback(monkeypatch, capsys):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "selftest", interrupt)
    assert main(["selftest"]) == 130
    assert capsys.readouterr().err == "pytest-fastllm: interrupted\n"


def test_a_load_that_cannot_be_started_whole_is_ended(monkeypatch):
    started = []
    real = subprocess.Popen

    def second_fails(*args):
        if started:
            raise OSError("no more processes")
        started.append(real(*args))
        return started[0]

    monkeypatch.setattr(load.subprocess, "Popen", second_fails)
    with pytest.raises(OSError, match="no more processes"), busy_processes(2):
        pass
    assert started[0].poll() is not None


def test_a_whole_run_that_hangs_is_told(monkeypatch):
    def hang(command, *, timeout, **_):
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(whole_runs.subprocess, "run", hang)
    with pytest.raises(UsageError, match="expected pytest to end within 600 s"), whole_runs.project(""):
        pass
