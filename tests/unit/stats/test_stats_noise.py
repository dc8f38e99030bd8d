"""Each kind of noise gets its own word, and quiet pairs get none."""

from __future__ import annotations

from functools import partial
from random import Random

import pytest

from benchmarks.simulated import autoregressive, independent, pairs
from pytest_fastllm.stats.noise import noise
from pytest_fastllm.stats.series import PairSeries

CLOCK_S = 1e-9


def words(n: int = 400, make=independent, **added) -> tuple[str, ...]:
    random = Random(1)
    return noise(pairs(random, make(random, n), 3.0, **added), CLOCK_S, 1).warnings


def test_quiet_pairs_have_no_warning():
    for seed in range(50):
        random = Random(seed)
        assert noise(pairs(random, independent(random, 400), 3.0), CLOCK_S, 1).warnings == ()


@pytest.mark.parametrize(
    ("word", "added"),
    [
        ("sd", {"sd": 0.2}),
        ("outliers", {"outliers_reference": 0.07}),
        ("heavy-tail", {"outliers_reference": 0.02}),
        ("carry-over", {"order_effect": 0.05}),
        ("autocorrelation", {"make": partial(autoregressive, rho=0.6)}),
    ],
)
def test_each_noise_has_its_word(word, added):
    assert word in words(**added)


def test_order_effect_below_one_percent_is_no_carry_over():
    assert "carry-over" not in words(order_effect=0.008, sd=0.01)


@pytest.mark.parametrize(("batch", "warned"), [(1, True), (100, False)])
def test_a_coarse_clock_is_told_by_the_length_of_a_whole_sample(batch, warned):
    series = PairSeries([3e-6] * 4, [1e-6] * 4, [0.0] * 4, [True, False, False, True])
    assert ("coarse-clock" in noise(series, 1e-7, batch).warnings) is warned


def test_figures_are_plain_numbers_that_explain_the_words():
    random = Random(3)
    found = noise(pairs(random, independent(random, 400), 3.0, outliers_reference=0.07), CLOCK_S, 1)
    assert found.figures["outliers"] == pytest.approx(0.07, abs=0.03)
    assert found.figures["sd"] == pytest.approx(0.05, abs=0.01)
    assert found.figures["total_over_typical"] > 1.05
    assert all(value == value and abs(value) != float("inf") for value in found.figures.values())


def test_few_or_equal_pairs_are_not_accused():
    few = PairSeries([3.0] * 4, [1.0] * 4, [0.0] * 4, [True, False, False, True])
    equal = PairSeries([3.0] * 40, [1.0] * 40, [0.0] * 40, [True, False] * 20)
    assert noise(few, CLOCK_S, 1).warnings == ()
    assert noise(equal, CLOCK_S, 1).warnings == ()
