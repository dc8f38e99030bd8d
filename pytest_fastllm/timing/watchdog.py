"""Ends a call that hangs, where the system has a timer for it."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Any

from ..errors import WorkloadError

if TYPE_CHECKING:
    from types import FrameType, TracebackType


class Watchdog:
    """Raises in the main thread when one step takes longer than its limit.

    Where there is no interval timer (Windows), where another thread measures, or where somebody else uses the
    timer (pytest-timeout), it does nothing.

    Args:
        limit_s: seconds that one step may take.
    """

    def __init__(self, limit_s: float) -> None:
        """Nothing is watched before it is entered."""
        self._limit_s = limit_s
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
        raise WorkloadError(
            f"the workload hangs: one step took longer than {self._limit_s:g} s; do less in one call, or give "
            "the comparison more time with --fastllm-max-seconds"
        )

    def restart(self) -> None:
        """A step begins."""
        if self._active:
            signal.setitimer(signal.ITIMER_REAL, self._limit_s)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the timer back."""
        if self._active:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, self._before)
            self._active = False
