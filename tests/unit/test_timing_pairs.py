"""Pairs come in random balanced order, and batches are long enough for the clock."""

from __future__ import annotations

import gc

import pytest

from pytest_fastllm.errors import WorkloadError
from pytest_fastllm.model import Side
from pytest_fastllm.timing import pairs as module
from pytest_fastllm.timing.pairs import PairRecord, PairSampler, calibrate, warm_up
from pytest_fastllm.timing.quiet import quiet_garbage

R, A = Side.REFERENCE, Side.ACCELERATED


class FakeSides:
    """Sides that take known times: seconds per call of each."""

    def __init__(self, reference_s=2e-6, accelerated_s=1e-6):
        self.seconds = {R: reference_s, A: accelerated_s}
        self.samples = []

    def sample(self, side, calls, pair, purpose="pair"):
        self.samples.append((side, calls, pair, purpose))
        seconds = self.seconds[side]
        return seconds(len(self.samples)) if callable(seconds) else seconds
        yield


def run(steps):
    try:
        next(steps)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("the fake sides call nothing")


def taken(count, seed=1, sides=None):
    sides = sides or FakeSides()
    sampler = PairSampler(sides, seed, keep_gc=True)
    record = PairRecord()
    for _ in range(count):
        run(sampler.take(3, record))
    return sides, record


def test_both_samples_of_a_pair_stand_back_to_back():
    sides, record = taken(10)
    for first, second in zip(sides.samples[::2], sides.samples[1::2], strict=True):
        assert {first[0], second[0]} == {R, A}
        assert first[1:] == second[1:]
    assert len(record) == 10
    assert record.reference_s == [2e-6] * 10
    assert record.accelerated_s == [1e-6] * 10


def test_groups_of_two_pairs_are_balanced_and_start_with_either_side():
    _, record = taken(200)
    groups = list(zip(record.reference_first[::2], record.reference_first[1::2], strict=True))
    assert all(first is not second for first, second in groups)
    starts = [first for first, _ in groups]
    assert 20 < sum(starts) < 80  # 100 fair coins: outside once in 10**9


def test_the_seed_gives_the_order():
    orders = [taken(40, seed)[1].reference_first for seed in (1, 1, 2)]
    assert orders[0] == orders[1]
    assert orders[0] != orders[2]


def test_pairs_are_numbered_so_that_each_has_values_of_its_own():
    sides, _ = taken(5)
    assert [pair for _, _, pair, _ in sides.samples] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


@pytest.mark.parametrize(
    ("reference_s", "accelerated_s"),
    [(1e-6, 1e-6), (1e-4, 1e-7), (1e-7, 1e-4), (5e-3, 1e-6), (2e-9, 1e-9)],
)
def test_the_faster_sample_is_as_long_as_asked_for_or_the_slower_is_long(reference_s, accelerated_s):
    sides = FakeSides(reference_s, accelerated_s)
    calls = run(calibrate(sides, 40e-6))
    fast, slow = sorted((calls * reference_s, calls * accelerated_s))
    assert fast >= 40e-6 or slow >= module.LONGEST_SAMPLE_S
    # Not much longer than it has to be.
    assert fast <= 40e-6 * 20
    assert slow <= module.LONGEST_SAMPLE_S * 2 or calls == 1


def test_a_slow_workload_is_one_call():
    assert run(calibrate(FakeSides(0.2, 0.1), 40e-6)) == 1


def test_both_sides_are_calibrated_with_the_same_number_of_calls():
    sides = FakeSides(1e-5, 1e-8)
    run(calibrate(sides, 40e-6))
    tried = [{calls for side, calls, *_ in sides.samples if side is wanted} for wanted in Side]
    assert tried[0] == tried[1]


def test_a_workload_without_any_time_is_refused():
    with pytest.raises(WorkloadError, match=r"too fast for this clock.*do more work in one call"):
        run(calibrate(FakeSides(0.0, 0.0), 40e-6))


def warmed(sides, monkeypatch):
    # A window ends by its number of pairs; no time passes for the fake sides.
    monkeypatch.setattr(module, "WARM_WINDOW_S", 1.0)
    run(warm_up(PairSampler(sides, 1, keep_gc=True), 1, budget_s=60))
    return len(sides.samples) // 2


def test_steady_sides_are_warm_after_two_windows(monkeypatch):
    assert warmed(FakeSides(), monkeypatch) == 2 * 64


def test_sides_that_still_become_faster_get_more(monkeypatch):
    cooling = FakeSides(reference_s=lambda samples: 1e-6 * (1 + 4 * 0.5 ** (samples / 128)))
    assert warmed(cooling, monkeypatch) > 3 * 64


def test_sides_that_never_settle_are_given_up(monkeypatch):
    restless = FakeSides(accelerated_s=lambda samples: 1e-6 * (1 + samples // 128 % 2))
    assert warmed(restless, monkeypatch) == module.WARM_AT_MOST_WINDOWS * 64


class TestGarbage:
    def test_frozen_and_off_inside_and_as_before_afterwards(self):
        assert gc.isenabled()
        with quiet_garbage(keep=False):
            assert not gc.isenabled()
            assert gc.get_freeze_count() > 0
        assert gc.isenabled()
        assert gc.get_freeze_count() == 0

    def test_kept_on_where_collection_is_part_of_the_cost(self):
        with quiet_garbage(keep=True):
            assert gc.isenabled()

    def test_what_was_off_stays_off(self):
        gc.disable()
        try:
            with quiet_garbage(keep=False):
                pass
            assert not gc.isenabled()
        finally:
            gc.enable()

    def test_also_after_an_exception(self):
        with pytest.raises(RuntimeError), quiet_garbage(keep=False):
            raise RuntimeError
        assert gc.isenabled()
        assert gc.get_freeze_count() == 0
