"""Whether a call gave what its way of being driven can use: a value, or something to await."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from ..errors import WorkloadError

if TYPE_CHECKING:
    from collections.abc import Awaitable


def settled_value(value: Any) -> Any:
    """``value``, of a plain call.

    Raises:
        WorkloadError: it is a coroutine, so all that was called is its making.
    """
    if not inspect.iscoroutine(value):
        return value
    name = value.__qualname__
    value.close()  # or Python warns that nobody awaited it
    raise WorkloadError(
        f"the call returned the coroutine {name!r}, which nobody awaits, so its work would not be measured; "
        "pass the coroutine function itself, accelerated(func, *args), not a lambda around it, or in an "
        "`async def` test use `await accelerated.acall(...)`"
    )


def awaitable(value: Any) -> Awaitable[Any]:
    """``value``, of a call in a loop.

    Raises:
        WorkloadError: there is nothing to await.
    """
    if inspect.isawaitable(value):
        return value
    raise WorkloadError(
        f"expected a coroutine function, or one that returns something to await; the call returned "
        f"{type(value).__name__} {value!r:.80}. Compare a plain function by accelerated(...), without await; "
        "two callables of versus() have to be of one kind"
    )
