"""One test's part of a run: its workload, its comparisons and its rows."""

from __future__ import annotations

import asyncio
import zlib
from contextlib import ExitStack
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, Any

import pytest

from ..comparison.check import Checked, check
from ..comparison.measure import Budget, Comparison, Progress, measure
from ..comparison.profile import profile, profile_path
from ..errors import FastllmError, SwitchError, TimingRefused, UsageError, WorkloadError
from ..fixture import is_async
from ..model import Metric, Row, Side, Verdict
from ..timing.executors import LoopExecutor, OwnLoopExecutor, PlainExecutor
from ..timing.refusal import why_timing_is_refused
from ..timing.steps import drive, drive_async
from ..timing.threads import ThreadsExecutor
from ..timing.watchdog import Watchdog
from ..toggle.dotted import why_not_installed
from ..toggle.proof import NativeCalls, proving_switch
from ..toggle.proof import explain as explain_entry
from ..toggle.switch import NoSwitch, switch_for
from ..verify.answers import brief_traceback
from ..workload import Workload
from .collection import is_given
from .rows import measured_row

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from ..component import Component
    from ..memory.workload import MemoryWorkload
    from ..timing.steps import AsyncExecutor, CallOnce, Executor, Measures, TimeCalls
    from .collection import ComparedTest
    from .session import Session

HANG_S = 30.0


class Pending(str, Enum):
    """What a row still waits for when its test is over."""

    MORE = "more time"
    PROCESSES = "fresh interpreters that measure it"
    CONFIRMATION = "fresh interpreters that confirm it"
    MEMORY = "helper interpreters that measure its memory"


class ItemRun:
    """What the `accelerated` fixture of one test does its work through.

    Args:
        session: the run.
        item: the test.
        test: what is known of it from the collection.
    """

    def __init__(self, session: Session, item: pytest.Item, test: ComparedTest) -> None:
        """Nothing is compared yet."""
        self.item = item
        self.component = test.declared
        self.rows: dict[Metric, Row] = {}
        self.pending: dict[Metric, Pending] = {}
        self._session = session
        self._test = test
        self._marker = test.marker
        self._seed = zlib.crc32(item.nodeid.encode())
        self._compared: set[Metric] = set()
        self._at_end: list[Callable[[], None]] = []

    # What the fixture asks for.

    def require_available(self) -> None:
        """Skip the test where its component cannot be compared here; fail it under strict."""
        component = self.component
        if component is None:
            return
        reason = component.why_unavailable() or why_not_installed(
            (component.reference, component.accelerated, *component.patch)
        )
        if reason is None:
            return
        self._record(Metric.SPEEDUP, Verdict.UNAVAILABLE, reason)
        if self._session.config.strict:
            pytest.fail(f"{self.label}: unavailable: {reason} (--fastllm-strict)", pytrace=False)
        pytest.skip(f"{self.label}: unavailable: {reason}")

    def require_component(self) -> Component:
        """The component of the test's marker.

        Raises:
            UsageError: the test names none.
        """
        if self.component is None:
            raise UsageError(
                f'{self.item.nodeid} names no component; add @pytest.mark.fastllm("name"), or compare two '
                "callables with accelerated.versus(reference, accelerated, ...)"
            )
        return self.component

    def at_end(self, action: Callable[[], None]) -> None:
        """Have ``action`` run when the test is over."""
        self._at_end.append(action)

    def finish(self) -> None:
        """Put back whatever the test switched, the last first, and account for what it started."""
        with ExitStack() as stack:  # goes on to the next one where one of them raises
            for action in self._at_end:
                stack.callback(action)
            self._at_end.clear()
        for metric in self._compared - self.rows.keys():
            self._record(metric, Verdict.ERROR, "the comparison was cut short and came to no result")

    def settle_unfinished(self, message: str) -> None:
        """Settle what is pending: nobody will confirm or continue it. Without that nothing can fail it."""
        for metric in list(self.pending):
            self.settle(
                replace(self.rows[metric], verdict=Verdict.INCONCLUSIVE, corrected=None, message=message)
            )

    def workload(
        self,
        functions: Mapping[Side, Callable[..., Any]],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        *,
        equal: Callable[[Any, Any], bool] | None = None,
        state: Callable[[], Any] | None = None,
        raises: tuple[type[BaseException], ...] = (),
        pairs: int | None = None,
        **more: Any,
    ) -> Workload:
        """A workload with what the call leaves open taken from the marker, then from the component."""
        marker, component = self._marker, self.component
        return Workload(
            functions=functions,
            args=args,
            kwargs=kwargs,
            equal=equal or marker.equal or (component.equal if component else None),
            state=state or marker.state or (component.state if component else None),
            raises=raises or marker.raises,
            pairs=pairs or self._session.config.iterations,
            keep_gc=marker.gc == "keep",
            threads=marker.threads,
            **more,
        )

    def compare(self, workload: Workload, *, versus: bool = False) -> Any:
        """Compare speed by plain calls, from threads, or in a loop of its own for a coroutine function."""
        executor = self._executor(workload)
        try:
            return drive(self._steps(workload, executor, versus), executor, self._watchdog)
        finally:
            executor.close()

    def _executor(self, workload: Workload) -> Executor:
        threads, tasks = self._marker.threads, self._marker.tasks
        asynchronous = any(is_async(function) for function in workload.functions.values())
        if not asynchronous:
            if tasks > 1:
                raise UsageError(f"{self.item.nodeid}: tasks={tasks} needs a coroutine function to drive")
            return ThreadsExecutor(threads) if threads > 1 else PlainExecutor()
        if threads > 1:
            raise UsageError(f"{self.item.nodeid}: threads={threads} drives plain functions; use tasks=")
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return OwnLoopExecutor(tasks)
        raise UsageError(
            "accelerated(...) got a coroutine function inside a running loop; use `await accelerated.acall(...)`"
        )

    async def compare_async(self, workload: Workload) -> Any:
        """Compare speed in the running loop."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            raise UsageError("accelerated.acall needs asyncio; trio and others are not supported") from None
        if self._marker.threads > 1:
            raise UsageError(f"{self.item.nodeid}: threads= drives plain functions; use tasks=")
        executor: AsyncExecutor = LoopExecutor(self._marker.tasks)
        return await drive_async(self._steps(workload, executor, versus=False), executor, self._watchdog)

    @property
    def _watchdog(self) -> Watchdog:
        return Watchdog(HANG_S + self._session.config.max_seconds)

    def compare_memory(self, build: Callable[[int], object], keys: int | None, warmup: Any) -> None:
        """Compare memory: here both sides build once; helper interpreters measure when all tests are over."""
        from ..memory.workload import MemoryWorkload

        self._start(Metric.MEMORY_RATIO)
        component = self.require_component()
        keys = keys or self._marker.memory
        if keys is None:
            raise UsageError(
                f"{self.item.nodeid}: bytes per key hold at a stated key count; give keys= or the marker's memory="
            )
        workload = MemoryWorkload(build, keys, warmup=warmup)
        if self._session.job is not None:
            self._session.measure_memory(self.item, component, workload)
            return
        try:
            self._build_once(component, workload)
        except FastllmError as error:
            self._broken(Metric.MEMORY_RATIO, error)
        except Exception as error:
            self._record(Metric.MEMORY_RATIO, Verdict.ERROR, f"build(1) broke: {brief_traceback(error)}")
            raise
        if self._session.config.compare:
            self._keep(self._bare_row(Metric.MEMORY_RATIO, Verdict.UNJUDGED), Pending.MEMORY)

    def _build_once(self, component: Component, workload: MemoryWorkload) -> None:
        # One key is enough to see whether a side can be built, and whether it is the one that was switched on.
        with proving_switch(component) as (switch, counts):
            for side in Side:
                switch.select(side)
                counts.take()
                built = workload.build(1)
                problem = explain_entry(side, counts.take())
                if problem is not None:
                    raise SwitchError(problem)
                if built is None:
                    raise WorkloadError(
                        f"build(1) returned None on the {side.value} side; return the object that holds the keys, "
                        "so that it is kept alive while it is measured"
                    )

    # The speed comparison.

    def _start(self, metric: Metric) -> None:
        if metric in self._compared and not is_given(self.item):
            what = "speed" if metric is Metric.SPEEDUP else "memory"
            raise UsageError(
                f"{self.item.nodeid} makes a second {what} comparison; one per test has a name in the baselines. "
                "Use pytest.mark.parametrize, or a test for each"
            )
        self._compared.add(metric)

    def _steps(
        self, workload: Workload, executor: Measures, versus: bool
    ) -> Generator[CallOnce | TimeCalls, Any, Any]:
        self._start(Metric.SPEEDUP)
        component = None if versus else self.component
        try:
            checked = yield from check(component, workload, self._seed)
        except (SwitchError, WorkloadError) as error:
            self._broken(Metric.SPEEDUP, error)
        except (Exception, pytest.fail.Exception) as error:  # setup, teardown or state; or pytest-timeout
            self._record(
                Metric.SPEEDUP,
                Verdict.ERROR,
                f"the workload broke before it was timed: {brief_traceback(error)}",
            )
            raise
        if checked.mismatch is not None:
            self._record(Metric.SPEEDUP, Verdict.MISMATCH, checked.mismatch)
            pytest.fail(f"{self.label}: mismatch: {checked.mismatch}", pytrace=False)
        raised = checked.answer.error
        if raised is not None and not isinstance(raised, workload.raises):
            self._record(
                Metric.SPEEDUP,
                Verdict.UNJUDGED,
                f"both sides raised {type(raised).__name__}, so nothing was timed; pass raises= if that is the point",
            )
            raise raised
        if self._session.config.compare and self._session.job_measures_speed:
            yield from self._measured(component, workload, checked, executor)
        return checked.answer.value

    def _measured(
        self, component: Component | None, workload: Workload, checked: Checked, executor: Measures
    ) -> Generator[CallOnce | TimeCalls, Any, None]:
        session = self._session
        refused = why_timing_is_refused()
        if refused is not None:
            self._broken(Metric.SPEEDUP, TimingRefused(f"timing is refused: {refused}"))
        if session.processes > 1:
            # Fresh interpreters will measure it; that it runs and is equal has been seen here.
            self._keep(self._bare_row(Metric.SPEEDUP, Verdict.UNJUDGED), Pending.PROCESSES)
            return
        bound = session.bound(self.label, Metric.SPEEDUP, self._with_cores)
        native = (
            NativeCalls(component.native_calls) if component is not None and component.native_calls else None
        )
        progress = session.progress.setdefault(self.item.nodeid, Progress())
        budget = Budget(
            max_seconds=session.config.max_seconds,
            pause_seconds=session.pause_seconds,
            alpha=session.alpha,
            corrected_alpha=session.corrected_alpha,
        )
        try:
            with switch_for(component) if component is not None else NoSwitch() as switch:
                comparison = Comparison(
                    workload=workload,
                    switch=switch,
                    native=native,
                    draws_random=checked.draws_random,
                    seed=self._seed,
                    budget=budget,
                    decide=session.decide(bound, budget),
                    executor=executor,
                    calibration=session.calibration,
                )
                measurement = yield from measure(comparison, progress)
                row = measured_row(
                    self._bare_row(Metric.SPEEDUP, Verdict.INCONCLUSIVE),
                    measurement,
                    bound,
                    with_samples=session.config.json_samples,
                    kernels=session.calibration.typical_s(),
                )
                for side in session.sides_to_profile(row, measurement.verdict):
                    path = profile_path(session.profiles, self.label, side)
                    yield from profile(comparison, side, measurement.calls, path)
                    session.note(f"profile of the {side.value} side of {self.label}: python -m pstats {path}")
        except FastllmError as error:
            self._broken(Metric.SPEEDUP, error)
        except (Exception, pytest.fail.Exception) as error:
            self._record(
                Metric.SPEEDUP,
                Verdict.ERROR,
                f"the workload broke while it was timed: {brief_traceback(error)}",
            )
            raise
        self._keep(row, session.pending(measurement.verdict))

    # Rows.

    @property
    def label(self) -> str:
        """``component/workload``."""
        return self._test.key

    @property
    def _with_cores(self) -> bool:
        return self._marker.threads > 1

    def _bare_row(self, metric: Metric, verdict: Verdict) -> Row:
        callspec = getattr(self.item, "callspec", None)
        params = dict(callspec.params) if callspec is not None else {}
        return Row(
            component=self._test.component,
            workload=self._test.workload,
            metric=metric,
            nodeid=self.item.nodeid,
            environment=self._session.environment(self._with_cores).id,
            verdict=verdict,
            threads=self._marker.threads,
            tasks=self._marker.tasks,
            sweep=self._marker.sweep,
            params={k: v for k, v in params.items() if isinstance(v, (str, int, float, bool, type(None)))},
        )

    def _broken(self, metric: Metric, error: FastllmError) -> Any:
        self._record(metric, Verdict.ERROR, str(error))
        raise error

    def _record(self, metric: Metric, verdict: Verdict, message: str) -> None:
        if self._session.config.compare:
            self._keep(replace(self._bare_row(metric, verdict), message=message), None)

    def _keep(self, row: Row, pending: Pending | None) -> None:
        self.rows[row.metric] = row
        if pending is None:
            self.settle(row)
        else:
            self.pending[row.metric] = pending

    def settle(self, row: Row) -> None:
        """A row is final."""
        row = row if row.message is not None else replace(row, message=self._session.message(row))
        self.rows[row.metric] = row
        self.pending.pop(row.metric, None)
        self._session.settled(row)
