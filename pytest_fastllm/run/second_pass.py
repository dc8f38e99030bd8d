"""After all tests have run once: fresh interpreters for those that wait for them, more time for the undecided."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..explain import OUT_OF_RUN
from ..judge import judge
from ..model import Metric, Row
from ..processes.combine import combine
from ..processes.job import Task
from .interpreters import LEAST_VISIT_S, Interpreters
from .item_rows import Pending
from .memory_pass import settle_memory
from .rows import CONFIRMATIONS, unconfirmed

if TYPE_CHECKING:
    from .protocol import Held, Protocol
    from .session import Session


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
        self._session.time.second_pass = True
        interpreters = Interpreters(self._session)
        try:
            settle_memory(self._session, interpreters, self._waiting(Pending.MEMORY))
            self._processes(interpreters)
            self._more_time()
            self._confirm(interpreters)
        finally:
            self._session.time.second_pass = False
            self.abandon()

    def abandon(self) -> None:
        """Report what is held, rows that are still pending as inconclusive."""
        for held in self.protocol.held:
            held.rows.settle_unfinished("interrupted before it was settled")
            self.protocol.release(held)
        self.protocol.held.clear()

    def confirm_now(self) -> None:
        """Confirm and report the failing rows without waiting for the rest; all else goes on waiting."""
        self._confirm(Interpreters(self._session))
        settled = [held for held in self.protocol.held if not held.rows.pending]
        self.protocol.held = [held for held in self.protocol.held if held.rows.pending]
        for held in settled:
            self.protocol.release(held)

    def _waiting(self, pending: Pending) -> list[tuple[Held, Row]]:
        return [
            (held, held.rows.rows[metric])
            for held in self.protocol.held
            for metric, waits_for in held.rows.pending.items()
            if waits_for is pending
        ]

    # Rows that were undecided when their share of a limited run was over.

    def _more_time(self) -> None:
        waiting = self._waiting(Pending.MORE)
        waiting.sort(key=lambda entry: -_half_width(entry[1]))
        for held, row in waiting:
            if self._session.time.seconds_left > LEAST_VISIT_S:
                self.protocol.again(held)
            if held.rows.pending.get(Metric.SPEEDUP) is Pending.MORE:
                # Decided by the pairs of the pause.
                self._judge(held, replace(held.rows.rows.get(Metric.SPEEDUP, row), stopped=OUT_OF_RUN))

    def _judge(self, held: Held, row: Row) -> None:
        """Give a row that has all its pairs its verdict; one that would fail is confirmed first."""
        assert row.interval is not None
        verdict = judge(row.interval, row.corrected, row.bound, final=True)
        assert verdict is not None
        fails = self._session.judging.would_fail(verdict)
        held.rows.keep(replace(row, verdict=verdict), Pending.CONFIRMATION if fails else None)

    # Fresh interpreters.

    def _processes(self, interpreters: Interpreters) -> None:
        judging = self._session.judging
        waiting = self._waiting(Pending.PROCESSES)
        if not waiting:
            return
        measured = interpreters.measured(waiting, Task.MEASURE, self._session.processes)
        by_key = {row.key: rows for _, row, rows in measured}
        combined = combine(by_key, judging.alpha, judging.corrected_alpha)
        for held, row, _ in measured:
            bound = judging.bound(row.key, Metric.SPEEDUP, with_cores=row.threads > 1)
            self._judge(held, replace(combined[row.key], nodeid=row.nodeid, bound=bound, message=None))

    def _confirm(self, interpreters: Interpreters) -> None:
        waiting = self._waiting(Pending.CONFIRMATION)
        if not waiting:
            return
        session = self._session
        profile = {}
        if session.config.profile:
            profile = {row.key: session.judging.moved_sides(row) for _, row in waiting}
        for held, row, others in interpreters.measured(waiting, Task.CONFIRM, CONFIRMATIONS, profile):
            for note in session.profiles.notes(row.key, profile.get(row.key, ())):
                session.outcome.note(note)
            # The suspicion is given: each further interpreter is asked one question, at its own error rate.
            confirmed = all(
                judge(other.interval, other.interval, row.bound, final=True) is row.verdict
                for other in others
                if other.interval is not None
            )
            row = replace(row, processes=row.processes + len(others))
            held.rows.settle(row if confirmed else unconfirmed(row))


def _half_width(row: Row) -> float:
    return row.interval.half_width if row.interval is not None else 0.0
