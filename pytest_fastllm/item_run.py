"""One test's part of a run: its workload, its comparison and its row."""

from __future__ import annotations

import asyncio
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from .comparison.check import Checked, check
from .comparison.measure import Budget, Measurement, measure
from .errors import FastllmError, SwitchError, TimingRefused, UsageError, WorkloadError
from .explain import explain
from .fixture import is_async
from .model import Metric, Row, Side, SideValue, Verdict
from .timing.executors import LoopExecutor, OwnLoopExecutor, PlainExecutor
from .timing.refusal import why_timing_is_refused
from .timing.steps import AsyncExecutor, CallOnce, TimeCalls, drive, drive_async
from .toggle.proof import NativeCalls
from .toggle.switch import NoSwitch, switch_for
from .verify.answers import brief_traceback
from .workload import Workload

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from .component import Component
    from .marker import Marker
    from .session import Session


@dataclass(frozen=True)
class ItemName:
    """Names of one item's row."""

    component: str
    workload: str


class ItemRun:
    """What the `accelerated` fixture of one test does its work through.

    Args:
        session: the run.
        item: the test.
        marker: what its marker says.
        name: of its row.
        component: whose sides are compared; None for tests that only use ``versus``.
    """

    def __init__(
        self, session: Session, item: pytest.Item, marker: Marker, name: ItemName, component: Component | None
    ) -> None:
        """Nothing is compared yet."""
        self._session = session
        self._item = item
        self._marker = marker
        self._name = name
        self._component = component
        self._seed = zlib.crc32(item.nodeid.encode())
        self._compared = False
        self._at_end: list[Callable[[], None]] = []
        self.row: Row | None = None

    # What the fixture asks for.

    def require_available(self) -> None:
        """Skip the test where its component cannot be compared here; fail it under strict."""
        reason = self._component.why_unavailable() if self._component is not None else None
        if reason is None:
            return
        self._record(Verdict.UNAVAILABLE, reason)
        if self._session.config.strict:
            pytest.fail(f"{self._label}: unavailable: {reason} (--fastllm-strict)", pytrace=False)
        pytest.skip(f"{self._label}: unavailable: {reason}")

    def require_component(self) -> Component:
        """The component of the test's marker.

        Raises:
            UsageError: the test names none.
        """
        if self._component is None:
            raise UsageError(
                f'{self._item.nodeid} names no component; add @pytest.mark.fastllm("name"), or compare two '
                "callables with accelerated.versus(reference, accelerated, ...)"
            )
        return self._component

    def at_end(self, action: Callable[[], None]) -> None:
        """Have ``action`` run when the test is over."""
        self._at_end.append(action)

    def finish(self) -> None:
        """Put back whatever the test switched, the last first."""
        while self._at_end:
            self._at_end.pop()()

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
        marker, component = self._marker, self._component
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
            tasks=marker.tasks,
            **more,
        )

    def compare(self, workload: Workload, versus: bool = False) -> Any:
        """Carry out a comparison by plain calls, or in a loop of its own for a coroutine function."""
        if not any(is_async(function) for function in workload.functions.values()):
            return drive(self._steps(workload, versus), PlainExecutor())
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            pass
        else:
            raise UsageError(
                "accelerated(...) got a coroutine function inside a running loop; use "
                "`await accelerated.acall(...)`"
            )
        executor = OwnLoopExecutor()
        try:
            return drive(self._steps(workload, versus), executor)
        finally:
            executor.close()

    async def compare_async(self, workload: Workload) -> Any:
        """Carry out a comparison in the running loop."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            raise UsageError("accelerated.acall needs asyncio; trio and others are not supported") from None
        executor: AsyncExecutor = LoopExecutor()
        return await drive_async(self._steps(workload, versus=False), executor)

    # The comparison itself.

    def _steps(self, workload: Workload, versus: bool) -> Generator[CallOnce | TimeCalls, Any, Any]:
        if self._compared:
            raise UsageError(
                f"{self._item.nodeid} makes a second speed comparison; one per test has a name in the baselines. "
                "Use pytest.mark.parametrize, or a test for each"
            )
        self._compared = True
        component = None if versus else self._component
        try:
            checked = yield from check(component, workload, self._seed)
        except (SwitchError, WorkloadError) as error:
            self._record(Verdict.ERROR, str(error))
            raise
        if checked.mismatch is not None:
            self._record(Verdict.MISMATCH, checked.mismatch)
            pytest.fail(f"{self._label}: mismatch: {checked.mismatch}", pytrace=False)
        raised = checked.answer.error
        if raised is not None and not isinstance(raised, workload.raises):
            self._record(
                Verdict.UNJUDGED,
                f"both sides raised {type(raised).__name__}, so nothing was timed; pass raises= if that is the point",
            )
            raise raised
        if self._session.config.compare:
            yield from self._measured(component, workload, checked)
        return checked.answer.value

    def _measured(
        self, component: Component | None, workload: Workload, checked: Checked
    ) -> Generator[CallOnce | TimeCalls, Any, None]:
        session = self._session
        refused = why_timing_is_refused()
        if refused is not None:
            self._record(Verdict.ERROR, f"timing is refused: {refused}")
            raise TimingRefused(f"timing is refused: {refused}")
        bound = session.bound(self._label, Metric.SPEEDUP, self._with_cores)
        native = (
            NativeCalls(component.native_calls) if component is not None and component.native_calls else None
        )
        budget = Budget(session.config.max_seconds, session.alpha, session.corrected_alpha)
        try:
            with switch_for(component) if component is not None else NoSwitch() as switch:
                measurement = yield from measure(
                    workload,
                    switch,
                    native,
                    checked.draws_random,
                    self._seed,
                    budget,
                    session.decide(bound, budget),
                )
        except FastllmError as error:
            self._record(Verdict.ERROR, str(error))
            raise
        except Exception as error:
            self._record(Verdict.ERROR, f"the workload broke while it was timed: {brief_traceback(error)}")
            raise
        self._record_measurement(measurement, bound)

    def _record_measurement(self, measured: Measurement, bound: Any) -> None:
        row = self._bare_row(measured.verdict)
        row = replace(
            row,
            interval=measured.interval,
            corrected=measured.corrected,
            bound=bound,
            warnings=measured.warnings,
            reference=SideValue(measured.typical_s[Side.REFERENCE], "s"),
            accelerated=SideValue(measured.typical_s[Side.ACCELERATED], "s"),
            total_ratio=measured.total_ratio,
            pairs=len(measured.series),
            batch=measured.calls,
            looks=measured.looks,
            stopped=measured.stopped,
            native_calls=measured.native_calls,
            seconds=measured.seconds,
            calibration=measured.figures,
            samples=self._samples(measured),
        )
        self._keep(replace(row, message=explain(row)))

    def _samples(self, measured: Measurement) -> dict[str, tuple[float, ...]] | None:
        if not self._session.config.json_samples:
            return None
        return {
            "reference_s": tuple(measured.series.reference_s),
            "accelerated_s": tuple(measured.series.accelerated_s),
        }

    # Rows.

    @property
    def _label(self) -> str:
        return f"{self._name.component}/{self._name.workload}"

    @property
    def _with_cores(self) -> bool:
        return self._marker.threads > 1

    def _bare_row(self, verdict: Verdict) -> Row:
        callspec = getattr(self._item, "callspec", None)
        params = dict(callspec.params) if callspec is not None else {}
        return Row(
            component=self._name.component,
            workload=self._name.workload,
            metric=Metric.SPEEDUP,
            nodeid=self._item.nodeid,
            environment=self._session.environment(self._with_cores).id,
            verdict=verdict,
            threads=self._marker.threads,
            params={k: v for k, v in params.items() if isinstance(v, (str, int, float, bool, type(None)))},
        )

    def _record(self, verdict: Verdict, message: str) -> None:
        if self._session.config.compare:
            self._keep(replace(self._bare_row(verdict), message=message))

    def _keep(self, row: Row) -> None:
        self.row = row
        self._session.rows.append(row)
        self._item.user_properties.append(("fastllm_verdict", row.verdict.value))
        if row.interval is not None:
            self._item.user_properties.append(("fastllm_speedup", row.interval.estimate))
