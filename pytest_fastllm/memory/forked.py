"""Measure one side in this interpreter, by forked children.

The interpreter has imported what the side needs and switched it on; every measurement is a fork of it, so
that an import of seconds is paid once and every repeat starts from the same memory. It should not have
driven the workload before: what that left behind would be missing from the fixed cost.
"""

from __future__ import annotations

import gc
import os
import time
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Literal

from ..errors import UsageError, WorkloadError
from ..timing.heap import is_frozen
from .ballast import fill_free_blocks
from .fork_child import run_in_fork
from .growth import Growth, find_instances, read_growth
from .per_key import SideMemory, side_memory
from .process_settings import trim_heap
from .resident import open_reader
from .spawn_child import run_in_spawn
from .threads import other_threads
from .workload import MemoryWorkload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["MemoryWorkload", "SideMemory", "measure_side"]

Start = Literal["fork", "spawn"]

_THREADS_END_S = 0.5


def measure_side(
    workload: MemoryWorkload, *, repeats: int, timeout_s: float, start: Start | None = None
) -> SideMemory:
    """Measure the side that is switched on here: bytes per key and fixed cost, once per repeat.

    Args:
        workload: what to build.
        repeats: how many children measure; an interval needs two.
        timeout_s: for all children together; the one that reaches it is killed.
        start: how children start; fork where the system has it. With "spawn", builder and warm-up must be
            importable by name and switch their side on themselves.

    Raises:
        UsageError: fewer than two repeats.
        WorkloadError: the workload raised, hung or crashed, or memory cannot be read here.
    """
    if repeats < 2:
        raise UsageError(f"memory: repeats is {repeats}; an interval needs at least 2")
    start = start or ("fork" if hasattr(os, "fork") else "spawn")
    run = run_in_fork if start == "fork" else run_in_spawn
    threads = _threads_left(timeout_s) if start == "fork" else ()
    hint = f"; threads that a fork does not take along: {', '.join(threads)}" if threads else ""
    with _quiet_heap() if start == "fork" else nullcontext():
        grown = _grown(workload, repeats, timeout_s, partial(run, hint=hint))
    return side_memory(grown, workload.keys, (_threads_warning(threads),) if threads else ())


def _grown(
    workload: MemoryWorkload,
    repeats: int,
    timeout_s: float,
    run: Callable[[Callable[[], object], float], object],
) -> list[Growth]:
    deadline_s = time.monotonic() + timeout_s

    def child(task: Callable[[], object]) -> object:
        left_s = deadline_s - time.monotonic()
        if left_s <= 0:
            raise WorkloadError(
                f"memory: {timeout_s:.3g} s were over before all {repeats} repeats of {workload.name} "
                "were; allow more time, or measure fewer keys"
            )
        return run(task, left_s)

    instances = workload.instances
    if not instances:
        # One share for each repeat, one for the search, one in reserve.
        found = child(partial(find_instances, workload, timeout_s / (repeats + 2)))
        assert isinstance(found, list)
        instances = tuple(found)
    return [Growth.from_reply(child(partial(read_growth, workload, instances))) for _ in range(repeats)]


def _threads_left(timeout_s: float) -> tuple[str, ...]:
    """The threads that stay beside the forks, after a fork that measures nothing.

    Some libraries (OpenBLAS) end their threads at the first fork: so every fork that counts finds the same.
    """
    wait_s = min(_THREADS_END_S, timeout_s / 10)
    threads = other_threads(wait_s)
    if threads:
        run_in_fork(lambda: None, timeout_s)
        threads = other_threads(wait_s)
    return threads


def _threads_warning(threads: tuple[str, ...]) -> str:
    return f"threads: the helper was forked beside {', '.join(threads)}; expected no other thread"


@contextmanager
def _quiet_heap() -> Iterator[None]:
    """Collect, hide what is left from the children's collector (it would copy every page), fill the holes."""
    was_frozen = is_frozen()
    gc.collect()
    gc.freeze()
    try:
        trim_heap()
        reader = open_reader()
        try:
            ballast = fill_free_blocks(reader)
        finally:
            reader.close()
        yield
        del ballast
    finally:
        if not was_frozen:
            gc.unfreeze()
