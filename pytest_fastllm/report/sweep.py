"""Sweeps: from which size on the accelerated side wins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import quantities
from ..model import Interval, Metric, Row
from ..stats.breakeven import BreakEven, Winning, break_even

if TYPE_CHECKING:
    from collections.abc import Sequence


def sweeps(rows: Sequence[Row]) -> list[str]:
    """One line for each sweep: rows of one test that differ in the parameter it sweeps."""
    groups: dict[tuple[object, ...], list[tuple[float, Interval]]] = {}
    for row in rows:
        if row.sweep is None or row.interval is None or row.metric is not Metric.SPEEDUP:
            continue
        size = row.params.get(row.sweep)
        if isinstance(size, (int, float)):
            others = tuple(sorted((k, str(v)) for k, v in row.params.items() if k != row.sweep))
            name = row.key.partition("[")[0] + "".join(f" {k}={v}" for k, v in others)
            groups.setdefault((name, row.sweep), []).append((float(size), row.interval))
    return [
        f"Break-even of {name} along {parameter}: {_text(break_even(points), str(parameter))}"
        for (name, parameter), points in groups.items()
        if len({size for size, _ in points}) == len(points) > 1
    ]


def _text(found: BreakEven, parameter: str) -> str:
    if found.winning is Winning.ALWAYS:
        return "Rust wins at every measured size"
    if found.winning is Winning.NEVER:
        return "Python wins at every measured size"
    if found.winning is Winning.UNCLEAR or found.at is None:
        return "not clear; measure more sizes, or longer (--fastllm-max-seconds)"
    low = "…" if found.low is None else quantities.significant(found.low)
    high = "…" if found.high is None else quantities.significant(found.high)
    side = "from" if found.winning is Winning.FROM else "up to"
    return f"Rust wins {side} {parameter} ≈ {quantities.significant(found.at)} [{low}, {high}]"
