"""Sampling goes on until the judge is sure or the budget ends. The times are given, so the ratios are known."""

from __future__ import annotations

import random

import pytest

from pytest_fastllm.comparison.measure import Budget, Comparison, Progress, measure
from pytest_fastllm.model import Side, Verdict
from pytest_fastllm.stats import looks
from pytest_fastllm.timing.calibration import Calibration
from pytest_fastllm.timing.executors import PlainExecutor
from pytest_fastllm.timing.machine import MachineWatch
from pytest_fastllm.timing.steps import drive
from pytest_fastllm.timing.watchdog import Watchdog
from pytest_fastllm.toggle.switch import NoSwitch
from pytest_fastllm.workload import Workload


@pytest.fixture(autouse=True)
def _a_moment_will_do(monkeypatch):
    """The machine has no part in times that are given, so nobody need watch it before the first look."""
    monkeypatch.setattr(looks, "MIN_SPAN_S", 0.01)


class GivenTimes(PlainExecutor):
    """Carries out no timed call, but says how long it took: 4 µs or 1 µs, a little more or less."""

    def __init__(self, noise=0.001):
        super().__init__()
        self.noise = random.Random(5), noise
        self.timed = 0

    def time_ns(self, step):
        self.timed += 1
        source, width = self.noise
        return step.function() * (1 + source.uniform(-width, width))


def reference():
    return 4_000


def accelerated():
    return 1_000


class Judge:
    """Says what it is told to at each look, and remembers what it was asked."""

    def __init__(self, *verdicts):
        self.verdicts = list(verdicts)
        self.asked = []

    def __call__(self, interval, corrected, final):
        self.asked.append((interval, corrected, final))
        if final:
            return self.verdicts[-1] or Verdict.INCONCLUSIVE
        return self.verdicts.pop(0) if len(self.verdicts) > 1 else self.verdicts[0]


def measured(judge, progress=None, executor=None, max_seconds=60.0, pause_seconds=60.0, **workload):
    executor = executor or GivenTimes()
    comparison = Comparison(
        workload=Workload({Side.REFERENCE: reference, Side.ACCELERATED: accelerated}, **workload),
        switch=NoSwitch(),
        native=None,
        draws_random=False,
        seed=3,
        budget=Budget(max_seconds, pause_seconds, alpha=0.01, corrected_alpha=0.001),
        decide=judge,
        executor=executor,
        calibration=Calibration(),
    )
    steps = measure(comparison, progress if progress is not None else Progress())
    return drive(steps, executor, Watchdog(60))


def test_the_ratio_is_reference_over_accelerated():
    found = measured(Judge(Verdict.WITHIN))
    assert found.interval.low < 4 < found.interval.high
    assert found.interval.estimate == pytest.approx(4, rel=0.01)
    assert found.typical_s[Side.REFERENCE] == pytest.approx(4e-6, rel=0.01)
    assert found.total_ratio == pytest.approx(4, rel=0.01)


def test_it_stops_at_the_first_look_that_decides():
    judge = Judge(None, None, Verdict.WITHIN)
    found = measured(judge)
    assert (found.verdict, found.stopped, found.looks) == (Verdict.WITHIN, "verdict", 3)
    assert len(judge.asked) == 3


def test_looks_have_less_of_the_error_rate_than_the_row_and_name_the_row_s():
    judge = Judge(None, Verdict.WITHIN)
    found = measured(judge)
    assert all(interval.alpha < 0.01 and corrected.alpha < 0.001 for interval, corrected, _ in judge.asked)
    assert (found.interval.alpha, found.corrected.alpha) == (0.01, 0.001)
    interval, corrected = found.interval, found.corrected
    assert corrected.low < interval.low < interval.high < corrected.high


def test_a_fixed_number_of_pairs_is_one_final_look():
    judge = Judge(None)
    found = measured(judge, pairs=50)
    assert (len(found.series), found.looks, found.stopped) == (50, 1, "iterations")
    assert [final for _, _, final in judge.asked] == [True]
    assert judge.asked[0][0].alpha == 0.01


def test_time_is_up():
    judge = Judge(None)
    found = measured(judge, max_seconds=0.1)
    assert (found.verdict, found.stopped) == (Verdict.INCONCLUSIVE, "time")
    assert judge.asked[-1][2] is True
    assert all(final is False for *_, final in judge.asked[:-1])


def test_a_visit_that_is_paused_is_continued_with_its_pairs():
    progress = Progress()
    first = measured(Judge(None), progress, pause_seconds=0.05)
    assert (first.verdict, first.stopped) == (None, "paused")
    pairs = len(first.series)
    second = measured(Judge(Verdict.WITHIN), progress)
    assert second.verdict is Verdict.WITHIN
    assert len(second.series) > pairs
    assert second.looks == first.looks + 1
    assert second.seconds > first.seconds


def test_a_later_visit_keeps_what_the_machine_did_in_an_earlier_one(monkeypatch):
    seen = iter([(("steal",), {"steal": 0.4, "load": 1.0}), ((), {"steal": 0.0, "load": 2.0})])
    monkeypatch.setattr(MachineWatch, "finish", lambda self, contended: next(seen))
    progress = Progress()
    measured(Judge(None), progress, pause_seconds=0.05)
    found = measured(Judge(Verdict.WITHIN), progress)
    assert found.warnings.count("steal") == 1
    assert (found.figures["steal"], found.figures["load"]) == (0.4, 2.0)


def test_calls_of_a_sample():
    assert measured(Judge(Verdict.WITHIN)).calls > 1  # calibrated
    assert measured(Judge(Verdict.WITHIN), calls=3).calls == 3
    assert measured(Judge(Verdict.WITHIN), setup=lambda: None).calls == 1


def test_the_state_of_random_is_put_back():
    before = random.getstate()
    measured(Judge(Verdict.WITHIN), setup=lambda: random.seed(4))
    assert random.getstate() == before


def test_a_workload_that_breaks_puts_everything_back():
    class Breaking(GivenTimes):
        def time_ns(self, step):
            if self.timed > 200:
                raise OSError("gone")
            return super().time_ns(step)

    before, progress = random.getstate(), Progress()
    with pytest.raises(OSError, match="gone"):
        measured(Judge(None), progress, Breaking(), setup=lambda: random.seed(4))
    assert random.getstate() == before
    assert progress.seconds > 0


def test_noise_is_told_with_the_result():
    quiet = measured(Judge(Verdict.WITHIN), pairs=200)
    loud = measured(Judge(Verdict.WITHIN), executor=GivenTimes(noise=0.5), pairs=200)
    assert loud.interval.half_width > 10 * quiet.interval.half_width
