"""The trials: one comparison each, with a bound whose truth is known, judged as a row of a run would be."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..baselines.bounds import Measured
from ..comparison.check import check
from ..comparison.enter import entered
from ..comparison.measure import Budget, Progress, measure
from ..component import Component
from ..errors import UsageError
from ..judge import judge
from ..model import AppliedBound, Bound, Side, Verdict
from ..timing.calibration import Calibration
from ..timing.executors import PlainExecutor
from ..timing.steps import drive
from ..timing.watchdog import Watchdog
from ..workload import Workload
from . import kernels

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..comparison.measure import Measurement
    from ..model import Interval
    from .whole_runs import Project

ROWS_OF_A_RUN = 50
"""A run of this many comparisons is imitated: their failing verdicts share 1 %."""
MAX_SECONDS = 5.0
AT_THE_BOUND_SECONDS = 1.0
"""Nothing can decide this case, so it always takes its whole time; the others shall have trials too."""
_MODULE = "pytest_fastllm.selftest.kernels"
_TOGGLED = Component(
    "selftest",
    reference=f"{_MODULE}:spin",
    accelerated=f"{_MODULE}:spin_twin",
    patch=(f"{_MODULE}:spinner",),
)


@dataclass(frozen=True)
class Trial:
    """One comparison's outcome."""

    verdict: Verdict
    estimate: float
    seconds: float
    pairs: int


@dataclass(frozen=True)
class Case:
    """A kind of trial.

    Args:
        name: what it shows.
        compare: ``compare(seed)`` runs one trial.
        wrong: verdicts that would be an error; empty where something has to be seen.
        seen: the verdicts that count as seen; empty where nothing is to be seen.
        percent: size of the planted change.
    """

    name: str
    compare: Callable[[int], Trial]
    wrong: frozenset[Verdict] = frozenset()
    seen: frozenset[Verdict] = frozenset()
    percent: float = 0.0


FAILED = frozenset({Verdict.BELOW, Verdict.ABOVE})


def run_comparison(
    workload: Workload,
    bound: Bound | None,
    seed: int,
    component: Component | None = None,
    max_seconds: float = MAX_SECONDS,
) -> Measurement:
    """Measure one workload as a row of a run of `ROWS_OF_A_RUN` rows would be."""
    budget = Budget(max_seconds, max_seconds, 0.01, 0.01 / ROWS_OF_A_RUN)
    applied = AppliedBound(bound, "selftest") if bound is not None else None

    def decide(interval: Interval, corrected: Interval, final: bool) -> Verdict | None:
        enough = applied is None and interval.half_width <= budget.half_width
        return judge(interval, corrected, applied, final=final or enough)

    executor = PlainExecutor()
    watchdog = Watchdog(10 * MAX_SECONDS)
    checked = drive(check(component, workload, seed), executor, watchdog)
    with entered(
        component,
        workload,
        draws_random=checked.draws_random,
        seed=seed,
        budget=budget,
        decide=decide,
        executor=executor,
        calibration=Calibration(),
    ) as comparison:
        return drive(measure(comparison, Progress()), executor, watchdog)


def _trial(
    workload: Workload,
    bound: Bound,
    seed: int,
    component: Component | None = None,
    max_seconds: float = MAX_SECONDS,
) -> Trial:
    start = time.perf_counter()
    measured = run_comparison(workload, bound, seed, component, max_seconds)
    assert measured.verdict is not None
    return Trial(
        measured.verdict, measured.interval.estimate, time.perf_counter() - start, len(measured.series)
    )


def _both(function: Callable[[int], None], spins: int = kernels.SPINS) -> Workload:
    return Workload(functions=dict.fromkeys(Side, function), args=(spins,))


def _pair(reference: Callable[[int], None], accelerated: Callable[[], None]) -> Workload:
    return Workload(
        functions={Side.REFERENCE: lambda: reference(kernels.SPINS), Side.ACCELERATED: accelerated}
    )


def same_side_twice(tolerance: float) -> Case:
    """A/A through the switch: bounds ``1 ± tolerance`` around equal work."""
    bound = Bound(1 - tolerance, 1 + tolerance)
    return Case(
        name=f"A/A through the switch, bounds ±{tolerance:.0%}",
        compare=lambda seed: _trial(_both(kernels.through_the_switch), bound, seed, _TOGGLED),
        wrong=FAILED,
    )


def at_the_bound() -> Case:
    """The hardest case: the bound lies exactly at the true ratio."""
    bound = Bound(1.0, None)
    return Case(
        name="bound exactly at the true ratio",
        compare=lambda seed: _trial(
            _pair(kernels.spin, lambda: kernels.spin(kernels.SPINS)),
            bound,
            seed,
            max_seconds=AT_THE_BOUND_SECONDS,
        ),
        wrong=FAILED,
    )


def planted_slowdown(percent: float, tolerance: float) -> Case:
    """The accelerated side does ``percent`` more turns; bounds ``1 ± tolerance``."""
    spins = kernels.planted(percent)
    bound = Bound(1 - tolerance, 1 + tolerance)
    return Case(
        name=f"planted {percent:g} %, bounds ±{tolerance:.1%}",
        compare=lambda seed: _trial(_pair(kernels.spin, lambda: kernels.spin(spins)), bound, seed),
        seen=frozenset({Verdict.BELOW}),
        percent=percent,
    )


def clear_verdict(spins: int) -> Case:
    """A reference of three times the work, far inside its bounds: nothing to doubt.

    Args:
        spins: turns of the accelerated side's loop; they decide how long a pair takes.
    """
    bound = Bound(2.0, 4.5)
    return Case(
        name="3×, far inside its bounds",
        compare=lambda seed: _trial(
            _pair(lambda _: kernels.spin(3 * spins), lambda: kernels.spin(spins)), bound, seed
        ),
        wrong=FAILED,
    )


def against_native(project: Project) -> Case:
    """A/B: an interpreter-bound reference against native code, each trial a whole run in a fresh interpreter.

    Args:
        project: with that one row.
    """

    def compare(_: int) -> Trial:
        start = time.perf_counter()
        (row,) = project.judge()
        if row.interval is None:
            raise UsageError(f"selftest: expected a row that is measured, found {row.verdict}: {row.message}")
        return Trial(row.verdict, row.interval.estimate, time.perf_counter() - start, row.pairs)

    return Case(name="A/B, interpreter against native code, whole runs", compare=compare, wrong=FAILED)


def bundled_row() -> Case | None:
    """A real row through the real switch, `token_counter/small-text`; None where LiteLLM is not there."""
    from ..registry import bundled_and_installed

    component = bundled_and_installed().components["token_counter"]
    if component.why_unavailable() is not None:
        return None
    import litellm

    workload = Workload(
        functions=dict.fromkeys(Side, litellm.token_counter),
        kwargs={"model": "gpt-4", "text": "Hello, world!"},
    )
    bound = _default_bound(run_comparison(workload, None, 0, component))
    return Case(
        name="token_counter/small-text, default margin",
        compare=lambda seed: _trial(workload, bound, seed, component),
        wrong=FAILED,
    )


def _default_bound(measured: Measurement) -> Bound:
    """What an update would store after one process."""
    return Measured(measured.interval, between_sd=None, processes=1).bound
