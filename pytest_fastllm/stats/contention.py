"""How far a ratio of long samples may be wrong because the processor was shared.

A sample of microseconds is interrupted now and then: an outlier, and rejected. A sample as long as a time slice
is interrupted nearly always, a shorter one on the other side seldom; then the *typical* pair itself compares
unequal shares of the processor. Counting 100 kB of tokens beside two busy processes, 8 ms against 1.3 ms, came
out as 12.5× where it is 6×, with hardly any scatter. No spread within the row tells this, but total times do: to
them interruptions count in proportion to the work. So where the two disagree, the interval reaches from one to
the other, and as far again, for the totals of such samples were seen to tell only half of it.
"""

from __future__ import annotations

from itertools import pairwise
from math import log
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .series import PairSeries

SLOW_PAIR_S = 3e-3
"""Pairs that start further apart than this may hold samples as long as a time slice of a few milliseconds."""
_GAP_AT_MOST = 0.05
_REACH = 2.0


def contention_reach(series: PairSeries, log_ratio: float) -> float:
    """Return by how much, and in which direction, the log ratio may be off; 0 where nothing speaks for it."""
    if median(later - earlier for earlier, later in pairwise(series.started_s)) < SLOW_PAIR_S:
        return 0.0
    gap = log(sum(series.reference_s) / sum(series.accelerated_s)) - log_ratio
    return _REACH * gap if abs(gap) > _GAP_AT_MOST else 0.0
