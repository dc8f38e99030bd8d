"""Arithmetic of bounds: what rows of one environment say together, and how far a bound lies from it."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context
from typing import TYPE_CHECKING

from ..model import Bound, Interval, Row, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

MIN_MARGIN = 0.05
PORTABLE_MARGIN = math.log(2)
SANITY = 1.5
# Seen over 20 processes of json Python/C; taken where a run had one process and cannot know its own.
ASSUMED_BETWEEN_SD = 0.0185
_SPREADS = 3.0
_UNMEASURED = (Verdict.MISMATCH, Verdict.ERROR, Verdict.UNAVAILABLE)
_BOUND_DIGITS = 4
_DIGITS = 6


@dataclass(frozen=True)
class Measured:
    """What several rows of one name and environment say together.

    Args:
        interval: the typical estimate, and the hull of all intervals.
        between_sd: the spread between processes, as the sd of log ratios; None: not known.
        processes: how many processes there were in all.
    """

    interval: Interval
    between_sd: float | None
    processes: int

    @property
    def margin(self) -> float:
        """How far, in log units, the low end lies under the estimate.

        Three spreads between processes (the stored estimate has a share of that spread too), plus the
        interval's own half-width so that the next run's whole interval fits; at least 5 %.
        """
        sd = ASSUMED_BETWEEN_SD if self.between_sd is None else self.between_sd
        spread = sd * math.sqrt(1 + 1 / max(1, self.processes))
        return max(MIN_MARGIN, _SPREADS * spread + self._half_width)

    @property
    def bound(self) -> Bound:
        """What the next run of this environment must stay in. Holds the interval, whatever it is."""
        estimate, margin = self.interval.estimate, self.margin
        return Bound(
            rounded_down(min(estimate * math.exp(-margin), self.interval.low)),
            rounded_up(max(estimate * SANITY, estimate * math.exp(margin), self.interval.high)),
        )

    @property
    def _half_width(self) -> float:
        center = math.log(self.interval.estimate)
        return max(0.0, center - math.log(self.interval.low), math.log(self.interval.high) - center)


def why_unusable(row: Row) -> str | None:
    """Why no bound can come from this row, or None."""
    if row.verdict in _UNMEASURED:
        return row.verdict.value
    if row.interval is None:
        return "not measured"
    if not (row.interval.low > 0 and math.isfinite(row.interval.high)):
        return "measured too briefly, its interval has an open end"
    return None


def combine(rows: Sequence[Row]) -> Measured:
    """What usable rows of one name and environment, at least one, say together.

    The spread is the larger of what the runs report and what is seen between them.
    """
    intervals = [row.interval for row in rows if row.interval is not None]
    logs = [math.log(each.estimate) for each in intervals]
    spreads = [row.between_sd for row in rows if row.between_sd is not None]
    if len(rows) > 1:
        spreads.append(statistics.stdev(logs))
    hull = Interval(
        estimate=math.exp(statistics.fmean(logs)) if len(rows) > 1 else intervals[0].estimate,
        low=min(each.low for each in intervals),
        high=max(each.high for each in intervals),
        alpha=max(each.alpha for each in intervals),
    )
    return Measured(hull, max(spreads, default=None), sum(row.processes for row in rows))


def looser_than_needed(old: Bound, needed: Bound, margin: float) -> bool:
    """Whether an end of a bound lies further out than needed, by more than the noise of measuring again.

    Without that slack each update would move the bound to the luckiest run so far. An open end is
    somebody's choice and never counts.
    """
    slack = math.exp(margin)
    return (old.low is not None and needed.low is not None and needed.low > old.low * slack) or (
        old.high is not None and needed.high is not None and needed.high * slack < old.high
    )


def tighter(old: Bound, needed: Bound, around: float, margin: float) -> Bound:
    """A bound with each end moved inwards where needed, open ends left open.

    An end that the estimate has come close to is not kept: the next run's interval would cross it.

    Args:
        old, needed: the stored bound, and the one that was measured.
        around: the estimate.
        margin: how far, in log units, an end has to lie from the estimate.
    """
    room = math.exp(margin)
    low, high = old.low, old.high
    if low is not None and needed.low is not None:
        low = max(low, needed.low) if low * room < around else needed.low
    if high is not None and needed.high is not None:
        high = min(high, needed.high) if high > around * room else needed.high
    return Bound(low, high)


def rounded_down(value: float) -> float | None:
    """A low end, short enough to read and not above ``value``; None where it would be 0."""
    short = float(Context(prec=_BOUND_DIGITS, rounding=ROUND_FLOOR).create_decimal_from_float(value))
    return short if short > 0 else None


def rounded_up(value: float) -> float | None:
    """A high end, short enough to read and not below ``value``; None where there is no such number."""
    if not math.isfinite(value):
        return None
    short = float(Context(prec=_BOUND_DIGITS, rounding=ROUND_CEILING).create_decimal_from_float(value))
    return short if math.isfinite(short) else None


def rounded(value: float) -> float:
    """A value as precise as it is worth: more digits would only make diffs longer."""
    return float(f"{value:.{_DIGITS}g}")
