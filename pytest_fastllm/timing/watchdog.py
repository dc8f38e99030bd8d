"""Ends a call or an await that hangs."""

from __future__ import annotations

import asyncio
import signal
import threading
from typing import TYPE_CHECKING, Any

from ..errors import WorkloadError

if TYPE_CHECKING:
    from types import FrameType, TracebackType

# An await is ended by its loop first: what the timer raises while the loop is idle would end the loop.
_LOOP_FIRST_S = 2.0


def _hangs(limit_s: float) -> WorkloadError:
    return WorkloadError(
        f"the workload hangs: one step took longer than {limit_s:g} s; do less in one call, or give "
        "the comparison more time with --fastllm-max-seconds"
    )


class Watchdog:
    """Raises in the main thread when one step takes longer than its limit.

    Where there is no interval timer (Windows), where another thread measures, or where somebody else uses the
    timer (pytest-timeout), it does nothing.

    Args:
        limit_s: seconds that one step may take.
    """

    def __init__(self, limit_s: float) -> None:
        """Nothing is watched before it is entered."""
        self.limit_s = limit_s
        self._active = False
        self._before: Any = None

    def __enter__(self) -> Watchdog:
        """Take the timer if it is free."""
        free = (
            hasattr(signal, "setitimer")
            and threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGALRM) in (signal.SIG_DFL, None)
            and signal.getitimer(signal.ITIMER_REAL)[0] == 0
        )
        if free:
            self._before = signal.signal(signal.SIGALRM, self._ring)
            self._active = True
        return self

    def _ring(self, _signal: int, _frame: FrameType | None) -> None:
        raise _hangs(self.limit_s)

    def restart(self, later_s: float = 0.0) -> None:
        """A step begins; it may take ``later_s`` longer than the limit."""
        if self._active:
            signal.setitimer(signal.ITIMER_REAL, self.limit_s + later_s)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the timer back."""
        if self._active:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, self._before)
            self._active = False


class LoopWatchdog:
    """Cancels the task that measures when one step takes longer than its limit; for code that blocks, rings later.

    Args:
        watchdog: tells the limit, and watches over what never comes back to the loop.
    """

    def __init__(self, watchdog: Watchdog) -> None:
        """Nothing is watched before it is entered, in the task that measures."""
        self._watchdog = watchdog
        self._rang = False

    def __enter__(self) -> LoopWatchdog:
        """Watch the current task."""
        self._watchdog.__enter__()
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        self._deadline_s = self._loop.time() + self._watchdog.limit_s
        self._timer = self._loop.call_at(self._deadline_s, self._look)
        return self

    def _look(self) -> None:
        # One timer for all steps, not one for each: it is set again where it finds that steps have ended.
        if self._loop.time() < self._deadline_s:
            self._timer = self._loop.call_at(self._deadline_s, self._look)
        elif self._task is not None:
            self._rang = True
            self._task.cancel()

    def restart(self) -> None:
        """A step begins."""
        self._watchdog.restart(_LOOP_FIRST_S)
        self._deadline_s = self._loop.time() + self._watchdog.limit_s

    def explain(self, error: BaseException) -> BaseException:
        """What ended a step: a cancellation of our own is said to be the hang that it was."""
        if not self._rang or not isinstance(error, asyncio.CancelledError):
            return error
        self._rang = False
        uncancel = getattr(self._task, "uncancel", None)  # CPython 3.11 and later count cancellations
        if uncancel is not None:
            uncancel()
        return _hangs(self._watchdog.limit_s)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Watch no longer."""
        self._timer.cancel()
        self._watchdog.__exit__(kind, error, trace)
