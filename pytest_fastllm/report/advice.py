"""Which side to use, derived from the intervals and nothing else."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from .. import quantities
from ..model import Metric, Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WIDTH = 110
WINS, LOSSES, TIES = "Use Rust for", "Python may be faster for", "No difference shown for"


def advice(rows: Iterable[Row]) -> list[str]:
    """For each outcome and component its range and its workloads, in lines of at most `WIDTH` characters."""
    lines: list[str] = []
    for title, of_components in outcomes(rows).items():
        for component, found in of_components.items():
            text = f"{title} {component} ({ratio_range(found)}): {', '.join(workload_names(found, rows))}"
            lines += textwrap.wrap(
                text, WIDTH, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
            )
    return lines


def outcomes(rows: Iterable[Row]) -> dict[str, dict[str, list[Row]]]:
    """Measured speedups by outcome and component.

    An interval wholly above 1 is a win, wholly below 1 a loss, else neither.
    """
    found: dict[str, dict[str, list[Row]]] = {WINS: {}, LOSSES: {}, TIES: {}}
    for row in rows:
        if row.interval is None or row.metric is not Metric.SPEEDUP:
            continue
        outcome = WINS if row.interval.low > 1 else LOSSES if row.interval.high < 1 else TIES
        found[outcome].setdefault(row.component, []).append(row)
    return found


def ratio_range(rows: Sequence[Row]) -> str:
    """The lowest and the highest estimate: an average of ratios would be nobody's."""
    ratios = sorted(row.interval.estimate for row in rows if row.interval is not None)
    least, most = quantities.ratio(ratios[0]), quantities.ratio(ratios[-1])
    return least if least == most else f"{least} … {most}"


def workload_names(found: Sequence[Row], rows: Iterable[Row]) -> list[str]:
    """The workloads; a parametrised one whose rows are all among ``found`` is named once."""
    keys = {row.key for row in found}
    split = {_base(row) for row in rows if row.metric is Metric.SPEEDUP and row.key not in keys}
    return list(dict.fromkeys(row.workload if _base(row) in split else _base(row)[1] for row in found))


def _base(row: Row) -> tuple[str, str]:
    return row.component, row.workload.partition("[")[0]
