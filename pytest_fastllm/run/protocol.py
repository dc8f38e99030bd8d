"""Running items whose verdict may have to wait until all have run.

A failing row is confirmed in fresh interpreters that run all failing rows at once, and an undecided one may
get more time when the others have had theirs. Until then their reports are held back, so that the item itself
fails and everybody who listens hears of one outcome.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from _pytest.runner import (
    runtestprotocol,  # as pytest-rerunfailures does: there is no public way to hold reports
)

from ..report.status import add_properties, annotate

if TYPE_CHECKING:
    from .item_run import ItemRun
    from .session import Session


@dataclass
class Held:
    """An item that has run, and its reports so far."""

    item: pytest.Item
    run: ItemRun
    reports: list[pytest.TestReport]


class Protocol:
    """Runs the items of one session, and holds those back whose rows are pending."""

    def __init__(self, session: Session) -> None:
        """Nothing is held yet."""
        self._session = session
        self.held: list[Held] = []

    def run(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        """Run one item; report it now, or hold it."""
        held = self._run(item, nextitem)
        if held is not None and held.run.pending and not any(r.failed for r in held.reports):
            self.held.append(held)
        else:
            self._log(item, self._reports)

    def _run(self, item: pytest.Item, nextitem: pytest.Item | None) -> Held | None:
        self._session.runs.pop(item.nodeid, None)
        self._reports = runtestprotocol(item, log=False, nextitem=nextitem)
        run = self._session.runs.get(item.nodeid)
        return Held(item, run, self._reports) if run is not None else None

    def again(self, held: Held) -> None:
        """Run a held item once more, for another visit to its rows."""
        item = held.item
        # What the first visit captured and noted would be reported twice.
        item._report_sections.clear()
        renewed = self._run(item, None)
        if renewed is not None:
            held.run, held.reports = renewed.run, renewed.reports

    def release(self, held: Held) -> None:
        """Report a held item, whose rows are final now."""
        for report in held.reports:
            if report.when == "call":
                self._finish(held, report)
            elif report.when == "teardown":  # made before the rows were final
                add_properties(report, list(held.run.rows.values()))
        self._log(held.item, held.reports)

    def _finish(self, held: Held, report: pytest.TestReport) -> None:
        # The report is completed rather than made anew: other plugins have left their own marks on it.
        rows = list(held.run.rows.values())
        failures = [failure for row in rows if (failure := self._session.failure(row)) is not None]
        if failures and report.passed:
            call = pytest.CallInfo.from_call(
                lambda: pytest.fail("\n".join(failures), pytrace=False), when="call"
            )
            assert call.excinfo is not None
            report.outcome = "failed"
            report.longrepr = held.item.repr_failure(call.excinfo)
        annotate(report, rows)

    def _log(self, item: pytest.Item, reports: list[pytest.TestReport]) -> None:
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        for report in reports:
            item.ihook.pytest_runtest_logreport(report=report)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
