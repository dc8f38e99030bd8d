"""The clock that samples are taken with, and how fine it is."""

from __future__ import annotations

import functools
import time

from pytest_benchmark.timers import compute_timer_precision


@functools.cache
def resolution_s() -> float:
    """The smallest step between two readings of ``time.perf_counter`` here, in seconds."""
    return float(compute_timer_precision(time.perf_counter))
