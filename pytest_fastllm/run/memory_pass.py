"""Memory rows, which helper interpreters measure when all tests have run: one a side, K a side for an update."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import FastllmError
from ..judge import judge
from ..memory.ratio import memory_ratio
from ..model import Metric, Row, Side
from ..processes.combine import combine
from .interpreters import Interpreters, settle_broken
from .rows import CONFIRMATIONS, memory_row, unconfirmed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..memory.per_key import SideMemory
    from .protocol import Held
    from .session import Session

    Waiting = Sequence[tuple[Held, Row]]


def settle_memory(session: Session, interpreters: Interpreters, waiting: Waiting) -> None:
    """Measure and judge all waiting rows; those out of their bounds are confirmed before they fail.

    Args:
        session: the run; its ``processes`` is the number of helpers a side.
        interpreters: starts the helpers.
        waiting: the rows, with nothing measured.
    """
    failing: Waiting = []
    for held, measured in _measured(session, interpreters, waiting):
        assert measured.interval is not None
        bound = session.judging.bound(measured.key, Metric.MEMORY_RATIO, with_cores=measured.threads > 1)
        verdict = judge(measured.interval, measured.corrected, bound, final=True)
        assert verdict is not None
        row = replace(measured, bound=bound, verdict=verdict)
        if session.judging.would_fail(verdict):
            failing = [*failing, (held, row)]
        else:
            held.rows.settle(row)
    for number in range(CONFIRMATIONS):
        failing = _confirmed(session, interpreters, failing, CONFIRMATIONS - number)
    for held, row in failing:
        held.rows.settle(row)


def _measured(session: Session, interpreters: Interpreters, waiting: Waiting) -> Waiting:
    """The rows that no helper broke, each from all its helpers."""
    count = session.processes
    found: dict[str, list[Row]] = {}
    whole = waiting
    for number in range(count):
        whole = _once(session, interpreters, whole, count - number)
        for _, row in whole:
            found.setdefault(row.key, []).append(row)
    if count == 1:
        return whole
    rows = {row.key: found[row.key] for _, row in whole}
    combined = combine(rows, session.judging.alpha, session.judging.corrected_alpha)
    return [(held, combined[row.key]) for held, row in whole]


def _confirmed(session: Session, interpreters: Interpreters, failing: Waiting, to_come: int) -> Waiting:
    """The rows that one more helper a side finds on the same side of their bounds; the others are settled."""
    again = {row.key: row for _, row in _once(session, interpreters, failing, to_come)}
    still = []
    for held, row in failing:
        if row.key not in again:
            continue  # broke there, and is settled as such
        other = again[row.key].interval
        assert other is not None
        seen = replace(row, processes=row.processes + 1)
        if judge(other, other, row.bound, final=True) is row.verdict:
            still.append((held, seen))
        else:
            held.rows.settle(unconfirmed(seen))
    return still


def _once(session: Session, interpreters: Interpreters, waiting: Waiting, to_come: int) -> Waiting:
    """The rows as one helper a side measures them; rows that broke are settled and left out."""
    measured = []
    for held, row, sides in interpreters.memory(waiting, to_come) if waiting else ():
        try:
            measured.append((held, _ratio_row(session, row, sides)))
        except FastllmError as error:
            settle_broken([(held, row)], str(error))
    return measured


def _ratio_row(session: Session, row: Row, sides: Mapping[Side, SideMemory]) -> Row:
    reference, accelerated = (sides[side] for side in Side)
    ratio = memory_ratio(reference, accelerated, session.judging.alpha)
    corrected = memory_ratio(reference, accelerated, session.judging.corrected_alpha).interval
    return replace(memory_row(row, reference, accelerated, ratio), corrected=corrected, message=None)
