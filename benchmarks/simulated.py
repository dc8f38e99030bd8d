"""Pair series whose true ratio is known, with the noise that real machines add.

Used by `benchmarks.methodology` for the figures in the docs and by `tests/unit/stats` for the promises.
"""

from __future__ import annotations

from functools import partial
from math import exp, log, pi, sin, sqrt
from typing import TYPE_CHECKING

from pytest_fastllm.stats.series import PairSeries

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

SD = 0.05
"""Standard deviation of a pair's log ratio in every scenario, before outliers."""
PAIR_S = 5e-4


def independent(random: Random, n: int) -> list[float]:
    return [random.gauss(0, 1) for _ in range(n)]


def autoregressive(random: Random, n: int, *, rho: float) -> list[float]:
    """AR(1): each value keeps ``rho`` of the one before."""
    fresh = sqrt(1 - rho * rho)
    values = [random.gauss(0, 1)]
    for _ in range(n - 1):
        values.append(rho * values[-1] + fresh * random.gauss(0, 1))
    return values


def drifting(random: Random, n: int) -> list[float]:
    """Return a ratio that moves linearly by four standard deviations; the truth is its average."""
    return [random.gauss(0, 1) + 4 * ((i + 0.5) / n - 0.5) for i in range(n)]


def wandering(random: Random, n: int) -> list[float]:
    """Return a slow sine of random phase, one to three periods long, as strong as the noise."""
    periods, phase = random.randint(1, 3), random.random()
    return [random.gauss(0, 1) + sqrt(2) * sin(2 * pi * (periods * i / n + phase)) for i in range(n)]


def heavy_tailed(random: Random, n: int) -> list[float]:
    """Student's t with 3 degrees of freedom."""
    return [random.gauss(0, 1) / sqrt(random.gammavariate(1.5, 2) / 3) for _ in range(n)]


NOISES: dict[str, Callable[[Random, int], list[float]]] = {
    "independent": independent,
    "AR(1), ρ = 0.3": partial(autoregressive, rho=0.3),
    "AR(1), ρ = 0.5": partial(autoregressive, rho=0.5),
    "AR(1), ρ = 0.8": partial(autoregressive, rho=0.8),
    "linear drift of the ratio": drifting,
    "slow wander of the ratio": wandering,
    "heavy tails (t, 3 df)": heavy_tailed,
}


def pairs(
    random: Random,
    noise: list[float],
    truth: float,
    *,
    sd: float = SD,
    outliers_reference: float = 0.0,
    outliers_accelerated: float = 0.0,
    order_effect: float = 0.0,
    slowdown: float = 0.0,
) -> PairSeries:
    """Make pairs from the noise of their log ratios.

    ``outliers_*`` is the share of a side's samples that take 10 times as long; ``order_effect`` lengthens the
    second sample of each pair; ``slowdown`` is by how much both sides slow down from start to end.
    """
    n = len(noise)
    reference, accelerated, first = [], [], []
    ahead = True
    for i, value in enumerate(noise):
        ahead = random.random() < 0.5 if i % 2 == 0 else not ahead
        machine = 1 + slowdown * i / n
        later = 1 + order_effect + slowdown / (2 * n)
        r = truth * machine * exp(sd * value / 2)
        a = machine * exp(-sd * value / 2)
        if ahead:
            a *= later
        else:
            r *= later
        if random.random() < outliers_reference:
            r *= 10
        if random.random() < outliers_accelerated:
            a *= 10
        reference.append(r * 1e-4)
        accelerated.append(a * 1e-4)
        first.append(ahead)
    return PairSeries(reference, accelerated, [PAIR_S * i for i in range(n)], first)


def head(series: PairSeries, n: int) -> PairSeries:
    """Return the first ``n`` pairs."""
    return PairSeries(
        series.reference_s[:n], series.accelerated_s[:n], series.started_s[:n], series.reference_first[:n]
    )


def misses(low: float, high: float, truth: float) -> bool:
    return not log(low) <= log(truth) <= log(high)
