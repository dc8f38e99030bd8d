"""`token_counter(text=...)`: the same count as LiteLLM for any text."""

from __future__ import annotations

import random
import sys

import pytest
import tiktoken
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_fastllm.components._token_counter import models, native

from .conftest import (
    CL100K_MODEL,
    CLAUDE_MODEL,
    FRAGMENTS,
    MODELS,
    O200K_MODEL,
    TOTAL_EXAMPLES,
    counter_module,
    litellm,
    random_text,
    seam,
)
from .test_anthropic import natively

PER_EXAMPLE = 100
fragments = st.lists(
    st.sampled_from(FRAGMENTS) | st.text(min_size=1, max_size=8) | st.characters(codec=None),
    min_size=1,
    max_size=12,
)


@settings(
    max_examples=max(1, TOTAL_EXAMPLES // PER_EXAMPLE),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(fragments=fragments, seed=st.integers(0, 2**32))
def test_generated_texts_in_all_encodings_by_turns(same, fragments, seed):
    rng = random.Random(seed)
    for _ in range(PER_EXAMPLE):
        text = random_text(rng, fragments)
        # The same text in two: a cache that mixed encodings up would answer the second from the first.
        for model in rng.sample((*MODELS, CLAUDE_MODEL), k=2):
            same(model=model, text=text, native=model != CLAUDE_MODEL or natively(text))


@settings(max_examples=max(1, TOTAL_EXAMPLES // 1000), deadline=None)
@given(text=st.text(st.characters(codec=None, exclude_categories=()), max_size=300))
def test_arbitrary_unicode(same, text):
    for model in MODELS:
        same(model=model, text=text)


@settings(max_examples=max(1, TOTAL_EXAMPLES // 1000), deadline=None)
@given(plane=st.integers(0, 16), data=st.data())
def test_every_plane(same, plane, data):
    low, high = plane << 16, (plane << 16) + 0xFFFF
    text = data.draw(
        st.text(st.characters(codec=None, exclude_categories=(), min_codepoint=low, max_codepoint=high))
    )
    for model in MODELS:
        same(model=model, text=text)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    "around", ["{0}", "a{0}", "{0}a", " {0}", "A{0}b", "'{0}", "1{0}", "{0}{0}", "({0}", "\n{0} "]
)
def test_every_code_point(same, model, around):
    # In blocks, so that a failure names few; a block is shorter than a slice.
    for start in range(0, sys.maxunicode + 1, 256):
        same(model=model, text="".join(around.format(chr(code)) for code in range(start, start + 256)))


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    "piece", ["a", " ", "\n", "ab ", "1", "!", "\xe9", "\u4e2d", "\U0001f600", "'s", " \n", "\ud83d\ude00"]
)
def test_lengths_around_the_slice_edges(same, model, piece):
    for edge in (1024, 2048, 4096):
        for length in range(edge - 3, edge + 4):
            for offset in range(3):
                same(model=model, text="." * offset + (piece * length)[:length] + "end")


@pytest.mark.parametrize("model", MODELS)
def test_surrogates_at_a_slice_edge(same, model):
    for before in range(1020, 1027):
        for surrogates in (
            "\ud83d\ude00",
            "\ud83d",
            "\ude00",
            "\ud83d\ud83d\ude00",
            "\ude00\ud83d",
            "\U0001f600",
        ):
            same(model=model, text="x" * before + surrogates + "y")


@pytest.mark.parametrize("model", MODELS)
def test_every_token(same, model):
    # The tables of whole pieces have no room for a few.
    tokens = [
        token.decode(errors="replace") for token in tiktoken.encoding_for_model(model).token_byte_values()
    ]
    for start in range(0, len(tokens), 500):
        same(model=model, text="\n".join(tokens[start : start + 500]))


@pytest.mark.parametrize("model", MODELS)
def test_special_tokens_are_ordinary_text(same, model):
    for special in FRAGMENTS:
        if "|" in special:
            assert same(model=model, text=special) > 1
            same(model=model, text=f"before {special}{special} after")


def test_empty(same):
    assert same(model=CL100K_MODEL, text="") == 0


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    "unit", ["a", " ", "\n", "ab", "\u4e2d", "0", "-", "'s", "A", "\u0301", "\U0001f600"]
)
def test_monotonous_long_texts(same, model, unit):
    same(model=model, text=unit * 20_000)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    "alphabet", ["abcdefghijklmnopqrstuvwxyz", "ab", "0123456789abcdef", "\u4e00\u4e01\u4e2d\u6587", " \n\t"]
)
def test_random_long_texts_which_other_threads_may_run_beside(same, model, alphabet):
    same(model=model, text="".join(random.Random(7).choices(alphabet, k=60_000)))


@pytest.mark.parametrize("extra", [1, 2, 15, 16, 17, 4099, 1_000_003])
def test_above_the_exact_limit_the_count_is_extrapolated(same, extra):
    limit = native.default(counter_module, "_get_extrapolating_count_function")
    if limit is None:
        pytest.skip("this LiteLLM counts every text whole")
    rng = random.Random(extra)
    text = "".join(rng.choices([*FRAGMENTS, "some more words "], k=limit // 4))
    text = (text * 2)[: limit + extra]
    assert len(text) == limit + extra
    same(model=O200K_MODEL if extra % 2 else CL100K_MODEL, text=text)


def test_no_utf8_copy_stays_on_the_text(accelerated):
    text = "\u4e2d" * 1000
    before = sys.getsizeof(text)
    accelerated(model=CL100K_MODEL, text=text)
    assert sys.getsizeof(text) == before


def test_every_priced_model(same):
    """Which encoding a model has is LiteLLM's own answer; those that need a download stay with LiteLLM."""
    texts = ["Hello, world! It's 12345 \u4e2d\u6587\u5b57\u7b26 tokenization's", "<|endoftext|>"]
    native = 0
    for model in sorted(litellm.model_cost):
        if models.may_be_huggingface(model) and not models.uses_anthropic(model):
            continue
        for text in texts:
            native += same(model=model, text=text, native=None) > 0
        same(model=model, messages=[{"role": "user", "name": "a", "content": texts[0]}], native=None)
    assert native > 3000
    assert seam.native_calls() > native
