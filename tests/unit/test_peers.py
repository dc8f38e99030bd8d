"""The table of peers: ranks, intervals of rounds, texts and what the page says of a cell."""

from __future__ import annotations

import random
from math import exp

import pytest

from benchmarks.peers import page, texts
from benchmarks.peers.counters import OURS
from benchmarks.peers.measure import Plan, _History, measure
from benchmarks.peers.ranks import LEAST_ROUNDS, alone, ranks, throughputs
from pytest_fastllm.model import Interval


def interval(low, high):
    return Interval(estimate=(low + high) / 2, low=low, high=high, alpha=0.01)


def test_overlapping_intervals_share_a_rank():
    found = ranks({"a": interval(90, 110), "b": interval(80, 95), "c": interval(60, 85), "d": interval(1, 2)})
    # c overlaps b but not a: one is surely faster than c, three than d.
    assert found == {"a": 1, "b": 1, "c": 2, "d": 4}


def test_touching_intervals_overlap():
    assert ranks({"a": interval(2, 3), "b": interval(1, 2)}) == {"a": 1, "b": 1}


def test_first_alone_only_without_any_overlap():
    three = {"a": interval(90, 110), "b": interval(80, 95), "c": interval(1, 2)}
    assert not alone("a", three)
    del three["b"]
    assert alone("a", three)
    assert not alone("c", three)


def series(rng, rounds, factor, effects, sd=0.02):
    return [1e-8 * factor * exp(effects[i] + rng.gauss(0, sd)) for i in range(rounds)]


def test_what_befalls_a_whole_round_does_not_widen_the_intervals():
    rng = random.Random(1)
    effects = [rng.gauss(0, 0.5) for _ in range(20)]
    found = throughputs(
        {name: series(rng, 20, factor, effects) for name, factor in zip("abc", (1, 1.2, 2), strict=True)}
    )
    assert ranks(found) == {"a": 1, "b": 2, "c": 3}
    assert found["a"].estimate / found["b"].estimate == pytest.approx(1.2, rel=0.05)
    assert found["a"].estimate / found["c"].estimate == pytest.approx(2, rel=0.05)


def test_intervals_hold_the_truth():
    missed = 0
    for seed in range(300):
        rng = random.Random(seed)
        effects = [rng.gauss(0, 0.1) for _ in range(8)]
        found = throughputs({name: series(rng, 8, 1, effects, 0.05) for name in "abcd"})
        missed += ranks(found) != dict.fromkeys("abcd", 1)
    assert missed <= 6  # equals, taken for unequal: six pairs of intervals of 99 %


def test_too_few_rounds_give_no_interval():
    with pytest.raises(ValueError, match="at least"):
        throughputs({"a": [1.0] * (LEAST_ROUNDS - 1)})


@pytest.mark.parametrize("kind", texts.KINDS)
@pytest.mark.parametrize("size", [13, 1_000, 100_000])
def test_sizes_in_bytes(kind, size):
    many = texts.fresh(kind, size)
    mean = sum(len(text.encode()) for text in many) / len(many)
    assert mean == pytest.approx(size, rel=0.25 if size < 100 else 0.1)
    assert len({len(text) for text in many}) == 1
    assert len(many) == max(1, texts.SAMPLE_BYTES // size)


@pytest.mark.parametrize("kind", [kind for kind in texts.KINDS if kind not in ("one letter", "spaces")])
def test_fresh_is_fresh(kind):
    assert not set(texts.fresh(kind, 1_000)) & set(texts.fresh(kind, 1_000))


def test_repeated_is_few_texts_many_times():
    many = texts.repeated("prose", 13)
    assert len(many) == texts.SAMPLE_BYTES // 13
    assert len(set(many)) <= texts.REPEATED_TEXTS


def test_growth_is_told_from_smaller_sizes():
    linear, quadratic = _History({100: 1e-5, 1_000: 1e-4}), _History({100: 1e-5, 1_000: 1e-3})
    assert linear.expected(10_000) == pytest.approx(1e-3)
    assert quadratic.expected(10_000) == pytest.approx(0.1)
    assert _History().expected(13) == 0


def measured(mb_per_s, rank):
    return {"status": "measured", "mb_per_s": mb_per_s, "low": mb_per_s, "high": mb_per_s, "rank": rank}


@pytest.mark.parametrize(
    ("results", "outcome", "said"),
    [
        ({OURS: measured(100, 1), "other": measured(50, 2)}, "alone", "1 (2.00× other)"),
        ({OURS: measured(100, 1), "other": measured(99, 1)}, "shared", "1 = other"),
        ({OURS: measured(80, 1), "other": measured(100, 1)}, "shared", "1 = other (1.25×)"),
        ({OURS: measured(50, 2), "other": measured(100, 1)}, "behind", "**2 of 2** (other is 2.00× as fast)"),
        ({OURS: measured(50, 1), "other": {"status": "wrong"}}, "alone", "1"),
        ({OURS: {"status": "wrong"}, "other": measured(1, 1)}, "none", "wrong"),
        ({}, "none", "no time"),
    ],
)
def test_how_we_stand(results, outcome, said):
    assert page.standing(results) == (outcome, said)


class Counting:
    """A counter that says one thing of every text, or raises it."""

    def __init__(self, each, timed):
        self._each, self._timed = each, timed

    def copies(self, texts):
        return texts

    def each(self, texts):
        return [(1e-6, self._each)] * len(texts)

    def timed(self, texts):
        if isinstance(self._timed, BaseException):
            raise self._timed
        return 1e-6, self._timed * len(texts)


class Panic(BaseException):
    """As PyO3's: no Exception."""


def statuses(**counters):
    runners = {(name, "o200k_base"): counter for name, counter in counters.items()}
    cells = measure(runners, Plan(["prose"], [13], seconds=5.0, rounds=LEAST_ROUNDS))
    return [{name: result["status"] for name, result in cell["results"].items()} for cell in cells]


def test_where_the_judge_raises_nobody_is_timed():
    found = statuses(tiktoken=Counting("ValueError: no", Panic()), ours=Counting(3, 3))
    assert found == [dict.fromkeys(("tiktoken", "ours"), "tiktoken fails, no judge")] * 2


def test_a_judge_that_fails_later_takes_all_with_it():
    found = statuses(tiktoken=Counting(3, Panic()), ours=Counting(3, 3))
    assert found == [{"tiktoken": "failed", "ours": "tiktoken fails, no judge"}] * 2


def test_a_counter_that_panics_is_alone():
    found = statuses(tiktoken=Counting(3, 3), ours=Counting(3, 3), other=Counting(3, Panic()))
    assert found == [{"tiktoken": "measured", "ours": "measured", "other": "failed"}] * 2
