"""What made a row's pairs uneven: figures for the results file and short stable words for the table."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import fmean, median
from typing import TYPE_CHECKING

from .interval import estimate_ratio, total_ratio
from .robust import cut_off, order_effect, without_order

if TYPE_CHECKING:
    from .series import PairSeries

SD = "sd"
OUTLIERS = "outliers"
AUTOCORRELATION = "autocorrelation"
CARRY_OVER = "carry-over"
HEAVY_TAIL = "heavy-tail"
COARSE_CLOCK = "coarse-clock"

_SD_AT_MOST = 0.10  # pyperf's limit for an unstable benchmark
_OUTLIERS_AT_MOST = 0.05
_CORRELATION_AT_MOST = 0.3
_WIDENING_AT_MOST = 4.0  # a quiet series is widened by a third, 1 in 500 threefold
_CARRY_OVER_AT_MOST = 0.01
_HEAVY_TAIL_AT_MOST = 0.05
_CLOCK_AT_MOST = 0.01
_SIGNIFICANT = 3.3  # standard errors; 0.1 % by chance
_LEAST_PAIRS = 10  # fewer tell nothing about their own noise

_LEAST_FOR_WIDENING = 80  # shorter series are widened for what they cannot know


@dataclass(frozen=True, slots=True)
class Noise:
    """Warnings of one row, and the figures that they were drawn from."""

    warnings: tuple[str, ...]
    figures: dict[str, float]


def noise(series: PairSeries, clock_resolution_s: float, batch: int) -> Noise:
    """Describe the noise of a row; ``batch`` is the number of calls in a sample."""
    shortest = min(median(series.reference_s), median(series.accelerated_s)) * batch
    figures = {"clock_share": clock_resolution_s / shortest if shortest > 0 else 1.0}
    warnings = [COARSE_CLOCK] if figures["clock_share"] >= _CLOCK_AT_MOST else []
    if len(series) < _LEAST_PAIRS:
        return Noise(tuple(warnings), figures)

    values = series.log_ratios()
    n = len(values)
    effect = order_effect(values, series.reference_first)
    adjusted = without_order(values, series.reference_first)
    centre = median(adjusted)
    cut = cut_off(adjusted, centre)
    kept = [v - centre for v in adjusted if abs(v - centre) <= cut]
    sd = sqrt(fmean([v * v for v in kept]))
    estimate = estimate_ratio(series)
    naive_se = sd / sqrt(n)

    figures["sd"] = sd
    figures["outliers"] = 1 - len(kept) / n
    figures["autocorrelation"] = _lag_one(adjusted, centre, cut)
    figures["widening"] = estimate.se / naive_se if naive_se > 0 else 1.0
    figures["carry_over"] = effect
    figures["total_over_typical"] = total_ratio(series) / exp(estimate.log_ratio)

    if sd >= _SD_AT_MOST:
        warnings.append(SD)
    if figures["outliers"] > _OUTLIERS_AT_MOST:
        warnings.append(OUTLIERS)
    lag = figures["autocorrelation"]
    correlated = lag > _CORRELATION_AT_MOST and lag * sqrt(n) > _SIGNIFICANT
    if correlated or (n >= _LEAST_FOR_WIDENING and figures["widening"] > _WIDENING_AT_MOST):
        warnings.append(AUTOCORRELATION)
    # A difference of two medians of n/2 has a standard error of 2.5 sd / sqrt(n); the effect is half of it.
    if abs(effect) > _CARRY_OVER_AT_MOST and abs(effect) > _SIGNIFICANT * 1.2533 * naive_se:
        warnings.append(CARRY_OVER)
    if abs(log(figures["total_over_typical"])) > log(1 + _HEAVY_TAIL_AT_MOST):
        warnings.append(HEAVY_TAIL)
    return Noise(tuple(warnings), figures)


def _lag_one(values: list[float], centre: float, cut: float) -> float:
    deviations = [v - centre if abs(v - centre) < cut else 0.0 for v in values]
    total = sum(v * v for v in deviations)
    if total == 0.0:
        return 0.0
    return sum(a * b for a, b in itertools.pairwise(deviations)) / total
