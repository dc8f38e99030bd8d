"""`rate_limiter`: the rate limiter of LiteLLM's proxy and its native replacement.

What is replaced is the hook that the proxy calls before each request,
``parallel_request_limiter_v3._PROXY_MaxParallelRequestsHandler_v3.async_pre_call_hook``. The native one keeps no
state: it reads and writes LiteLLM's own cache, and what is not plain about a request, its limits or the cache goes to
the method that it replaces, before anything is changed. See docs/components/rate_limiter.md.

Importing this module imports neither litellm nor the extension: both happen when they are first needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .extension import missing_extension

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ..component import Component

_PLACE = (
    "litellm.proxy.hooks.parallel_request_limiter_v3:_PROXY_MaxParallelRequestsHandler_v3.async_pre_call_hook"
)


def component() -> Component:
    """The component, declared without importing what it is about."""
    from ..component import Component

    return Component(
        name="rate_limiter",
        reference=_PLACE,
        accelerated="pytest_fastllm.components.rate_limiter:async_pre_call_hook",
        patch=(_PLACE,),
        available=available,
        native_calls=native_calls,
    )


def available() -> str | None:
    """None, or why LiteLLM's rate limiter stays on Python here."""
    from ._rate_limiter.fingerprint import unknown_litellm
    from ._rate_limiter.replaced import replaced_function

    return missing_extension("RateLimiter") or unknown_litellm() or replaced_function()


def native_calls() -> int:
    """Requests that the native limiter has decided itself in this process."""
    from ._rate_limiter.native import limiter

    return limiter().native_calls if limiter.cache_info().currsize else 0


def __getattr__(name: str) -> Callable[..., Awaitable[object]]:
    """`async_pre_call_hook`, made when it is first asked for."""
    if name != "async_pre_call_hook":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ._rate_limiter.native import make_hook

    function = make_hook()
    globals()[name] = function
    return function
