"""`token_counter(messages=...)`: plain strings natively, everything else by LiteLLM, the same either way."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .conftest import (
    CL100K_MODEL,
    CLAUDE_IS_NATIVE,
    CLAUDE_MODEL,
    FRAGMENTS,
    MODELS,
    TOTAL_EXAMPLES,
    litellm,
    random_text,
)

LEGACY_MODEL = "gpt-3.5-turbo-0301"
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather at a place.",
        "parameters": {
            "type": "object",
            "properties": {
                "place": {"type": "string", "description": "A town."},
                "unit": {"type": "string", "enum": ["C", "F"]},
                "days": {"type": "array", "items": {"type": "integer"}},
            },
            "required": ["place"],
        },
    },
}
BROKEN_TOOL = {"function": {"name": "f", "parameters": {"properties": {"a": 5}}}}
CALL = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "get_weather", "arguments": '{"place": "Bonn"}'},
}
keys = st.sampled_from(
    ["role", "content", "name", "tool_call_id", "refusal", "reasoning_content", "x", "\u4e2d"]
)
plain = st.sampled_from(FRAGMENTS) | st.text(max_size=20)
# What is counted natively, and by their side what is not, so that any mixture occurs.
parts = plain | st.fixed_dictionaries(
    {"type": st.just("text"), "text": plain}, optional={"cache_control": st.just({"type": "ephemeral"})}
)
odd_parts = (
    st.none()
    | st.integers()
    | st.fixed_dictionaries(
        {"type": st.sampled_from(["text", "thinking", "tool_reference", "?"])},
        optional={"text": plain | st.none()},
    )
)
functions = st.fixed_dictionaries({"name": plain}, optional={"arguments": plain | st.none() | st.integers()})
calls = st.fixed_dictionaries({"type": st.just("function")}, optional={"function": functions | st.none()})
tool_choices = st.sampled_from(
    [
        None,
        "auto",
        "none",
        "required",
        "",
        {"type": "function", "function": {"name": "get_weather"}},
        {"type": "auto"},
    ]
)
tools = st.sampled_from(
    [None, [], [TOOL], [TOOL, TOOL], [{"name": "f", "input_schema": {}}], [BROKEN_TOOL], ["?"]]
)
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


@settings(
    max_examples=max(1, TOTAL_EXAMPLES // 100),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    messages=st.lists(
        st.fixed_dictionaries(
            {"role": st.sampled_from(["system", "user", "assistant", "tool"])},
            optional={
                "content": plain | st.lists(parts, max_size=4) | st.lists(parts | odd_parts, max_size=3),
                "tool_calls": st.lists(calls, max_size=3) | st.none(),
                "function_call": functions | st.none(),
                "name": plain,
            },
        ),
        max_size=4,
    ),
    model=st.sampled_from([*MODELS, CLAUDE_MODEL]),
    tools=tools,
    choice=tool_choices,
    response=st.sampled_from([False, False, True]),
    default=st.sampled_from([None, 5]),
)
def test_generated_parts_calls_and_tools(same, messages, model, tools, choice, response, default):
    same(
        model=model,
        messages=messages,
        tools=tools,
        tool_choice=choice,
        count_response_tokens=response,
        default_token_count=default,
        native=None,
    )


@pytest.mark.parametrize("model", [*MODELS, CLAUDE_MODEL])
@pytest.mark.parametrize(
    "arguments",
    [
        {"messages": [{"role": "assistant", "content": None, "tool_calls": [CALL, CALL]}]},
        {"messages": [{"role": "assistant", "tool_calls": []}]},
        {"messages": [{"role": "assistant", "tool_calls": [{"function": {"name": "no arguments"}}]}]},
        {"messages": [{"role": "assistant", "function_call": {"name": "f", "arguments": '{"a": 1}'}}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "hello"}]}]},
        {"messages": [{"role": "user", "content": [{"text": "the other way round", "type": "text"}]}]},
        {"messages": [{"role": "user", "content": [{"type": "text"}]}]},
        {"messages": [{"role": "user", "content": ["plain", "strings", ""]}]},
        {"messages": [{"role": "user", "content": []}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "long " * 10_000}] * 2}]},
        {"messages": [{"role": "user", "content": "x"}], "tools": [TOOL]},
        {"messages": [{"role": "system", "content": "x"}], "tools": [TOOL]},
        {
            "messages": [{"role": "system"}, {"role": "user", "content": "x"}],
            "tools": [TOOL],
            "tool_choice": "auto",
        },
        {"messages": [{"role": "user", "content": "x"}], "tools": [], "tool_choice": "none"},
        {"messages": [{"role": "user", "content": "x"}], "tool_choice": {"function": {"name": "f"}}},
        {"messages": [], "tools": [TOOL], "tool_choice": "required"},
        {"messages": [], "tools": [BROKEN_TOOL], "count_response_tokens": True},
    ],
    ids=lambda arguments: repr(arguments)[13:70],
)
def test_plain_parts_calls_and_tools_are_native(same, model, arguments):
    same(model=model, native=CLAUDE_IS_NATIVE or model != CLAUDE_MODEL, **arguments)


SUMMARY = {"type": "compaction", "content": "What was said before."}


@pytest.mark.parametrize(
    ("fields", "native"),
    [
        ({"compaction_blocks": [SUMMARY]}, False),
        ({"compaction_blocks": [SUMMARY, {"type": "compaction", "content": ""}, SUMMARY, "?", None]}, False),
        ({"compaction_blocks": (SUMMARY,)}, False),
        ({"compaction_blocks": None}, False),
        ({1: 2, "compaction_blocks": [SUMMARY]}, False),
        ({"citations": [SUMMARY]}, True),
        ({}, True),
        ([SUMMARY], True),
        ("compaction_blocks", True),
        (5, True),
        (None, True),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_compaction_summaries_in_provider_specific_fields(same, fields, native):
    for model in MODELS:
        for key, answered in (("provider_specific_fields", native), ("other_fields", True)):
            same(
                model=model,
                messages=[{"role": "assistant", "content": "x", key: fields}, {"role": "user"}],
                native=answered,
            )


TEMPLATED = ["qwen3.5-72b", "openrouter/qwen/qwen3_5-9b", "deepseek-v4", "deepseek/deepseek-chat"]


@pytest.mark.parametrize("model", TEMPLATED)
@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"tools": [TOOL]},
        {"tools": [TOOL, {"name": "web_search"}, {"function": {"description": "no name"}}]},
        {"tools": []},
        {"tools": [TOOL], "tool_choice": "none"},
        {"tool_choice": "none"},
        {"tool_choice": {"type": "function", "function": {"name": "get_weather"}}},
        {"tools": [TOOL], "count_response_tokens": True},
    ],
    ids=repr,
)
def test_tools_of_models_whose_chat_template_says_how_they_are_counted(same, model, arguments):
    for role in ("user", "system"):
        same(model=model, messages=[{"role": role, "content": "x"}], native=None, **arguments)


def test_a_key_that_calls_itself_equal_is_asked_by_litellm_only(same):
    class Key:
        def __hash__(self):
            return hash("text")

        def __eq__(self, other):
            return other == "text"

    same(
        model=CL100K_MODEL,
        messages=[{"role": "user", "content": [{Key(): "found", "type": "text"}]}],
        native=False,
    )


def test_a_name_costs_what_the_model_says(same, monkeypatch):
    known = {*litellm.open_ai_chat_completion_models, LEGACY_MODEL}
    monkeypatch.setattr(litellm, "open_ai_chat_completion_models", known)
    named = [{"role": "user", "name": "Bob", "content": "hi"}]
    assert same(model=CL100K_MODEL, messages=named) - same(model=LEGACY_MODEL, messages=named) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        {"messages": [{"role": "assistant", "tool_calls": "oops"}]},
        {"messages": [{"role": "assistant", "tool_calls": [{"id": "no function"}]}]},
        {"messages": [{"role": "assistant", "tool_calls": [{"function": "oops"}]}]},
        {"messages": [{"role": "assistant", "tool_calls": [{"function": {"arguments": {"a": 1}}}]}]},
        {"messages": [{"role": "assistant", "tool_calls": [{"function": {"arguments": None}}]}]},
        {"messages": [{"role": "assistant", "tool_calls": ({"function": {"arguments": "a tuple"}},)}]},
        {"messages": [{"role": "assistant", "function_call": "oops"}]},
        {"messages": [{"role": "assistant", "function_call": {"arguments": 5}}]},
        {"messages": [{"role": "assistant", "function_call": [{"arguments": "a list"}]}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": None}]}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": 5}]}]},
        {"messages": [{"role": "user", "content": [{"text": "no type"}]}]},
        {"messages": [{"role": "user", "content": [{"type": None, "text": "x"}]}]},
        {"messages": [{"role": "user", "content": [{1: 2, "type": "text", "text": "x"}]}]},
        {"messages": [{"role": "user", "content": [None]}]},
        {"messages": [{"role": "user", "content": [["nested"]]}], "default_token_count": 7},
        {"messages": [{"role": "user", "content": [{"type": "thinking", "thinking": "hm"}]}]},
        {"messages": [{"role": "tool", "content": [{"type": "tool_result", "content": "42"}]}]},
        {"messages": [{"role": "user", "content": [{"type": "unknown"}]}]},
        {"messages": [{"role": "user", "content": [{"type": "unknown"}]}], "default_token_count": 5},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": "data:,x"}]}]},
        {"messages": [{"role": "user", "content": "x", "search_results": [{"title": "t"}]}]},
        {"messages": [{"role": "user", "content": ("a", "tuple")}]},
        {"messages": ({"role": "user", "content": "a tuple of messages"},)},
        {"messages": iter([{"role": "user", "content": "an iterator"}]), "once": True},
        {"messages": [litellm.Message(role="user", content="a pydantic message")]},
        {"messages": ["not a dict"]},
        {"messages": "not a list"},
        {"messages": 5},
        {"messages": [{"role": "user", "content": "x"}], "tools": ({"function": {"name": "f"}},)},
        {
            "messages": [{"role": "user", "content": "x"}],
            "tools": [{"function": {"name": "f", "parameters": 5}}, 7],
        },
        {"messages": [{"role": "user", "content": "x"}], "tools": [BROKEN_TOOL]},
        {"messages": [{"role": "user", "content": "x"}], "tool_choice": {"function": {}}},
        {"messages": [{"role": "user", "content": "x"}], "tool_choice": {"function": {"name": 5}}},
        {"messages": [{"role": "user", "content": "x"}], "tool_choice": {"type": "auto"}},
        {"messages": [{"role": "user", "content": "x"}], "tool_choice": 5},
        {"messages": [{1: "key is a number"}]},
        {"messages": [{"role": type("Role", (str,), {})("user")}]},
        {"text": "both", "messages": []},
        {"messages": None, "text": None},
        {"text": "with tools", "tools": [{}]},
    ],
    ids=lambda arguments: re.sub(" at 0x[0-9a-f]+", "", repr(arguments))[:60],
)
def test_everything_else_is_litellms(same, reference, accelerated, arguments):
    if arguments.pop("once", False):
        listed = [{"role": "user", "content": "an iterator"}]
        assert accelerated(CL100K_MODEL, **arguments) == reference(CL100K_MODEL, messages=listed)
        return
    for model in (*MODELS, CLAUDE_MODEL):
        # LiteLLM's own function writes the definitions; where it can, the rest is native.
        same(model=model, native=None if "tools" in arguments else False, **arguments)


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
