"""Two routers made alike, one for each side, and everything that is seen of them."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import datetime as dates
import functools
import importlib
import logging
import os
import random
import time
import warnings

import pytest

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of LiteLLM's own dependencies; nothing that is tested here
    litellm = pytest.importorskip("litellm")
    from litellm.router import Router
    from litellm.router_strategy import lowest_latency
    from litellm.types import router as router_types

    # A first router, and the module of the proxy's callers: LiteLLM imports much only when it is first needed.
    Router(model_list=[{"model_name": "first", "litellm_params": {"model": "openai/gpt-4o"}}]).discard()
    importlib.import_module("litellm.proxy._types")

from pytest_fastllm.components import router as seam
from pytest_fastllm.components._router import places
from pytest_fastllm.components.extension import missing_extension

if reason := missing_extension("DeploymentPicker"):
    pytest.skip(reason, allow_module_level=True)

STRATEGIES = (
    "simple-shuffle",
    "least-busy",
    "latency-based-routing",
    "usage-based-routing-v2",
    "cost-based-routing",
)
SELECTORS = {
    "least-busy": "leastbusy_logger",
    "latency-based-routing": "lowestlatency_logger",
    "usage-based-routing-v2": "lowesttpm_logger_v2",
    "cost-based-routing": "lowestcost_logger",
}
OLD_MEMBERS = pytest.mark.filterwarnings(r"ignore:Router\.\w+ is deprecated:DeprecationWarning")
"""From LiteLLM 1.109 on, what a router had before warns of its use."""
REFERENCE = (Router.get_available_deployment, Router.async_get_available_deployment)
COOLDOWNS = next(
    f"{places.router_module().__name__}.{name}"
    for name in ("get_cooldown_deployments", "_get_cooldown_deployments")
    if hasattr(places.router_module(), name)
)
"""The function that says which deployments are cooling down; LiteLLM 1.105 keeps it to itself."""
NATIVE = tuple(getattr(seam, name) for name in places.methods())
SAMPLES = "latency_normalized" if hasattr(lowest_latency, "_usable_latency_samples") else "latency"
"""Where latency-based routing keeps its samples."""


def deployments(count, group="g", **params):
    """A model group as a config file describes it."""
    return [
        {
            "model_name": group,
            "litellm_params": {
                "model": "openai/gpt-4o",
                "api_key": "sk-test",
                "api_base": f"http://{group}-{index}.example",
                **params,
            },
            "model_info": {"id": f"{group}-{index}"},
        }
        for index in range(count)
    ]


def selections():
    """What LiteLLM puts around a choice, by name: from 1.109 on, filters look at what the request is for."""
    found = {"nothing": contextlib.nullcontext}
    for name, module, function, arguments in (
        ("chat", "litellm.router_utils.endpoint_eligibility", "endpoint_selection", ("acompletion",)),
        (
            "embedding",
            "litellm.router_utils.embedding_batch_size_check",
            "embedding_deployment_selection",
            (),
        ),
        ("batch job", "litellm.litellm_core_utils.batch_utils", "batch_create_routing", ()),
    ):
        with contextlib.suppress(ModuleNotFoundError):
            function = getattr(importlib.import_module(module), function, None)
            if function is not None:
                found[name] = functools.partial(function, *arguments)
    return found


class Clock:
    """The time that LiteLLM sees."""

    def __init__(self):
        self.now_s = 1_800_000_000.0

    def time(self):
        return self.now_s

    def datetime(self):
        return dates.datetime.fromtimestamp(self.now_s, dates.timezone.utc)


class _Dates:
    """In the place of the class `datetime` in a strategy's module."""

    def __init__(self, clock):
        self._clock = clock

    def now(self):
        return self._clock.datetime()


class Records(logging.Handler):
    """What LiteLLM's loggers write."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def emit(self, record):
        self.seen.append(
            (
                record.name,
                record.levelname,
                record.getMessage(),
                record.funcName,
                record.pathname,
                record.lineno,
            )
        )


class Ids:
    """In place of the random ids of deployments without one: new in each step, the same for both sides."""

    def __init__(self):
        self.step = self.drawn = 0

    def new_step(self):
        self.step += 1

    def begin_a_side(self):
        self.drawn = 0

    def uuid4(self):
        self.drawn += 1
        return f"id-{self.step}-{self.drawn}"


class Side:
    """One router, asked in one way."""

    def __init__(self, strategy, methods, loop, **options):
        self.sync_method, self.async_method = methods
        self.loop = loop
        before = list(litellm.callbacks)
        self.router = loop.run_until_complete(self._make(strategy, options))
        self.callbacks = [each for each in litellm.callbacks if each not in before]
        self.strategy = strategy
        # From LiteLLM 1.109 on it is a router's core that chooses.
        self.chooser = vars(self.router).get("_core", self.router)

    async def _make(self, strategy, options):
        return Router(routing_strategy=strategy, **options)

    def ask(self, call, seed):
        """The outcome of a call, and what it leaves behind."""
        kwargs = copy.deepcopy(call.get("request_kwargs"))
        call = {**call, "request_kwargs": kwargs}
        asynchronous = call.pop("asynchronous")
        random.seed(seed)
        try:
            if asynchronous:
                found = self.loop.run_until_complete(self._await(call))
            else:
                found = self.sync_method(self.chooser, **call)
        except Exception as error:
            answer = ("raised", type(error), str(error))
        else:
            answer = ("returned", self.position(found), copy.deepcopy(found))
        return answer, kwargs, random.getstate(), self.state()

    async def _await(self, call):
        found = await self.async_method(self.chooser, **call)
        for _ in range(3):  # the task that LiteLLM starts after a choice
            await asyncio.sleep(0)
        return found

    def position(self, found):
        """Where in the router's list the very object stands."""
        return [index for index, each in enumerate(self.router.model_list) if each is found]

    def state(self):
        """All that a choice may change."""
        router = self.router
        memories = [router.cache.in_memory_cache, router.cooldown_cache.in_memory_cache]
        return copy.deepcopy(
            [router.model_list, [(each.cache_dict, each.ttl_dict, each.expiration_heap) for each in memories]]
        )

    def close(self):
        """Leave nothing of it in LiteLLM's lists, and nothing running."""
        if self.strategy == "usage-based-routing-v2":
            self.loop.run_until_complete(self.router.lowesttpm_logger_v2.cleanup())
        self.router.discard()
        for name in ("callbacks", "input_callback", "success_callback", "failure_callback"):
            kept = getattr(litellm, name)
            kept[:] = [each for each in kept if each not in self.callbacks]


class Twins:
    """Two routers that are always done the same to.

    Args:
        strategy: LiteLLM's name of it.
        options: of both routers.
    """

    def __init__(self, strategy="simple-shuffle", **options):
        self.clock = Clock()
        self.loop = asyncio.new_event_loop()
        self.options = {"model_list": deployments(4), **options}
        self._patches = pytest.MonkeyPatch()
        self._set_clock()
        self.ids = Ids()
        self._patches.setattr(router_types, "uuid", self.ids)
        # Asked from outside a loop for a strategy that has a periodic task, LiteLLM makes a loop that nobody closes.
        self._patches.setattr(asyncio, "new_event_loop", lambda: self.loop)
        self.records = Records()
        self.loggers = [logging.getLogger("LiteLLM Router"), logging.getLogger("LiteLLM")]
        for logger in self.loggers:
            logger.addHandler(self.records)
        self.reference = Side(strategy, REFERENCE, self.loop, **copy.deepcopy(self.options))
        self.ids.begin_a_side()
        self.native = Side(strategy, NATIVE, self.loop, **copy.deepcopy(self.options))
        self.sides = (self.reference, self.native)
        self.asked = self.served = 0

    def _set_clock(self):
        from litellm.router_strategy import lowest_cost, lowest_latency, lowest_tpm_rpm_v2

        seam.get_available_deployment  # noqa: B018  (the native choice examines LiteLLM as it is without a test)
        self._patches.setattr(time, "time", self.clock.time)
        self._patches.setattr(lowest_latency, "datetime", _Dates(self.clock))
        self._patches.setattr(lowest_cost, "datetime", _Dates(self.clock))
        self._patches.setattr(lowest_tpm_rpm_v2, "get_utc_datetime", self.clock.datetime)

    def routers(self):
        return [side.router for side in self.sides]

    def both(self, change):
        """Do the same to both; what it raises is the same."""
        outcomes = []
        self.ids.new_step()
        for router in self.routers():
            self.ids.begin_a_side()
            try:
                outcomes.append(("done", change(router)))
            except Exception as error:
                outcomes.append(("raised", type(error), str(error)))
        assert outcomes[0][0] == outcomes[1][0], outcomes

    def ask(self, model="g", *, native=None, seed=0, asynchronous=False, **call):
        """Ask both; the answer, if everything is the same."""
        call = {"model": model, "request_kwargs": None, "asynchronous": asynchronous, **call}
        self.records.seen.clear()
        self.ids.new_step()
        self.ids.begin_a_side()
        wanted = self.reference.ask(call, seed)
        wanted_records = list(self.records.seen)
        self.records.seen.clear()
        before = seam.native_calls()
        self.ids.begin_a_side()
        got = self.native.ask(call, seed)
        served = seam.native_calls() - before
        self.asked += 1
        self.served += served
        for name, one, other in zip(("answer", "kwargs", "random", "state"), wanted, got, strict=True):
            assert same(one, other), f"{name}: expected {one!r:.2000}, found {other!r:.2000}; call {call!r}"
        assert self.records.seen == wanted_records
        if native is not None:
            assert served == native, f"answered natively {served} times; answer {wanted[0]!r:.300}"
        return wanted[0]

    def close(self):
        self._patches.undo()
        for side in self.sides:
            side.close()
        for logger in self.loggers:
            logger.removeHandler(self.records)
        self.loop.run_until_complete(self._end_tasks())
        asyncio.set_event_loop(None)  # LiteLLM may have made ours the current one
        self.loop.close()

    async def _end_tasks(self):
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def same(one, other):
    """Equal, with NaN equal to itself and no number of another type."""
    return repr(one) == repr(other)
