"""Running items whose verdict may have to wait until all have run.

A failing row is confirmed in fresh interpreters that run all failing rows at once, and an undecided one may
get more time when the others have had theirs. Until then their reports are held back, so that the item itself
fails and everybody who listens hears of one outcome.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.runner import (
    runtestprotocol,  # as pytest-rerunfailures does: there is no public way to hold reports
)

from ..model import Verdict
from ..report.status import add_properties
from ..timing.heap import FrozenHeap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..model import Row
    from .item_rows import ItemRows
    from .session import Session


@dataclass
class Held:
    """An item that has run, and its reports so far."""

    item: pytest.Item
    rows: ItemRows
    reports: list[pytest.TestReport]


class Protocol:
    """Runs the items of one session, and holds those back whose rows are pending."""

    def __init__(self, session: Session) -> None:
        """Nothing is held yet."""
        self._session = session
        self.held: list[Held] = []
        self._heap = FrozenHeap()

    def close(self) -> None:
        """Leave the interpreter as it was found; one that was started for this run ends, and need not look back."""
        if self._session.job is None:
            self._heap.thaw()

    def run(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        """Run one item; report it now, or hold it."""
        held = self._run(item, nextitem)
        if held is None or not held.rows.pending:
            self._log(item, self._reports)
        elif any(report.failed and not _is_strict_xpass(report) for report in held.reports):
            held.rows.settle_unfinished("the test failed after this was measured")
            self._log(item, self._reports)
        else:
            self.held.append(held)

    def _run(self, item: pytest.Item, nextitem: pytest.Item | None) -> Held | None:
        self._session.items.pop(item.nodeid, None)
        self._heap.settle()
        self._reports = runtestprotocol(item, log=False, nextitem=nextitem)
        rows = self._session.items.get(item.nodeid)
        return Held(item, rows, self._reports) if rows is not None else None

    def again(self, held: Held) -> None:
        """Run a held item once more, for another visit to its rows."""
        item = held.item
        # What the first visit captured and noted would be reported twice.
        item._report_sections.clear()
        first = held.rows
        renewed = self._run(item, None)
        if renewed is not None:
            held.rows, held.reports = renewed.rows, renewed.reports
        for metric, row in first.rows.items():
            if metric not in held.rows.rows:  # it broke before it came to its comparison
                message = "the test did not come to its comparison when it was run again for more time"
                held.rows.settle(replace(row, verdict=Verdict.ERROR, corrected=None, message=message))

    def release(self, held: Held) -> None:
        """Report a held item, whose rows are final now."""
        rows = list(held.rows.rows.values())
        reports = []
        for report in held.reports:
            if (
                report.when == "call"
                and (not report.failed or _is_strict_xpass(report))
                and not report.skipped
            ):
                report = self._final_call(held, rows, report)  # the one that is reported
            elif report.when == "teardown":  # made before the rows were final
                add_properties(report, rows)
            reports.append(report)
        self._log(held.item, reports)

    def _final_call(self, held: Held, rows: Sequence[Row], first: pytest.TestReport) -> pytest.TestReport:
        failures = self._session.judging.failures(rows)

        def outcome() -> None:
            if failures is not None:
                pytest.fail(failures, pytrace=False)

        call = pytest.CallInfo.from_call(outcome, when="call")
        call.start, call.stop, call.duration = first.start, first.stop, first.duration
        # Through the hook, so that xfail marks and other plugins have their say in the outcome; it was torn down
        # already, and some of them look for the arguments.
        item: Any = held.item
        item.funcargs = {}
        report: pytest.TestReport = item.ihook.pytest_runtest_makereport(item=item, call=call)
        item.funcargs = None
        return report

    def _log(self, item: pytest.Item, reports: list[pytest.TestReport]) -> None:
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        for report in reports:
            item.ihook.pytest_runtest_logreport(report=report)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)


def _is_strict_xpass(report: pytest.TestReport) -> bool:
    """Whether the body passed where ``xfail(strict=True)`` expects a failure, which a row may still be."""
    return report.when == "call" and report.failed and "[XPASS(strict)]" in str(report.longrepr)
