"""What a run came to: its final rows, the files that are written of them, and the words for the terminal."""

from __future__ import annotations

import datetime
import json
from typing import TYPE_CHECKING, Any

from ..baselines import Mode, update_file
from ..errors import FastllmError
from ..files import write_atomically
from ..model import Results
from ..processes.job import Task
from ..report.terminal import section
from ..results import dump_results

if TYPE_CHECKING:
    from pathlib import Path

    from ..config import Config
    from ..model import Row
    from ..processes.job import Job
    from .collection import Collection
    from .environments import Environments


class Outcome:
    """The end of one run.

    Args:
        config: the options.
        job: what this process does for its parent, if it has one.
        command: how the run was called.
        baselines_path: the file of the bounds.
        tests: in the order of which rows are kept.
        environments: where the run measures.
    """

    def __init__(
        self,
        config: Config,
        job: Job | None,
        *,
        command: tuple[str, ...],
        baselines_path: Path,
        tests: Collection,
        environments: Environments,
    ) -> None:
        """Nothing is final yet."""
        self.rows: list[Row] = []
        self.memory: dict[str, object] = {}
        """As a helper interpreter: what was measured, by ``component/workload``."""
        self.failed = False
        self._config = config
        self._job = job
        self._command = command
        self._baselines_path = baselines_path
        self._tests = tests
        self._environments = environments
        self._notes: list[str] = []

    def settled(self, row: Row) -> None:
        """A row is final: keep it in the order in which the tests were collected."""
        self.rows = [other for other in self.rows if (other.nodeid, other.metric) != (row.nodeid, row.metric)]
        self.rows.append(row)
        self.rows.sort(key=lambda each: self._tests.place(each.nodeid))

    def note(self, line: str) -> None:
        """Have a line printed at the end."""
        self._notes.append(line)

    def results(self) -> Results:
        """The whole run as data."""
        used = {row.environment for row in self.rows}
        return Results(
            created=datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            command=self._command,
            environments={id: each for id, each in self._environments.described().items() if id in used},
            comparisons=self._tests.comparisons,
            rows=tuple(self.rows),
        )

    def write(self, *, ran: bool) -> None:
        """Write the files that were asked for; `summarize` says what became of it.

        Args:
            ran: whether there was a run; without one, what earlier runs wrote stays.
        """
        try:
            if self._job is not None:
                self._hand_over(self._job)
                return
            if not ran and not self.rows:
                return
            if self._config.json is not None:
                write_atomically(self._config.json, dump_results(self.results()))
                self.note(f"results written to {self._config.json}")
            if self._config.update:
                self._update()
        except FastllmError as error:
            self.failed = True
            self.note(f"ERROR: {error}")

    def _hand_over(self, job: Job) -> None:
        text = json.dumps(self.memory) if job.task is Task.MEMORY else dump_results(self.results())
        write_atomically(job.output, text)

    def _update(self) -> None:
        modes = {Mode(word) for word in self._config.update}
        done = update_file(self._baselines_path, [self.results()], modes=modes)
        for line in done.skipped:
            self.note(f"not stored: {line}")
        if done.changes:
            self.note(f"{self._baselines_path} written:")
            for line in done.changes:
                self.note(line)
        else:
            self.note(f"{self._baselines_path} is up to date; nothing was written")

    def summarize(self, terminal: Any, *, found_none: bool) -> None:
        """Print the table, the advice and what was written; ``found_none``: no test was to be run."""
        terminal.section("fastllm")
        for line in (*section(self.rows, found_none=found_none), *self._notes):
            terminal.write_line(line)
