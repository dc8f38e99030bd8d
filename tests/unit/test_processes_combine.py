"""One row out of several processes' rows: the spread between them, and what each of them kept."""

from __future__ import annotations

from math import log

import data_makers as make
import pytest

from pytest_fastllm.model import Metric
from pytest_fastllm.processes.combine import combine


def combined(rows):
    return combine({"tc/small": rows}, 0.01, 0.001)["tc/small"]


def half_width(interval):
    return log(interval.high / interval.low) / 2


def test_speed_has_the_spread_between_processes_alone():
    row = combined([make.row(each, half=0.2) for each in (2.0, 2.02, 1.98, 2.01, 1.99)])
    assert row.between_sd == pytest.approx(0.0079, abs=0.0005)
    assert half_width(row.interval) < 0.03
    assert (row.processes, row.stopped) == (5, "processes")


@pytest.mark.parametrize("spread", [0.0, 0.05])
def test_memory_is_never_finer_than_its_readings(spread):
    estimates = [2.0 + spread * turn for turn in (-2, -1, 0, 1, 2)]
    rows = [
        make.row(each, half=0.03, metric=Metric.MEMORY_RATIO, stopped="bytes per key") for each in estimates
    ]
    row = combined(rows)
    assert half_width(row.interval) >= 0.03
    assert half_width(row.corrected) >= 0.06
    assert (half_width(row.interval) > 0.05) == (spread > 0)
    assert row.between_sd == pytest.approx(spread * 0.79, abs=0.01)
    assert row.stopped == "bytes per key"


def test_samples_are_joined_and_say_whose_they_are():
    rows = [
        make.row(samples={"reference_s": (2.0,) * count, "accelerated_s": (1.0,) * count}) for count in (2, 3)
    ]
    samples = combined(rows).samples
    assert samples["reference_s"] == (2.0,) * 5
    assert samples["process"] == (0.0, 0.0, 1.0, 1.0, 1.0)


def test_samples_of_some_processes_only_are_none():
    rows = [make.row(samples={"reference_s": (2.0,), "accelerated_s": (1.0,)}), make.row()]
    assert combined(rows).samples is None
