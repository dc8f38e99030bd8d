"""One pytest run: its options checked, its tests collected, its parts put together. The hooks of `plugin` call it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..baselines import Baselines, load_baselines
from ..errors import UsageError
from ..files import check_writable
from ..processes.job import Task, read_job
from ..processes.last_words import hear_interrupts
from ..timing.calibration import Calibration
from ..timing.refusal import why_timing_is_refused
from .collection import Collection
from .environments import Environments
from .item_rows import ItemRows
from .item_run import ItemRun
from .judging import Judging
from .outcome import Outcome
from .profiles import Profiles
from .run_time import RunTime

if TYPE_CHECKING:
    import pytest

    from ..comparison.measure import Progress
    from ..component import Component
    from ..config import Config
    from ..memory.workload import MemoryWorkload

UPDATE_PROCESSES = 5


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
        if self.job is not None:
            hear_interrupts()
        self.time = RunTime(config, is_child=self.job is not None)
        self.items: dict[str, ItemRows] = {}
        self.progress: dict[str, Progress] = {}
        self.calibration = Calibration()
        self.baselines_path = config.baselines or pytest_config.rootpath / "baselines.json"
        self.tests = Collection(shared_over=self.job.comparisons if self.job is not None else None)
        self.environments = Environments(self.tests)
        baselines = self._checked_baselines() if config.compare else Baselines()
        self.judging = Judging(config, self.job, baselines, self.environments, self.tests)
        self.profiles = Profiles(pytest_config.rootpath / "fastllm-profiles", self.job)
        self.outcome = Outcome(
            config,
            self.job,
            command=("pytest", *map(str, pytest_config.invocation_params.args)),
            baselines_path=self.baselines_path,
            tests=self.tests,
            environments=self.environments,
        )

    def _checked_baselines(self) -> Baselines:
        """The stored bounds of a measuring run, which runs alone and can write what it is asked for."""
        config = self.config
        # getattr: without xdist there is no such option.
        workers = getattr(self.pytest_config.option, "numprocesses", None)
        if workers or hasattr(self.pytest_config, "workerinput"):
            raise UsageError(
                "--fastllm-compare measures, and workers that run side by side disturb each other; add -n0"
            )
        if config.baselines is not None and not config.update and not config.baselines.exists():
            raise UsageError(
                f"--fastllm-baselines {config.baselines}: no such file; name an existing one, or create it "
                "with --fastllm-update"
            )
        baselines = load_baselines(self.baselines_path)
        for path in (config.json, self.baselines_path if config.update else None):
            if path is not None:
                check_writable(path)
        return baselines

    def header(self) -> list[str] | None:
        """Where this run measures and what it judges by."""
        if not self.config.compare or self.job is not None:
            return None
        here = self.environments.of(with_cores=False).id
        found = "" if self.baselines_path.exists() else " (missing)"
        return [f"fastllm: environment {here}, bounds from {self.baselines_path}{found}"]

    def collected(self, items: list[pytest.Item]) -> list[pytest.Item]:
        """Check the markers of all items and name their rows.

        Returns:
            The items to deselect: under ``--fastllm-compare`` those that do not use the fixture.

        Raises:
            UsageError: an unknown component or keyword, or two items with one name.
        """
        others = self.tests.add(items, measured=self.config.compare)
        self.environments.forget()  # the header named one before the components, and so their packages, were known
        return others if self.config.compare else []

    def refuse_timing(self) -> None:
        """Refuse a measuring run where no row could be timed.

        Raises:
            UsageError: the cause and the remedy.
        """
        refused = why_timing_is_refused() if self.config.compare else None
        if refused is not None:
            raise UsageError(f"timing is refused: {refused}")

    def visit(self, item: pytest.Item) -> tuple[ItemRun, ItemRows]:
        """A new visit to one item: what its fixture works through, and what becomes of it."""
        test = self.tests.of(item)
        rows = self.items[item.nodeid] = ItemRows(self, item, test)
        return ItemRun(self, item, test, rows), rows

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
    def measures_speed(self) -> bool:
        """Whether speed is this process's business: a memory helper has to stay as it was imported."""
        return self.config.compare and (self.job is None or self.job.task is not Task.MEMORY)

    def measure_memory(self, item: pytest.Item, component: Component, workload: MemoryWorkload) -> None:
        """As a helper interpreter: measure one side and keep the result for the parent."""
        if self.job is None or self.job.task is not Task.MEMORY or self.job.side is None:
            return
        from .memory_helper import measure_here

        self.outcome.memory[self.tests.of(item).key] = measure_here(
            component, self.job.side, workload, self.config.max_seconds
        )

    def summarize(self, terminal: Any, *, found_none: bool) -> None:
        """Print what the run came to, where somebody reads it; ``found_none``: no test was to be run."""
        if self.config.compare and self.job is None and not self.pytest_config.option.collectonly:
            self.outcome.summarize(terminal, found_none=found_none)
