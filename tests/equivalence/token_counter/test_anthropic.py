"""Models that LiteLLM counts with Anthropic's published tokenizer, by Hugging Face's `tokenizers`."""

from __future__ import annotations

import json
import random
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_fastllm import _accel
from pytest_fastllm.components._token_counter import anthropic, models, native

from .conftest import (
    CLAUDE_IS_NATIVE,
    CLAUDE_MODEL,
    FRAGMENTS,
    TOTAL_EXAMPLES,
    counter_module,
    litellm,
    random_text,
)

pytestmark = pytest.mark.skipif(not CLAUDE_IS_NATIVE, reason="this LiteLLM counts Claude models itself")


def _is_surrogate(char: str) -> bool:
    return "\ud800" <= char <= "\udfff"


ADDED = ["<EOT>", "<META>", "<META_START>", "<META_END>", "<SOS>"]
OWN_FRAGMENTS = [
    *(text for text in FRAGMENTS if not any(map(_is_surrogate, text))),
    *ADDED,
    *[
        "<",
        ">",
        "<META",
        "EOT>",
        "<eot>",
        "\ufb01",
        "\xbd",
        "\u32ff",
        "\u212b",
        "\uac00",
        "\u1100\u1161\u11a8",
    ],
    *[
        "e\u0301",
        "\u0345",
        "\u0334",
        "\u0f71\u0f72",
        "\U0001d15e",
        "\uff45",
        "\xa8",
        "\u1e9b\u0323",
        "\ufdfa",
    ],
]
STRETCH = 8192


def natively(text: str) -> bool:
    """Whether the count of a text has to be the native one: `tokenizers` refuses surrogates."""
    return CLAUDE_IS_NATIVE and not any(map(_is_surrogate, text))


def test_small(same):
    assert same(model=CLAUDE_MODEL, text="Hello, world!") == 4
    assert same(model=CLAUDE_MODEL, text="") == 0


@settings(
    max_examples=max(1, TOTAL_EXAMPLES // 500),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    fragments=st.lists(st.sampled_from(OWN_FRAGMENTS), min_size=1, max_size=12), seed=st.integers(0, 2**32)
)
def test_generated_texts_with_added_tokens_and_marks(same, fragments, seed):
    rng = random.Random(seed)
    for _ in range(50):
        same(model=CLAUDE_MODEL, text=random_text(rng, fragments))


@settings(max_examples=max(1, TOTAL_EXAMPLES // 1000), deadline=None)
@given(text=st.text(st.characters(codec=None, exclude_categories=()), max_size=300))
def test_arbitrary_unicode(same, text):
    same(model=CLAUDE_MODEL, text=text, native=natively(text))


@pytest.mark.parametrize(
    "around",
    [
        "a{0}",
        "{0}a",
        " {0}",
        "'{0}",
        "1{0}",
        "{0}{0}",
        "\u0345{0}\u0334",
        "e{0}\u0301",
        "\u1100{0}",
        "{0}\u11a8",
    ],
)
def test_every_code_point(same, around):
    # In blocks, so that a failure names few.
    for start in range(0, sys.maxunicode + 1, 256):
        chars = [chr(code) for code in range(start, start + 256) if not 0xD800 <= code < 0xE000]
        same(model=CLAUDE_MODEL, text="".join(around.format(char) for char in chars))


@pytest.mark.parametrize("added", ADDED)
def test_added_tokens_come_first(same, added):
    assert same(model=CLAUDE_MODEL, text=added) == 1
    for text in ("{0}{0}", "a{0}", "{0}a", " {0} ", "  {0}  b", "<{0}>", "<META{0}", "e{0}\u0301", "'{0}s"):
        same(model=CLAUDE_MODEL, text=text.format(added))
    for near in (added[:-1], added[1:], added.lower(), f"\uff1c{added[1:]}", f"{added[:2]} {added[2:]}"):
        assert same(model=CLAUDE_MODEL, text=near) > 1


@pytest.mark.parametrize("text", ["\ud83d", "\ud83d\ude00", "a" * 9000 + "\udfff"])
def test_surrogates_raise_what_the_reference_raises(same, text):
    assert "must be" in same(model=CLAUDE_MODEL, text=text, native=False)


@pytest.mark.parametrize(
    "unit",
    [
        " a",
        "\na",
        " ",
        "a",
        "<EOT> ",
        "e\u0301 ",
        "\u4e2d",
        "'s ",
        "\u0301",
        "x  \n",
        "\xa0a ",
        "a1",
        "\uff0c\u4e2d",
        "'s1",
    ],
)
def test_lengths_around_where_long_texts_are_cut(same, unit):
    text = unit * STRETCH
    for length in (STRETCH - 1, STRETCH, STRETCH + 1, STRETCH + 2, 2 * STRETCH + 1, 3 * STRETCH):
        for before in ("", ".", "<"):
            same(model=CLAUDE_MODEL, text=before + text[: length - len(before)])


def test_long_texts_which_other_threads_may_run_beside(same):
    rng = random.Random(5)
    for _ in range(5):
        same(model=CLAUDE_MODEL, text="".join(rng.choices(OWN_FRAGMENTS, k=20_000)))


def test_above_the_exact_limit_the_count_is_extrapolated(same):
    limit = native.default(counter_module, "_get_extrapolating_count_function")
    if limit is None:
        pytest.skip("this LiteLLM counts every text whole")
    text = "".join(random.Random(1).choices([*OWN_FRAGMENTS, "some more words "], k=limit // 4))
    same(model=CLAUDE_MODEL, text=(text * 2)[: limit + 1_000_003])


@pytest.mark.parametrize(
    "tools", [None, [{"type": "function", "function": {"name": "f"}}]], ids=["", "tools"]
)
def test_messages(same, tools):
    conversation = [
        {"role": "system", "content": "Be brief <EOT>."},
        {"role": "user", "name": "Bob", "content": "What is \xbd of 3?"},
    ]
    same(model=CLAUDE_MODEL, messages=conversation, tools=tools, native=None if tools else True)


def test_which_models_is_litellms_own_answer(same, monkeypatch):
    listed = [model for model in litellm.model_cost if models.uses_anthropic(model)]
    assert len(listed) > 10
    for model in listed:
        assert same(model=model, text="<EOT>") == 1
    assert same(model="claude-3-opus-20240229", text="<EOT>") > 1
    monkeypatch.setattr(litellm, "anthropic_models", {*litellm.anthropic_models, "claude-of-tomorrow"})
    assert same(model="claude-of-tomorrow", text="<EOT>") == 1


def test_nothing_is_loaded_to_answer():
    loaded = litellm.utils._load_huggingface_tokenizer
    if not hasattr(loaded, "cache_clear"):
        pytest.skip("this LiteLLM keeps its tokenizers elsewhere")
    loaded.cache_clear()
    fresh = native.counter.__wrapped__().function()
    assert fresh(model=CLAUDE_MODEL, text="Hello, world!") == 4
    assert loaded.cache_info().currsize == 0


class TestPremises:
    """What the native tokenizer takes for granted."""

    def test_every_token_is_reached_by_its_own_merges(self):
        tokenizers = pytest.importorskip("tokenizers")
        model = json.loads(anthropic.tokenizer_path().read_text(encoding="utf-8"))["model"]
        merges = [tuple(merge.split(" ")) for merge in model["merges"]]
        bare = tokenizers.Tokenizer(tokenizers.models.BPE(vocab=model["vocab"], merges=merges))
        for token, number in model["vocab"].items():
            if token not in ADDED:
                assert bare.encode(token).ids == [number], token

    def test_the_pipeline_is_the_one_that_was_written(self):
        tokenizer = json.loads(anthropic.tokenizer_path().read_text(encoding="utf-8"))
        assert [token["content"] for token in tokenizer["added_tokens"]] == ADDED
        for token in tokenizer["added_tokens"]:
            assert not any(token[flag] for flag in ("single_word", "lstrip", "rstrip", "normalized"))
        assert tokenizer["normalizer"] == {"type": "NFKC"}
        assert tokenizer["pre_tokenizer"]["type"] == "ByteLevel"
        assert tokenizer["pre_tokenizer"]["add_prefix_space"] is False
        assert [tokenizer[part] for part in ("truncation", "padding", "post_processor")] == [None] * 3

    def test_character_classes_and_normalisation_are_those_of_tokenizers(self):
        assert anthropic.agrees_with_tokenizers()


class TestStepsAside:
    """Claude models stay with LiteLLM where their tokenizer is not the one that is known."""

    @pytest.fixture(autouse=True)
    def fresh(self):
        anthropic.differs.cache_clear()
        yield
        anthropic.differs.cache_clear()

    def test_here_it_is_known(self):
        assert anthropic.differs() is None

    def test_with_another_file(self, monkeypatch):
        monkeypatch.setattr(anthropic, "FILE_SHA256", "0" * 64)
        assert "anthropic_tokenizer.json" in anthropic.differs()
        assert models.resolve(CLAUDE_MODEL) is None

    def test_with_tokenizers_that_count_differently(self, monkeypatch):
        monkeypatch.setattr(anthropic, "TESTED_TOKENIZERS", ())
        assert anthropic.differs() is None  # it was asked, and agrees
        anthropic.differs.cache_clear()
        monkeypatch.setattr(anthropic, "agrees_with_tokenizers", lambda: False)
        assert "counts anthropic_tokenizer.json differently" in anthropic.differs()

    def test_without_tokenizers(self, monkeypatch):
        here = anthropic.package_path
        monkeypatch.setattr(
            anthropic, "package_path", lambda name: None if name == "tokenizers" else here(name)
        )
        assert "tokenizers is not installed" in anthropic.differs()


def test_surrogates_in_the_extensions_own_count():
    with pytest.raises(ValueError, match="expects text without"):
        _accel.Encoding("anthropic").count("\ud800", 1)
