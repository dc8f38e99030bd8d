"""The table of rows: losses are shown like wins."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tabulate import tabulate

from .. import quantities
from ..model import Metric, Row, Side, SideValue, Verdict
from ..stats.noise import AUTOCORRELATION, CARRY_OVER, OUTLIERS, SD

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADERS = ("component", "workload", "reference", "accelerated", "speedup", "bound", "verdict")
# What a real machine does all the time. The interval is the wider for it, so one line tells of all rows.
_ALLOWED_FOR = (SD, OUTLIERS, AUTOCORRELATION, CARRY_OVER)
_MARKS = {Verdict.INCONCLUSIVE: "~ ", Verdict.UNJUDGED: "~ "}


def _cells(row: Row) -> tuple[str, ...]:
    ratio = quantities.ratio_with_interval(row.interval)
    if row.metric is Metric.MEMORY_RATIO:
        ratio = f"memory {quantities.memory_with_interval(row.interval)}"
    return (
        row.component,
        row.workload,
        quantities.side_value(row.reference),
        quantities.side_value(row.accelerated),
        ratio,
        quantities.bound(row.bound.bound, row.bound.source) if row.bound is not None else "none",
        _MARKS.get(row.verdict, "") + row.verdict.value + (" !" if row.warnings else ""),
    )


def table(rows: Sequence[Row]) -> str:
    """All rows in the order they ran, as text."""
    return tabulate([_cells(row) for row in rows], headers=HEADERS, tablefmt="simple", disable_numparse=True)


def notes(rows: Sequence[Row]) -> list[str]:
    """What stands below the table: the warnings, and where a bound came from."""
    lines = []
    for row in rows:
        serious = [word for word in row.warnings if word not in _ALLOWED_FOR]
        if serious:
            lines.append(f"! {row.key}: {', '.join(serious)}")
    counts = {word: sum(word in row.warnings for row in rows) for word in _ALLOWED_FOR}
    common = ", ".join(f"{word} in {count}" for word, count in counts.items() if count)
    if common:
        lines.append(f"! rows that the interval allows for: {common}")
    lines += _unavailable_notes(rows)
    lines += [_memory_note(row) for row in rows if row.metric is Metric.MEMORY_RATIO and "keys" in row.noise]
    if any(row.bound is not None and row.bound.source == "any" for row in rows):
        lines.append(
            "(any): a portable bound, wide enough for every machine; "
            "--fastllm-update stores tighter ones for this environment"
        )
    return lines


def _unavailable_notes(rows: Sequence[Row]) -> list[str]:
    """A line for each reason: it is a component's, and the same for all of its rows."""
    counts = Counter(
        (row.component, row.message) for row in rows if row.verdict is Verdict.UNAVAILABLE and row.message
    )
    return [
        f"unavailable: {component} ({count} {'row' if count == 1 else 'rows'}): {reason}"
        for (component, reason), count in counts.items()
    ]


def _memory_note(row: Row) -> str:
    reference, accelerated = (
        quantities.side_value(SideValue(row.noise[f"{side.value}_fixed_bytes"], "B")) for side in Side
    )
    return (
        f"memory of {row.key}: {row.stopped} at {row.noise['keys']:,.0f} keys; "
        f"fixed cost: reference {reference}, accelerated {accelerated}"
    )
