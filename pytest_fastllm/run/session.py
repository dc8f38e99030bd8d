"""One pytest run: its options, components, bounds and rows. The hooks of `plugin` only call this."""

from __future__ import annotations

import datetime
import json
import time
from typing import TYPE_CHECKING, Any

from .. import environment
from ..baselines import Baselines, Mode, RowName, load_baselines, update_file
from ..comparison.profile import profile_path
from ..errors import FastllmError, UsageError
from ..explain import explain
from ..files import check_writable, write_atomically
from ..judge import applied_bound, judge
from ..model import AppliedBound, Environment, Interval, Metric, Results, Row, Side, Verdict
from ..moved import describe_change, moved
from ..processes.job import Task, read_job
from ..report.terminal import section
from ..results import dump_results
from ..timing.calibration import Calibration
from ..timing.refusal import why_timing_is_refused
from .collection import Collection
from .item_rows import ItemRows, Pending
from .item_run import ItemRun

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import pytest

    from ..comparison.measure import Budget, Progress
    from ..component import Component
    from ..config import Config
    from ..memory.workload import MemoryWorkload

RUN_ALPHA = 0.01
ROW_ALPHA = 0.01
UPDATE_PROCESSES = 5
_WATCHED_PACKAGES = ("litellm", "pytest-fastllm")


class Session:
    """Everything one run knows.

    Args:
        config: the options.
        pytest_config: pytest's own.

    Raises:
        UsageError: options that cannot work together, or a baselines file that cannot be used.
    """

    def __init__(self, config: Config, pytest_config: pytest.Config) -> None:
        """Check everything that can be checked before tests are collected."""
        self.config = config
        self.pytest_config = pytest_config
        self.job = read_job()
        self.rows: list[Row] = []
        self.items: dict[str, ItemRows] = {}
        self.progress: dict[str, Progress] = {}
        self.calibration = Calibration()
        self.comparisons = 0
        self.failed = False
        self.baselines_path = config.baselines or pytest_config.rootpath / "baselines.json"
        self.baselines = Baselines()
        self.second_pass = False
        self._notes: list[str] = []
        self.started_s = time.monotonic()
        self._tests = Collection()
        self._environments: dict[bool, Environment] = {}
        self._memory: dict[str, object] = {}
        if config.compare:
            self._check_alone()
            if config.baselines is not None and not config.update and not config.baselines.exists():
                raise UsageError(
                    f"--fastllm-baselines {config.baselines}: no such file; name an existing one, or create it "
                    "with --fastllm-update"
                )
            self.baselines = load_baselines(self.baselines_path)
            for path in (config.json, self.baselines_path if config.update else None):
                if path is not None:
                    check_writable(path)

    def _check_alone(self) -> None:
        # getattr: without xdist there is no such option.
        workers = getattr(self.pytest_config.option, "numprocesses", None)
        if workers or hasattr(self.pytest_config, "workerinput"):
            raise UsageError(
                "--fastllm-compare measures, and workers that run side by side disturb each other; add -n0"
            )

    # Collection.

    def collected(self, items: list[pytest.Item]) -> list[pytest.Item]:
        """Check the markers of all items and name their rows.

        Returns:
            The items to deselect: under ``--fastllm-compare`` those that do not use the fixture.

        Raises:
            UsageError: an unknown component or keyword, or two items with one name.
        """
        others = self._tests.add(items, measured=self.config.compare)
        self.comparisons = self.job.comparisons if self.job is not None else len(self._tests)
        self._environments.clear()  # the header named it before the components, and so their packages, were known
        return others if self.config.compare else []

    def visit(self, item: pytest.Item) -> tuple[ItemRun, ItemRows]:
        """A new visit to one item: what its fixture works through, and what becomes of it."""
        test = self._tests.of(item)
        rows = self.items[item.nodeid] = ItemRows(self, item, test)
        return ItemRun(self, item, test, rows), rows

    # Measuring.

    @property
    def processes(self) -> int:
        """How many fresh interpreters measure each row; 1 is this one."""
        if self.job is not None:
            return 1
        return self.config.processes or (UPDATE_PROCESSES if self.config.update else 1)

    @property
    def keeps_samples(self) -> bool:
        """Whether rows keep their raw samples."""
        return self.config.json_samples or (self.job is not None and self.job.samples)

    @property
    def job_measures_speed(self) -> bool:
        """Whether speed is this process's business: a memory helper has to stay as it was imported."""
        return self.job is None or self.job.task is not Task.MEMORY

    @property
    def pause_seconds(self) -> float:
        """How long one visit to a row may take. In the first pass the rows share half of a limited run."""
        limit_s = self.config.max_run_seconds
        if limit_s is None or self.job is not None:
            return self.config.max_seconds
        if self.second_pass:
            return self.seconds_left
        return min(self.config.max_seconds, limit_s / 2 / max(1, self.comparisons))

    @property
    def seconds_left(self) -> float:
        """What is left of ``--fastllm-max-run-seconds``."""
        limit_s = self.config.max_run_seconds
        return float("inf") if limit_s is None else self.started_s + limit_s - time.monotonic()

    def refuse_timing(self) -> None:
        """Refuse a measuring run where no row could be timed.

        Raises:
            UsageError: the cause and the remedy.
        """
        refused = why_timing_is_refused() if self.config.compare else None
        if refused is not None:
            raise UsageError(f"timing is refused: {refused}")

    def environment(self, with_cores: bool = False) -> Environment:
        """Where this run measures."""
        if with_cores not in self._environments:
            packages = {*_WATCHED_PACKAGES, *self._tests.packages()}
            self._environments[with_cores] = environment.describe(sorted(packages), with_cores)
        return self._environments[with_cores]

    def measure_memory(self, item: pytest.Item, component: Component, workload: MemoryWorkload) -> None:
        """As a helper interpreter: measure one side and keep the result for the parent."""
        if self.job is None or self.job.task is not Task.MEMORY or self.job.side is None:
            return
        from .memory_helper import measure_here

        self._memory[self._tests.of(item).key] = measure_here(
            component, self.job.side, workload, self.config.max_seconds
        )

    # Judging.

    @property
    def alpha(self) -> float:
        """Error of a row's own interval."""
        return ROW_ALPHA

    @property
    def corrected_alpha(self) -> float:
        """Error of the interval that can fail a row: 1 % over all comparisons collected."""
        return RUN_ALPHA / max(1, self.comparisons + self._tests.memory_rows())

    def bound(self, key: str, metric: Metric, with_cores: bool = False) -> AppliedBound | None:
        """The bound that applies to a row here."""
        return applied_bound(self.baselines, self.environment(with_cores).id, key, metric)

    def decide(
        self, bound: AppliedBound | None, budget: Budget
    ) -> Callable[[Interval, Interval, bool], Verdict | None]:
        """The judge of one row. With no bound to stop on, precision ends the sampling."""
        measuring_child = self.job is not None and self.job.task is Task.MEASURE
        precise_instead = bound is None or bool(self.config.update) or measuring_child

        def verdict(interval: Interval, corrected: Interval, final: bool) -> Verdict | None:
            enough = precise_instead and interval.half_width <= budget.half_width
            if precise_instead and not (enough or final):
                return None
            return judge(interval, corrected, bound, final=final or enough)

        return verdict

    def pending(self, verdict: Verdict | None) -> Pending | None:
        """What a measured row still waits for; children leave everything further to their parent."""
        if self.job is not None:
            return None
        if verdict is None:
            return Pending.MORE
        return Pending.CONFIRMATION if verdict in (Verdict.BELOW, Verdict.ABOVE) else None

    def message(self, row: Row) -> str | None:
        """What is to be said of a judged row; of one out of its bounds also what changed."""
        text = explain(row)
        if row.verdict not in (Verdict.BELOW, Verdict.ABOVE) or row.bound is None:
            return text
        stored = self.baselines.find(row.bound.source, RowName(row.key, row.metric))
        versions = self.environment(row.threads > 1).packages
        return f"{text}\n  since the baseline: {describe_change(row, stored, versions)}"

    def settled(self, row: Row) -> None:
        """A row is final: keep it in the order in which the tests were collected."""
        self.rows = [other for other in self.rows if (other.nodeid, other.metric) != (row.nodeid, row.metric)]
        self.rows.append(row)
        self.rows.sort(key=self._position)

    def _position(self, row: Row) -> int:
        return self._tests.place(row.nodeid)

    def sides_to_profile(self, row: Row) -> tuple[Side, ...]:
        """The sides whose profile is wanted of a row that is out of its bounds: the one that moved, else both."""
        if not self.config.profile:
            return ()
        assert row.bound is not None
        found = moved(row, self.baselines.find(row.bound.source, RowName(row.key, row.metric)))
        return found.sides if found is not None and found.sides else tuple(Side)

    def sides_to_profile_here(self, key: str) -> tuple[Side, ...]:
        """As an interpreter that confirms a row: the sides whose profile its parent asked for."""
        return self.job.profile.get(key, ()) if self.job is not None else ()

    @property
    def profiles(self) -> Path:
        """Where profiles are kept."""
        return self.pytest_config.rootpath / "fastllm-profiles"

    def note_profiles(self, key: str, sides: Sequence[Side]) -> None:
        """Say where the profiles lie that an interpreter was asked for."""
        for side in sides:
            path = profile_path(self.profiles, key, side)
            if path.exists():
                self.note(f"profile of the {side.value} side of {key}: python -m pstats {path}")

    def failure(self, row: Row) -> str | None:
        """Why this row fails its test, or None."""
        if row.verdict.fails:
            if self.job is not None and row.interval is not None:
                return None  # the parent judges
            if "fix" in self.config.update and row.verdict in (Verdict.BELOW, Verdict.ABOVE):
                return None
            return f"{row.key}: {row.verdict.value}: {row.message}"
        if self.config.strict and row.verdict.fails_under_strict and not self.config.update:
            return f"{row.key}: {row.verdict.value}: {row.message} (--fastllm-strict)"
        return None

    # The end.

    def note(self, line: str) -> None:
        """Have a line printed at the end."""
        self._notes.append(line)

    def results(self) -> Results:
        """The whole run as data."""
        used = {row.environment for row in self.rows}
        return Results(
            created=datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            command=("pytest", *map(str, self.pytest_config.invocation_params.args)),
            environments={e.id: e for e in self._environments.values() if e.id in used},
            comparisons=self.comparisons,
            rows=tuple(self.rows),
        )

    def finish(self, *, ran: bool) -> None:
        """Write the files that were asked for; `summarize` says what became of it.

        Args:
            ran: whether there was a run; without one, what earlier runs wrote stays.
        """
        try:
            if self.job is not None:
                self._hand_over()
                return
            if not ran and not self.rows:
                return
            if self.config.json is not None:
                write_atomically(self.config.json, dump_results(self.results()))
                self.note(f"results written to {self.config.json}")
            if self.config.update:
                self._update()
        except FastllmError as error:
            self.failed = True
            self.note(f"ERROR: {error}")

    def _hand_over(self) -> None:
        assert self.job is not None
        text = json.dumps(self._memory) if self.job.task is Task.MEMORY else dump_results(self.results())
        write_atomically(self.job.output, text)

    def _update(self) -> None:
        modes = {Mode(word) for word in self.config.update}
        done = update_file(self.baselines_path, [self.results()], modes=modes)
        for line in done.skipped:
            self.note(f"not stored: {line}")
        if done.changes:
            self.note(f"{self.baselines_path} written:")
            for line in done.changes:
                self.note(line)
        else:
            self.note(f"{self.baselines_path} is up to date; nothing was written")

    # Words for the terminal.

    def header(self) -> list[str] | None:
        """Where this run measures and what it judges by."""
        if not self.config.compare or self.job is not None:
            return None
        found = "" if self.baselines_path.exists() else " (missing)"
        return [f"fastllm: environment {self.environment().id}, bounds from {self.baselines_path}{found}"]

    def summarize(self, terminal: Any) -> None:
        """Print the table, the advice and what was written."""
        if not self.config.compare or self.job is not None or self.pytest_config.option.collectonly:
            return
        terminal.section("fastllm")
        for line in (*section(self.rows), *self._notes):
            terminal.write_line(line)
