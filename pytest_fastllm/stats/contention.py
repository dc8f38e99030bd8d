"""How far a ratio of long samples may be wrong because the processor was shared.

A sample of microseconds is interrupted now and then: an outlier, and rejected. A sample as long as a time slice
is interrupted nearly always, a shorter one on the other side seldom; then the *typical* pair itself compares
unequal shares of the processor. Counting 100 kB of tokens beside two busy processes, 8 ms against 1.3 ms, came
out as 12.5× where it is 6×, with hardly any scatter. No spread within the row tells this, but two other ratios
do: that of total times, to which interruptions count in proportion to the work, and that of each side's fast
times, which escaped them. Where they disagree with the typical pair, the interval reaches for them, and beyond:
the totals were seen to tell only half of the error.
"""

from __future__ import annotations

from itertools import pairwise
from math import log
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .series import PairSeries

SLOW_PAIR_S = 3e-3
"""Pairs that start further apart than this may hold samples as long as a time slice of a few milliseconds."""
_GAP_AT_MOST = 0.05
_TOTALS_REACH = 2.0
_FAST_REACH = 1.25
_FAST = 0.1


def contention_reach(series: PairSeries, log_ratio: float) -> tuple[float, float]:
    """Return how far the log ratio may be off downwards (<= 0) and upwards (>= 0)."""
    if median(later - earlier for earlier, later in pairwise(series.started_s)) < SLOW_PAIR_S:
        return 0.0, 0.0
    totals = log(sum(series.reference_s) / sum(series.accelerated_s)) - log_ratio
    fast = log(_fast(series.reference_s) / _fast(series.accelerated_s)) - log_ratio
    reaches = [0.0]
    if abs(fast) > _GAP_AT_MOST:
        reaches.append(_FAST_REACH * fast)
    # Interruptions hit the longer side first. Totals further from 1 are its outliers, which the typical pair
    # escaped; totals nearer to 1, or fast times that disagree, say that it did not.
    if abs(totals) > _GAP_AT_MOST and (totals * log_ratio < 0 or len(reaches) > 1):
        reaches.append(_TOTALS_REACH * totals)
    return min(reaches), max(reaches)


def _fast(times: Sequence[float]) -> float:
    return sorted(times)[int(_FAST * len(times))]
