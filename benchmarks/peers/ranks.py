"""From times of rounds to throughput with an interval, and from intervals to ranks: pure functions."""

from __future__ import annotations

from math import exp, log, sqrt
from statistics import median, stdev
from typing import TYPE_CHECKING

from pytest_fastllm.model import Interval
from pytest_fastllm.stats.interval import RESOLUTION
from pytest_fastllm.stats.quantiles import student_t_quantile
from pytest_fastllm.stats.robust import influence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ALPHA = 0.01
LEAST_ROUNDS = 6
_LEAST_COUNTERS = 3
_FREEDOM = 0.7
"""Of n - 1 degrees of freedom so many are left to a biweight (Mosteller & Tukey 1977, Data Analysis and Regression)."""


def throughputs(seconds_per_byte: Mapping[str, Sequence[float]], alpha: float = ALPHA) -> dict[str, Interval]:
    """MB/s of each counter; the rounds are blocks, and what befell a whole round is taken out.

    Args:
        seconds_per_byte: for each counter one value a round, the same rounds for all.
        alpha: how often an interval may miss.
    """
    values = {name: [log(value) for value in series] for name, series in seconds_per_byte.items()}
    return {name: _throughput(_without_rounds(name, values), alpha) for name in values}


def _without_rounds(name: str, values: Mapping[str, Sequence[float]]) -> Sequence[float]:
    """A counter's log times without what befell whole rounds, as the other counters tell it.

    Texts of one round are easy or hard for all, and the machine slow or fast: no news about one of them. The
    counter itself has no say in it: with its own vote its scatter would look too small (seen: four times as many
    equal counters taken for unequal).
    """
    if len(values) < _LEAST_COUNTERS:
        return values[name]
    others = [(series, median(series)) for other, series in values.items() if other != name]
    return [
        value - median(series[i] - typical for series, typical in others)
        for i, value in enumerate(values[name])
    ]


def _throughput(log_seconds_per_byte: Sequence[float], alpha: float) -> Interval:
    n = len(log_seconds_per_byte)
    if n < LEAST_ROUNDS:
        raise ValueError(f"an interval needs at least {LEAST_ROUNDS} rounds, got {n}")
    location, scores = influence(log_seconds_per_byte, [True] * n)
    half = -student_t_quantile(alpha / 2, _FREEDOM * (n - 1)) * stdev(scores) / sqrt(n) + RESOLUTION
    return Interval(
        estimate=exp(-location) / 1e6,
        low=exp(-location - half) / 1e6,
        high=exp(-location + half) / 1e6,
        alpha=alpha,
    )


def ranks(intervals: Mapping[str, Interval]) -> dict[str, int]:
    """1 + the number of those that are surely faster: overlapping intervals share a rank."""
    return {
        name: 1 + sum(other.low > interval.high for other in intervals.values())
        for name, interval in intervals.items()
    }


def alone(name: str, intervals: Mapping[str, Interval]) -> bool:
    """Whether one is surely faster than every other one."""
    return all(other.high < intervals[name].low for each, other in intervals.items() if each != name)
