"""One test's speed comparison: the check of its answers, the measurement, and the row that comes of it."""

from __future__ import annotations

import asyncio
import math
import zlib
from typing import TYPE_CHECKING, Any

import pytest

from ..comparison.check import Checked, check
from ..comparison.enter import entered
from ..comparison.measure import Budget, Progress, measure
from ..comparison.profile import profile
from ..errors import FastllmError, SwitchError, TimingRefused, UsageError, WorkloadError
from ..fixture import is_async
from ..model import Metric, Verdict
from ..timing.executors import LoopExecutor, OwnLoopExecutor, PlainExecutor
from ..timing.refusal import why_timing_is_refused
from ..timing.steps import drive, drive_async
from ..timing.threads import ThreadsExecutor
from ..timing.watchdog import Watchdog
from ..verify.answers import brief_traceback
from .item_rows import Pending
from .rows import measured_row

if TYPE_CHECKING:
    from collections.abc import Generator

    from ..component import Component
    from ..marker import Marker
    from ..timing.steps import CallOnce, Executor, Measures, TimeCalls
    from ..workload import Workload
    from .item_rows import ItemRows
    from .session import Session

HANG_S = 30.0


class SpeedComparison:
    """Compares the speed of the two sides of one workload.

    Args:
        session: the run.
        item: the test.
        marker: how it wants to be driven.
        rows: where its outcome is kept.
        component: what is switched; None for two callables side by side.
        workload: what to drive.
    """

    def __init__(
        self,
        session: Session,
        item: pytest.Item,
        marker: Marker,
        rows: ItemRows,
        component: Component | None,
        workload: Workload,
    ) -> None:
        """Nothing is called yet."""
        self._session = session
        self._item = item
        self._marker = marker
        self._rows = rows
        self._component = component
        self._workload = workload
        self._seed = zlib.crc32(item.nodeid.encode())

    def run(self) -> Any:
        """Compare by plain calls, from threads, or in a loop of its own for a coroutine function.

        Returns:
            What the accelerated side answered.
        """
        executor = self._executor()
        try:
            return drive(self._steps(executor), executor, self._watchdog)
        finally:
            executor.close()

    def _executor(self) -> Executor:
        threads, tasks = self._marker.threads, self._marker.tasks
        asynchronous = any(is_async(function) for function in self._workload.functions.values())
        if not asynchronous:
            if tasks > 1:
                raise UsageError(f"{self._item.nodeid}: tasks={tasks} needs a coroutine function to drive")
            return ThreadsExecutor(threads) if threads > 1 else PlainExecutor()
        if threads > 1:
            raise UsageError(f"{self._item.nodeid}: threads={threads} drives plain functions; use tasks=")
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return OwnLoopExecutor(tasks)
        raise UsageError(
            "accelerated(...) got a coroutine function inside a running loop; use `await accelerated.acall(...)`"
        )

    async def run_in_loop(self) -> Any:
        """Compare in the running loop; returns what the accelerated side answered."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            raise UsageError("accelerated.acall needs asyncio; trio and others are not supported") from None
        if self._marker.threads > 1:
            raise UsageError(f"{self._item.nodeid}: threads= drives plain functions; use tasks=")
        executor = LoopExecutor(self._marker.tasks)
        return await drive_async(self._steps(executor), executor, self._watchdog)

    @property
    def _watchdog(self) -> Watchdog:
        return Watchdog(HANG_S + self._session.config.max_seconds)

    def _steps(self, executor: Measures) -> Generator[CallOnce | TimeCalls, Any, Any]:
        rows, workload = self._rows, self._workload
        rows.start(Metric.SPEEDUP)
        try:
            checked = yield from check(self._component, workload, self._seed)
        except (SwitchError, WorkloadError) as error:
            rows.broken(Metric.SPEEDUP, error)
        except (Exception, pytest.fail.Exception) as error:  # setup, teardown or state; or pytest-timeout
            self._workload_broke("before it was timed", error)
            raise
        if checked.mismatch is not None:
            rows.record(Metric.SPEEDUP, Verdict.MISMATCH, checked.mismatch)
            pytest.fail(f"{rows.label}: mismatch: {checked.mismatch}", pytrace=False)
        raised = checked.answer.error
        if raised is not None and not isinstance(raised, workload.raises):
            rows.record(
                Metric.SPEEDUP,
                Verdict.UNJUDGED,
                f"both sides raised {type(raised).__name__}, so nothing was timed; pass raises= if that is the point",
            )
            raise raised
        if self._session.measures_speed:
            yield from self._measured(checked, executor)
        return checked.answer.value

    def _measured(self, checked: Checked, executor: Measures) -> Generator[CallOnce | TimeCalls, Any, None]:
        session, judging, rows = self._session, self._session.judging, self._rows
        refused = why_timing_is_refused()
        if refused is not None:
            rows.broken(Metric.SPEEDUP, TimingRefused(f"timing is refused: {refused}"))
        if session.processes > 1:
            # Fresh interpreters will measure it; that it runs and is equal has been seen here.
            rows.keep(rows.bare(Metric.SPEEDUP, Verdict.UNJUDGED), Pending.PROCESSES)
            return
        bound = judging.bound(rows.label, Metric.SPEEDUP, with_cores=rows.with_cores)
        budget = Budget(
            max_seconds=min(session.config.max_seconds, self._marker.seconds or math.inf),
            pause_seconds=session.time.pause_seconds(session.tests.comparisons),
            alpha=judging.alpha,
            corrected_alpha=judging.corrected_alpha,
        )
        try:
            with entered(
                self._component,
                self._workload,
                draws_random=checked.draws_random,
                seed=self._seed,
                budget=budget,
                decide=judging.decide(bound, budget),
                executor=executor,
                calibration=session.calibration,
            ) as comparison:
                progress = session.progress.setdefault(self._item.nodeid, Progress())
                measurement = yield from measure(comparison, progress)
                for side in session.profiles.wanted_here(rows.label):
                    path = session.profiles.path(rows.label, side)
                    yield from profile(comparison, side, measurement.calls, path)
        except FastllmError as error:
            rows.broken(Metric.SPEEDUP, error)
        except (Exception, pytest.fail.Exception) as error:
            self._workload_broke("while it was timed", error)
            raise
        row = measured_row(
            rows.bare(Metric.SPEEDUP, Verdict.INCONCLUSIVE),
            measurement,
            bound,
            with_samples=session.keeps_samples,
            kernels=session.calibration.typical_s(),
        )
        rows.keep(row, judging.pending(measurement.verdict))

    def _workload_broke(self, when: str, error: BaseException) -> None:
        message = f"the workload broke {when}: {brief_traceback(error)}"
        self._rows.record(Metric.SPEEDUP, Verdict.ERROR, message)
