"""`token_counter(messages=...)`: plain strings natively, everything else by LiteLLM, the same either way."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .conftest import CL100K_MODEL, FRAGMENTS, MODELS, TOTAL_EXAMPLES, litellm, random_text

LEGACY_MODEL = "gpt-3.5-turbo-0301"
keys = st.sampled_from(
    ["role", "content", "name", "tool_call_id", "refusal", "reasoning_content", "x", "\u4e2d"]
)
plain = st.sampled_from(FRAGMENTS) | st.text(max_size=20)
scalars = (
    plain
    | st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.dictionaries(st.text(max_size=3), plain)
)


@settings(
    max_examples=max(1, TOTAL_EXAMPLES // 50),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    messages=st.lists(st.dictionaries(keys, scalars, max_size=4), max_size=4),
    model=st.sampled_from([*MODELS, LEGACY_MODEL, "", "no-such-model"]),
    response=st.sampled_from([False, True, None]),
)
def test_generated_messages(same, messages, model, response):
    same(model=model, messages=messages, count_response_tokens=response)


@settings(max_examples=max(1, TOTAL_EXAMPLES // 100 // 10), deadline=None)
@given(seed=st.integers(0, 2**32), fragments=st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=10))
def test_generated_conversations(same, seed, fragments):
    rng = random.Random(seed)
    for _ in range(10):
        messages = [
            {"role": rng.choice(["system", "user", "assistant"]), "content": random_text(rng, fragments)}
            for _ in range(rng.randint(0, 5))
        ]
        for model in MODELS:
            same(model=model, messages=messages)


def test_a_name_costs_what_the_model_says(same, monkeypatch):
    known = {*litellm.open_ai_chat_completion_models, LEGACY_MODEL}
    monkeypatch.setattr(litellm, "open_ai_chat_completion_models", known)
    named = [{"role": "user", "name": "Bob", "content": "hi"}]
    assert same(model=CL100K_MODEL, messages=named) - same(model=LEGACY_MODEL, messages=named) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        {"messages": [{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}]},
        {"messages": [{"role": "assistant", "tool_calls": "oops"}]},
        {"messages": [{"role": "assistant", "function_call": {"name": "f", "arguments": '{"a": 1}'}}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "hello"}]}]},
        {"messages": [{"role": "user", "content": [{"type": "unknown"}]}]},
        {"messages": [{"role": "user", "content": [{"type": "unknown"}]}], "default_token_count": 5},
        {"messages": [{"role": "user", "content": ["plain", "strings"]}]},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": "data:,x"}]}]},
        {"messages": [{"role": "user", "content": "x", "search_results": [{"title": "t"}]}]},
        {"messages": [{"role": "user", "content": ("a", "tuple")}]},
        {"messages": ({"role": "user", "content": "a tuple of messages"},)},
        {"messages": iter([{"role": "user", "content": "an iterator"}]), "once": True},
        {"messages": [litellm.Message(role="user", content="a pydantic message")]},
        {"messages": ["not a dict"]},
        {"messages": "not a list"},
        {"messages": 5},
        {
            "messages": [{"role": "user", "content": "x"}],
            "tools": [{"type": "function", "function": {"name": "f"}}],
        },
        {"messages": [{"role": "user", "content": "x"}], "tools": []},
        {"messages": [{"role": "user", "content": "x"}], "tool_choice": "none"},
        {"messages": [{"role": "user", "content": "x"}], "tool_choice": {"function": {"name": "f"}}},
        {"messages": [{1: "key is a number"}]},
        {"messages": [{"role": type("Role", (str,), {})("user")}]},
        {"text": "both", "messages": []},
        {"messages": None, "text": None},
        {"text": "with tools", "tools": [{}]},
    ],
    ids=lambda arguments: repr(arguments)[:60],
)
def test_everything_else_is_litellms(same, reference, accelerated, arguments):
    if arguments.pop("once", False):
        listed = [{"role": "user", "content": "an iterator"}]
        assert accelerated(CL100K_MODEL, **arguments) == reference(CL100K_MODEL, messages=listed)
        return
    for model in MODELS:
        same(model=model, native=False, **arguments)


def test_subclasses_of_plain_types_are_litellms(same):
    class Messages(list):
        pass

    class Message(dict):
        def items(self):
            return [("role", "user"), ("content", "from items")]

    same(model=CL100K_MODEL, messages=Messages([{"role": "user", "content": "x"}]), native=False)
    same(model=CL100K_MODEL, messages=[Message(role="user", content="stored")], native=False)


def test_an_object_that_calls_itself_a_string(same):
    class Pretender:
        __class__ = str

    same(model=CL100K_MODEL, messages=[{"role": "user", "content": Pretender()}], native=False)
