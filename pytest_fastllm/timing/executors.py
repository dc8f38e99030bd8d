"""The ways of carrying out steps: plain calls, and coroutines in a running loop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from .loops import time_awaits_ns, time_calls_ns

if TYPE_CHECKING:
    from .steps import CallOnce, TimeCalls


class PlainExecutor:
    """Calls in this thread, one after another."""

    def call(self, step: CallOnce) -> Any:
        """The value of one call."""
        return step.function(*step.args, **step.kwargs)

    def time_ns(self, step: TimeCalls) -> float:
        """Nanoseconds per call."""
        return time_calls_ns(step.function, step.args, step.kwargs, step.calls, step.raises) / step.calls


class LoopExecutor:
    """Awaits in the running loop."""

    async def call(self, step: CallOnce) -> Any:
        """The value of one awaited call."""
        return await step.function(*step.args, **step.kwargs)

    async def time_ns(self, step: TimeCalls) -> float:
        """Nanoseconds per awaited call; starting the loop is not in it."""
        return await time_awaits_ns(step.function, step.args, step.kwargs, step.calls) / step.calls


class OwnLoopExecutor:
    """Coroutine functions from a sync test: one loop that lives for the whole comparison."""

    def __init__(self) -> None:
        """Start the loop; `close` ends it."""
        self._loop = asyncio.new_event_loop()
        self._inner = LoopExecutor()

    def call(self, step: CallOnce) -> Any:
        """The value of one awaited call."""
        return self._loop.run_until_complete(self._inner.call(step))

    def time_ns(self, step: TimeCalls) -> float:
        """Nanoseconds per awaited call; entering the loop is outside the span."""
        return self._loop.run_until_complete(self._inner.time_ns(step))

    def close(self) -> None:
        """End the loop and what still runs in it."""
        try:
            pending = asyncio.all_tasks(self._loop)
            for task in pending:
                task.cancel()
            if pending:
                self._loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        finally:
            self._loop.close()
