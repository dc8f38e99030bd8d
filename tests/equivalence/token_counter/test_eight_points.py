"""What a counter has to reproduce, point by point, beside tiktoken and tokenizers themselves.

The other files compare with LiteLLM on whatever can be generated. Here each rule of its is written out once, so that
a change of LiteLLM's is told apart from an error of ours.
"""

from __future__ import annotations

import random

import pytest
import tiktoken

from pytest_fastllm.components._token_counter import anthropic, models, native

from .conftest import CL100K_MODEL, CLAUDE_IS_NATIVE, CLAUDE_MODEL, O200K_MODEL, counter_module, litellm

ENCODINGS = {CL100K_MODEL: "cl100k_base", O200K_MODEL: "o200k_base"}
SLICE = 1024
SAMPLES = 16
REPLY = 3


@pytest.fixture(params=ENCODINGS)
def model(request):
    return request.param


@pytest.fixture
def encode(model):
    """Tokens of a slice, by tiktoken."""
    encoding = tiktoken.get_encoding(ENCODINGS[model])
    return lambda text: len(encoding.encode(text, disallowed_special=()))


@pytest.fixture
def sliced(encode):
    """Tokens of a text as the sum over slices, by tiktoken."""
    return lambda text: sum(encode(text[start : start + SLICE]) for start in range(0, len(text), SLICE))


def prose(characters):
    words = [
        "the ",
        "tokenization ",
        "of ",
        "\u4e2d\u6587 ",
        "don't ",
        "12345 ",
        "antidisestablishmentarianism, ",
    ]
    return "".join(random.Random(4).choices(words, k=characters // 4))[:characters]


def test_point_1_longer_texts_are_extrapolated_from_16_samples(same, model, sliced):
    limit = native.default(counter_module, "_get_extrapolating_count_function")
    if limit is None:
        pytest.skip("this LiteLLM counts every text whole")
    text = prose(limit) + "!" * 1001
    size = limit // SAMPLES
    last = len(text) - size
    starts = [last * index // (SAMPLES - 1) for index in range(SAMPLES)]
    counted = sum(sliced(text[start : start + size]) for start in starts)
    assert same(model=model, text=text) == round(counted * len(text) / (size * SAMPLES))
    assert same(model=model, text=text[:limit]) == sliced(text[:limit])


def test_point_2_the_count_is_the_sum_over_slices_and_not_that_of_the_whole(same, model, encode, sliced):
    text = prose(100_000)
    assert same(model=model, text=text) == sliced(text) != encode(text)


def test_point_3_special_tokens_are_ordinary_text(same, model):
    assert same(model=model, text="<|endoftext|>") == 7


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("\ud83d\ude00", "\U0001f600"),
        ("\ud83d", "\ufffd"),
        ("\ude00\ud83d", "\ufffd\ufffd"),
        ("x\ud83dx", "x\ufffdx"),
    ],
)
def test_point_4_surrogates_are_paired_or_replaced(same, model, encode, text, seen):
    assert same(model=model, text=text) == encode(seen)


def test_point_4_a_pair_that_a_slice_edge_splits_is_replaced_twice(same, model, encode):
    before = "x" * (SLICE - 1)
    assert same(model=model, text=before + "\ud83d\ude00") == encode(before + "\ufffd") + encode("\ufffd")


@pytest.mark.parametrize(("text", "count"), [([], 0), ([1, None], 0)], ids=repr)
def test_point_5_a_list_without_strings_counts_nothing(same, model, text, count):
    assert same(model=model, text=text, native=False) == count


@pytest.mark.parametrize("text", [5, b"bytes", b"", (), True, 1.5, {"a": 1}], ids=repr)
def test_point_5_what_is_not_a_text_raises_what_the_reference_raises(reference, accelerated, model, text):
    with pytest.raises(Exception) as wanted:  # noqa: PT011  # whichever it is
        reference(model=model, text=text)
    with pytest.raises(wanted.type) as got:
        accelerated(model=model, text=text)
    assert str(got.value) == str(wanted.value)


def test_point_6_the_encoding_is_litellms_own_answer(same, encode, model):
    text = "\u4e2d\u6587\u5b57\u7b26 tokenization \u0939\u093f\u0928\u094d\u0926\u0940"
    assert same(model=model, text=text) == encode(text)
    found = models.resolve(model)
    assert found is not None
    assert found[0].name == ENCODINGS[model]


@pytest.mark.skipif(not CLAUDE_IS_NATIVE, reason="this LiteLLM counts Claude models itself")
@pytest.mark.parametrize(
    "text",
    ["Hello, world!", "<EOT>x<META_START>", "e\u0301 \ufb01 \u32ff", "  two  spaces\n", prose(3000)],
    ids=range(5),
)
def test_point_7_claude_is_counted_by_anthropics_tokenizer_without_slices(same, text):
    tokenizers = pytest.importorskip("tokenizers")
    tokenizer = tokenizers.Tokenizer.from_file(str(anthropic.tokenizer_path()))
    assert same(model=CLAUDE_MODEL, text=text) == len(tokenizer.encode(text).ids)


def test_point_8_messages_cost_what_litellm_adds(same, model, encode):
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "name": "Bob", "content": [{"type": "text", "text": "Hi"}, "there"]},
        {"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": '{"a": 1}'}}]},
    ]
    strings = ["system", "Be brief.", "user", "Bob", "Hi", "there", "assistant", '{"a": 1}']
    plain = 3 * len(messages) + 1 + sum(map(encode, strings)) + REPLY
    assert same(model=model, messages=messages) == plain
    tools = [{"type": "function", "function": {"name": "f", "description": "Does it."}}]
    definitions = encode(counter_module._format_function_definitions(tools)) + 9 - 4
    assert same(model=model, messages=messages, tools=tools) == plain + definitions
    chosen = {"type": "function", "function": {"name": "f"}}
    assert same(model=model, messages=messages, tool_choice=chosen) == plain + 7 + encode("f")
    assert same(model=model, messages=messages, tool_choice="none") == plain + 1
    assert litellm.token_counter(model=model, messages=messages) == plain
