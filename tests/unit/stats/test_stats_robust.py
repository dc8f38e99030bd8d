"""The typical value ignores outliers, however one-sided, but not a level that has moved."""

from __future__ import annotations

from random import Random

import pytest

from pytest_fastllm.stats.robust import cut_off, influence, order_effect


def noise(seed: int, n: int, sd: float = 1.0) -> list[float]:
    random = Random(seed)
    return [random.gauss(0, sd) for _ in range(n)]


def alternating(n: int) -> list[bool]:
    return [i % 4 in (0, 3) for i in range(n)]


def test_a_quarter_of_one_sided_outliers_moves_it_less_than_its_noise():
    clean = noise(1, 2000)
    random = Random(2)
    spoilt = [v + 50 if random.random() < 0.25 else v for v in clean]
    location, scores = influence(spoilt, alternating(2000))
    assert abs(location) < 0.1
    # A median would be shifted by 0.43, a 10 % trimmed mean by more.
    assert all(score == 0.0 for value, score in zip(spoilt, scores, strict=True) if value > 25)


def test_scores_average_to_nothing():
    location, scores = influence([v + 7 for v in noise(2, 400)], alternating(400))
    assert location == pytest.approx(7, abs=0.2)
    assert sum(scores) / len(scores) == pytest.approx(0, abs=1e-2)


def test_a_block_of_outliers_is_a_level_and_counts():
    level = noise(3, 400, 0.01)
    level[340:] = [v + 1 for v in level[340:]]
    location, scores = influence(level, alternating(400))
    assert max(abs(score) for score in scores[340:]) > 0.5
    assert 0.02 < location < 0.5
    scattered = noise(3, 400, 0.01)
    for i in range(0, 400, 7):
        scattered[i] += 1
    assert abs(influence(scattered, alternating(400))[0]) < 0.005


def test_equal_values_are_their_own_location():
    location, scores = influence([2.0] * 30, alternating(30))
    assert location == 2.0
    assert scores == [0.0] * 30
    assert cut_off([2.0] * 30, 2.0) == 0.0


def test_order_effect_is_taken_out():
    first = alternating(200)
    values = [v + (0.3 if f else -0.3) for v, f in zip(noise(4, 200, 0.01), first, strict=True)]
    assert order_effect(values, first) == pytest.approx(0.3, abs=0.01)
    location, scores = influence(values, first)
    assert location == pytest.approx(0, abs=0.01)
    assert max(map(abs, scores)) < 0.1


def test_one_order_only_has_no_order_effect():
    assert order_effect([1.0, 2.0], [True, True]) == 0.0
