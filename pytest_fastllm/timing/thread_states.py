"""Whether other threads of this process run or want to: also one that was woken and has not had its turn yet."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

_TASKS = Path("/proc/self/task")
_AT_WORK = (b"R", b"D")  # on a processor or in line for one; in a read or write that cannot be interrupted


def others_run(own: Container[int | None] = ()) -> bool | None:
    """Whether a thread but this one and ``own`` (native ids) runs; None where the system does not tell."""
    here = threading.get_native_id()
    try:
        natives = [int(name) for name in os.listdir(_TASKS)]  # noqa: PTH208  # names, and fast
    except OSError:
        return None
    return any(_runs(native) for native in natives if native != here and native not in own)


def _runs(native: int) -> bool:
    try:
        descriptor = os.open(f"{_TASKS}/{native}/stat", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:  # ended meanwhile
        return False
    try:
        # "pid (name) state ...", and a name may hold anything, brackets too.
        return os.read(descriptor, 512).rpartition(b")")[2].lstrip()[:1] in _AT_WORK
    except OSError:
        return False
    finally:
        os.close(descriptor)
