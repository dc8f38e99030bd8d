"""Background load of a stated size: processes that do nothing but keep a core busy."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Ends by itself when its parent is gone: nobody is left to end it then.
_BUSY = """
import os, time
parent = os.getppid()
while os.getppid() == parent:
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        sum(range(10000))
"""


@contextmanager
def busy_processes(count: int) -> Iterator[None]:
    """Keep ``count`` processes busy until the end of the block."""
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for _ in range(count):
            process = subprocess.Popen([sys.executable, "-c", _BUSY])  # noqa: S603  # this interpreter, on the text above
            processes.append(process)
        yield
    finally:
        for started in processes:
            started.kill()
        for started in processes:
            started.wait()
