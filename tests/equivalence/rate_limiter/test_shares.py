"""Teams with shares of provisioned throughput (PTU) are limited by LiteLLM; all other teams natively."""

from __future__ import annotations

import copy
import warnings

import pytest
from litellm import Router

from .sides import answered, both, chat, logged, module, proxy_server, served_natively, user

if not hasattr(module, "PTU_TEAM_DESCRIPTOR_KEY"):
    pytest.skip("before LiteLLM 1.108 teams have no shares", allow_module_level=True)

LIMITED = {"rpm_limit": 50, "tpm_limit": 50_000}
HOLDER, OTHER = "holder", "other"


@pytest.fixture(autouse=True)
def shared_deployment(monkeypatch):
    """A router with an Azure deployment that one team holds all of, which is counted."""
    monkeypatch.setenv("LITELLM_ENABLE_PTU_COST_ATTRIBUTION", "True")
    deployment = {
        "model_name": "gpt-4o",
        "litellm_params": {"model": "azure/gpt-4o", "api_key": "none", "api_base": "http://localhost"},
        "model_info": {
            "id": "shared",
            "base_model": "azure/gpt-5.5",
            "ptu_count": 1,
            "cost_per_ptu_per_hour": 1.0,
            "ptu_effective_from": "2026-01-01T00:00:00Z",
            "ptu_shares": {HOLDER: 1},
        },
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what pydantic thinks of LiteLLM's types when they are first used
        made = Router(model_list=[deployment])
    monkeypatch.setattr(proxy_server, "llm_router", made)


def of_team(team):
    call = logged()
    call["standard_logging_object"]["metadata"]["user_api_key_team_id"] = team
    return call


def settled(limiters, team, failed=False, **more):
    """Requests of a team and the events of their calls, on each side; all that is seen of them is the same."""
    seen = {}
    for side, limiter in limiters.items():
        told = []
        for _ in range(2):
            told.append(limiter.request(user(**LIMITED, team_id=team), chat(**more)))
            call, stash = copy.deepcopy(of_team(team)), limiter.stash
            told.append(limiter.failed(call, stash) if failed else limiter.succeeded(call, answered(), stash))
        seen[side] = repr((told, limiter.state()))
    assert seen["native"] == seen["reference"]
    return told, limiters["native"]


@pytest.mark.parametrize("failed", [False, True])
def test_a_team_without_a_share_is_counted_natively(failed):
    with served_natively():
        _, limiter = settled(both(), OTHER, failed)
    assert limiter.stash.ptu_ceiling is None
    assert limiter.stash.ptu_reserved_tokens == limiter.stash.reserved_tokens > 0


@pytest.mark.parametrize("failed", [False, True])
def test_a_team_with_a_share_is_litellms(failed):
    with served_natively(False):
        _, limiter = settled(both(), HOLDER, failed)
    assert limiter.stash.ptu_ceiling.model_group == "gpt-4o"
    assert f"{{model_per_team_ptu:{HOLDER}:gpt-4o}}:tokens" in limiter.memory.cache_dict


def test_a_request_beyond_a_share_is_refused_by_litellm():
    with served_natively(False):
        told, _ = settled(both(), HOLDER, max_tokens=10_000)
    assert told[0][1] is module.PTUShareExceededError


def test_a_call_of_a_team_that_got_a_share_meanwhile_is_litellms():
    seen = {}
    for side, limiter in both().items():
        # LiteLLM asks who holds a share when the call has ended, whoever asked for it.
        with served_natively(False):
            told = limiter.succeeded(of_team(HOLDER), answered())
        seen[side] = repr((told, limiter.state()))
        charged = limiter.memory.cache_dict[f"{{model_per_team_ptu:{HOLDER}:gpt-4o}}:tokens"]
    assert seen["native"] == seen["reference"]
    assert charged > 12  # in units of their own


@pytest.mark.parametrize("ended", [False, True])
def test_a_resolver_of_ones_own_is_asked_by_litellm(ended):
    asked = {}

    def resolver(side):
        def ceiling(team, group):
            asked.setdefault(side, []).append((team, group))

        return ceiling

    with served_natively(False):
        for side, limiter in both().items():
            limiter.handler._ptu_team_ceiling_resolver = resolver(side)
            if ended:
                limiter.succeeded(of_team(OTHER), answered())
            else:
                limiter.request(user(**LIMITED, team_id=OTHER), chat())
    assert asked["native"] == asked["reference"] == [(OTHER, "gpt-4o")]


def test_an_interrupt_while_litellm_is_asked_is_raised(monkeypatch):
    class Interrupted:
        """Only the first time: whoever swallows it and asks again finds no share."""

        asked = 0

        def team_ptu_ceiling(self, team, group):
            self.asked += 1
            if self.asked == 1:
                raise KeyboardInterrupt

        def health(self):
            return self

    limiter = both()["native"]
    call = of_team(OTHER)
    del call["litellm_params"]
    limiter.request(user(**LIMITED, team_id=OTHER), chat())
    monkeypatch.setattr(proxy_server, "llm_router", Interrupted())
    with pytest.raises(KeyboardInterrupt):
        limiter.succeeded(call, answered(), limiter.stash)
