"""The memory ratio of two sides, reference bytes / accelerated bytes, with its interval.

The repeats of a side are few, so the interval of their logarithms has Student's t with the degrees of
freedom of the side with fewer repeats, which never covers too little (Hsu 1938; Mickey and Brown 1966).
Welch's estimated degrees missed 3.9 % instead of 1 % in a simulation with 10 and 2 repeats.

The interval is then widened by what a reading leaves open on each side: forked children repeat each other,
so their scatter alone would claim more than pages can tell. It does not hold what a fresh interpreter
would change.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import exp, log, sqrt
from statistics import fmean, variance
from typing import TYPE_CHECKING

from ..errors import UsageError, WorkloadError
from ..model import Interval
from ..stats.quantiles import student_t_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .per_key import SideMemory

FIXED_RESOLUTION_BYTES = 64 << 10
"""Fixed costs below this drown in what the imports left free; such sides count as equal."""


class Compared(str, Enum):
    """What a memory ratio is a ratio of."""

    BYTES_PER_KEY = "bytes per key"
    FIXED_BYTES = "fixed bytes"


@dataclass(frozen=True)
class MemoryRatio:
    """The ratio, what of, and each side's typical bytes (as counted: never below the resolution)."""

    compared: Compared
    interval: Interval
    reference_bytes: float
    accelerated_bytes: float

    @property
    def same(self) -> bool:
        """Whether the interval holds 1."""
        return self.interval.low <= 1.0 <= self.interval.high


def memory_ratio(reference: SideMemory, accelerated: SideMemory, alpha: float) -> MemoryRatio:
    """Compare bytes per key where a side grows with its instances, else the fixed cost."""
    if reference.grows or accelerated.grows:
        compared, interval = Compared.BYTES_PER_KEY, memory_interval(reference, accelerated, alpha)
        sides = [_Side(side.bytes_per_key, side.resolution) for side in (reference, accelerated)]
    else:
        compared, interval = Compared.FIXED_BYTES, fixed_interval(reference, accelerated, alpha)
        sides = [_Side(side.fixed_bytes, FIXED_RESOLUTION_BYTES) for side in (reference, accelerated)]
    return MemoryRatio(compared, interval, sides[0].typical, sides[1].typical)


def memory_interval(reference: SideMemory, accelerated: SideMemory, alpha: float) -> Interval:
    """Return the interval of the ratio of bytes per key.

    A side that needs less than its readings can tell counts as just that much.

    Raises:
        WorkloadError: the sides hold different numbers of keys.
        UsageError: a side has fewer than two repeats.
    """
    if reference.keys != accelerated.keys:
        raise WorkloadError(
            "memory: bytes per key hold at one key count only; expected the same on both sides, found "
            f"{reference.keys:,} for the reference and {accelerated.keys:,} for the accelerated side"
        )
    return _interval(
        _Side(reference.bytes_per_key, reference.resolution),
        _Side(accelerated.bytes_per_key, accelerated.resolution),
        alpha,
    )


def fixed_interval(reference: SideMemory, accelerated: SideMemory, alpha: float) -> Interval:
    """Return the interval of the ratio of fixed costs; see ``FIXED_RESOLUTION_BYTES``.

    Raises:
        UsageError: a side has fewer than two repeats.
    """
    return _interval(
        _Side(reference.fixed_bytes, FIXED_RESOLUTION_BYTES),
        _Side(accelerated.fixed_bytes, FIXED_RESOLUTION_BYTES),
        alpha,
    )


class _Side:
    """The logarithms of one side's repeats, none below the resolution."""

    def __init__(self, values: Sequence[float], resolution: float) -> None:
        if len(values) < 2:
            raise UsageError(f"memory: an interval needs at least 2 repeats a side, found {len(values)}")
        # A side without any resolution stated still needs a positive smallest value.
        floor = resolution or 1.0
        logs = [log(max(value, floor)) for value in values]
        self.log_mean = fmean(logs)
        self.mean_variance = variance(logs) / len(logs)
        self.df = len(logs) - 1
        self.open = resolution / self.typical

    @property
    def typical(self) -> float:
        """The geometric mean."""
        return exp(self.log_mean)


def _interval(reference: _Side, accelerated: _Side, alpha: float) -> Interval:
    spread = reference.mean_variance + accelerated.mean_variance
    half = -student_t_quantile(alpha / 2, min(reference.df, accelerated.df)) * sqrt(spread)
    half += log((1 + reference.open) * (1 + accelerated.open))
    ratio = reference.log_mean - accelerated.log_mean
    return Interval(estimate=exp(ratio), low=exp(ratio - half), high=_finite_exp(ratio + half), alpha=alpha)


def _finite_exp(x: float) -> float:
    """Return e**x, held below infinity, which no results file may hold."""
    return exp(min(x, 700.0))
