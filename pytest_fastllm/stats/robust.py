"""A typical value that outliers cannot move, and how much each observation moved it.

Tukey's biweight (Beaton & Tukey 1974) rejects what lies far out altogether, where a median or a trimmed mean
would still be shifted by outliers that all lie on one side, as interruptions do. Averages of the influence
values behave like the estimate itself (Hampel et al. 1986, Robust Statistics, 2.1), so that blocks of any
length, even of one pair, can tell its standard error.
"""

from __future__ import annotations

from statistics import fmean, median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_CUT = 5.0
"""Standard deviations beyond which an observation has no influence."""
_REJECTED_AT_MOST = 0.2
"""Share that may be rejected: more than that is no outlier but part of what is typical."""


def influence(values: Sequence[float], first: Sequence[bool]) -> tuple[float, list[float]]:
    """Return the typical value and the influence values (they average to 0), without the order effect."""
    effect = order_effect(values, first)
    adjusted = [v - effect if f else v + effect for v, f in zip(values, first, strict=True)]
    location = median(adjusted)
    cut = cut_off(adjusted, location)
    if cut == 0.0:
        return location, [0.0] * len(adjusted)
    for _ in range(5):
        weights = [_weight(v - location, cut) for v in adjusted]
        step = sum(w * (v - location) for w, v in zip(weights, adjusted, strict=True)) / sum(weights)
        location += step
        if abs(step) <= 1e-6 * cut:
            break
    slope = fmean(_slope(v - location, cut) for v in adjusted)
    slope = max(slope, 0.2)
    scores = [_weight(v - location, cut) * (v - location) / slope for v in adjusted]
    return location, scores


def order_effect(values: Sequence[float], first: Sequence[bool]) -> float:
    """Return half of what the order within a pair does to its log ratio; 0 where only one order occurs."""
    ahead = [v for v, f in zip(values, first, strict=True) if f]
    behind = [v for v, f in zip(values, first, strict=True) if not f]
    if not ahead or not behind:
        return 0.0
    return (median(ahead) - median(behind)) / 2


def cut_off(values: Sequence[float], location: float) -> float:
    """Return the distance from ``location`` beyond which an observation has no influence."""
    deviations = sorted(abs(v - location) for v in values)
    scale = 1.4826 * median(deviations)
    kept = deviations[min(len(deviations) - 1, int((1 - _REJECTED_AT_MOST) * len(deviations)))]
    return max(_CUT * scale, 1.5 * kept)


def _weight(x: float, cut: float) -> float:
    u = x / cut
    return (1 - u * u) ** 2 if -1 < u < 1 else 0.0


def _slope(x: float, cut: float) -> float:
    u = (x / cut) ** 2
    return (1 - u) * (1 - 5 * u) if u < 1 else 0.0
