"""Texts for both sides of a pair: equal for its sides, new for each pair, and as much work for whoever asks."""

from __future__ import annotations

import random

import pytest

from pytest_fastllm.suite import texts
from pytest_fastllm.suite.fresh import FreshTexts

CHARS = 2000


@pytest.fixture
def made():
    """Lengths of what was made, in order."""
    return []


@pytest.fixture
def fresh(made):
    def make(chars):
        made.append(chars)
        return texts.prose(chars)

    return FreshTexts(make, CHARS)


def asked(fresh, seed):
    random.seed(seed)
    return fresh()


def pair(fresh, number):
    """As a pair asks: for calls that are not timed and for those that are, on one side and on the other."""
    return [asked(fresh, f"{purpose}:{number}") for _ in range(2) for purpose in ("warm", "pair")]


def test_both_sides_get_equal_texts_that_neither_shares(fresh):
    warm, timed, warm_again, timed_again = pair(fresh, 0)
    assert (warm, timed) == (warm_again, timed_again)
    assert warm is not warm_again
    assert timed is not timed_again


def test_no_two_pairs_are_alike_in_any_half(fresh):
    many = [text for number in range(20) for text in pair(fresh, number)[:2]]
    halves = [half for text in many for half in (text[: CHARS // 2], text[CHARS // 2 :])]
    assert all(len(text) == CHARS for text in many)
    assert len(set(halves)) == len(halves)


@pytest.mark.parametrize("purposes", [("warm", "pair"), ("pair",)], ids=["warm and timed", "timed only"])
def test_every_setup_makes_half_a_text_whichever_side_asks(fresh, made, purposes):
    pair(fresh, 0)
    for number in range(1, 10):
        for purpose in purposes * 2:
            made.clear()
            asked(fresh, f"{purpose}:{number}")
            assert made == [CHARS // 2]


def test_the_same_from_the_same_seeds(made):
    one, other = (FreshTexts(texts.code, CHARS) for _ in range(2))
    assert [pair(one, number) for number in range(3)] == [pair(other, number) for number in range(3)]


def test_random_is_left_as_it_was(fresh):
    random.seed(7)
    before = random.getstate()
    fresh()
    assert random.getstate() == before
