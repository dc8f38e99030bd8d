"""This run's fresh interpreters: what each is asked, for how long, and which row broke in one."""

from __future__ import annotations

import json
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import FastllmError
from ..memory.per_key import SideMemory
from ..model import Metric, Row, Side, Verdict
from ..processes.child import ChildFailed, Output, child
from ..processes.job import Job, Task
from ..results import load_results

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from .protocol import Held
    from .session import Session

    Waiting = Sequence[tuple[Held, Row]]

LEAST_VISIT_S = 0.2
_START_S = 60.0  # imports of a fresh interpreter; LiteLLM takes seconds
_LEAST_START_S = 10.0
_MEMORY_SHARE = 6  # a memory comparison may take so many times a speed comparison's time


class Interpreters:
    """Starts fresh interpreters on some of a run's tests. Under a limited run they share what is left of it.

    Args:
        session: the run.
    """

    def __init__(self, session: Session) -> None:
        """None is started yet."""
        self._session = session
        self._started_s = time.monotonic()

    def measured(
        self,
        waiting: Waiting,
        task: Task,
        count: int,
        profile: Mapping[str, tuple[Side, ...]] | None = None,
    ) -> list[tuple[Held, Row, list[Row]]]:
        """Every waiting row with its rows of ``count`` interpreters; rows that broke there are settled.

        Args:
            waiting: the rows.
            task: what the interpreters are for.
            count: how many run all of the rows.
            profile: sides that the first of them keeps a profile of, by ``component/workload``.
        """
        measured: dict[str, list[Row]] = {row.key: [] for _, row in waiting}
        printed = ""
        try:
            for number in range(count):
                wanted = profile if profile and number == 0 else {}
                rows, printed = self._rows_of_one(waiting, task, count - number, wanted)
                for key, row in rows.items():
                    measured.setdefault(key, []).append(row)
        except FastllmError as error:
            if len(waiting) == 1:
                settle_broken(waiting, str(error))
                return []
            return [each for half in _halves(waiting) for each in self.measured(half, task, count, profile)]
        complete = []
        for held, row in waiting:
            there = measured[row.key]
            unmeasured = next((other for other in there if other.interval is None), None)
            if len(there) < count:
                message = f"a fresh interpreter did not run this test; it printed:\n{printed[-4000:].strip()}"
                settle_broken([(held, row)], message)
            elif unmeasured is not None:
                message = f"a fresh interpreter came to {unmeasured.verdict.value}: {unmeasured.message}"
                settle_broken([(held, row)], message)
            else:
                complete.append((held, row, there))
        return complete

    def _rows_of_one(
        self, waiting: Waiting, task: Task, to_come: int, profile: Mapping[str, tuple[Side, ...]]
    ) -> tuple[dict[str, Row], str]:
        """The rows that one fresh interpreter measured, by key, and what it printed."""
        with tempfile.TemporaryDirectory(prefix="fastllm-") as name:
            job = Job(
                task,
                Path(name),
                self._session.tests.comparisons,
                profile=profile,
                samples=self._session.config.json_samples,
            )
            with self._child(waiting, job, Path(name), to_come) as result:
                output = result()
            rows = load_results(output.result).rows
        return {row.key: row for row in rows if row.metric is Metric.SPEEDUP}, output.text

    def memory(self, waiting: Waiting, to_come: int) -> list[tuple[Held, Row, dict[Side, SideMemory]]]:
        """Every waiting row with both sides' memory, each of a helper of its own; broken rows are settled.

        Args:
            waiting: the rows.
            to_come: how many pairs of helpers have to share what is left of a limited run, this one included.
        """
        try:
            sides = self._helpers(waiting, to_come)
        except FastllmError as error:
            if len(waiting) == 1:
                settle_broken(waiting, str(error))
                return []
            return [each for half in _halves(waiting) for each in self.memory(half, to_come)]
        complete = []
        for held, row in waiting:
            try:
                complete.append((held, row, {side: _side(*sides[side], row, side) for side in Side}))
            except FastllmError as error:
                settle_broken([(held, row)], str(error))
        return complete

    def _helpers(self, waiting: Waiting, to_come: int) -> dict[Side, tuple[Mapping[str, object], str]]:
        """What each side's helper wrote, by key, and what it printed.

        They run at the same time: how fast they are changes no byte.
        """
        with ExitStack() as stack:
            results = {}
            for side in Side:
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fastllm-")))
                job = Job(Task.MEMORY, folder, self._session.tests.comparisons, side)
                results[side] = stack.enter_context(self._child(waiting, job, folder, to_come))
            return {side: _written(result(), side) for side, result in results.items()}

    def _child(
        self, waiting: Waiting, job: Job, folder: Path, to_come: int
    ) -> AbstractContextManager[Callable[[], Output]]:
        session = self._session
        terminal = session.pytest_config.pluginmanager.getplugin("terminalreporter")
        if terminal is not None:
            side = f" ({job.side.value})" if job.side is not None else ""
            terminal.write_line(
                f"\nfastllm: a fresh interpreter, {job.task.value}{side}: {len(waiting)} tests"
            )
        row_s = self._seconds_per_row(len(waiting) * to_come, job.task)
        return child(
            session.pytest_config,
            replace(session.config, max_seconds=row_s),
            [held.item for held, _ in waiting],
            job,
            session.baselines_path,
            folder,
            self._timeout_s(len(waiting), row_s),
        )

    def _seconds_per_row(self, rows: int, task: Task) -> float:
        share_s = self._session.time.seconds_left / rows
        if task is Task.MEMORY:
            share_s /= _MEMORY_SHARE
        # Each row has its least: it is this row's only chance, or the proof of a regression.
        return min(self._session.config.max_seconds, max(LEAST_VISIT_S, share_s))

    def _timeout_s(self, rows: int, row_s: float) -> float:
        if self._session.config.max_run_seconds is None:
            return _START_S + rows * (10.0 + 8 * row_s)
        # It has nothing to import that this process has not imported since it began.
        start_s = _LEAST_START_S + 2 * (self._started_s - self._session.time.started_s)
        return min(_START_S, start_s) + rows * (2.0 + 8 * row_s)


def _halves(waiting: Waiting) -> tuple[Waiting, Waiting]:
    """Whoever broke the interpreter shall not take the others along."""
    middle = len(waiting) // 2
    return waiting[:middle], waiting[middle:]


def _written(output: Output, side: Side) -> tuple[Mapping[str, object], str]:
    data = json.loads(output.result.read_text(encoding="utf-8"))
    if not isinstance(data, dict):
        raise ChildFailed(f"the {side.value} side's helper wrote {data!r:.80}; expected an object")
    return data, output.text


def settle_broken(waiting: Waiting, message: str) -> None:
    """Rows whose interpreter broke are errors."""
    for held, row in waiting:
        held.rows.settle(replace(row, verdict=Verdict.ERROR, interval=None, corrected=None, message=message))


def _side(written: Mapping[str, object], printed: str, row: Row, side: Side) -> SideMemory:
    entry = written.get(row.key)
    if isinstance(entry, dict) and "side" in entry:
        return SideMemory.from_json(entry["side"])
    if isinstance(entry, dict) and "error" in entry:
        raise ChildFailed(f"the {side.value} side: {entry['error']}")
    raise ChildFailed(
        f"the {side.value} side's helper did not measure this test; it printed:\n{printed[-4000:].strip()}"
    )
