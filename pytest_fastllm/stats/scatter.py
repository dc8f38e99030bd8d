"""The standard error of a mean whose observations depend on their neighbours.

Means of blocks (batch means; Alexopoulos & Goldsman 2004) are as good as independent once a block is longer
than the correlation. Where it is not, the block means are still correlated, and their own first autocorrelation
tells by how much their variance falls short (Kang & Schmeiser 1987). It is known only to about 1 / sqrt(blocks)
and biased low (Marriott & Pope 1954), so both are put on top. Two block lengths are tried and the wider answer
is taken: the long blocks see a slow wander, the short ones keep more degrees of freedom for its correlation.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from statistics import fmean
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MIN_BLOCKS = 20
_SHORT_SERIES = 4 * MIN_BLOCKS
"""Below this the longest block holds fewer than four pairs: too few to average a correlation away."""


@dataclass(frozen=True, slots=True)
class Scatter:
    """A standard error, its degrees of freedom, and the blocks that it came from."""

    se: float
    df: float
    blocks: int
    block_size: int
    correlation: float


def scatter(values: Sequence[float]) -> Scatter:
    """Return the standard error of the mean of ``values``, taken in their order."""
    n = len(values)
    counts = (MIN_BLOCKS, 2 * MIN_BLOCKS) if n >= _SHORT_SERIES else (MIN_BLOCKS,)
    return max((_block_scatter(values, count) for count in counts), key=lambda found: found.se)


def _block_scatter(values: Sequence[float], wanted: int) -> Scatter:
    n = len(values)
    size = max(1, n // wanted)
    if size > 1:
        size -= size % 2  # a block holds both orders equally often
    count = n // size
    start = n - count * size  # the oldest pairs are the likeliest to be still warming up
    means = [fmean(values[i : i + size]) for i in range(start, n, size)]
    centre = fmean(means)
    deviations = [m - centre for m in means]
    squares = sum(d * d for d in deviations)
    df = float(min(count, MIN_BLOCKS) - 1)
    if squares == 0.0:
        return Scatter(0.0, df, count, size, 0.0)
    lag = sum(a * b for a, b in pairwise(deviations)) / squares
    unbiased = max(-0.9, min(0.95, lag + (1 + 3 * lag) / count))
    short = n < _SHORT_SERIES
    errors = min(2.5, max(1.0, _SHORT_SERIES / n))
    slack = errors * sqrt((1 - unbiased * unbiased) / count)
    r = max(0.0, min(0.95 if short else 0.9, unbiased + slack))
    if short:
        # So strongly correlated a short series holds few independent facts about its own variance.
        df = max(5.0, df * (1 - r * r) / (1 + r * r)) if df > 5 else df
    se = sqrt(squares / (count - 1) / count * (1 + r) / (1 - r))
    return Scatter(se, df, count, size, r)
