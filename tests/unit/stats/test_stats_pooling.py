"""The spread between processes is learnt from all rows together, never from K values of one."""

from __future__ import annotations

from math import inf, log
from random import Random

import pytest

from pytest_fastllm.stats.pooling import PooledSpread, is_process_dependent, pool_processes, process_interval


def rows(seed: int, count: int, processes: int, sd: float) -> list[list[float]]:
    random = Random(seed)
    return [[random.gauss(i, sd) for _ in range(processes)] for i in range(count)]


def test_pooled_sd_is_the_spread_around_each_rows_own_mean():
    spread = pool_processes([[0.0, 0.02], [5.0, 5.02], [1.0]])
    assert spread.df == 2
    assert spread.rows == 2
    assert spread.sd == pytest.approx(0.02 / 2**0.5)


def test_pooled_sd_finds_the_truth():
    spread = pool_processes(rows(1, 50, 5, 0.0185))
    assert spread.df == 200
    assert spread.sd == pytest.approx(0.0185, rel=0.15)


def test_upper_limit_covers_the_true_spread():
    covered = sum(pool_processes(rows(seed, 7, 5, 0.02)).upper() >= 0.02 for seed in range(1000))
    assert covered >= 930
    assert PooledSpread(0.0, 0, 0).upper() == inf
    assert 0 < PooledSpread(0.02, 1, 1).upper() < 1


def test_coverage_of_a_rows_interval_and_what_pooling_saves():
    missed, widths = 0, []
    for seed in range(1000):
        data = rows(seed, 10, 5, 0.02)
        interval = process_interval(data[0], pool_processes(data), 0.001)
        missed += not log(interval.low) <= 0.0 <= log(interval.high)
        widths.append(log(interval.high / interval.low) / 2)
    assert missed <= 3
    # A t-interval on the five values alone is 8.61 * 0.02 / 5 ** 0.5 = 7.7 % wide to either side.
    assert sorted(widths)[500] < 0.04


def test_a_row_wilder_than_the_pool_keeps_its_own_spread():
    data = rows(2, 20, 5, 0.01)
    data[0] = [0.0, 0.3, -0.3, 0.2, -0.2]
    spread = pool_processes(data)
    assert is_process_dependent(data[0], spread)
    assert not is_process_dependent(data[1], spread)
    wild = process_interval(data[0], spread, 0.01)
    assert (
        wild.high / wild.low
        > process_interval(data[1], spread, 0.01).high / process_interval(data[1], spread, 0.01).low
    )


def test_ordinary_rows_are_rarely_called_process_dependent():
    called = 0
    for seed in range(200):
        data = rows(seed, 10, 5, 0.02)
        spread = pool_processes(data)
        called += any(is_process_dependent(row, spread) for row in data)
    assert called <= 1


def test_without_two_processes_nothing_is_known():
    spread = pool_processes([[1.0], [2.0]])
    assert spread == PooledSpread(0.0, 0, 0)
    with pytest.raises(ValueError, match="two processes"):
        process_interval([1.0], spread, 0.01)


def test_one_value_or_a_pool_of_one_cannot_be_compared():
    spread = pool_processes([[0.0, 0.1, 0.2]])
    assert not is_process_dependent([1.0], spread)
    assert not is_process_dependent([0.0, 0.1, 0.2], spread)
    still = pool_processes([[0.0, 1.0], [0.0, 0.0], [2.0, 2.0]])
    assert is_process_dependent([0.0, 1.0], still)
