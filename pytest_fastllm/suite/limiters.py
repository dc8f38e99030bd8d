"""The rate limiter of LiteLLM's proxy as the proxy has it: in memory, with keys that have limits."""

from __future__ import annotations

import contextvars
import warnings
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

PLENTY = 1_000_000_000
"""A limit that no workload reaches."""
CALL_TYPE = "acompletion"


class Limiter:
    """A limiter of its own with so many keys.

    Args:
        keys: how many API keys take turns.
        limits: the limits of each key, as fields of LiteLLM's `UserAPIKeyAuth`.
    """

    def __init__(self, keys: int, limits: Mapping[str, Any]) -> None:
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
        self.cache = DualCache()
        self.handler = module._PROXY_MaxParallelRequestsHandler_v3(InternalUsageCache(self.cache))
        self.users = [
            UserAPIKeyAuth(api_key=f"sk-{number:032x}", **{**limits, **_ids(limits, number)})
            for number in range(keys)
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

    def state(self) -> list[tuple[str, Any]]:
        """All counters; not when their windows began, which is the clock's."""
        counters = self.cache.in_memory_cache.cache_dict
        return [(key, value) for key, value in counters.items() if not key.endswith(":window")]


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
