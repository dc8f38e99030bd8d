"""After all tests have run once: more time for the undecided, fresh interpreters for the rest."""

from __future__ import annotations

import json
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import FastllmError
from ..judge import PROCESS_DEPENDENT, judge
from ..memory.per_key import SideMemory
from ..memory.ratio import memory_ratio
from ..model import Metric, Row, Side, Verdict
from ..processes.child import ChildFailed, Output, child
from ..processes.combine import combine
from ..processes.job import Job, Task
from ..results import load_results
from .item_run import Pending
from .rows import memory_row

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from .protocol import Held, Protocol
    from .session import Session

CONFIRMATIONS = 2
FAILING = (Verdict.BELOW, Verdict.ABOVE)
_START_S = 60.0  # imports of a fresh interpreter; LiteLLM takes seconds
_LEAST_VISIT_S = 0.2


class SecondPass:
    """Settles every row that its test left pending.

    Args:
        session: the run.
        protocol: what holds the items.
    """

    def __init__(self, session: Session, protocol: Protocol) -> None:
        """Nothing is settled yet."""
        self._session = session
        self.protocol = protocol

    def run(self) -> None:
        """Settle all rows, then report the items in the order in which they ran."""
        self._session.second_pass = True
        try:
            self._more_time()
            self._memory()
            self._processes()
            self._confirm()
        finally:
            self._session.second_pass = False
            self.abandon()

    def abandon(self) -> None:
        """Report what is held, rows that are still pending as inconclusive."""
        for held in self.protocol.held:
            held.run.settle_unfinished("interrupted before it was settled")
            self.protocol.release(held)
        self.protocol.held.clear()

    def confirm_now(self) -> None:
        """Confirm and report the failing rows without waiting for the rest; all else goes on waiting."""
        self._confirm()
        settled = [held for held in self.protocol.held if not held.run.pending]
        self.protocol.held = [held for held in self.protocol.held if held.run.pending]
        for held in settled:
            self.protocol.release(held)

    def _waiting(self, pending: Pending) -> list[tuple[Held, Row]]:
        return [
            (held, held.run.rows[metric])
            for held in self.protocol.held
            for metric, waits_for in held.run.pending.items()
            if waits_for is pending
        ]

    def _settle(self, held: Held, row: Row) -> None:
        held.run.settle(row)

    # Rows that were undecided when their share of a limited run was over.

    def _more_time(self) -> None:
        waiting = self._waiting(Pending.MORE)
        waiting.sort(key=lambda entry: -_half_width(entry[1]))
        for held, row in waiting:
            if self._session.seconds_left > _LEAST_VISIT_S:
                self.protocol.again(held)
            still = held.run.pending.get(Metric.SPEEDUP)
            if still is Pending.MORE:
                final = held.run.rows.get(Metric.SPEEDUP, row)
                assert final.interval is not None
                verdict = judge(final.interval, final.corrected, final.bound, final=True)
                assert verdict is not None
                if verdict in FAILING:  # decided by the pairs of the pause
                    held.run.rows[Metric.SPEEDUP] = replace(final, verdict=verdict, stopped="time")
                    held.run.pending[Metric.SPEEDUP] = Pending.CONFIRMATION
                else:
                    self._settle(held, replace(final, verdict=verdict, stopped="time"))

    # Fresh interpreters.

    def _child(
        self, waiting: Sequence[tuple[Held, Row]], job: Job, folder: Path
    ) -> AbstractContextManager[Callable[[], Output]]:
        session = self._session
        terminal = session.pytest_config.pluginmanager.getplugin("terminalreporter")
        if terminal is not None:
            side = f" ({job.side.value})" if job.side is not None else ""
            terminal.write_line(
                f"\nfastllm: a fresh interpreter, {job.task.value}{side}: {len(waiting)} tests"
            )
        timeout_s = _START_S + len(waiting) * (10.0 + 8 * session.config.max_seconds)
        return child(
            session.pytest_config,
            session.config,
            [held.item for held, _ in waiting],
            job,
            session.baselines_path,
            folder,
            timeout_s,
        )

    def _rows_of_child(self, waiting: Sequence[tuple[Held, Row]], task: Task) -> tuple[dict[str, Row], str]:
        """The rows that one fresh interpreter measured, by key, and what it printed."""
        with tempfile.TemporaryDirectory(prefix="fastllm-") as name:
            job = Job(task, Path(name), self._session.comparisons)
            with self._child(waiting, job, Path(name)) as result:
                output = result()
            rows = load_results(output.result).rows
        return {row.key: row for row in rows if row.metric is Metric.SPEEDUP}, output.text

    def _children(
        self, waiting: Sequence[tuple[Held, Row]], task: Task, count: int
    ) -> list[tuple[Held, Row, list[Row]]]:
        """Every waiting row with the rows of ``count`` interpreters; rows that broke there are settled."""
        measured: dict[str, list[Row]] = {row.key: [] for _, row in waiting}
        printed = ""
        try:
            for _ in range(count):
                rows, printed = self._rows_of_child(waiting, task)
                for key, row in rows.items():
                    measured.setdefault(key, []).append(row)
        except FastllmError as error:
            if len(waiting) > 1:  # whoever broke the interpreter shall not take the others along
                middle = len(waiting) // 2
                return [
                    *self._children(waiting[:middle], task, count),
                    *self._children(waiting[middle:], task, count),
                ]
            for held, row in waiting:
                self._settle(held, _broken(row, str(error)))
            return []
        complete = []
        for held, row in waiting:
            there = measured[row.key]
            unmeasured = next((other for other in there if other.interval is None), None)
            if len(there) < count:
                message = f"a fresh interpreter did not run this test; it printed:\n{printed[-4000:].strip()}"
                self._settle(held, _broken(row, message))
            elif unmeasured is not None:
                message = f"a fresh interpreter came to {unmeasured.verdict.value}: {unmeasured.message}"
                self._settle(held, _broken(row, message))
            else:
                complete.append((held, row, there))
        return complete

    def _processes(self) -> None:
        session = self._session
        waiting = self._waiting(Pending.PROCESSES)
        if not waiting:
            return
        measured = self._children(waiting, Task.MEASURE, session.processes)
        if not measured:
            return
        combined = combine(
            {row.key: rows for _, row, rows in measured}, session.alpha, session.corrected_alpha
        )
        for held, row, _ in measured:
            merged = combined[row.key]
            bound = session.bound(row.key, Metric.SPEEDUP, row.threads > 1)
            assert merged.interval is not None
            verdict = judge(merged.interval, merged.corrected, bound, final=True)
            assert verdict is not None
            merged = replace(merged, nodeid=row.nodeid, bound=bound, verdict=verdict, message=None)
            if verdict in FAILING and "fix" not in session.config.update:
                held.run.rows[Metric.SPEEDUP] = merged
                held.run.pending[Metric.SPEEDUP] = Pending.CONFIRMATION
            else:
                self._settle(held, merged)

    def _confirm(self) -> None:
        waiting = self._waiting(Pending.CONFIRMATION)
        if not waiting:
            return
        for held, row, others in self._children(waiting, Task.CONFIRM, CONFIRMATIONS):
            # The suspicion is given: each further interpreter is asked one question, at its own error rate.
            confirmed = all(
                judge(other.interval, other.interval, row.bound, final=True) is row.verdict
                for other in others
                if other.interval is not None
            )
            row = replace(row, processes=row.processes + len(others))
            if not confirmed:
                row = replace(
                    row,
                    verdict=Verdict.INCONCLUSIVE,
                    warnings=(*row.warnings, PROCESS_DEPENDENT),
                    message=None,
                )
            self._settle(held, row)

    # Memory.

    def _memory(self) -> None:
        waiting = self._waiting(Pending.MEMORY)
        measured = self._memory_rows(waiting)
        failing = [(held, row) for held, row in measured if row.verdict in FAILING]
        suspected = {row.key for _, row in failing}
        confirmed = suspected
        if failing and "fix" not in self._session.config.update:
            for _ in range(CONFIRMATIONS):
                again = {row.key: row.verdict for _, row in self._memory_rows(failing)}
                confirmed = {row.key for _, row in failing if again.get(row.key) is row.verdict} & confirmed
        for held, row in measured:
            self._settle(held, _unconfirmed(row) if row.key in suspected - confirmed else row)

    def _memory_rows(self, waiting: Sequence[tuple[Held, Row]]) -> list[tuple[Held, Row]]:
        """Measure in one helper interpreter per side; rows that broke are settled and left out."""
        if not waiting:
            return []
        session = self._session
        try:
            sides = self._helpers(waiting)
        except FastllmError as error:
            for held, row in waiting:
                self._settle(held, _broken(row, str(error)))
            return []
        measured = []
        for held, row in waiting:
            try:
                reference, accelerated = (_side(*sides[side], row, side) for side in Side)
                ratio = memory_ratio(reference, accelerated, session.alpha)
                corrected = memory_ratio(reference, accelerated, session.corrected_alpha).interval
            except FastllmError as error:
                self._settle(held, _broken(row, str(error)))
                continue
            bound = session.bound(row.key, Metric.MEMORY_RATIO, row.threads > 1)
            verdict = judge(ratio.interval, corrected, bound, final=True)
            assert verdict is not None
            row = memory_row(row, reference, accelerated, ratio)  # the same row, measured
            measured.append(
                (held, replace(row, corrected=corrected, bound=bound, verdict=verdict, message=None))
            )
        return measured

    def _helpers(self, waiting: Sequence[tuple[Held, Row]]) -> dict[Side, tuple[Mapping[str, object], str]]:
        """What each side's helper wrote, by key, and what it printed.

        They run at the same time: how fast they are changes no byte.
        """
        with ExitStack() as stack:
            results = {}
            for side in Side:
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fastllm-")))
                job = Job(Task.MEMORY, folder, self._session.comparisons, side)
                results[side] = stack.enter_context(self._child(waiting, job, folder))
            return {side: _written(result(), side) for side, result in results.items()}


def _written(output: Output, side: Side) -> tuple[Mapping[str, object], str]:
    data = json.loads(output.result.read_text(encoding="utf-8"))
    if not isinstance(data, dict):
        raise ChildFailed(f"the {side.value} side's helper wrote {data!r:.80}; expected an object")
    return data, output.text


def _side(written: Mapping[str, object], printed: str, row: Row, side: Side) -> SideMemory:
    entry = written.get(row.key)
    if isinstance(entry, dict) and "side" in entry:
        return SideMemory.from_json(entry["side"])
    if isinstance(entry, dict) and "error" in entry:
        raise ChildFailed(f"the {side.value} side: {entry['error']}")
    raise ChildFailed(
        f"the {side.value} side's helper did not measure this test; it printed:\n{printed[-4000:].strip()}"
    )


def _unconfirmed(row: Row) -> Row:
    return replace(
        row, verdict=Verdict.INCONCLUSIVE, warnings=(*row.warnings, PROCESS_DEPENDENT), message=None
    )


def _broken(row: Row, message: str) -> Row:
    return replace(row, verdict=Verdict.ERROR, interval=None, corrected=None, message=message)


def _half_width(row: Row) -> float:
    return row.interval.half_width if row.interval is not None else 0.0
