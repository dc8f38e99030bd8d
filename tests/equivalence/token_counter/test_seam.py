"""When the native function answers, when it steps aside, and that the caller cannot tell."""

from __future__ import annotations

import gc
import inspect
import logging
import sys

import pytest
import tiktoken

from pytest_fastllm import _accel
from pytest_fastllm.components import code_fingerprint, known_litellm
from pytest_fastllm.components._token_counter import fingerprint, native, vocabularies
from pytest_fastllm.components.installed import package_path, version

from .conftest import CL100K_MODEL, MODELS, counter_module, litellm, outcome, seam

CHINESE = "\u4e2d\u6587\u5b57\u7b26" * 20
TEXT = "Hello, world! It's tokenization."


@pytest.mark.parametrize(
    "text",
    [b"", b"bytes", [], ["a", "list"], ["a", 1], (), ("a",), 0, 5, 1.5, {}, object, bytearray(b"x"), True],
    ids=repr,
)
def test_what_is_not_a_string(same, text):
    same(model=CL100K_MODEL, text=text, native=False)


def test_subclass_of_str(same):
    class Text(str):
        def __getitem__(self, key):
            return "other"

    same(model=CL100K_MODEL, text=Text(TEXT), native=False)


@pytest.mark.parametrize(
    "model", [None, 5, b"gpt-4", ["gpt-4"], type("Model", (str,), {})("gpt-4")], ids=repr
)
def test_what_is_not_a_model_name(same, model):
    same(model=model, text=TEXT, native=False)


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        ((), {}),
        (("gpt-4",), {}),
        (("gpt-4",), {"model": "gpt-4", "text": TEXT}),
        (("gpt-4", None, TEXT, None, False, None, None, False, None, False, None, None, None), {}),
        ((), {"model": "gpt-4", "text": TEXT, "unknown": 1}),
        ((), {"mo" + "del": "gpt-4", "".join(["te", "xt"]): TEXT}),
        (("gpt-4", None, TEXT), {"count_response_tokens": True}),
        (("gpt-4", {}, TEXT), {}),
        ((), {"text": TEXT, "custom_tokenizer": {"type": "nonsense"}, "model": "gpt-4"}),
        ((), {"text": TEXT}),
    ],
    ids=repr,
)
def test_arguments_in_any_form(same, args, kwargs):
    same(*args, native=None, **kwargs)


@pytest.mark.parametrize("registry", ["azure_llms", "anthropic_models", "cohere_models"])
def test_a_registry_that_breaks_is_litellms_affair(monkeypatch, same, registry):
    class Broken(set):
        def __contains__(self, model):
            raise RuntimeError("broken registry")

    monkeypatch.setattr(litellm, registry, Broken())
    same(model=CL100K_MODEL, text=TEXT, native=False)


def test_signature_is_the_same(reference, accelerated):
    def parameters(function):
        return [(p.name, p.kind, p.default) for p in inspect.signature(function).parameters.values()]

    assert parameters(accelerated) == parameters(reference)
    assert accelerated.__name__ == reference.__name__


def test_through_litellm_itself(monkeypatch, accelerated):
    wanted = litellm.token_counter(model=CL100K_MODEL, text=TEXT)
    for place in seam.component().patch:
        module, attribute = place.split(":")
        monkeypatch.setattr(sys.modules[module], attribute, accelerated)
    before = seam.native_calls()
    assert litellm.token_counter(model=CL100K_MODEL, text=TEXT) == wanted
    assert seam.native_calls() == before + 1


@pytest.mark.parametrize("value", [True, False, 1, "yes", None])
def test_disable_token_counter(same, monkeypatch, value):
    monkeypatch.setattr(litellm, "disable_token_counter", value)
    assert same(model=CL100K_MODEL, text=TEXT) == (0 if value is True else 9)
    same(model=CL100K_MODEL, messages=[{"role": "user", "content": TEXT}])


def test_set_verbose_steps_aside(same, monkeypatch):
    monkeypatch.setattr(litellm, "set_verbose", True)
    same(model="no-such-model", messages=[{"role": "user", "content": TEXT}], native=False)
    same(model=CL100K_MODEL, text=TEXT, native=False)


def test_debug_logging_steps_aside(same, caplog):
    same(model=CL100K_MODEL, text=TEXT)
    with caplog.at_level(logging.DEBUG, logger=litellm.verbose_logger.name):
        same(model=CL100K_MODEL, text=TEXT, native=False)
    same(model=CL100K_MODEL, text=TEXT)


def test_a_root_logger_at_debug_level_steps_aside_as_well(same, monkeypatch):
    level = litellm.verbose_logger.level
    root = logging.getLogger()
    before = root.level
    try:
        litellm.verbose_logger.setLevel(logging.NOTSET)
        root.setLevel(logging.DEBUG)
        same(model=CL100K_MODEL, text=TEXT, native=False)
    finally:
        root.setLevel(before)
        litellm.verbose_logger.setLevel(level)
    same(model=CL100K_MODEL, text=TEXT)


HELPERS = [
    name
    for file, name in fingerprint.PARTS
    if file in (fingerprint.COUNTER, fingerprint.TEMPLATES) and name != "token_counter"
]


@pytest.mark.parametrize("name", HELPERS)
def test_a_patched_helper_is_called(same, monkeypatch, name):
    if not hasattr(counter_module, name):
        pytest.skip("not in this LiteLLM")
    original = getattr(counter_module, name)
    if callable(original):
        monkeypatch.setattr(counter_module, name, lambda *a, **k: original(*a, **k))
    else:
        monkeypatch.setattr(
            counter_module, name, original + 1 if isinstance(original, int) else dict(original)
        )
    same(model=CL100K_MODEL, text=TEXT, native=False)
    monkeypatch.undo()
    same(model=CL100K_MODEL, text=TEXT)


def test_a_registered_model_counts_at_once(same, monkeypatch):
    model = (
        "registered-later-gpt-4o"  # 1.109 takes an unknown name that begins with gpt-4o for a newer release
    )
    text = "\u4e2d\u6587 tokenization antidisestablishmentarianism \u0939\u093f\u0928\u094d\u0926\u0940"
    monkeypatch.setattr(
        litellm, "open_ai_chat_completion_models", set(litellm.open_ai_chat_completion_models)
    )
    as_unknown = same(model=model, text=text)
    litellm.open_ai_chat_completion_models.add(model)
    as_known = same(model=model, text=text)
    assert as_unknown != as_known  # otherwise this test shows nothing
    litellm.open_ai_chat_completion_models.discard(model)
    assert same(model=model, text=text) == as_unknown


def test_registries_of_another_type(same, monkeypatch):
    monkeypatch.setattr(
        litellm, "open_ai_chat_completion_models", list(litellm.open_ai_chat_completion_models)
    )
    for model in MODELS:
        same(model=model, text=TEXT)
    monkeypatch.delattr(litellm, "cohere_models")
    same(model=CL100K_MODEL, text=TEXT, native=False)


def test_disabled_downloads_send_anthropic_to_tiktoken(same, monkeypatch):
    model = sorted(m for m in litellm.anthropic_models if "claude-3" not in m)[0]
    by_anthropic = same(model=model, text=CHINESE, native=None)
    monkeypatch.setattr(litellm, "disable_hf_tokenizer_download", True)
    if hasattr(litellm.utils._select_tokenizer_helper, "cache_clear"):
        litellm.utils._select_tokenizer_helper.cache_clear()
    by_tiktoken = same(model=model, text=CHINESE)
    assert by_anthropic != by_tiktoken


def test_errors_of_arguments_keep_no_references(accelerated):
    text = "".join(["un", "shared"])
    before = sys.getrefcount(text)
    for _ in range(100):
        accelerated(model=CL100K_MODEL, text=text)
        accelerated(CL100K_MODEL, None, text)
        outcome(accelerated, model=CL100K_MODEL, text=text, unknown=text)
        outcome(accelerated, CL100K_MODEL, None, text, [], False, text)
    assert sys.getrefcount(text) == before


def test_the_function_outlives_the_object_it_was_made_from():
    state = native.counter.__wrapped__()
    function = state.function()
    del state
    gc.collect()
    assert function(model=CL100K_MODEL, text=TEXT) == 9
    assert function.__self__.native_calls == 1
    assert "token_counter" in repr(function)


class TestAvailable:
    """Each reason names the thing and the remedy."""

    def test_here(self):
        assert seam.available() is None

    def test_without_litellm(self, monkeypatch):
        monkeypatch.setattr(known_litellm, "package_path", lambda name: None)
        assert "pip install 'pytest-fastllm[litellm]'" in seam.available()

    def test_with_another_litellm(self, monkeypatch, tmp_path):
        for file in {file for file, _ in fingerprint.PARTS}:
            source = package_path("litellm") / file
            target = tmp_path / file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(
                source.read_text(encoding="utf-8") if source.is_file() else "", encoding="utf-8"
            )
        known = fingerprint.LITELLM
        assert known.fingerprint(tmp_path) == known.fingerprint(package_path("litellm"))
        counter = tmp_path / fingerprint.COUNTER
        changed = counter.read_text(encoding="utf-8").replace("includes_system_message", "other_name")
        other = tmp_path / "other"
        for file in {file for file, _ in fingerprint.PARTS}:
            (other / file).parent.mkdir(parents=True, exist_ok=True)
            (other / file).write_text((tmp_path / file).read_text(encoding="utf-8"), encoding="utf-8")
        (other / fingerprint.COUNTER).write_text(changed, encoding="utf-8")
        monkeypatch.setattr(known_litellm, "package_path", lambda name: other)
        reason = seam.available()
        assert version("litellm") in reason
        assert "_count_extra" in reason
        assert "_count_messages" not in reason
        assert "1.106.2" in reason

    def test_with_a_vocabulary_that_was_changed(self, monkeypatch):
        vocabularies._is_genuine.cache_clear()
        name, (file, digest, tokens) = next(iter(vocabularies.VOCABULARIES.items()))
        monkeypatch.setitem(vocabularies.VOCABULARIES, name, (file, digest[::-1], tokens))
        assert f"vocabulary of {name}" in seam.available()
        vocabularies._is_genuine.cache_clear()

    def test_with_a_tiktoken_that_is_not_known(self, monkeypatch):
        monkeypatch.setattr(vocabularies, "TESTED_TIKTOKEN", ())
        assert seam.available() is None  # it was asked, and agrees
        monkeypatch.setattr(vocabularies, "agrees_with_tiktoken", lambda name: name != "o200k_base")
        assert "counts o200k_base differently" in seam.available()


def test_fingerprints_do_not_see_layout(tmp_path):
    one = "def f(a: int = 1) -> int:\n    '''Doc.'''\n    x: Final = a\n    return x\n\n\nOTHER = 1\n"
    same = "# comment\ndef f(a=1):\n    x = (a)\n\n    return x\nOTHER = 2\n"
    different = one.replace("a: int = 1", "a: int = 2")
    assert (
        code_fingerprint.normal_form(one, "f")
        == code_fingerprint.normal_form(same, "f")
        != code_fingerprint.normal_form(different, "f")
    )
    normal_form = code_fingerprint.normal_form
    assert normal_form(one, "f") == normal_form(same, "f") != normal_form(different, "f")
    assert normal_form(one, "g") == ""


def test_an_unknown_encoding_is_refused():
    with pytest.raises(ValueError, match="expected cl100k_base, o200k_base or anthropic"):
        _accel.Encoding("p50k_base")


@pytest.mark.parametrize("name", vocabularies.VOCABULARIES)
def test_without_a_chunk_size_the_text_is_counted_as_a_whole(name):
    text = "antidisestablishmentarianism"
    whole = len(tiktoken.get_encoding(name).encode_ordinary(text))
    encoding = vocabularies.encoding(name)
    assert encoding.count(text) == encoding.count(text, None) == encoding.count(text, len(text)) == whole
    assert encoding.count(text, 3) > whole


def test_a_chunk_size_of_zero_is_refused():
    with pytest.raises(ValueError, match="chunk_size is 0"):
        vocabularies.encoding("cl100k_base").count("x", 0)
