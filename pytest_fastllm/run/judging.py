"""How the rows of a run are judged: at which error rates, by which bounds, and what then fails a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..baselines import RowName
from ..explain import explain
from ..judge import applied_bound, judge
from ..model import Side, Verdict
from ..moved import describe_change, moved
from ..processes.job import Task
from .item_rows import Pending
from .rows import FAILING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..baselines import Baseline, Baselines
    from ..comparison.measure import Budget
    from ..config import Config
    from ..model import AppliedBound, Interval, Metric, Row
    from ..processes.job import Job
    from .collection import Collection
    from .environments import Environments

RUN_ALPHA = 0.01
ROW_ALPHA = 0.01


class Judging:
    """The judge's knowledge of one run.

    Args:
        config: the options.
        job: what this process does for its parent, if it has one.
        baselines: the stored bounds.
        environments: where the run measures.
        tests: which share the run's error rate.
    """

    def __init__(
        self,
        config: Config,
        job: Job | None,
        baselines: Baselines,
        environments: Environments,
        tests: Collection,
    ) -> None:
        """Nothing is judged yet."""
        self._config = config
        self._job = job
        self._baselines = baselines
        self._environments = environments
        self._tests = tests

    @property
    def alpha(self) -> float:
        """Error of a row's own interval."""
        return ROW_ALPHA

    @property
    def corrected_alpha(self) -> float:
        """Error of the interval that can fail a row: 1 % over all comparisons collected."""
        return RUN_ALPHA / max(1, self._tests.comparisons + self._tests.memory_rows())

    def bound(self, key: str, metric: Metric, *, with_cores: bool) -> AppliedBound | None:
        """The bound that applies to a row here."""
        return applied_bound(self._baselines, self._environments.of(with_cores=with_cores).id, key, metric)

    def decide(
        self, bound: AppliedBound | None, budget: Budget
    ) -> Callable[[Interval, Interval, bool], Verdict | None]:
        """The judge of one row. With no bound to stop on, precision ends the sampling."""
        measuring_child = self._job is not None and self._job.task is Task.MEASURE
        precise_instead = bound is None or bool(self._config.update) or measuring_child

        def verdict(interval: Interval, corrected: Interval, final: bool) -> Verdict | None:
            enough = precise_instead and interval.half_width <= budget.half_width
            if precise_instead and not (enough or final):
                return None
            return judge(interval, corrected, bound, final=final or enough)

        return verdict

    def pending(self, verdict: Verdict | None) -> Pending | None:
        """What a measured row still waits for; children leave everything further to their parent."""
        if self._job is not None:
            return None
        if verdict is None:
            return Pending.MORE
        return Pending.CONFIRMATION if verdict in FAILING else None

    def message(self, row: Row) -> str | None:
        """What is to be said of a judged row; of one out of its bounds also what changed."""
        text = explain(row)
        if row.verdict not in FAILING or row.bound is None:
            return text
        versions = self._environments.of(with_cores=row.threads > 1).packages
        return f"{text}\n  since the baseline: {describe_change(row, self._stored(row), versions)}"

    def moved_sides(self, row: Row) -> tuple[Side, ...]:
        """The sides that moved in a row out of its bounds; both where that cannot be told."""
        found = moved(row, self._stored(row))
        return found.sides if found is not None and found.sides else tuple(Side)

    def would_fail(self, verdict: Verdict) -> bool:
        """Whether a row out of its bounds fails its test, unless fresh interpreters disagree; a fix mends its bound."""
        return verdict in FAILING and "fix" not in self._config.update

    def failures(self, rows: Iterable[Row]) -> str | None:
        """Why these rows fail their test, a line each, or None."""
        return "\n".join(filter(None, map(self._failure, rows))) or None

    def _failure(self, row: Row) -> str | None:
        """Why a row fails its test, or None."""
        if row.verdict.fails:
            if self._job is not None and row.interval is not None:
                return None  # the parent judges
            if row.verdict in FAILING and not self.would_fail(row.verdict):
                return None
            return f"{row.key}: {row.verdict.value}: {row.message}"
        if self._config.strict and row.verdict.fails_under_strict and not self._config.update:
            return f"{row.key}: {row.verdict.value}: {row.message} (--fastllm-strict)"
        return None

    def _stored(self, row: Row) -> Baseline | None:
        """The baseline that a row's bound is from."""
        assert row.bound is not None
        return self._baselines.find(row.bound.source, RowName(row.key, row.metric))
