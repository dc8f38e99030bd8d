"""Where in a sweep the accelerated side starts, or stops, to win.

Speedups follow power laws in the size of the input over short stretches, so rows are joined by straight lines
in log-log; the ends of the crossing's interval are where the curves of the rows' own ends cross 1 (inverse
interpolation of a confidence band).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from enum import Enum
from math import exp, log, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..model import Interval


class Winning(str, Enum):
    """Where the accelerated side wins."""

    ALWAYS = "always"
    NEVER = "never"
    FROM = "from"
    UNTIL = "until"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class BreakEven:
    """Where the accelerated side wins; an end of the crossing that lies outside the sweep is None."""

    winning: Winning
    at: float | None = None
    low: float | None = None
    high: float | None = None


def break_even(rows: Sequence[tuple[float, Interval]]) -> BreakEven:
    """Return where the speedup crosses 1 along a sweep of (parameter, interval of the speedup)."""
    if not rows:
        raise ValueError("a sweep needs at least one row")
    rows = sorted(rows, key=lambda row: row[0])
    if len({x for x, _ in rows}) != len(rows):
        raise ValueError("a sweep needs each parameter value once")
    signs = [_sign(interval) for _, interval in rows]
    decided = [(i, sign) for i, sign in enumerate(signs) if sign]
    changes = [(i, j, after) for (i, before), (j, after) in itertools.pairwise(decided) if before != after]
    if not decided or len(changes) > 1:
        return BreakEven(Winning.UNCLEAR)
    if changes:
        first, last, sign = changes[0]
        return _crossing(rows[first : last + 1], Winning.FROM if sign > 0 else Winning.UNTIL)
    return _one_sided(rows, decided)


def _one_sided(rows: Sequence[tuple[float, Interval]], decided: Sequence[tuple[int, int]]) -> BreakEven:
    """Judge a sweep whose decided rows agree: rows that straddle 1 at one end may hide a crossing."""
    sign = decided[0][1]
    start, end = decided[0][0], decided[-1][0]
    if end - start + 1 != len(decided):
        return BreakEven(Winning.UNCLEAR)
    if start == 0 and end == len(rows) - 1:
        return BreakEven(Winning.ALWAYS if sign > 0 else Winning.NEVER)
    if start > 0 and end < len(rows) - 1:
        return BreakEven(Winning.UNCLEAR)
    if start > 0:
        return _crossing(rows[: start + 1], Winning.FROM if sign > 0 else Winning.UNTIL)
    return _crossing(rows[end:], Winning.UNTIL if sign > 0 else Winning.FROM)


def _crossing(rows: Sequence[tuple[float, Interval]], winning: Winning) -> BreakEven:
    estimate = _zeros(rows, lambda interval: interval.estimate)
    below = _zeros(rows, lambda interval: interval.low)
    above = _zeros(rows, lambda interval: interval.high)
    # Rising: the upper curve crosses first and the lower one last; falling: the other way round.
    first, last = (above, below) if winning is Winning.FROM else (below, above)
    return BreakEven(
        winning,
        at=_middle(estimate, all(x > 0 for x, _ in rows)),
        low=first[0] if first else None,
        high=last[-1] if last else None,
    )


def _zeros(rows: Sequence[tuple[float, Interval]], pick: Callable[[Interval], float]) -> list[float]:
    """Return every parameter value at which the curve through ``pick`` is 1."""
    logarithmic = all(x > 0 for x, _ in rows)
    points = [(log(x) if logarithmic else x, log(pick(interval))) for x, interval in rows]
    found = []
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        if y0 * y1 < 0:
            found.append(x0 - y0 * (x1 - x0) / (y1 - y0))
    found.extend(x for x, y in points if y == 0)
    return [exp(x) if logarithmic else x for x in sorted(found)]


def _middle(found: Sequence[float], logarithmic: bool) -> float | None:
    if not found:
        return None
    if logarithmic:
        return sqrt(found[0] * found[-1])
    return (found[0] + found[-1]) / 2


def _sign(interval: Interval) -> int:
    if interval.low > 1:
        return 1
    return -1 if interval.high < 1 else 0
