"""Which side to use, derived from the intervals and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import quantities
from ..model import Metric, Row

if TYPE_CHECKING:
    from collections.abc import Iterable


def advice(rows: Iterable[Row]) -> list[str]:
    """One line per outcome: an interval wholly above 1 is a win, wholly below 1 a loss, else neither."""
    measured = [row for row in rows if row.interval is not None and row.metric is Metric.SPEEDUP]
    wins: list[str] = []
    losses: list[str] = []
    ties: list[str] = []
    for row in measured:
        assert row.interval is not None
        entry = f"{row.key} ({quantities.ratio(row.interval.estimate)})"
        (wins if row.interval.low > 1 else losses if row.interval.high < 1 else ties).append(entry)
    return [
        f"{title}: {', '.join(entries)}"
        for title, entries in (
            ("Use Rust for", wins),
            ("Python may be faster for", losses),
            ("No difference shown for", ties),
        )
        if entries
    ]
