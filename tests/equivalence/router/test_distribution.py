"""How often each deployment is picked: the same on both sides, pick by pick and, under other seeds, in all."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

import pytest

from pytest_fastllm.components import router as seam

from .routers import OLD_MEMBERS, SAMPLES, STRATEGIES, deployments

pytestmark = OLD_MEMBERS
PICKS = 2_000
COUNT = 5
WEIGHTS = [1, 2, 3, 0, 6]
# Chi-square that one of a thousand comparisons of equal distributions exceeds, by degrees of freedom.
CRITICAL = {0: 1e-9, 1: 10.83, 2: 13.82, 3: 16.27, 4: 18.47}
SEEDS = (20_261_122, 7)
DRAWING = {"simple-shuffle", "latency-based-routing", "usage-based-routing-v2"}
"""Strategies that draw among equally good deployments; the others take the first."""
KINDS = [
    (strategy, asynchronous)
    for strategy in STRATEGIES
    for asynchronous in (False, True)
    if asynchronous or strategy != "cost-based-routing"  # which LiteLLM's sync method does not have
]


def prepare(router, strategy):
    """Give a strategy several deployments that are equally good, and one that is not."""
    ids = [f"g-{index}" for index in range(COUNT)]
    if strategy == "least-busy":
        for id in ids:
            router.cache.set_cache(f"g_request_count:{id}", 9 if id == "g-0" else 2)
    elif strategy == "latency-based-routing":
        table = {id: {SAMPLES: [9.0 if id == "g-0" else 0.5] * 3} for id in ids}
        router.cache.set_cache("g_map", table)
        router.lowestlatency_logger.routing_args.lowest_latency_buffer = 0.5
    elif strategy == "usage-based-routing-v2":
        minute = router_minute()
        for id in ids:
            router.cache.set_cache(f"{id}:openai/gpt-4o:tpm:{minute}", 900 if id == "g-0" else 10)
    elif strategy == "cost-based-routing":
        router.model_list[0]["litellm_params"].update(input_cost_per_token=9, output_cost_per_token=9)
        router.cache.set_cache("cost_map:g", {id: {} for id in ids})


def router_minute():
    from litellm.router_strategy import lowest_tpm_rpm_v2

    return lowest_tpm_rpm_v2.get_utc_datetime().strftime("%H-%M")


def picks(side, asynchronous, seed):
    """The ids that one side picks, one after the other."""
    router = side.chooser

    async def awaited():
        found = []
        for _ in range(PICKS):
            picked = await side.async_method(router, model="g", request_kwargs={"metadata": {}})
            found.append(picked["model_info"]["id"])
            await asyncio.sleep(0)  # the task that LiteLLM starts after a choice
        return found

    random.seed(seed)
    if asynchronous:
        return side.loop.run_until_complete(awaited())
    found = []
    for _ in range(PICKS):
        found.append(side.sync_method(router, model="g", request_kwargs={"metadata": {}})["model_info"]["id"])
    return found


def chi_square(one, other):
    """Pearson's statistic for two samples of one size, and its degrees of freedom."""
    ids = sorted({*one, *other})
    return sum((one[id] - other[id]) ** 2 / (one[id] + other[id]) for id in ids), len(ids) - 1


@pytest.fixture
def pair(twins, request):
    strategy, _, weighted = request.param
    models = deployments(COUNT)
    for model, weight in zip(models, WEIGHTS, strict=True):
        if weighted:
            model["litellm_params"]["weight"] = weight
    made = twins(strategy, model_list=models)
    made.both(lambda router: prepare(router, strategy))
    return made


@pytest.mark.parametrize(
    "pair",
    [pytest.param((*kind, weighted)) for kind in KINDS for weighted in (False, True)],
    indirect=True,
    ids=lambda kind: "-".join([kind[0], "async" if kind[1] else "sync", "weighted" if kind[2] else "even"]),
)
def test_picks_and_their_distribution_are_the_same(pair, request):
    strategy, asynchronous, _ = request.node.callspec.params["pair"]
    wanted = picks(pair.reference, asynchronous, SEEDS[0])
    before = seam.native_calls()
    assert picks(pair.native, asynchronous, SEEDS[0]) == wanted
    others = picks(pair.native, asynchronous, SEEDS[1])
    assert seam.native_calls() - before == 2 * PICKS

    statistic, freedom = chi_square(Counter(wanted), Counter(others))
    assert (freedom > 0) == (others != wanted) == (strategy in DRAWING)
    assert statistic < CRITICAL[freedom], (Counter(wanted), Counter(others))
