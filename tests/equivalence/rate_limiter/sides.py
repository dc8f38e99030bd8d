"""A limiter on each side, with a clock of ours, and all that is seen of it."""

from __future__ import annotations

import contextlib
import contextvars
import dataclasses
import itertools
import warnings
from datetime import datetime, timezone
from types import SimpleNamespace
from unittest import mock

import pytest

from pytest_fastllm.components import rate_limiter as seam
from pytest_fastllm.components.extension import missing_extension

if reason := missing_extension("RateLimiter"):
    pytest.skip(reason, allow_module_level=True)

with warnings.catch_warnings():
    # The proxy's own modules use what pydantic, starlette and others have deprecated.
    warnings.simplefilter("ignore")
    pytest.importorskip("fastapi")
    # The limiter imports it at its first request; nothing is done natively before.
    from litellm.proxy import proxy_server  # noqa: F401
    from litellm.proxy._types import UserAPIKeyAuth
    from litellm.proxy.hooks import parallel_request_limiter_v3 as module
    from litellm.proxy.utils import InternalUsageCache
    from litellm.types.utils import EmbeddingResponse, ModelResponse, TextCompletionResponse, Usage

    for kind in (ModelResponse, EmbeddingResponse, TextCompletionResponse):
        kind()  # pydantic says what it thinks of it when it is first used

from litellm._logging import verbose_logger
from litellm.caching.dual_cache import DualCache
from litellm.caching.in_memory_cache import InMemoryCache

HANDLER = module._PROXY_MaxParallelRequestsHandler_v3
SIDES = {"reference": HANDLER.async_pre_call_hook, "native": seam.async_pre_call_hook}
SUCCEEDED = {"reference": HANDLER.async_log_success_event, "native": seam.async_log_success_event}
FAILED = {"reference": HANDLER.async_log_failure_event, "native": seam.async_log_failure_event}
CHAT = "acompletion"


def counted_here(count):
    """What `offload_token_count` makes of a function, without its threads, which need an event loop."""

    async def counted(*args, **kwargs):
        return count(*args, **kwargs)

    return counted


COUNTING = {"offload_token_count": counted_here} if hasattr(module, "offload_token_count") else {}


class Clock:
    """Tells its own time, which goes on by a tick whenever it is asked."""

    def __init__(self, now_s=1_800_000_000.25, tick_s=0.0):
        self.now_s = now_s
        self.tick_s = tick_s

    def time(self):
        self.now_s += self.tick_s
        return self.now_s

    def now(self):
        return datetime.fromtimestamp(self.time(), tz=timezone.utc)


class Limiter:
    """One of LiteLLM's limiters on one side."""

    def __init__(self, side, clock=None, max_size=200, **settings):
        self.side = side
        self.clock = clock or Clock()
        self.memory = InMemoryCache(max_size_in_memory=max_size, clock=self.clock.time)
        self.dual = DualCache(in_memory_cache=self.memory)
        self.handler = HANDLER(InternalUsageCache(self.dual), time_provider=self.clock.now)
        for name, value in settings.items():
            setattr(self.handler, name, value)
        self.stash = None
        self.numbers = itertools.count()

    def request(self, user, data, call_type=CHAT, **more):
        """One request's hook, in a context of its own; what came of it."""
        return contextvars.copy_context().run(self._request, user, data, call_type, more)

    def _request(self, user, data, call_type, more):
        module._request_stash.set(None)
        # Slots of parallel requests have random names; here they are numbered.
        names = SimpleNamespace(uuid4=lambda: SimpleNamespace(hex=f"slot-{next(self.numbers)}"))
        with mock.patch.multiple(module, uuid=names, **COUNTING):
            answer = outcome(drive, SIDES[self.side](self.handler, user, None, data, call_type, **more))
        self.stash = module.get_request_stash()
        return answer

    def succeeded(self, call, response, stash=None):
        """The event of a call that succeeded; ``stash`` is its request's."""
        return self._ended(SUCCEEDED[self.side], call, response, stash)

    def failed(self, call, stash=None):
        """The event of a call that failed."""
        return self._ended(FAILED[self.side], call, None, stash)

    def _ended(self, event, call, response, stash):
        self.stash = stash

        def run():
            module._request_stash.set(stash)
            return outcome(drive, event(self.handler, call, response, None, None))

        with told_to_loggers() as told:
            return contextvars.copy_context().run(run), told

    def state(self):
        """The cache to the last object, and what the request's other hooks will find."""
        memory = self.memory
        return (
            [(key, type(value), value) for key, value in memory.cache_dict.items()],
            list(memory.ttl_dict.items()),
            list(memory.expiration_heap),
            self.seen_of_stash(),
            self.clock.now_s,
        )

    def seen_of_stash(self):
        if self.stash is None:
            return None
        return {
            field.name: getattr(self.stash, field.name)
            for field in dataclasses.fields(self.stash)
            if field.name != "parallel_slot_release_lock"
        }


@contextlib.contextmanager
def told_to_loggers():
    """What is logged of errors that are swallowed, in place of logging it."""
    told = []

    def tell(*args, **_):
        told.append(repr(args))

    with (
        mock.patch.object(module.verbose_proxy_logger, "exception", tell),
        mock.patch.object(verbose_logger, "exception", tell),
        mock.patch.object(verbose_logger, "log", tell),
    ):
        yield told


def both(**settings):
    return {side: Limiter(side, **settings) for side in SIDES}


def drive(coroutine):
    """Run a coroutine that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    coroutine.close()
    raise AssertionError("the hook waited for something")


def outcome(function, *args):
    """What a call returns, or all that is seen of what it raises."""
    try:
        return "returned", function(*args)
    except Exception as error:
        seen = {name: getattr(error, name, None) for name in ("detail", "headers", "model", "llm_provider")}
        kinds = [str(getattr(error, name, None)) for name in ("category", "rate_limit_type", "status_code")]
        return "raised", type(error), str(error), seen, kinds


@contextlib.contextmanager
def served_natively(expected=True):
    """Every hook inside is decided natively, or none of them."""
    before = seam.native_calls()
    yield
    assert (seam.native_calls() > before) is expected


def user(**fields):
    """A key's owner; fields that LiteLLM's model would refuse or convert are set past it."""
    made = UserAPIKeyAuth(api_key="sk-" + "k" * 20)
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def logged(**more):
    """What LiteLLM tells of a call that has ended, as far as the limiter looks at it."""
    told = {
        "litellm_params": {"metadata": {"model_group": "gpt-4o"}},
        "standard_logging_object": {"metadata": {"user_api_key_hash": user().api_key}},
    }
    return {**told, **more}


def answered(prompt=7, completion=5, total=12, cached=None, of=ModelResponse):
    """An answer that used so many tokens."""
    response = of()
    details = None if cached is None else {"cached_tokens": cached}
    response.usage = Usage(prompt, completion, total, prompt_tokens_details=details)
    return response


def chat(text="hi there", **more):
    return {"model": "gpt-4o", "messages": [{"role": "user", "content": text}], **more}
