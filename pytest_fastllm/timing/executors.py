"""The ways of carrying out steps: plain calls, and coroutines in a running loop."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from .answers import awaitable, settled_value
from .background import Background
from .loops import time_awaits_ns, time_calls_ns
from .run_delay import RunDelay
from .spill import SpillOver

if TYPE_CHECKING:
    from .steps import CallOnce, TimeCalls

# A sample of the faster side lasts this long: two readings of the clock are then 0.1 % of it.
SAMPLE_S = 40e-6


def call_once(step: CallOnce, background: Background) -> Any:
    """The value of one call in this thread, when what it left to others is done."""
    try:
        return settled_value(step.function(*step.args, **step.kwargs))
    finally:
        background.after_call()


class PlainExecutor:
    """Calls in this thread, one after another."""

    sample_s = SAMPLE_S

    def __init__(self) -> None:
        """Nothing is called yet."""
        self.spill_over = SpillOver()
        self.run_delay = RunDelay()
        self.background = Background()

    def call(self, step: CallOnce) -> Any:
        """The value of one call."""
        return call_once(step, self.background)

    def time_ns(self, step: TimeCalls) -> float:
        """Nanoseconds per call, without those that this thread waited for a processor."""
        own_ns, process_ns = time.thread_time_ns(), time.process_time_ns()
        self.run_delay.begin()
        span_ns = time_calls_ns(step.function, step.args, step.kwargs, step.calls, step.raises)
        span_ns = self.run_delay.without(span_ns)
        process_ns, own_ns = time.process_time_ns() - process_ns, time.thread_time_ns() - own_ns
        self.spill_over.add(process_ns, own_ns)
        self.background.after_sample(process_ns, own_ns)
        return span_ns / step.calls

    def close(self) -> None:
        """Nothing to end."""


class LoopExecutor:
    """Awaits in the running loop, from a number of tasks at the same time.

    Args:
        tasks: how many coroutines drive the workload concurrently.
    """

    sample_s = SAMPLE_S

    def __init__(self, tasks: int = 1) -> None:
        """Nothing is awaited yet."""
        self.spill_over = SpillOver()
        self.run_delay = RunDelay()
        self.background = Background()
        self._tasks = tasks

    async def call(self, step: CallOnce) -> Any:
        """The value of one awaited call."""
        try:
            return await awaitable(step.function(*step.args, **step.kwargs))
        finally:
            await self.background.after_awaited_call()

    async def time_ns(self, step: TimeCalls) -> float:
        """Nanoseconds per awaited call over all tasks; neither the loop's start nor the tasks' is in it."""
        own_ns, process_ns = time.thread_time_ns(), time.process_time_ns()
        self.run_delay.begin()
        span_ns = await (self._one(step) if self._tasks == 1 else self._many(step))
        span_ns = self.run_delay.without(span_ns)
        process_ns, own_ns = time.process_time_ns() - process_ns, time.thread_time_ns() - own_ns
        self.spill_over.add(process_ns, own_ns)
        await self.background.after_awaited_sample(process_ns, own_ns)
        return span_ns / (step.calls * self._tasks)

    async def _one(self, step: TimeCalls) -> int:
        return await time_awaits_ns(step.function, step.args, step.kwargs, step.calls, step.raises)

    async def _many(self, step: TimeCalls) -> int:
        async def one(released: asyncio.Event) -> tuple[int, int]:
            await released.wait()
            start_ns = time.perf_counter_ns()
            await self._one(step)
            return start_ns, time.perf_counter_ns()

        released = asyncio.Event()
        tasks = [asyncio.ensure_future(one(released)) for _ in range(self._tasks)]
        await asyncio.sleep(0)  # all of them stand at the gate
        released.set()
        spans = await asyncio.gather(*tasks)
        return max(end for _, end in spans) - min(start for start, _ in spans)


class OwnLoopExecutor:
    """Coroutine functions from a sync test: one loop that lives for the whole comparison.

    Args:
        tasks: how many coroutines drive the workload concurrently.
    """

    sample_s = SAMPLE_S

    def __init__(self, tasks: int = 1) -> None:
        """Start the loop; `close` ends it."""
        self._loop = asyncio.new_event_loop()
        self._inner = LoopExecutor(tasks)
        self.spill_over = self._inner.spill_over
        self.run_delay = self._inner.run_delay
        self.background = self._inner.background

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
