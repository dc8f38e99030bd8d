"""One comparison from warm-up to verdict: pairs until the judge is sure or the budget ends."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any

from ..model import Interval, Side, Verdict
from ..stats.interval import estimate_ratio, total_ratio
from ..stats.looks import LookPlan
from ..stats.noise import noise
from ..timing.clock import resolution_s
from ..timing.machine import MachineWatch
from ..timing.pairs import PairRecord, PairSampler, calibrate, warm_up
from ..timing.quiet import quiet_garbage
from ..timing.sides import Sides
from ..toggle.dispatcher import dispatch_cost_s

if TYPE_CHECKING:
    from ..stats.series import PairSeries
    from ..timing.calibration import Calibration
    from ..timing.steps import CallOnce, Measures, TimeCalls
    from ..toggle.proof import NativeCalls
    from ..toggle.switch import Switch
    from ..workload import Workload

DISPATCH_AT_MOST = 0.02
LEAST_PAIRS = 4

Decide = Callable[[Interval, Interval, bool], "Verdict | None"]


@dataclass(frozen=True)
class Budget:
    """How long a comparison may go on, and how sure it has to be.

    Args:
        max_seconds: wall time of sampling over all visits, seconds.
        pause_seconds: wall time after which this visit ends undecided, seconds.
        alpha: error of the row's own interval, which decides `within`.
        corrected_alpha: error of the interval that decides `below` and `above`.
        half_width: relative half-width at which a comparison with no bound is precise enough.
    """

    max_seconds: float
    pause_seconds: float
    alpha: float
    corrected_alpha: float
    half_width: float = 0.01


@dataclass
class Progress:
    """The pairs of one row so far: a visit continues where the last one stopped, with the looks it has left."""

    record: PairRecord = field(default_factory=PairRecord)
    plan: LookPlan | None = None
    calls: int = 0
    looks: int = 0
    native_calls: int = 0
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()
    figures: dict[str, float] = field(default_factory=dict)

    def note(self, warnings: tuple[str, ...], figures: Mapping[str, float]) -> None:
        """Keep what a visit saw of its surroundings: all its warnings, and the worst of each figure."""
        self.warnings = tuple(dict.fromkeys((*self.warnings, *warnings)))
        for name, value in figures.items():
            self.figures[name] = max(value, self.figures.get(name, value))


@dataclass(frozen=True)
class Measurement:
    """What sampling came to; `verdict` is what the judge said at the last look, None if it was paused."""

    series: PairSeries
    interval: Interval
    corrected: Interval
    verdict: Verdict | None
    total_ratio: float
    typical_s: dict[Side, float]
    calls: int
    looks: int
    stopped: str
    native_calls: int | None
    seconds: float
    warnings: tuple[str, ...]
    figures: dict[str, float]


@dataclass(frozen=True)
class Comparison:
    """Everything that one visit to a row needs.

    Args:
        workload: what to drive; its two sides have been shown to answer the same.
        switch: entered.
        native: the component's own counter of calls, which then proves every sample.
        draws_random: whether the workload draws from ``random``, which is then seeded for each sample.
        seed: of order and values; the same seed gives the same sequence.
        budget: time and error rates.
        decide: ``decide(interval, corrected, final)``, None for "go on". Called at looks fixed in advance,
            each of which spends its share of the error rates.
        executor: what will carry out the steps.
        calibration: kernels to sample along the way.
    """

    workload: Workload
    switch: Switch
    native: NativeCalls | None
    draws_random: bool
    seed: int
    budget: Budget
    decide: Decide
    executor: Measures
    calibration: Calibration


def measure(comparison: Comparison, progress: Progress) -> Generator[CallOnce | TimeCalls, Any, Measurement]:
    """Sample both sides in interleaved pairs until the judge is sure or the budget ends.

    Args:
        comparison: what to do.
        progress: continued in place.

    Raises:
        WorkloadError: the workload or its switch broke.
    """
    workload = comparison.workload
    random_state = random.getstate()
    sides = Sides(workload, comparison.switch, comparison.native, comparison.seed)
    sides.draws_random = comparison.draws_random
    sampler = PairSampler(sides, comparison.seed, workload.keep_gc, first_pair=len(progress.record))
    try:
        with quiet_garbage(workload.keep_gc):
            started_s = time.perf_counter()
            machine = MachineWatch()
            comparison.calibration.sample()
            plan = yield from _prepared(comparison, progress, sides, sampler)
            look = yield from _until_decided(comparison, progress, sampler, plan, started_s)
    finally:
        progress.seconds += time.perf_counter() - started_s
        progress.native_calls += sides.native_calls
        random.setstate(random_state)
    executor = comparison.executor
    machine_warnings, machine_figures = machine.finish(executor.run_delay.share)
    progress.note(
        (*executor.spill_over.warnings, *executor.background.warnings, *machine_warnings),
        {"spill_over": executor.spill_over.share, **executor.background.figures, **machine_figures},
    )
    return _measurement(comparison, progress, look)


def _prepared(
    comparison: Comparison, progress: Progress, sides: Sides, sampler: PairSampler
) -> Generator[CallOnce | TimeCalls, Any, LookPlan]:
    """Warm up; the first visit to a row finds the length of its samples and plans its looks."""
    workload, budget = comparison.workload, comparison.budget
    if not progress.calls:
        progress.calls = workload.calls or (
            1 if workload.setup is not None else (yield from calibrate(sides, comparison.executor.sample_s))
        )
    pair_s = yield from warm_up(sampler, progress.calls, budget.max_seconds)
    sides.native_calls = 0
    if progress.plan is None:
        progress.plan = (
            LookPlan.single(workload.pairs)
            if workload.pairs is not None
            else LookPlan.for_pair(pair_s, budget.max_seconds)
        )
    return progress.plan


@dataclass(frozen=True)
class _Look:
    """What the pairs so far said, and which time was over, "time" or "paused", when they were looked at."""

    interval: Interval
    corrected: Interval
    verdict: Verdict | None
    over: str


def _until_decided(
    comparison: Comparison, progress: Progress, sampler: PairSampler, plan: LookPlan, started_s: float
) -> Generator[CallOnce | TimeCalls, Any, _Look]:
    """Take pairs up to each look in turn; the look that decided or ended the visit."""
    while True:
        over = ""
        while len(progress.record) < plan.pairs_at(progress.looks + 1) and not over:
            yield from sampler.take(progress.calls, progress.record)
            over = _over(comparison, progress, time.perf_counter() - started_s)
        comparison.calibration.sample()
        look = _look(comparison, progress, plan, over)
        if look.verdict is not None or over == "paused":
            return look


def _over(comparison: Comparison, progress: Progress, visit_s: float) -> str:
    """Which time is over: all that the row has, or this visit's; "" while there is some left."""
    if comparison.workload.pairs is not None or len(progress.record) < LEAST_PAIRS:
        return ""
    if progress.seconds + visit_s > comparison.budget.max_seconds:
        return "time"
    return "paused" if progress.looks and visit_s > comparison.budget.pause_seconds else ""


def _look(comparison: Comparison, progress: Progress, plan: LookPlan, over: str) -> _Look:
    budget, look = comparison.budget, progress.looks + 1
    estimate = estimate_ratio(progress.record.series())
    interval = estimate.interval(plan.alpha_at(look, budget.alpha))
    corrected = estimate.interval(plan.alpha_at(look, budget.corrected_alpha))
    if over == "paused":  # is no look: nothing is decided, so nothing of alpha is spent
        return _Look(interval, corrected, None, over)
    progress.looks = look
    final = over == "time" or comparison.workload.pairs is not None
    return _Look(interval, corrected, comparison.decide(interval, corrected, final), over)


def _measurement(comparison: Comparison, progress: Progress, look: _Look) -> Measurement:
    """All visits' pairs as the last look found them, with what a reader has to know of them."""
    workload, budget, series = comparison.workload, comparison.budget, progress.record.series()
    noisy = noise(series, resolution_s(), progress.calls)
    typical_s = {Side.REFERENCE: median(series.reference_s), Side.ACCELERATED: median(series.accelerated_s)}
    warnings = (*noisy.warnings, *progress.warnings)
    figures = noisy.figures | progress.figures
    if workload.threads > 1:
        sample_s = min(typical_s.values()) * progress.calls * workload.threads
        if sample_s < sys.getswitchinterval():
            warnings = (*warnings, "no-overlap")
    if comparison.switch.uses_dispatcher:
        figures["dispatch_s"] = dispatch_cost_s()
        if figures["dispatch_s"] > DISPATCH_AT_MOST * min(typical_s.values()):
            warnings = (*warnings, "dispatcher")
    return Measurement(
        series=series,
        interval=_named_alpha(look.interval, budget.alpha),
        corrected=_named_alpha(look.corrected, budget.corrected_alpha),
        verdict=look.verdict,
        total_ratio=total_ratio(series),
        typical_s=typical_s,
        calls=progress.calls,
        looks=progress.looks,
        stopped="iterations" if workload.pairs is not None else look.over or "verdict",
        native_calls=progress.native_calls if comparison.native is not None else None,
        seconds=progress.seconds,
        warnings=warnings,
        figures=figures,
    )


def _named_alpha(interval: Interval, alpha: float) -> Interval:
    """The interval holds over all looks together with the error rate that was asked for."""
    return Interval(interval.estimate, interval.low, interval.high, alpha)
