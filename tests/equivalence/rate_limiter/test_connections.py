"""Events of calls whose context belongs to another one: a connection whose turns are calls, since LiteLLM 1.109."""

from __future__ import annotations

import contextlib
import contextvars
import copy
from unittest import mock

import pytest

from .sides import (
    CHAT,
    COUNTING,
    SIDES,
    Limiter,
    answered,
    both,
    chat,
    drive,
    logged,
    module,
    served_natively,
    user,
)

HAS_TURNS = hasattr(module, "_is_socket_turn")


def ended(call, failed):
    """The same event in the context of another call's request; all that is seen of it is the same."""
    seen = {}
    for side, limiter in both().items():
        limiter.request(user(tpm_limit=5000), chat(litellm_call_id="connection"))
        stash = limiter.stash
        told = copy.deepcopy(call)
        outcome = limiter.failed(told, stash) if failed else limiter.succeeded(told, answered(), stash)
        seen[side] = repr((outcome, limiter.state(), told))
    assert seen["native"] == seen["reference"]


@pytest.mark.parametrize("failed", [False, True])
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"call_type": "_aresponses_websocket"},
        {"litellm_params": {"litellm_metadata": {"model_group": "gpt-4o"}}},
    ],
    ids=repr,
)
def test_a_call_in_anothers_context_is_litellms_where_it_may_be_a_turn(more, failed):
    with served_natively():  # the request itself
        ended({**logged(litellm_call_id="turn"), **more}, failed)
    call = {**logged(litellm_call_id="turn"), **more}
    limiter = both()["native"]
    limiter.request(user(tpm_limit=5000), chat(litellm_call_id="connection"))
    with served_natively(not HAS_TURNS):
        _ = (
            limiter.failed(call, limiter.stash)
            if failed
            else limiter.succeeded(call, answered(), limiter.stash)
        )


@pytest.mark.parametrize("failed", [False, True])
def test_a_call_with_names_that_are_no_strings(failed):
    call = {**logged(), 5: 6}
    limiter = both()["native"]
    with served_natively(not hasattr(module, "_callback_kwargs_mapping")):
        _ = limiter.failed(call) if failed else limiter.succeeded(call, answered())
    ended(call, failed)


@pytest.mark.parametrize("limits", [{}, {"rpm_limit": 9}, {"tpm_limit": 9000}], ids=repr)
def test_what_an_agents_request_left_is_not_this_ones(limits):
    """A context's second request sets what its first one had set."""
    seen = {}
    for side in SIDES:
        limiter = Limiter(side)
        left = module.RequestRateLimiterStash(tpm_limited_tags=frozenset({"tag"}))
        if HAS_TURNS:
            left.socket_agent_windows = ({"key": "agent", "value": "a", "rate_limit": None},)
        limiter.stash = left
        contextvars.copy_context().run(again, limiter, user(**limits))
        seen[side] = repr(limiter.state())
    assert seen["native"] == seen["reference"]
    assert left.tpm_limited_tags == frozenset()


def again(limiter, requested):
    module._request_stash.set(limiter.stash)
    with mock.patch.multiple(module, **COUNTING) if COUNTING else contextlib.nullcontext():
        drive(SIDES[limiter.side](limiter.handler, requested, None, chat(), CHAT))
    limiter.stash = module.get_request_stash()
