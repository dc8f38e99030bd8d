"""The rows of one test, from the first thing that is known of them to their final verdicts."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, NoReturn

from ..errors import UsageError
from ..model import Metric, Row, Verdict
from .collection import is_given

if TYPE_CHECKING:
    import pytest

    from ..errors import FastllmError
    from .collection import ComparedTest
    from .session import Session


class Pending(str, Enum):
    """What a row still waits for when its test is over."""

    MORE = "more time"
    PROCESSES = "fresh interpreters that measure it"
    CONFIRMATION = "fresh interpreters that confirm it"
    MEMORY = "helper interpreters that measure its memory"


class ItemRows:
    """What one visit to a test came to.

    Args:
        session: the run, which keeps the rows that are final.
        item: the test.
        test: what is known of it from the collection.
    """

    def __init__(self, session: Session, item: pytest.Item, test: ComparedTest) -> None:
        """Nothing is compared yet."""
        self.rows: dict[Metric, Row] = {}
        self.pending: dict[Metric, Pending] = {}
        self._session = session
        self._item = item
        self._test = test
        self._started: set[Metric] = set()

    @property
    def label(self) -> str:
        """``component/workload``."""
        return self._test.key

    @property
    def with_cores(self) -> bool:
        """Whether the number of cores belongs to the environment of these rows."""
        return self._test.marker.threads > 1

    def start(self, metric: Metric) -> None:
        """A comparison begins.

        Raises:
            UsageError: it is the second of its kind.
        """
        if metric in self._started and not is_given(self._item):
            what = "speed" if metric is Metric.SPEEDUP else "memory"
            raise UsageError(
                f"{self._item.nodeid} makes a second {what} comparison; one per test has a name in the baselines. "
                "Use pytest.mark.parametrize, or a test for each"
            )
        self._started.add(metric)

    def bare(self, metric: Metric, verdict: Verdict) -> Row:
        """A row with nothing measured."""
        marker = self._test.marker
        callspec = getattr(self._item, "callspec", None)
        params = dict(callspec.params) if callspec is not None else {}
        return Row(
            component=self._test.component,
            workload=self._test.workload,
            metric=metric,
            nodeid=self._item.nodeid,
            environment=self._session.environments.of(with_cores=self.with_cores).id,
            verdict=verdict,
            threads=marker.threads,
            tasks=marker.tasks,
            sweep=marker.sweep,
            params={k: v for k, v in params.items() if isinstance(v, (str, int, float, bool, type(None)))},
        )

    def record(self, metric: Metric, verdict: Verdict, message: str) -> None:
        """Settle a comparison that measured nothing."""
        if self._session.config.compare:
            self.keep(replace(self.bare(metric, verdict), message=message), None)

    def broken(self, metric: Metric, error: FastllmError) -> NoReturn:
        """Settle a comparison as `error`, and raise what it was."""
        self.record(metric, Verdict.ERROR, str(error))
        raise error

    def keep(self, row: Row, pending: Pending | None) -> None:
        """Note a row that is final, or waits for something."""
        self.rows[row.metric] = row
        if pending is None:
            self.settle(row)
        else:
            self.pending[row.metric] = pending

    def settle(self, row: Row) -> None:
        """A row is final."""
        row = row if row.message is not None else replace(row, message=self._session.judging.message(row))
        self.rows[row.metric] = row
        self.pending.pop(row.metric, None)
        self._session.outcome.settled(row)

    def settle_unfinished(self, message: str) -> None:
        """Settle what is pending: nobody will confirm or continue it. Without that nothing can fail it."""
        for metric in list(self.pending):
            self.settle(
                replace(self.rows[metric], verdict=Verdict.INCONCLUSIVE, corrected=None, message=message)
            )

    def cut_short(self, cause: str) -> None:
        """Account for comparisons that began and came to no result."""
        for metric in self._started - self.rows.keys():
            self.record(metric, Verdict.ERROR, cause)
