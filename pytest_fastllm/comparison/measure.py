"""One comparison from warm-up to verdict: pairs until the judge is sure or the budget ends."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from ..model import Interval, Side, Verdict
from ..stats.interval import estimate_ratio, total_ratio
from ..stats.looks import LookPlan
from ..stats.noise import noise
from ..timing.clock import resolution_s
from ..timing.pairs import PairRecord, PairSampler, calibrate, warm_up
from ..timing.quiet import quiet_garbage
from ..timing.sides import Sides
from ..toggle.dispatcher import dispatch_cost_s

if TYPE_CHECKING:
    from ..stats.series import PairSeries
    from ..timing.steps import CallOnce, TimeCalls
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
        max_seconds: wall time of sampling, seconds.
        alpha: error of the row's own interval, which decides `within`.
        corrected_alpha: error of the interval that decides `below` and `above`.
        half_width: relative half-width at which a comparison with no bound is precise enough.
    """

    max_seconds: float
    alpha: float
    corrected_alpha: float
    half_width: float = 0.01


@dataclass(frozen=True)
class Measurement:
    """What sampling came to; `verdict` is what the judge said at the last look."""

    series: PairSeries
    interval: Interval
    corrected: Interval
    verdict: Verdict
    total_ratio: float
    typical_s: dict[Side, float]
    calls: int
    looks: int
    stopped: str
    native_calls: int | None
    seconds: float
    warnings: tuple[str, ...]
    figures: dict[str, float]


def measure(
    workload: Workload,
    switch: Switch,
    native: NativeCalls | None,
    draws_random: bool,
    seed: int,
    budget: Budget,
    decide: Decide,
) -> Generator[CallOnce | TimeCalls, Any, Measurement]:
    """Sample both sides in interleaved pairs until the judge is sure or the budget ends.

    Args:
        workload: what to drive; its two sides have been shown to answer the same.
        switch: entered.
        native: the component's own counter of calls, which then proves every sample.
        draws_random: whether the workload draws from ``random``, which is then seeded for each sample.
        seed: of order and values; the same seed gives the same sequence.
        budget: time and error rates.
        decide: ``decide(interval, corrected, final)``, None for "go on". Called at looks fixed in advance,
            each of which spends its share of the error rates.

    Raises:
        WorkloadError: the workload or its switch broke.
    """
    random_state = random.getstate()
    sides = Sides(workload, switch, native, seed)
    sides.draws_random = draws_random
    sampler = PairSampler(sides, seed, workload.keep_gc)
    record = PairRecord()
    try:
        with quiet_garbage(workload.keep_gc):
            started_s = time.perf_counter()
            calls = workload.calls or (1 if workload.setup is not None else (yield from calibrate(sides)))
            pair_s = yield from warm_up(sampler, calls, budget.max_seconds)
            sides.native_calls = 0
            plan = (
                LookPlan.single(workload.pairs)
                if workload.pairs is not None
                else LookPlan.for_pair(pair_s, budget.max_seconds)
            )
            look = 0
            while True:
                out_of_time = False
                while len(record) < plan.pairs_at(look + 1) and not out_of_time:
                    yield from sampler.take(calls, record)
                    out_of_time = (
                        workload.pairs is None
                        and len(record) >= LEAST_PAIRS
                        and time.perf_counter() - started_s > budget.max_seconds
                    )
                look += 1
                estimate = estimate_ratio(record.series())
                interval = estimate.interval(plan.alpha_at(look, budget.alpha))
                corrected = estimate.interval(plan.alpha_at(look, budget.corrected_alpha))
                final = out_of_time or workload.pairs is not None
                verdict = decide(interval, corrected, final)
                if verdict is not None:
                    break
            seconds = time.perf_counter() - started_s
    finally:
        random.setstate(random_state)

    series = record.series()
    noisy = noise(series, resolution_s(), calls)
    typical_s = {Side.REFERENCE: median(series.reference_s), Side.ACCELERATED: median(series.accelerated_s)}
    figures = dict(noisy.figures)
    warnings = noisy.warnings
    if switch.uses_dispatcher:
        figures["dispatch_s"] = dispatch_cost_s()
        if figures["dispatch_s"] > DISPATCH_AT_MOST * min(typical_s.values()):
            warnings = (*warnings, "dispatcher")
    return Measurement(
        series=series,
        interval=_named_alpha(interval, budget.alpha),
        corrected=_named_alpha(corrected, budget.corrected_alpha),
        verdict=verdict,
        total_ratio=total_ratio(series),
        typical_s=typical_s,
        calls=calls,
        looks=look,
        stopped="iterations" if workload.pairs is not None else "time" if out_of_time else "verdict",
        native_calls=sides.native_calls if native is not None else None,
        seconds=seconds,
        warnings=warnings,
        figures=figures,
    )


def _named_alpha(interval: Interval, alpha: float) -> Interval:
    """The interval holds over all looks together with the error rate that was asked for."""
    return Interval(interval.estimate, interval.low, interval.high, alpha)
