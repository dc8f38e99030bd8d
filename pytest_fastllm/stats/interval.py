"""The confidence interval of a row's speedup."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING

from ..errors import WorkloadError
from ..model import Interval
from .contention import contention_reach
from .disturbance import undisturbed
from .quantiles import student_t_quantile
from .robust import influence
from .scatter import scatter

if TYPE_CHECKING:
    from .series import PairSeries

_LEAST_PAIRS = 4
RESOLUTION = 3e-3
"""What no number of pairs averages away, on either side of the log ratio: the reading of the clock inside a sample,
the longer side's larger share of interruptions, the cost of the call. Work of counted turns was seen to differ by about
this from the ratio of its counts (docs/methodology.md, the last table). It is no matter of chance, hence a margin
beside the quantile and not a part of the standard error."""


@dataclass(frozen=True, slots=True)
class RatioEstimate:
    """A log ratio of typical times with its standard error; gives the interval at any alpha."""

    log_ratio: float
    se: float
    df: float
    blocks: int
    pairs_per_block: int
    reach: tuple[float, float] = (0.0, 0.0)
    """How far contention may have put it off, down and up: see `contention`."""

    def interval(self, alpha: float) -> Interval:
        """Return the two-sided interval that misses the ratio with probability ``alpha``."""
        half = -student_t_quantile(alpha / 2, self.df) * self.se + RESOLUTION
        return Interval(
            estimate=exp(self.log_ratio),
            low=_finite_exp(self.log_ratio + min(-half, self.reach[0])),
            high=_finite_exp(self.log_ratio + max(half, self.reach[1])),
            alpha=alpha,
        )


def total_ratio(series: PairSeries) -> float:
    """Return the ratio of total times, to which outliers count in full."""
    return sum(series.reference_s) / sum(series.accelerated_s)


def estimate_ratio(series: PairSeries) -> RatioEstimate:
    """Estimate the ratio of typical times and its standard error from blocks of pairs."""
    n = len(series)
    if n < _LEAST_PAIRS:
        raise WorkloadError(f"an interval needs at least {_LEAST_PAIRS} pairs, got {n}")
    location, values = influence(series.log_ratios(), series.reference_first, undisturbed(series))
    found = scatter(values)
    return RatioEstimate(
        log_ratio=location,
        se=found.se,
        df=found.df,
        blocks=found.blocks,
        pairs_per_block=found.block_size,
        reach=contention_reach(series, location),
    )


def _finite_exp(x: float) -> float:
    """Return exp(x), kept where a results file can hold it."""
    return exp(min(max(x, -700.0), 700.0))
