"""Resident bytes of this process, as the operating system counts them.

What an allocator's hook counts (tracemalloc) is not used: it cannot see memory that native code holds.

On Linux the figure is every anonymous page that is mapped, private *or shared*, plus shared memory, huge
pages and swap, from ``/proc/self/smaps_rollup`` (proc(5)). Shared belongs to it because the reader sits in
a forked child: a page that is merely touched there (a reference count) moves from shared to private, and so
does one that the waiting parent touches, although nothing was allocated. Their sum does not move.

Pages of files do not belong to it, not even dirty ones: an extension module installed half a minute ago is
dirty until the kernel has written it to disk, and then a process that did nothing seems to need megabytes
less. Neither does memory given back with MADV_FREE.

Elsewhere it is the unique set size that psutil reads.
"""

from __future__ import annotations

import importlib
import os
import re
from typing import Any, Protocol

from ..errors import WorkloadError

_ROLLUP = "/proc/self/smaps_rollup"
_STATM = "/proc/self/statm"
_COUNTED_KB = re.compile(
    rb"^(?:Anonymous|Swap|Pss_Shmem|Private_Hugetlb|Shared_Hugetlb): +([0-9]+) kB$", re.MULTILINE
)
_GIVEN_BACK_KB = re.compile(rb"^LazyFree: +([0-9]+) kB$", re.MULTILINE)  # counted as anonymous too
_COUNTED_LINES = 2  # the first two; the others came with later kernels
_ROLLUP_SIZE = 8192
_STATM_DATA = 5  # proc(5): data + stack, in pages


class ResidentReader(Protocol):
    """Reads this process, the one that opened it: open it after a fork, never before."""

    def resident_bytes(self) -> int:
        """Return the bytes that this process needs in memory or swap now."""
        ...

    def reserved_bytes(self) -> int | None:
        """Return the bytes of private address space, touched or not; None where unknown."""
        ...

    def close(self) -> None:
        """Give back what the reader holds."""
        ...


def open_reader() -> ResidentReader:
    """Open the best reader this machine has.

    Raises:
        WorkloadError: there is none; says what to install.
    """
    try:
        return RollupReader()
    except OSError:  # no Linux, older than 4.14, or a sandbox that leaves the file out
        return PsutilReader()


class RollupReader:
    """Linux: two files, opened once and read again into the same buffer."""

    def __init__(self, rollup: str = _ROLLUP) -> None:
        """Open the files and read once, so that a reading finds everything it needs in place.

        Raises:
            OSError: the kernel has no such file, or not the lines that are needed.
        """
        self._buffer = bytearray(_ROLLUP_SIZE)
        self._page_bytes = os.sysconf("SC_PAGE_SIZE")
        self._rollup = os.open(rollup, os.O_RDONLY)
        try:
            self._statm = os.open(_STATM, os.O_RDONLY)
        except OSError:
            os.close(self._rollup)
            raise
        try:
            if len(_COUNTED_KB.findall(self._text(self._rollup))) < _COUNTED_LINES:
                raise OSError(f"{rollup} lacks the lines Anonymous or Swap")
            self.resident_bytes()
            self.reserved_bytes()
        except OSError:
            self.close()
            raise

    def resident_bytes(self) -> int:
        """Return anonymous pages, private and shared, shared memory, huge pages and swap."""
        text = self._text(self._rollup)
        return 1024 * (sum(map(int, _COUNTED_KB.findall(text))) - sum(map(int, _GIVEN_BACK_KB.findall(text))))

    def reserved_bytes(self) -> int | None:
        """Return the size of the private writable mappings."""
        return int(self._text(self._statm).split()[_STATM_DATA]) * self._page_bytes

    def close(self) -> None:
        """Close both files."""
        os.close(self._rollup)
        os.close(self._statm)

    def _text(self, file: int) -> bytes:
        length = os.preadv(file, [self._buffer], 0)
        return bytes(memoryview(self._buffer)[:length])


class PsutilReader:
    """Everywhere else: psutil's unique set size."""

    def __init__(self) -> None:
        """Import psutil only here: it is needed on no Linux machine.

        Raises:
            WorkloadError: psutil is not installed.
        """
        try:
            psutil: Any = importlib.import_module("psutil")
        except ImportError as error:
            raise WorkloadError(
                f"resident memory: expected {_ROLLUP} (Linux 4.14 or newer) or the package psutil, found "
                "neither; install psutil to measure memory on this machine"
            ) from error
        self._process: Any = psutil.Process()
        self.resident_bytes()

    def resident_bytes(self) -> int:
        """Return the unique set size."""
        return int(self._process.memory_full_info().uss)

    def reserved_bytes(self) -> int | None:
        """Return None: not every system tells."""
        return None

    def close(self) -> None:
        """Do nothing: psutil holds no file open."""
