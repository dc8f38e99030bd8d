"""A pair series is what was measured, or an error that says what to do."""

from __future__ import annotations

from math import log

import pytest

from pytest_fastllm.errors import WorkloadError
from pytest_fastllm.stats.series import PairSeries


def test_log_ratio_is_of_reference_over_accelerated():
    series = PairSeries([3.0, 1.0], [1.0, 2.0], [0.0, 1.0], [True, False])
    assert len(series) == 2
    assert series.log_ratios() == pytest.approx([log(3), -log(2)])


@pytest.mark.parametrize("zero", [([0.0], [1.0]), ([1.0], [0.0])])
def test_a_sample_without_duration_is_an_error_of_the_workload(zero):
    series = PairSeries(*zero, [0.0], [True])
    with pytest.raises(WorkloadError, match="time more calls per sample"):
        series.log_ratios()


def test_columns_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="one length"):
        PairSeries([1.0, 2.0], [1.0], [0.0], [True])
