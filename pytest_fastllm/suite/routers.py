"""Routers as a busy proxy has them: one model group with many deployments, and LiteLLM's defaults otherwise."""

from __future__ import annotations

import asyncio
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

GROUP = "gpt-4o"
LONG_COOLDOWN_S = 3600.0
"""No deployment comes back while it is measured."""

_SELECTORS = {
    "least-busy": "leastbusy_logger",
    "latency-based-routing": "lowestlatency_logger",
    "usage-based-routing-v2": "lowesttpm_logger_v2",
    "cost-based-routing": "lowestcost_logger",
}


@contextmanager
def routing(
    deployments: int, strategy: str = "simple-shuffle", params: Callable[[int], dict[str, Any]] | None = None
) -> Iterator[Any]:
    """A router; at the end nothing of it is left in LiteLLM's lists.

    Args:
        deployments: how many, all of one model group.
        strategy: LiteLLM's name of it.
        params: further ``litellm_params`` of the deployment with this number.
    """
    import litellm

    before = list(litellm.callbacks)
    # Made inside a loop: usage-based routing starts a task in whichever loop there is.
    with closing(asyncio.new_event_loop()) as loop:
        router = loop.run_until_complete(_make(deployments, strategy, params))
        selector: Any = getattr(router, _SELECTORS[strategy]) if strategy in _SELECTORS else None
        try:
            if hasattr(selector, "cleanup"):
                # It would talk to Redis, of which there is none here.
                loop.run_until_complete(selector.cleanup())
            yield router
        finally:
            router.discard()
            for name in ("callbacks", "input_callback", "success_callback", "failure_callback"):
                listed = getattr(litellm, name)
                listed[:] = [each for each in listed if each is not selector or each in before]


async def _make(deployments: int, strategy: str, params: Callable[[int], dict[str, Any]] | None) -> Any:
    from litellm import Router

    return Router(
        model_list=[
            {
                "model_name": GROUP,
                "litellm_params": {
                    "model": f"openai/{GROUP}",
                    "api_key": "none",
                    "api_base": f"http://host-{number}.example/v1",
                    **(params(number) if params is not None else {}),
                },
                "model_info": {"id": f"deployment-{number}"},
            }
            for number in range(deployments)
        ],
        routing_strategy=strategy,
    )


def cool_down(router: Any, numbers: range) -> None:
    """Have some deployments wait, as after a response with status 429."""
    for number in numbers:
        router.cooldown_cache.add_deployment_to_cooldown(
            f"deployment-{number}", Exception("rate limited"), 429, LONG_COOLDOWN_S
        )


def use(router: Any, strategy: str, deployments: int) -> None:
    """Give a strategy something to compare: requests on their way, latencies, tokens."""
    cache = router.cache
    ids = [f"deployment-{number}" for number in range(deployments)]
    if strategy == "least-busy":
        for number, each in enumerate(ids):
            cache.set_cache(f"{GROUP}_request_count:{each}", 2 + number % 3)
    elif strategy == "latency-based-routing":
        table = {each: {_samples(): [0.5 + number / 100] * 10} for number, each in enumerate(ids)}
        cache.set_cache(f"{GROUP}_map", table)
    elif strategy == "cost-based-routing":
        cache.set_cache(f"cost_map:{GROUP}", {each: {} for each in ids})


def _samples() -> str:
    """Where latency-based routing keeps its samples: under another key from LiteLLM 1.109 on."""
    from litellm.router_strategy import lowest_latency

    return "latency_normalized" if hasattr(lowest_latency, "_usable_latency_samples") else "latency"


def proxy_request() -> dict[str, Any]:
    """What LiteLLM's proxy tells the router of a request, as far as the choice looks at it."""
    from litellm.proxy._types import UserAPIKeyAuth

    caller = UserAPIKeyAuth(
        api_key="hash", team_id="team-1", user_id="user-1", models=[GROUP], team_models=[GROUP]
    )
    return {
        "metadata": {
            "user_api_key": "hash",
            "user_api_key_hash": "hash",
            "user_api_key_alias": "alias",
            "user_api_key_user_id": "user-1",
            "user_api_key_team_id": "team-1",
            "user_api_key_auth": caller,
            "litellm_parent_otel_span": None,
            "model_group": GROUP,
            "requester_ip_address": "127.0.0.1",
        },
        "proxy_server_request": {
            "url": "http://127.0.0.1/v1/chat/completions",
            "method": "POST",
            "headers": {},
        },
        "litellm_call_id": "00000000-0000-0000-0000-000000000000",
        "temperature": 0.2,
        "stream": False,
    }
