"""The rate limiter of LiteLLM's proxy as the proxy has it: in memory, with keys that have limits."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import time
import warnings
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Mapping

PLENTY = 1_000_000_000
"""A limit that no workload reaches."""
WINDOW_S = 60
CALL_TYPE = "acompletion"


class Limiter:
    """A limiter of its own with so many keys.

    Args:
        keys: the numbers of the API keys that take turns.
        limits: the limits of each key, as fields of LiteLLM's `UserAPIKeyAuth`.
    """

    def __init__(self, keys: Iterable[int], limits: Mapping[str, Any]) -> None:
        """Make it as the proxy does when it starts."""
        with warnings.catch_warnings():
            # The proxy's own modules use what pydantic, starlette and others have deprecated.
            warnings.simplefilter("ignore")
            # The limiter looks at the proxy's settings; its first request would import it.
            import litellm.proxy.proxy_server  # noqa: F401
            from litellm.proxy._types import UserAPIKeyAuth
            from litellm.proxy.hooks import parallel_request_limiter_v3 as module
            from litellm.proxy.utils import InternalUsageCache
        from litellm.caching.dual_cache import DualCache

        self._stash = module.get_request_stash
        self._stash_variable = module._request_stash
        self.cache = DualCache()
        self.handler = module._PROXY_MaxParallelRequestsHandler_v3(InternalUsageCache(self.cache))
        self.users = [
            UserAPIKeyAuth(api_key=_api_key(number), **{**limits, **_ids(limits, number)}) for number in keys
        ]
        self._turns = count()

    def request(self) -> Any:
        """The hook for one request, each in a context of its own as a web server runs it; what the client is told."""
        return contextvars.copy_context().run(self._request)

    def _request(self) -> Any:
        _finish(self._hook())
        return self._told()

    async def arequest(self) -> Any:
        """As `request`, in the task that awaits it."""
        await self._hook()
        return self._told()

    @classmethod
    def asking(cls) -> Callable[[Limiter], Any]:
        """`request`, or `arequest` where LiteLLM counts tokens in threads, which needs an event loop."""
        return cls.arequest if counts_in_threads() else cls.request

    def admitted(self) -> list[tuple[Any, dict[str, Any]]]:
        """A request of each key: what the limiter keeps of it, and what LiteLLM logs of its call."""
        return asyncio.run(self._all_admitted())

    async def _all_admitted(self) -> list[tuple[Any, dict[str, Any]]]:
        # Each in a task, which has a context of its own.
        return [(await asyncio.create_task(self._admitted()), _logged(user)) for user in self.users]

    async def _admitted(self) -> Any:
        await self._hook()
        return self._stash()

    def succeeded(self, stash: Any, call: dict[str, Any], response: Any) -> None:
        """The event of a call that succeeded, in its request's context."""
        contextvars.copy_context().run(self._succeeded, stash, call, response)

    def _succeeded(self, stash: Any, call: dict[str, Any], response: Any) -> None:
        self._stash_variable.set(stash)
        _finish(self.handler.async_log_success_event(call, response, None, None))

    def _hook(self) -> Coroutine[Any, Any, object]:
        user = self.users[next(self._turns) % len(self.users)]
        data = {
            "model": "gpt-4o",
            "messages": [{"role": "user", "content": "What is the capital of France?"}],
            "litellm_call_id": "5f0c6d0e",
            "metadata": {"user_api_key": user.api_key},
        }
        hook: Coroutine[Any, Any, object] = self.handler.async_pre_call_hook(
            user_api_key_dict=user, cache=self.cache, data=data, call_type=CALL_TYPE
        )
        return hook

    def _told(self) -> Any:
        stash = self._stash()
        return stash.rate_limit_response if stash is not None else None

    def restore(self, entries: tuple[dict[str, Any], dict[str, float], list[Any]]) -> None:
        """Put the cache back to what `entries` has told."""
        memory = self.cache.in_memory_cache
        values, deadlines_s, heap = entries
        memory.cache_dict, memory.ttl_dict = dict(values), dict(deadlines_s)
        memory.expiration_heap = list(heap)

    def entries(self) -> tuple[dict[str, Any], dict[str, float], list[Any]]:
        """A copy of all that the cache holds."""
        memory = self.cache.in_memory_cache
        return dict(memory.cache_dict), dict(memory.ttl_dict), list(memory.expiration_heap)

    def state(self) -> list[tuple[str, Any]]:
        """All counters; not when their windows began, which is the clock's."""
        counters = self.cache.in_memory_cache.cache_dict
        return [(key, value) for key, value in counters.items() if not key.endswith(":window")]


def counts_in_threads() -> bool:
    """Whether the hook has threads of its event loop count tokens, as since LiteLLM 1.109."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as above
        import litellm.proxy.proxy_server  # noqa: F401
        from litellm.proxy.hooks import parallel_request_limiter_v3 as module
    hook = module._PROXY_MaxParallelRequestsHandler_v3.async_pre_call_hook
    return "offload_token_count" in inspect.unwrap(hook).__code__.co_names


class ManyKeys:
    """Two limiters with so many active keys, one for each side; neither forgets any of them.

    LiteLLM's cache holds 200 entries, 66 keys. Here its cap is lifted; the native side counts in its table, as
    with ``rate_limiter.component(max_keys=...)``.

    Args:
        keys: how many have counters.
        asking: how many of them, spread evenly, take turns.
    """

    def __init__(self, keys: int, asking: int = 500) -> None:
        """Make both, and a third one to see by which side is in place."""
        self._sides: dict[bool, Limiter] = {}
        for native in (False, True):
            limiter = Limiter(
                range(0, keys, max(1, keys // asking)), {"rpm_limit": PLENTY, "tpm_limit": PLENTY}
            )
            keep_all(limiter.cache.in_memory_cache, keys, native)
            fill(limiter.cache.in_memory_cache, keys)
            self._sides[native] = limiter
        self._probe = Limiter([0], {"rpm_limit": PLENTY})
        self._last = self._sides[False]

    def __call__(self) -> tuple[tuple[Limiter], dict[str, object]]:
        """The arguments of `Limiter.request` on the side that is in place."""
        self._last = self._sides[is_native(self._probe)]
        return (self._last,), {}

    def state(self) -> list[Any]:
        """The counters of those that take turns, read as LiteLLM reads them."""
        scopes = [f"{{api_key:{user.api_key}}}" for user in self._last.users]
        cache = self._last.cache
        return [cache.get_cache(f"{scope}:{field}") for scope in scopes for field in ("requests", "tokens")]


def keep_all(memory: Any, keys: int, native: bool) -> None:
    """Lift the cap of a cache in memory: LiteLLM's own, or with a table for so many keys."""
    memory.max_size_in_memory = 4 * keys + 200
    if native:
        from ..components._rate_limiter.table_cache import adopt

        adopt(memory, max_keys=keys, window_s=WINDOW_S)


def fill(memory: Any, keys: int) -> None:
    """The counters that one request of each key leaves behind, the very objects that the limiter would make.

    Through the cache's own methods a hundred thousand keys take longer than a comparison may.
    """
    now_s = time.time()
    table = getattr(memory, "table", None)
    values, deadlines_s, heap = memory.cache_dict, memory.ttl_dict, memory.expiration_heap
    for number in range(keys):
        scope = f"{{api_key:{_api_key(number)}}}"
        entries = ((":requests", 1), (":tokens", 0), (":window", str(int(now_s))))
        if table is not None:
            for field, value in entries:
                table.set(scope + field, value, now_s)
            continue
        for field, value in entries:
            # Later than the one before, so that the list is a heap already.
            key, now_s = scope + field, now_s + 1e-6
            deadline_s = now_s + WINDOW_S
            values[key] = value
            deadlines_s[key] = deadline_s
            heap.append((deadline_s, key))


def is_native(probe: Limiter) -> bool:
    """Whether the native side is in place."""
    from ..components.rate_limiter import native_calls

    before = native_calls()
    probe.request()
    return native_calls() > before


def _logged(user: Any) -> dict[str, Any]:
    """What the limiter reads of a call's log, among some of the much else that stands there."""
    metadata = {
        "user_api_key_hash": user.api_key,
        "user_api_key_user_id": user.user_id,
        "user_api_key_team_id": user.team_id,
    }
    return {
        "model": "gpt-4o",
        "litellm_call_id": "5f0c6d0e",
        "litellm_params": {
            "metadata": {**metadata, "model_group": "gpt-4o", "user_api_key_metadata": {}, "tags": None},
            "litellm_call_id": "5f0c6d0e",
            "preset_cache_key": None,
        },
        "standard_logging_object": {"metadata": {**metadata, "requester_ip_address": None}},
        "combined_usage_object": None,
    }


def _api_key(number: int) -> str:
    """As long as the 64 hexadecimal digits of SHA-256 that the proxy knows a key by."""
    return f"{number:064x}"


def _ids(limits: Mapping[str, Any], number: int) -> dict[str, str]:
    """Whose limits they are: ten keys to a user, a hundred to a team."""
    ids = {}
    if "user_rpm_limit" in limits:
        ids["user_id"] = f"user-{number // 10}"
    if "team_rpm_limit" in limits:
        ids["team_id"] = f"team-{number // 100}"
    return ids


def _finish(hook: Coroutine[Any, Any, object]) -> None:
    """Run a hook that waits for nothing: without Redis none does."""
    try:
        hook.send(None)
    except StopIteration:
        return
    hook.close()
    raise RuntimeError("the limiter's hook waits for something; expected it to decide in memory")
