"""The texts of the bundled workloads: exactly as long as asked for, new each time, the same from the same seed."""

from __future__ import annotations

import random

import pytest

from pytest_fastllm.suite import texts

KINDS = [texts.prose, texts.typographic, texts.code, texts.json, texts.chinese, texts.emoji, texts.base64]
kinds = pytest.mark.parametrize("make", KINDS, ids=lambda make: make.__name__)


@kinds
@pytest.mark.parametrize("chars", [0, 1, 2, 3, 13, 100, 1023, 1024, 1025, 10_000])
def test_exactly_as_long_as_asked_for(make, chars):
    assert len(make(chars)) == chars


@kinds
def test_no_two_alike(make):
    many = [make(1000) for _ in range(50)]
    assert len(set(many)) == len(many)


@kinds
def test_the_same_from_the_same_seed(make):
    random.seed(7)
    first = make(5000)
    random.seed(7)
    assert make(5000) == first


@kinds
def test_every_text_can_be_sent(make):
    make(5000).encode("utf-8")  # no lone surrogate


@pytest.mark.parametrize(
    ("make", "least", "most"),
    [
        (texts.prose, 1, 1.01),
        (texts.typographic, 1.005, 1.1),
        (texts.code, 1, 1.01),
        (texts.json, 1, 1.01),
        (texts.base64, 1, 1),
        (texts.chinese, 2.8, 3),
        (texts.emoji, 3, 4),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_bytes_for_a_character(make, least, most):
    text = make(20_000)
    assert least <= len(text.encode()) / len(text) <= most
