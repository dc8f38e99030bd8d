"""What LiteLLM knows of models changes while it runs: a kept answer is used only as long as it is LiteLLM's own."""

from __future__ import annotations

import gc
import random
import weakref
from typing import Any

import pytest

from pytest_fastllm.components._token_counter import models, reads

from .conftest import CL100K_MODEL, CLAUDE_MODEL, counter_module, litellm

CHINESE = "\u4e2d\u6587\u5b57\u7b26" * 20
PARTS = [{"role": "user", "content": [{"type": "text", "text": CHINESE}]}]
MODELS = (
    *("gpt-4", "gpt-4-turbo-priced", "priced-later", "azure/priced-later", "azure/eu/priced-later"),
    *("gpt-priced-later", "gpt-priced-later-mini", "openai/gpt-priced-later", "azure/gpt-priced-later"),
    *("text-embedding-ada-002-v2", "mistral/mistral-large", CLAUDE_MODEL, "no-such-model", ""),
)
KEYS = (
    "gpt-4",
    "priced-later",
    "gpt-priced-later",
    "gpt-priced-later-mini",
    "gpt",
    "mistral-large",
    "gpt-4-turbo",
)
ENTRIES = (
    {"litellm_provider": "azure", "mode": "chat", "supports_pdf_input": True},
    {"litellm_provider": "azure", "mode": "completion"},
    {"litellm_provider": "openai", "mode": "responses"},
    {"litellm_provider": "openai", "mode": "embedding"},
    {},
)
MODES = ("chat", "embedding", "image_generation", None, ["not hashable"])
says_the_name = pytest.mark.skipif(
    not hasattr(counter_module, "pdf_page_pricing"),
    reason="before 1.109 nothing beside the model itself is read",
)


@pytest.fixture
def registries(monkeypatch):
    """Copies of LiteLLM's, to be changed in place."""
    for name in ("model_cost", "azure_llms", "open_ai_chat_completion_models"):
        monkeypatch.setattr(litellm, name, getattr(litellm, name).copy())


def compare(same, model):
    same(model=model, text=CHINESE, native=None)
    same(model=model, messages=PARTS, native=None)


def change(rng: random.Random) -> None:
    """One change, as `register_model`, a router or a program of somebody's would make it."""
    key = rng.choice(["", "azure/", "azure/eu/"]) + rng.choice(KEYS)
    prices: dict[str, Any] = litellm.model_cost
    match rng.randrange(8):
        case 0 | 1:
            prices[key] = dict(rng.choice(ENTRIES))
        case 2:
            prices.pop(key, None)
        case 3:
            prices[key] = {**prices.get(key, {}), "mode": rng.choice(MODES)}
        case 4:
            prices.setdefault(key, {})["mode"] = rng.choice(MODES)
        case 5:
            prices.setdefault(key, {}).update(rng.choice(ENTRIES))
        case 6:
            listed = litellm.open_ai_chat_completion_models
            (listed.discard if key in listed else listed.add)(key)
        case 7 if key in litellm.azure_llms:
            del litellm.azure_llms[key]
        case 7:
            litellm.azure_llms[key] = key


@pytest.mark.parametrize("seed", range(4))
def test_changes_of_the_registries(same, registries, seed):
    rng = random.Random(seed)
    for step in range(60):
        change(rng)
        if step % 20 == 10:
            litellm.model_cost = {name: dict(entry) for name, entry in litellm.model_cost.items()}
        for model in rng.sample(MODELS, 5):
            compare(same, model)


def test_a_model_registered_in_the_price_list_only(same, registries):
    names = ["priced-later", "azure/priced-later", "gpt-priced-later", "gpt-priced-later-mini"]
    for name in names:
        same(model=name, text=CHINESE)
    for name in names:
        litellm.model_cost[name] = {"litellm_provider": "azure", "mode": "chat", "supports_pdf_input": True}
        for each in names:
            same(model=each, text=CHINESE)
            same(model=each, messages=PARTS)


def test_parts_are_native_again_from_the_second_call_after_a_change_on(same, registries):
    same(model=CL100K_MODEL, messages=PARTS, native=None)
    for _ in range(2):
        same(model=CL100K_MODEL, messages=PARTS)
    litellm.model_cost[CL100K_MODEL] = {**litellm.model_cost[CL100K_MODEL], "mode": "embedding"}
    same(model=CL100K_MODEL, text=CHINESE)
    same(model=CL100K_MODEL, messages=PARTS, native=None)
    same(model=CL100K_MODEL, messages=PARTS)


def test_a_mode_that_raises_does_so_for_parts(same, registries):
    same(model=CL100K_MODEL, messages=PARTS, native=None)
    litellm.model_cost[CL100K_MODEL] = {**litellm.model_cost[CL100K_MODEL], "mode": []}
    for _ in range(2):
        compare(same, CL100K_MODEL)
    litellm.model_cost[CL100K_MODEL]["mode"] = "chat"
    compare(same, CL100K_MODEL)


def test_a_price_list_that_was_replaced_is_let_go(same, registries):
    class Entry:
        """What the price list keeps alive, and nothing else."""

    old = Entry()
    litellm.model_cost["kept-by-nothing-else"] = {"info": old}
    watched = weakref.ref(old)
    for model in MODELS:
        compare(same, model)
    del old
    litellm.model_cost = {
        name: entry for name, entry in litellm.model_cost.items() if name != "kept-by-nothing-else"
    }
    compare(same, CL100K_MODEL)
    compare(same, CL100K_MODEL)
    gc.collect()
    assert watched() is None


@says_the_name
class TestReads:
    """What is noted of a question."""

    def test_nothing_where_the_models_own_place_decides(self):
        assert reads.reads_of(counter_module, models.ENCODING_OF, CL100K_MODEL, models.REGISTRIES) is None

    def test_the_entries_that_litellm_looks_at(self):
        noted = reads.reads_of(counter_module, models.ENCODING_OF, "no-such-model", models.REGISTRIES)
        members, wholes, guards = noted
        assert ("azure_llms", "azure/no-such-model", False) in members
        assert wholes == []
        assert (litellm.model_cost, "azure/no-such-model") in guards
        assert (vars(litellm), "model_cost", litellm.model_cost) in guards

    def test_a_whole_registry(self, registries):
        litellm.model_cost["azure/priced-later"] = dict(ENTRIES[1])
        _, wholes, _ = reads.reads_of(
            counter_module, models.ENCODING_OF, "azure/priced-later", models.REGISTRIES
        )
        assert wholes == [("open_ai_chat_completion_models", litellm.open_ai_chat_completion_models)]

    @pytest.mark.parametrize(
        "entry", [type("Entry", (dict,), {})(), {"mode": object()}], ids=["dict", "mode"]
    )
    def test_what_has_code_of_its_own_is_litellms(self, same, registries, entry):
        litellm.model_cost["azure/no-such-model"] = entry
        same(model="no-such-model", text=CHINESE, native=False)
        del litellm.model_cost["azure/no-such-model"]
        same(model="no-such-model", text=CHINESE)

    @pytest.mark.parametrize("registry", ["model_cost", "azure_llms", "open_ai_chat_completion_models"])
    def test_a_registry_with_code_of_its_own_is_litellms(self, same, monkeypatch, registry):
        content = getattr(litellm, registry)
        monkeypatch.setattr(litellm, registry, type("Registry", (type(content),), {})(content))
        model = f"asked-when-{registry}-is-another"
        same(model=model, text=CHINESE, native=False)
        monkeypatch.undo()
        same(model=model, text=CHINESE)
