"""The name of a model's encoding is LiteLLM's own answer, and learning it loads nothing of tiktoken's."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import pytest
from tiktoken import registry

from pytest_fastllm.components._token_counter import models, tiktoken_names

from .conftest import CL100K_MODEL, CLAUDE_MODEL, O200K_MODEL, counter_module, litellm

NOT_PRICED = (
    "",
    " ",
    "no-such-model",
    "GPT-4",
    "gpt-4o\U0001f643",
    "ft:gpt-4o:x",
    "azure/gpt-35-turbo",
    "\ud800",
)

says_the_name = pytest.mark.skipif(
    not hasattr(counter_module, "openai_tokenizer_encoding_name"),
    reason="before 1.104 LiteLLM says which encoding a model has only by loading it",
)


@pytest.fixture
def nothing_loaded(monkeypatch):
    """What tiktoken remembers as loaded: nothing yet."""
    loaded: dict[str, object] = {}
    monkeypatch.setattr(registry, "ENCODINGS", loaded)
    return loaded


def by_tiktoken(model):
    """Whether LiteLLM counts this model with tiktoken."""
    return not models.may_be_huggingface(model)


@says_the_name
def test_the_name_is_that_of_the_encoding_that_litellm_loads(monkeypatch):
    names = [model for model in (*sorted(litellm.model_cost), *NOT_PRICED) if by_tiktoken(model)]
    loaded = {name: tiktoken_names._name_of_loaded(tiktoken_names._loaded_for(name)) for name in names}
    monkeypatch.setattr(registry, "ENCODINGS", {})
    assert {name: tiktoken_names.native_name(name) for name in names} == loaded
    assert registry.ENCODINGS == {}
    assert {"cl100k_base", "o200k_base"} <= set(loaded.values())


@says_the_name
@pytest.mark.parametrize("encoding", ["o200k_harmony", "p50k_base", "no_such_encoding"])
def test_an_encoding_that_litellm_could_name(monkeypatch, nothing_loaded, encoding):
    """Harmony differs from o200k in special tokens only; the others are not counted natively."""
    monkeypatch.setattr(counter_module, "openai_tokenizer_encoding_name", lambda model: encoding)
    expected = "o200k_base" if encoding == "o200k_harmony" else None
    assert tiktoken_names.native_name("gpt-4") == expected
    assert nothing_loaded == {}


@says_the_name
def test_an_encoding_that_a_plugin_of_tiktoken_makes(monkeypatch, nothing_loaded):
    makers = {**(registry.ENCODING_CONSTRUCTORS or {}), "cl100k_base": dict}
    monkeypatch.setattr(registry, "ENCODING_CONSTRUCTORS", makers)
    assert tiktoken_names.native_name(CL100K_MODEL) is None
    assert tiktoken_names.native_name(O200K_MODEL) == "o200k_base"


@says_the_name
def test_an_encoding_that_is_loaded_already_and_has_other_tokens(nothing_loaded):
    nothing_loaded["cl100k_base"] = SimpleNamespace(name="cl100k_base", _mergeable_ranks={b"a": 0})
    assert tiktoken_names.native_name(CL100K_MODEL) is None


def test_other_vocabulary_files_are_loaded_as_litellm_does(monkeypatch):
    asked = []
    monkeypatch.setattr(tiktoken_names, "_loaded_for", asked.append)
    monkeypatch.setenv("CUSTOM_TIKTOKEN_CACHE_DIR", "elsewhere")
    assert tiktoken_names.native_name(CL100K_MODEL) is None
    assert asked == [CL100K_MODEL]


@says_the_name
def test_another_way_to_an_encoding_is_litellms_affair(monkeypatch, same):
    original = counter_module.get_encoding
    monkeypatch.setattr(counter_module, "get_encoding", lambda name: original("o200k_base"))
    same(model=CL100K_MODEL, text="\u4e2d\u6587\u5b57\u7b26", native=False)


FRESH_COUNT = f"""
import litellm
from tiktoken import registry
from pytest_fastllm.components import token_counter as seam
texts = [{{"text": "Hello"}}, {{"messages": [{{"role": "user", "content": "Hello"}}]}}]
for model in ("{CL100K_MODEL}", "{O200K_MODEL}", "{CLAUDE_MODEL}", "no-such-model", ""):
    for text in texts:
        seam.token_counter(model=model, **text)
assert seam.available() is None
assert seam.native_calls() == 10, seam.native_calls()
assert not registry.ENCODINGS, f"expected no encoding of tiktoken's, found {{sorted(registry.ENCODINGS)}}"
"""


@says_the_name
def test_an_accelerated_count_loads_no_encoding_of_tiktokens():
    run = subprocess.run([sys.executable, "-c", FRESH_COUNT], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
