"""The native choice's knowledge of the LiteLLM in this process."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from . import callables, chance, core
from .examined import ASYNC, EVERY_PICK, SYNC
from .filters import lets_all_pass
from .guards import guards, known_class, same, strategy
from .places import router_class, router_module

if TYPE_CHECKING:
    from ..._accel import DeploymentPicker

_DEBUG = 10
_INFO = 20


@lru_cache(maxsize=1)
def picker() -> DeploymentPicker:
    """The native choice of deployments for the routers of this process."""
    import asyncio
    import random
    import time

    import litellm
    from litellm.caching import in_memory_cache
    from litellm.integrations.custom_logger import CustomLogger
    from litellm.router_strategy import lowest_cost, lowest_latency, simple_shuffle
    from litellm.router_strategy.complexity_router import context_compaction

    from ..._accel import DeploymentPicker

    router = router_module()
    _, name_of_class = router_class()
    logger, counter_logger = router.verbose_router_logger, litellm.verbose_logger
    every = (*EVERY_PICK, *SYNC, *ASYNC)
    return DeploymentPicker(
        {
            "attributes": core.attributes(),
            "core": core.core(),
            "unset_in_requests": core.unset_in_requests(),
            "unset_in_deployments": core.unset_in_deployments(),
            "image_search": core.image_search(),
            "router": known_class(name_of_class, every),
            "cooldown": known_class("CooldownCache", every),
            "dual": known_class("DualCache", every),
            "memory": known_class("InMemoryCache", every),
            "service_logger": known_class("ServiceLogging", every),
            "guards": [
                *guards((*EVERY_PICK, *SYNC)),
                *core.core_guards(),
                *same(router, "litellm", "verbose_router_logger"),
                *same(simple_shuffle, "random", "_ROUTER_LOGGER"),
                *same(random, "choice", "choices"),
                *same(in_memory_cache, "time"),
                # A logger with methods of its own.
                *(
                    (vars(each), name)
                    for each in (logger, counter_logger)
                    for name in ("debug", "info", "isEnabledFor")
                ),
            ],
            "async_guards": [*guards(ASYNC), (vars(litellm), "set_verbose", False)],
            "debug": [callables.level(each, _DEBUG) for each in (logger, counter_logger)],
            "info": callables.level(logger, _INFO),
            "listeners": [
                *callables.trace_listeners(),
                *callables.route_listeners(),
                *callables.batch_job_listeners(),
            ],
            "async_listeners": callables.batch_listeners(),
            "litellm": vars(litellm),
            "custom_logger": CustomLogger,
            "filter": CustomLogger.async_filter_deployments,
            "lets_all_pass": lets_all_pass,
            "running_loop": asyncio.get_running_loop,
            # The clock that a cache has if it is given none.
            "clock_code": in_memory_cache.InMemoryCache()._clock.__code__,
            "time": vars(time),
            "caller_class": callables.caller_class,
            "compaction_class": context_compaction.CompactionState,
            "choice": random.choice,
            "bits": chance.bits(),
            "bits_guards": list(chance.bits_guards()),
            "choices": random.choices,
            "sample": random.sample,
            "sum": sum,
            "simple_shuffle": simple_shuffle.simple_shuffle,
            "alias_method": callables.alias_method(),
            "strategies": {
                "least-busy": strategy("least-busy", "leastbusy_logger"),
                "latency-based-routing": strategy("latency-based-routing", "lowestlatency_logger"),
                "usage-based-routing-v2": strategy("usage-based-routing-v2", "lowesttpm_logger_v2"),
                "cost-based-routing": strategy("cost-based-routing", "lowestcost_logger"),
            },
            "latency_arguments": (lowest_latency.RoutingArgs, []),
            "latency_samples": core.latency_samples(),
            "count_tokens": callables.count_tokens,
            "latency_minute": callables.local_minute(vars(lowest_latency)),
            "cost_minute": callables.local_minute(vars(lowest_cost)),
            "usage_minute": callables.utc_minute,
        }
    )
