"""What a request is expected to need: fractions that are settings, and parts that are no text."""

from __future__ import annotations

import asyncio

import pytest

from pytest_fastllm.components._rate_limiter.native import limiter as native_limiter

from .sides import CHAT, SIDES, Limiter, both, chat, module, outcome, served_natively, user

FRACTION = "NO_MAX_TOKENS_TPM_RESERVATION_FRACTION"
COUNTS_MEDIA = hasattr(module, "split_media_for_tpm")
since_1_109 = pytest.mark.skipif(not COUNTS_MEDIA, reason="LiteLLM estimates otherwise since 1.109")
PICTURE = {"url": "data:image/png;base64,iVBORw0KGgo="}


def estimated(data, tpm_limit=50_000, call_type=CHAT):
    """What each side reserves and writes into the request; the same."""
    seen = {}
    for side, limiter in both().items():
        given = {**data}
        answer = limiter.request(user(tpm_limit=tpm_limit), given, call_type)
        seen[side] = repr((answer, given, limiter.state()))
    assert seen["native"] == seen["reference"]
    return limiter.stash.reserved_tokens


def of_parts(*parts, **more):
    return {"model": "gpt-4o", "messages": [{"role": "user", "content": list(parts), **more}]}


@pytest.mark.parametrize("kind", ["text", None])
def test_parts_of_text_are_estimated_natively(kind):
    with served_natively():
        assert estimated(of_parts({"type": kind, "text": "a" * 400}, {"text": "b" * 40})) == 110 + 1024


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image_url", "image_url": PICTURE},
        {"type": "image_url", "image_url": PICTURE["url"]},
        {"type": "input_image", "image_url": PICTURE["url"]},
        {"type": "image", "source": {"type": "url", "url": PICTURE["url"]}},
        {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
        {"type": "file", "file": {"file_data": "data:application/pdf;base64,JVBERg=="}},
        {"type": "tool_result", "content": [{"type": "image_url", "image_url": PICTURE}]},
        {"type": "document", "source": {"type": "content", "content": [{"type": "image_url", **PICTURE}]}},
        {"type": "tool_use", "name": "f"},
        {"type": 5},
    ],
    ids=lambda part: part["type"],
)
def test_other_parts_are_litellms_where_they_count(part):
    with served_natively(not COUNTS_MEDIA):
        estimated(of_parts({"type": "text", "text": "a" * 400}, part))


@pytest.mark.parametrize("kind", ["message", "function_call_output", "image_generation_call", "x"])
def test_messages_of_other_kinds_are_litellms_where_they_count(kind):
    part = {"type": "image_url", "image_url": PICTURE}
    with served_natively(not COUNTS_MEDIA):
        estimated(of_parts(part, type=kind, output=[part], result="aGVsbG8="))


@since_1_109
@pytest.mark.parametrize("call_type", ["extraction", "aextraction"])
def test_extractions_are_litellms(call_type):
    with served_natively(False):
        estimated({"model": "gpt-4o", "document": "a" * 400}, call_type=call_type)


@since_1_109
@pytest.mark.parametrize("fraction", [0.01, 0.1, 0.25, 1 / 3, 0.99, 1.0])
@pytest.mark.parametrize("tpm_limit", [1, 3, 40, 4095, 4096, 5000, 2**53 + 1, 2**62 - 1])
def test_the_fraction_is_that_of_the_setting(monkeypatch, fraction, tpm_limit):
    monkeypatch.setattr(module, FRACTION, fraction)
    made = native_limiter.__wrapped__()  # as in a process that has this setting
    requested, seen = user(tpm_limit=tpm_limit), {}
    for side in SIDES:
        limiter, given = Limiter(side), chat()
        if side == "reference":
            answer = limiter.request(requested, given)
        else:
            generic = module.EndpointType.GENERIC
            decided = outcome(made.pre_call, limiter.handler, requested, given, CHAT, generic)
            answer = ("returned", None) if decided == ("returned", True) else decided
        seen[side] = repr((answer, given, list(limiter.memory.cache_dict.items())))
    assert seen["native"] == seen["reference"]
    assert made.native_calls == 1


@since_1_109
def test_a_fraction_that_is_set_later_is_litellms(monkeypatch):
    monkeypatch.setattr(module, FRACTION, 0.5)
    with served_natively(False):
        estimated(chat())


@pytest.mark.parametrize("max_tokens", [None, 40])
def test_in_an_event_loop_of_its_own(max_tokens):
    """Where LiteLLM counts in threads."""

    async def requests(side):
        limiter = Limiter(side)
        for text in ("hi there", "a" * 400):
            module._request_stash.set(None)
            data = chat(text, **({"max_tokens": max_tokens} if max_tokens else {}))
            await SIDES[side](limiter.handler, user(rpm_limit=9, tpm_limit=9000), None, data, CHAT)
            limiter.stash = module.get_request_stash()
        return repr((limiter.state(), data))

    with served_natively():
        seen = {side: asyncio.run(requests(side)) for side in SIDES}
    assert seen["native"] == seen["reference"]
