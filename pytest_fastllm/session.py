"""One pytest run: its options, components, bounds and rows. The hooks of `plugin` only call this."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest

from . import environment, registry
from .baselines import Baselines, Mode, load_baselines, update_file
from .errors import FastllmError, UsageError
from .files import check_writable, write_atomically
from .item_run import ItemName, ItemRun
from .judge import applied_bound, judge
from .marker import Marker, read_marker
from .model import AppliedBound, Environment, Interval, Metric, Results, Row, Verdict
from .report.terminal import section
from .results import dump_results
from .timing.refusal import why_timing_is_refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from .comparison.measure import Budget
    from .component import Component
    from .config import Config

FIXTURE = "accelerated"
RUN_ALPHA = 0.01
ROW_ALPHA = 0.01
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
        self.rows: list[Row] = []
        self.comparisons = 0
        self.failed = False
        self._notes: list[str] = []
        self.baselines_path = config.baselines or pytest_config.rootpath / "baselines.json"
        self.baselines = Baselines()
        self._pytest_config = pytest_config
        self._registry = registry.Registry()
        self._runs: dict[str, tuple[Marker, ItemName, Component | None]] = {}
        self._environments: dict[bool, Environment] = {}
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
        workers = getattr(self._pytest_config.option, "numprocesses", None)
        if workers or hasattr(self._pytest_config, "workerinput"):
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
        self._registry = registry.collect(self._pytest_config)
        owners: dict[str, str] = {}
        others = []
        for item in items:
            if FIXTURE not in getattr(item, "fixturenames", ()):
                others.append(item)
                if item.get_closest_marker("fastllm") is not None:
                    read_marker(item)
                continue
            self._prepare(item, owners)
        self.comparisons = len(self._runs)
        return others if self.config.compare else []

    def _prepare(self, item: pytest.Item, owners: dict[str, str]) -> None:
        marker = read_marker(item)
        component = self._registry.find(marker.component, item.nodeid) if marker.component else None
        name = _name(item, marker)
        key = f"{name.component}/{name.workload}"
        if key in owners:
            raise UsageError(
                f"{item.nodeid} and {owners[key]} are both named {key!r}; give one of them "
                "@pytest.mark.fastllm(workload=...)"
            )
        owners[key] = item.nodeid
        if self.config.compare and hasattr(getattr(item, "obj", None), "hypothesis"):
            raise UsageError(
                f"{item.nodeid} is a @given test, whose examples differ from run to run; it is compared without "
                "--fastllm-compare, but cannot be measured: give the measured workload a test of its own"
            )
        self._runs[item.nodeid] = (marker, name, component)

    def run_of(self, item: pytest.Item) -> ItemRun:
        """The part of this run that belongs to one item."""
        if item.nodeid not in self._runs:
            self._prepare(item, {})
        return ItemRun(self, item, *self._runs[item.nodeid])

    # Judging.

    @property
    def alpha(self) -> float:
        """Error of a row's own interval."""
        return ROW_ALPHA

    @property
    def corrected_alpha(self) -> float:
        """Error of the interval that can fail a row: 1 % over all comparisons collected."""
        return RUN_ALPHA / max(1, self.comparisons)

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
            packages = {*_WATCHED_PACKAGES, *self._component_packages()}
            self._environments[with_cores] = environment.describe(sorted(packages), with_cores)
        return self._environments[with_cores]

    def _component_packages(self) -> set[str]:
        used = (component for _, _, component in self._runs.values() if component is not None)
        dotted = (name for component in used for name in (component.reference, component.accelerated) if name)
        return {name.partition(":")[0].partition(".")[0] for name in dotted}

    def bound(self, key: str, metric: Metric, with_cores: bool) -> AppliedBound | None:
        """The bound that applies to a row here."""
        return applied_bound(self.baselines, self.environment(with_cores).id, key, metric)

    def decide(
        self, bound: AppliedBound | None, budget: Budget
    ) -> Callable[[Interval, Interval, bool], Verdict | None]:
        """The judge of one row. With no bound to stop on, precision ends the sampling."""
        precise_instead = bound is None or bool(self.config.update)

        def verdict(interval: Interval, corrected: Interval, final: bool) -> Verdict | None:
            enough = precise_instead and interval.half_width <= budget.half_width
            if precise_instead and not (enough or final):
                return None
            return judge(interval, corrected, bound, final=final or enough)

        return verdict

    def failure(self, row: Row) -> str | None:
        """Why this row fails its test, or None."""
        if row.verdict.fails:
            if row.interval is not None and self._mends(row):
                return None
            return f"{row.key}: {row.verdict.value}: {row.message}"
        if self.config.strict and row.verdict.fails_under_strict and not self.config.update:
            return f"{row.key}: {row.verdict.value}: {row.message} (--fastllm-strict)"
        return None

    def _mends(self, row: Row) -> bool:
        return "fix" in self.config.update and row.verdict in (Verdict.BELOW, Verdict.ABOVE)

    # The end.

    def results(self) -> Results:
        """The whole run as data."""
        used = {row.environment for row in self.rows}
        return Results(
            created=datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            command=("pytest", *self._pytest_config.invocation_params.args),
            environments={e.id: e for e in self._environments.values() if e.id in used},
            comparisons=self.comparisons,
            rows=tuple(self.rows),
        )

    def finish(self) -> None:
        """Write the files that were asked for; `summarize` says what became of it."""
        try:
            if self.config.json is not None:
                write_atomically(self.config.json, dump_results(self.results()))
                self._notes.append(f"results written to {self.config.json}")
            if self.config.update:
                self._update()
        except FastllmError as error:
            self.failed = True
            self._notes.append(f"ERROR: {error}")

    def _update(self) -> None:
        modes = {Mode(word) for word in self.config.update}
        done = update_file(self.baselines_path, [self.results()], modes=modes)
        self._notes.extend(f"not stored: {line}" for line in done.skipped)
        if done.changes:
            self._notes.append(f"{self.baselines_path} written:")
            self._notes.extend(done.changes)
        else:
            self._notes.append(f"{self.baselines_path} is up to date; nothing was written")

    # Words for the terminal.

    def header(self) -> list[str] | None:
        """Where this run measures and what it judges by."""
        if not self.config.compare:
            return None
        found = "" if self.baselines_path.exists() else " (missing)"
        return [f"fastllm: environment {self.environment().id}, bounds from {self.baselines_path}{found}"]

    def summarize(self, terminal: pytest.TerminalReporter) -> None:
        """Print the table, the advice and what was written."""
        if not self.config.compare:
            return
        terminal.section("fastllm")
        for line in (*section(self.rows), *self._notes):
            terminal.write_line(line)


def _name(item: pytest.Item, marker: Marker) -> ItemName:
    module = getattr(item, "module", None)
    component = marker.component
    if component is None:
        component = (module.__name__ if module is not None else item.path.stem).rpartition(".")[2]
        component = component.removeprefix("test_")
    workload = marker.workload
    callspec = getattr(item, "callspec", None)
    if workload is None:
        parts = [node.name for node in item.listchain() if isinstance(node, pytest.Class)]
        function = getattr(item, "originalname", None) or item.name.partition("[")[0]
        workload = ".".join((*parts, function.removeprefix("test_")))
    if callspec is not None:
        workload += f"[{callspec.id}]"
    return ItemName(component, workload)
