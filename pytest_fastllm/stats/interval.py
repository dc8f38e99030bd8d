"""The confidence interval of a row's speedup."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from math import exp, sqrt
from statistics import fmean
from typing import TYPE_CHECKING

from ..errors import WorkloadError
from ..model import Interval
from .quantiles import student_t_quantile
from .robust import influence

if TYPE_CHECKING:
    from .series import PairSeries

MIN_BLOCKS = 20
_LEAST_PAIRS = 4


@dataclass(frozen=True, slots=True)
class RatioEstimate:
    """A log ratio of typical times with its standard error; gives the interval at any alpha."""

    log_ratio: float
    se: float
    df: float
    blocks: int
    pairs_per_block: int
    correlation_pairs: float

    def interval(self, alpha: float) -> Interval:
        """Return the two-sided interval that misses the ratio with probability ``alpha``."""
        half = -student_t_quantile(alpha / 2, self.df) * self.se
        return Interval(
            estimate=exp(self.log_ratio),
            low=_finite_exp(self.log_ratio - half),
            high=_finite_exp(self.log_ratio + half),
            alpha=alpha,
        )


def ratio_interval(series: PairSeries, alpha: float) -> Interval:
    """Return the interval of reference / accelerated typical time that ``alpha`` of the time misses it."""
    return estimate_ratio(series).interval(alpha)


def total_ratio(series: PairSeries) -> float:
    """Return the ratio of total times, to which outliers count in full."""
    return sum(series.reference_s) / sum(series.accelerated_s)


def estimate_ratio(series: PairSeries) -> RatioEstimate:
    """Estimate the ratio of typical times and its standard error from blocks of pairs."""
    n = len(series)
    if n < _LEAST_PAIRS:
        raise WorkloadError(f"an interval needs at least {_LEAST_PAIRS} pairs, got {n}")
    location, values = influence(series.log_ratios(), series.reference_first)
    size = max(1, n // MIN_BLOCKS)
    if size > 1:
        size -= size % 2
    count = n // size
    start = n - count * size
    means = [fmean(values[i : i + size]) for i in range(start, n, size)]
    centre = fmean(means)
    squares = [(m - centre) ** 2 for m in means]
    variance = sum(squares) / (count - 1)
    lag = sum((a - centre) * (b - centre) for a, b in itertools.pairwise(means))
    r = min(0.9, max(0.0, lag / sum(squares) + 1 / count)) if variance else 0.0
    se = sqrt(variance / count * (1 + r) / (1 - r))
    return RatioEstimate(location, se, count - 1, count, size, 1.0)


def _finite_exp(x: float) -> float:
    """Return exp(x), kept where a results file can hold it."""
    return exp(min(max(x, -700.0), 700.0))
