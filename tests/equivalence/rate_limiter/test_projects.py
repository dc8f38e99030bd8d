"""Projects with limits of a model's input and output tokens: LiteLLM reserves those, and settles what it reserved."""

from __future__ import annotations

import copy

import pytest

from .sides import answered, both, chat, logged, served_natively, user

LIMITS = {"model_itpm_limit": {"gpt-4o": 400}, "model_otpm_limit": {"gpt-4o": 900}}


def of_project(limits=LIMITS, **more):
    return user(rpm_limit=50, tpm_limit=50_000, project_id="p", project_metadata=limits, **more)


def ended(limiters, requested, failed, times=3):
    """Requests and the events of their calls, on each side; all that is seen of them is the same."""
    seen = {}
    for side, limiter in limiters.items():
        told = []
        for _ in range(times):
            told.append((limiter.request(requested, chat(max_tokens=300)), repr(limiter.seen_of_stash())))
            call, stash = copy.deepcopy(logged()), limiter.stash
            told.append(limiter.failed(call, stash) if failed else limiter.succeeded(call, answered(), stash))
        seen[side] = repr((told, limiter.state()))
    assert seen["native"] == seen["reference"]
    return limiters["native"]


@pytest.mark.parametrize("failed", [False, True])
def test_reservations_of_a_project_are_litellms(failed):
    with served_natively(False):
        limiter = ended(both(), of_project(), failed)
    assert limiter.stash.itpm_reserved_tokens > 0
    assert limiter.stash.otpm_reserved_tokens == 300


@pytest.mark.parametrize("failed", [False, True])
@pytest.mark.parametrize("limits", [{}, {"model_itpm_limit": None}], ids=repr)
def test_a_project_without_such_limits_is_served_natively(limits, failed):
    with served_natively():
        limiter = ended(both(), of_project(limits), failed)
    assert limiter.stash.itpm_reserved_tokens == 0 < limiter.stash.reserved_tokens


def test_a_request_beyond_a_projects_limit_gives_back_what_it_took():
    limiters = both()
    seen = {}
    with served_natively(False):
        for side, limiter in limiters.items():
            told = [limiter.request(of_project(), chat(max_tokens=600)) for _ in range(2)]
            seen[side] = repr((told, limiter.state()))
            kinds = [kind for kind, *_ in told]
            taken = limiter.memory.cache_dict[f"{{api_key:{user().api_key}}}:tokens"]
            assert kinds == ["returned", "raised"]
            assert 600 < taken < 1200
    assert seen["native"] == seen["reference"]
