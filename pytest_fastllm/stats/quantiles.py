"""Quantiles of Student's t and of the beta distribution, and exact limits of a rate.

The incomplete beta function is evaluated by its continued fraction with the modified Lentz method
(Abramowitz & Stegun 26.5.8; Press et al., Numerical Recipes, 6.4); quantiles invert it by bisection on a
logarithmic scale, which stays exact for the tiny tail probabilities of corrected comparisons.
"""

from __future__ import annotations

from functools import lru_cache
from math import exp, inf, lgamma, log, log1p, sqrt
from statistics import NormalDist

_TINY = 1e-300
_EPSILON = 1e-15


def normal_quantile(p: float) -> float:
    """Return x with P(Z <= x) = p for a standard normal Z."""
    return NormalDist().inv_cdf(p)


def regularized_beta(x: float, a: float, b: float) -> float:
    """Return I_x(a, b), the probability that a Beta(a, b) variable is at most x."""
    if x <= 0.0:
        return 0.0
    if x >= 1.0:
        return 1.0
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    if x < (a + 1.0) / (a + b + 2.0):
        return front * _beta_fraction(x, a, b) / a
    return 1.0 - front * _beta_fraction(1.0 - x, b, a) / b


def _beta_fraction(x: float, a: float, b: float) -> float:
    c = 1.0
    d = 1.0 - (a + b) * x / (a + 1.0)
    d = 1.0 / (d if abs(d) > _TINY else _TINY)
    result = d
    for m in range(1, 1000):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1.0 + numerator * d
            d = 1.0 / (d if abs(d) > _TINY else _TINY)
            c = 1.0 + numerator / c
            c = c if abs(c) > _TINY else _TINY
            result *= c * d
        if abs(c * d - 1.0) < _EPSILON:
            break
    return result


def beta_quantile(p: float, a: float, b: float) -> float:
    """Return x with I_x(a, b) = p."""
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"a probability lies in [0, 1], got {p}")
    if p in (0.0, 1.0):
        return p
    low, high = 0.0, 1.0
    for _ in range(200):
        # The geometric mean finds tiny quantiles as fast as large ones.
        middle = sqrt(low * high) if low > 0.0 else high * 0.5
        if not low < middle < high or high - low <= 1e-15 * high:
            break
        if regularized_beta(middle, a, b) < p:
            low = middle
        else:
            high = middle
        if high < _TINY:
            return 0.0
    return high


def student_t_tail(t: float, df: float) -> float:
    """Return P(T > t) for t >= 0, exact also where it is tiny."""
    return 0.5 * regularized_beta(df / (df + t * t), df / 2.0, 0.5)


def f_tail(f: float, df1: float, df2: float) -> float:
    """Return P(F > f) for a ratio of two variances with ``df1`` and ``df2`` degrees of freedom."""
    return regularized_beta(df2 / (df2 + df1 * f), df2 / 2.0, df1 / 2.0)


@lru_cache(maxsize=512)
def student_t_quantile(p: float, df: float) -> float:
    """Return t with P(T <= t) = p for Student's t with ``df`` degrees of freedom, which need not be whole.

    Ask for the lower tail (p < 1/2) and negate where p is tiny: 1 - p would round it away.
    """
    if not (0.0 < p < 1.0 and df > 0.0):
        raise ValueError(f"needs 0 < p < 1 and df > 0, got p={p}, df={df}")
    if p == 0.5:
        return 0.0
    if p > 0.5:
        return -student_t_quantile(1.0 - p, df)
    low, high = 0.0, 2.0
    while student_t_tail(high, df) > p:
        low, high = high, high * 2.0
        if high == inf:  # pragma: no cover - no probability a float can hold leads here for df >= 1
            break
    for _ in range(100):
        middle = 0.5 * (low + high)
        if high - low <= 1e-12 * high:
            break
        if student_t_tail(middle, df) > p:
            low = middle
        else:
            high = middle
    return -0.5 * (low + high)


def rate_upper_limit(failures: int, trials: int, confidence: float = 0.95) -> float:
    """Return the exact one-sided upper limit of a failure rate (Clopper & Pearson 1934)."""
    _check_counts(failures, trials)
    if failures >= trials:
        return 1.0
    return beta_quantile(confidence, failures + 1.0, float(trials - failures))


def rate_lower_limit(failures: int, trials: int, confidence: float = 0.95) -> float:
    """Return the exact one-sided lower limit of a failure rate (Clopper & Pearson 1934)."""
    _check_counts(failures, trials)
    if failures == 0:
        return 0.0
    return beta_quantile(1.0 - confidence, float(failures), trials - failures + 1.0)


def _check_counts(failures: int, trials: int) -> None:
    if not 0 <= failures <= trials:
        raise ValueError(f"failures must lie between 0 and trials, got {failures} of {trials}")
