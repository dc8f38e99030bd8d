"""A profile of one side, for whoever has to find out why it moved. Never taken while anything is timed."""

from __future__ import annotations

import cProfile
import functools
import profile as tracing
import pstats
import re
import threading
import time
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..timing.sides import Sides

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from ..model import Side
    from ..timing.steps import CallOnce, TimeCalls
    from .measure import Comparison

SAMPLES = 20
_CALLS_AT_MOST = 1_000
_ENOUGH_S = 5.0


def profile(
    comparison: Comparison, side: Side, calls: int, path: Path
) -> Generator[CallOnce | TimeCalls, Any, None]:
    """Run a number of samples of one side under the profiler, in the threads that drive it.

    Args:
        comparison: whose switch is entered.
        side: which to run.
        calls: in one sample; no more than 1,000 are made.
        path: where to keep the profile, in the format of ``pstats``.
    """
    workload = comparison.workload
    recorder = _DrivingThreads() if workload.threads > 1 else _ThisThread()
    functions = {each: recorder.around(function) for each, function in workload.functions.items()}
    sides = Sides(replace(workload, functions=functions), comparison.switch, None, comparison.seed)
    sides.draws_random = comparison.draws_random
    started_s = time.perf_counter()
    for number in range(SAMPLES):
        with recorder.recording():
            yield from sides.sample(side, min(calls, _CALLS_AT_MOST), number, "profile")
        if time.perf_counter() - started_s > _ENOUGH_S:
            break
    path.parent.mkdir(parents=True, exist_ok=True)
    recorder.stats().dump_stats(path)


class _ThisThread:
    """Everything that happens in this thread, in which the calls or the tasks run."""

    def __init__(self) -> None:
        self._profiler = cProfile.Profile()

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return function

    @contextmanager
    def recording(self) -> Iterator[None]:
        self._profiler.enable()
        try:
            yield
        finally:
            self._profiler.disable()

    def stats(self) -> pstats.Stats:
        return pstats.Stats(self._profiler)


class _DrivingThreads:
    """The calls alone, each thread's by a profiler of its own.

    The slower profiler in Python: from CPython 3.12 on there is only one `cProfile` in a process, and it takes
    the calls of all threads for those of one.
    """

    def __init__(self) -> None:
        self._profilers: dict[int, tracing.Profile] = {}

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function, updated=())
        def profiled(*args: Any, **kwargs: Any) -> Any:
            profiler = self._profilers.setdefault(threading.get_ident(), tracing.Profile())
            try:
                return profiler.runcall(function, *args, **kwargs)
            finally:
                profiler.simulate_cmd_complete()  # closes the call, so that the next one can begin

        return profiled

    def recording(self) -> AbstractContextManager[None]:
        return nullcontext()

    def stats(self) -> pstats.Stats:
        merged = pstats.Stats()
        for profiler in self._profilers.values():
            merged.add(profiler)
        return merged


def profile_path(folder: Path, key: str, side: Side) -> Path:
    """A file name for one side of one row."""
    return folder / f"{re.sub(r'[^A-Za-z0-9._-]+', '-', key).strip('-')}-{side.value}.prof"
