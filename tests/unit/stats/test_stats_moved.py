"""The side that moved is named, and only when the machine's own change cannot explain it."""

from __future__ import annotations

import pytest

from pytest_fastllm.model import Side
from pytest_fastllm.stats.moved import which_side_moved

THEN = {Side.REFERENCE: 3e-5, Side.ACCELERATED: 1e-5}
KERNELS = {"interpreter": 1e-3, "memory": 2e-3}


def scaled(times, factor):
    return {key: value * factor for key, value in times.items()}


def test_a_slower_accelerated_side_is_named_with_its_interval():
    found = which_side_moved({**THEN, Side.ACCELERATED: 1.3e-5}, THEN, KERNELS, KERNELS)
    assert found.sides == (Side.ACCELERATED,)
    assert found.accelerated.low < 1.3 < found.accelerated.high
    assert found.reference.low < 1.0 < found.reference.high
    assert found.text() == "accelerated 21% to 40% slower"


def test_a_faster_reference_is_named():
    found = which_side_moved({**THEN, Side.REFERENCE: 2e-5}, THEN, KERNELS, KERNELS)
    assert found.sides == (Side.REFERENCE,)
    assert "reference 28% to 38% faster" in found.text()


def test_a_slower_machine_moves_no_side():
    found = which_side_moved(scaled(THEN, 1.5), THEN, scaled(KERNELS, 1.5), KERNELS)
    assert found.sides == ()
    assert found.text() == "cannot tell which side moved"


def test_kernels_that_disagree_widen_the_interval_until_nothing_can_be_told():
    now = {"interpreter": 1e-3, "memory": 2.8e-3}
    found = which_side_moved({**THEN, Side.ACCELERATED: 1.3e-5}, THEN, now, KERNELS)
    assert found.sides == ()
    assert found.accelerated.low < 1 < found.accelerated.high


@pytest.mark.parametrize(
    ("now", "then", "kernels"),
    [({}, THEN, KERNELS), (THEN, {}, KERNELS), (THEN, THEN, {}), (THEN, THEN, {"interpreter": 0.0})],
)
def test_missing_records_cannot_tell(now, then, kernels):
    found = which_side_moved(now, then, kernels, KERNELS)
    assert found.sides == ()
    assert found.reference is None


def test_both_sides_may_have_moved():
    found = which_side_moved(scaled(THEN, 2), THEN, KERNELS, KERNELS)
    assert found.sides == (Side.REFERENCE, Side.ACCELERATED)
