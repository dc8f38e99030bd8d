"""How much a ratio differs from process to process, learnt from all rows together.

K processes tell one row's spread with K - 1 degrees of freedom: Student's t is then 8.6 at 0.001 for K = 5.
The causes (heap, hash seed, code layout) are common to the rows, so their variances are pooled as in an
analysis of variance; R rows of K processes have R (K - 1) degrees of freedom.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf, sqrt
from statistics import fmean
from typing import TYPE_CHECKING

from ..model import Interval
from .quantiles import f_tail, normal_quantile, student_t_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class PooledSpread:
    """Standard deviation of log ratios between processes, pooled over rows; ``df`` 0: nothing is known."""

    sd: float
    df: int
    rows: int

    def upper(self, confidence: float = 0.95) -> float:
        """Return the upper limit of the sd: chi-square by Wilson & Hilferty 1931."""
        if self.df == 0:
            return inf
        spread = 2 / (9 * self.df)
        root = 1 - spread + normal_quantile(1 - confidence) * sqrt(spread)
        # The approximation fails at one degree of freedom; 0.15 is about the true root there.
        return self.sd / sqrt(max(root, 0.15) ** 3)


def pool_processes(rows: Sequence[Sequence[float]]) -> PooledSpread:
    """Pool the variance of log ratios: one inner sequence per row, one value per process."""
    squares, df, counted = 0.0, 0, 0
    for values in rows:
        if len(values) < 2:
            continue
        squares += _squares(values)
        df += len(values) - 1
        counted += 1
    return PooledSpread(sd=sqrt(squares / df) if df else 0.0, df=df, rows=counted)


def process_interval(values: Sequence[float], spread: PooledSpread, alpha: float) -> Interval:
    """Return a row's interval from its processes' log ratios and the pooled spread.

    A row that is significantly wilder than the pool keeps its own sd, which is then the larger one.
    """
    if spread.df == 0:
        raise ValueError("no row has two processes, so nothing is known about the spread between processes")
    sd = spread.sd
    if is_process_dependent(values, spread):
        sd = sqrt(_squares(values) / (len(values) - 1))
    centre = fmean(values)
    half = -student_t_quantile(alpha / 2, spread.df) * sd / sqrt(len(values))
    return Interval(estimate=exp(centre), low=exp(centre - half), high=exp(centre + half), alpha=alpha)


def is_process_dependent(values: Sequence[float], spread: PooledSpread, alpha: float = 0.001) -> bool:
    """Tell whether a row differs from process to process more than the rest of the pool (F test)."""
    df = len(values) - 1
    if df < 1:
        return False
    rest_df = spread.df - df
    if rest_df < 1:
        return False
    own = _squares(values)
    rest = spread.sd**2 * spread.df - own
    if rest <= 0.0:
        return own > 0.0
    return f_tail((own / df) / (rest / rest_df), df, rest_df) < alpha / max(1, spread.rows)


def _squares(values: Sequence[float]) -> float:
    centre = fmean(values)
    return sum((v - centre) ** 2 for v in values)
