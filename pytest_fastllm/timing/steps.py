"""A comparison as steps that say what to call, apart from how it is called.

One description serves calls, threads and coroutines: it is a generator that yields what has to be called
and is sent the outcome, so nothing of the method is written twice for ``await``.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from .watchdog import LoopWatchdog

if TYPE_CHECKING:
    from .background import Background
    from .run_delay import RunDelay
    from .spill import SpillOver
    from .watchdog import Watchdog

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CallOnce:
    """Call (or await) once; the outcome is the value, or the exception is thrown in."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TimeCalls:
    """Call ``calls`` times; the outcome is the wall time in nanoseconds per operation."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    calls: int
    raises: tuple[type[BaseException], ...]


Steps = Generator["CallOnce | TimeCalls", Any, T]


class Measures(Protocol):
    """What a comparison asks of either kind of executor: how long a sample has to be, and who else worked."""

    sample_s: float
    spill_over: SpillOver
    run_delay: RunDelay
    background: Background


class Executor(Measures, Protocol):
    """Carries out steps by plain calls."""

    def call(self, step: CallOnce) -> Any:
        """Carry out one call."""

    def time_ns(self, step: TimeCalls) -> float:
        """Carry out and time many."""

    def close(self) -> None:
        """End what it started."""


class AsyncExecutor(Measures, Protocol):
    """Carries out steps in a running event loop."""

    async def call(self, step: CallOnce) -> Any:
        """Carry out one call."""

    async def time_ns(self, step: TimeCalls) -> float:
        """Carry out and time many."""


class _Turns(Iterator["CallOnce | TimeCalls"]):
    """The steps to carry out; what became of one is sent, or thrown, in before the next."""

    def __init__(self, steps: Steps[Any]) -> None:
        self._steps = steps
        self.outcome: Any = None
        self.error: BaseException | None = None
        self.result: Any = None

    def __next__(self) -> CallOnce | TimeCalls:
        error, self.error = self.error, None
        try:
            return self._steps.send(self.outcome) if error is None else self._steps.throw(error)
        except StopIteration as stop:
            self.result = stop.value
            raise


def drive(steps: Steps[T], executor: Executor, watchdog: Watchdog) -> T:
    """Carry out all steps; an exception of a call is thrown into them."""
    turns = _Turns(steps)
    with watchdog:
        for step in turns:
            watchdog.restart()
            try:
                turns.outcome = executor.call(step) if isinstance(step, CallOnce) else executor.time_ns(step)
            except BaseException as error:  # also KeyboardInterrupt: the steps put everything back
                turns.error = error
    result: T = turns.result
    return result


async def drive_async(steps: Steps[T], executor: AsyncExecutor, watchdog: Watchdog) -> T:
    """The same in a running event loop."""
    turns = _Turns(steps)
    with LoopWatchdog(watchdog) as awaits:
        for step in turns:
            awaits.restart()
            try:
                awaited = executor.call(step) if isinstance(step, CallOnce) else executor.time_ns(step)
                turns.outcome = await awaited
            except BaseException as error:
                turns.error = awaits.explain(error)
    result: T = turns.result
    return result
