"""Time that this thread stood in line for a processor.

Beside busy processes a sample of milliseconds is interrupted nearly always and one of microseconds seldom, so
the ratio of their wall times says more about the scheduler than about the two sides: true 6× was read as 30×
with two busy processes on two cores. Linux tells how long a runnable thread had to wait
(``/proc/thread-self/schedstat``, second number, nanoseconds); subtracted, the same samples read 5.9×.
"""

from __future__ import annotations

import os
import threading

_local = threading.local()


def _descriptor() -> int:
    # The file tells of the thread that opened it, and a forked child would read its parent's.
    owner = (os.getpid(), threading.get_ident())
    if getattr(_local, "owner", None) != owner:
        _local.owner = owner
        try:
            _local.descriptor = os.open("/proc/thread-self/schedstat", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            _local.descriptor = -1
    descriptor: int = _local.descriptor
    return descriptor


def run_delay_ns() -> int | None:
    """Nanoseconds that this thread has waited for a processor so far; None where the system does not tell."""
    descriptor = _descriptor()
    if descriptor < 0:
        return None
    try:
        return int(os.pread(descriptor, 96, 0).split()[1])
    except (OSError, ValueError, IndexError):
        return None


class RunDelay:
    """Waiting time during samples, taken out of them."""

    def __init__(self) -> None:
        """Start at zero."""
        self._before_ns: int | None = None
        self._waited_ns = 0
        self._span_ns = 0

    def begin(self) -> None:
        """A sample begins."""
        self._before_ns = run_delay_ns()

    def without(self, span_ns: int) -> int:
        """The sample's span without the time that was waited in it, nanoseconds."""
        after_ns = run_delay_ns()
        self._span_ns += span_ns
        if after_ns is None or self._before_ns is None:
            return span_ns
        waited_ns = after_ns - self._before_ns
        # A wait longer than the span lay in the microsecond before or after it.
        if not 0 < waited_ns < span_ns:
            return span_ns
        self._waited_ns += waited_ns
        return span_ns - waited_ns

    @property
    def share(self) -> float:
        """Share of the samples' wall time that was spent waiting."""
        return self._waited_ns / self._span_ns if self._span_ns else 0.0
