"""Settings of the measuring child, and of the helper that it is forked from.

Set: transparent huge pages off, because one touched byte would count as 2 MiB. The child dies with its
parent, so that nothing outlives a killed run. Diagnosis is off (tracing, tracemalloc, log handlers,
recorded warnings), because it grows with every call and belongs to neither side.

Left alone, after trials (docs/memory.md): the number of malloc arenas and the mmap threshold change
nothing. Trimming the heap before each reading does, but it takes back what a program keeps
in production, and only from glibc's own allocator, so it would favour one side. The helper's heap is
trimmed once before the first fork, so that less of what the imports left free is filled unseen.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import gc
import os
import signal
import sys
import warnings
from typing import Any

_PR_SET_PDEATHSIG = 1
_PR_SET_THP_DISABLE = 41


def settle_child(parent_pid: int | None) -> None:
    """Set up this process, which exists for one measurement."""
    if sys.platform == "linux":
        prctl = _libc().prctl
        prctl(_PR_SET_THP_DISABLE, 1, 0, 0, 0)
        if parent_pid is not None:
            prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
            if os.getppid() != parent_pid:  # it died before the line above
                os._exit(1)
    _switch_off_diagnosis()
    gc.enable()


def trim_heap() -> None:
    """Give whole free pages of the C heap back to the operating system, where glibc can."""
    # Another C library has no such function, and another allocator nothing to trim.
    with contextlib.suppress(AttributeError, OSError, TypeError):
        _libc().malloc_trim(0)


def speak_only_to(file: int) -> None:
    """Send everything this process prints, and the traceback of a crash, to ``file``; input is empty."""
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(file, 1)
    os.dup2(file, 2)
    stream = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)
    sys.stdout = sys.stderr = stream
    faulthandler.enable(stream)


def _switch_off_diagnosis() -> None:
    sys.settrace(None)
    sys.setprofile(None)
    if "threading" in sys.modules:
        sys.modules["threading"].settrace(None)
        sys.modules["threading"].setprofile(None)
    if "tracemalloc" in sys.modules:
        sys.modules["tracemalloc"].stop()
    if "logging" in sys.modules:
        # pytest's handlers keep every record; without any, warnings still reach stderr.
        sys.modules["logging"].getLogger().handlers.clear()
    warnings.simplefilter("ignore")


def _libc() -> Any:
    return ctypes.CDLL(None)
