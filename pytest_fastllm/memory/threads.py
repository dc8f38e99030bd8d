"""The threads of this process besides the calling one: a fork does not take them along."""

from __future__ import annotations

import threading
import time
from pathlib import Path

_WAIT_S = 0.02


def other_threads(wait_s: float) -> tuple[str, ...]:
    """Return the names of the other threads, after giving those that are about to end time to do so."""
    deadline_s = time.monotonic() + wait_s
    while (names := _names()) and time.monotonic() < deadline_s:
        time.sleep(_WAIT_S)
    return names


def _names() -> tuple[str, ...]:
    here = threading.get_native_id()
    python = {thread.native_id: thread.name for thread in threading.enumerate()}
    try:
        tasks = [(int(task.name), task) for task in Path("/proc/self/task").iterdir()]
    except OSError:  # no Linux: Python's own threads are all that is known
        return tuple(sorted(name for number, name in python.items() if number != here))
    return tuple(sorted(python.get(number) or _native_name(task) for number, task in tasks if number != here))


def _native_name(task: Path) -> str:
    try:
        return task.joinpath("comm").read_text(encoding="utf-8", errors="replace").strip() + " (native)"
    except OSError:  # it ended in the meantime
        return "a native thread"
