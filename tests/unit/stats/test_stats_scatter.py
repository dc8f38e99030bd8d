"""Blocks: at least 20, balanced, longer than the correlation or else widened for it."""

from __future__ import annotations

from functools import partial
from math import sqrt
from random import Random

import pytest

from benchmarks.simulated import autoregressive, independent
from pytest_fastllm.stats.scatter import MIN_BLOCKS, scatter


@pytest.mark.parametrize("n", [24, 25, 40, 79, 80, 200, 201, 999, 5000])
def test_at_least_twenty_blocks_and_both_orders_in_each(n):
    found = scatter(independent(Random(n), n))
    assert found.blocks >= MIN_BLOCKS
    assert found.block_size == 1 or found.block_size % 2 == 0
    assert found.blocks * found.block_size <= n


def test_tiny_series_have_few_degrees_of_freedom():
    assert scatter([1.0, 2.0, 3.0, 2.5]).df == 3


def test_no_scatter_no_error():
    assert scatter([0.0] * 100).se == 0.0


def test_independent_values_cost_little():
    """The price of honesty: the standard error comes out a third too wide at the median."""
    ratios = sorted(scatter(independent(Random(seed), 400)).se * sqrt(400) for seed in range(400))
    assert 1.1 < ratios[200] < 1.45


@pytest.mark.parametrize("rho", [0.3, 0.5, 0.8])
def test_correlated_values_get_their_true_error(rho):
    true = sqrt((1 + rho) / (1 - rho))
    make = partial(autoregressive, rho=rho)
    found = sorted(scatter(make(Random(seed), 400)).se * sqrt(400) / true for seed in range(400))
    assert found[40] > 0.8
    assert 1.0 < found[200] < 1.6


def test_a_drifting_level_is_seen():
    values = [v + i / 50 for i, v in enumerate(independent(Random(1), 200))]
    naive = sqrt(sum(v * v for v in values) / 200 - (sum(values) / 200) ** 2) / sqrt(200)
    assert scatter(values).se > 3 * naive
