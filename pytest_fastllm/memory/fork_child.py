"""Run a task in a forked child, bounded in time; leave neither a process nor a file descriptor behind."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import tempfile
import time
import warnings
from typing import TYPE_CHECKING, NoReturn

from .process_settings import settle_child, speak_only_to
from .reply import answer, crash, result_of, too_late

if TYPE_CHECKING:
    from collections.abc import Callable

_POLL_MS = 50
_CHUNK = 1 << 16


def run_in_fork(task: Callable[[], object], timeout_s: float, hint: str = "") -> object:
    """Return what ``task`` returns (a JSON value) in a forked child.

    Args:
        task: called in the child, with its output kept and its input empty.
        timeout_s: then the child is killed, with every process that it started in its group.
        hint: added to the message when the child hangs or crashes.

    Raises:
        WorkloadError: the task raised, hung or crashed; with its text.
    """
    with tempfile.TemporaryFile() as output:
        read_end, write_end = os.pipe()
        try:
            parent_pid = os.getpid()
            with warnings.catch_warnings():
                # 3.12 warns of a fork beside threads; the measurer names them in the result instead.
                warnings.simplefilter("ignore", DeprecationWarning)
                pid = os.fork()
            if pid == 0:
                _be_the_child(task, write_end, output.fileno(), parent_pid)
        except BaseException:
            os.close(read_end)
            os.close(write_end)
            raise
        child = _Child(pid)
        try:
            os.close(write_end)
            line = child.read_line(read_end, time.monotonic() + timeout_s)
        finally:
            os.close(read_end)
            child.end()
        if line is not None:
            return result_of(line)
        if child.ended_by_itself is None:
            raise too_late(timeout_s, output, hint)
        raise crash(child.ended_by_itself, output, hint)


def _be_the_child(task: Callable[[], object], write_end: int, output: int, parent_pid: int) -> NoReturn:
    """Answer and vanish: nothing of the parent's (buffers, exit handlers, pytest) may run here."""
    status = 1
    try:
        os.setpgid(0, 0)
        speak_only_to(output)
        settle_child(parent_pid)
        line = answer(task)
        while line:
            line = line[os.write(write_end, line) :]
        status = 0
    finally:
        os._exit(status)


class _Child:
    """One child process, from its birth to its burial."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._buried = False
        self.ended_by_itself: int | None = None
        # Both sides do it, so that the group exists whoever comes first.
        with contextlib.suppress(OSError):
            os.setpgid(pid, pid)

    def read_line(self, read_end: int, deadline_s: float) -> bytes | None:
        """Return the answer, or None when the child ended or the deadline passed before."""
        poll = select.poll()
        poll.register(read_end, select.POLLIN)
        received = b""
        at_end = False
        while (left_s := deadline_s - time.monotonic()) > 0:
            wait_ms = min(_POLL_MS, max(1, int(left_s * 1000)))
            if at_end:
                time.sleep(wait_ms / 1000 / 10)
            elif poll.poll(wait_ms):
                chunk = os.read(read_end, _CHUNK)
                received += chunk
                if received.endswith(b"\n"):
                    return received
                at_end = not chunk
                continue
            # A process that the child forked can hold the pipe open: its end is asked for as well.
            if self._has_ended():
                # It may have answered after the pipe was last looked at.
                while poll.poll(0) and (chunk := os.read(read_end, _CHUNK)):
                    received += chunk
                return received if received.endswith(b"\n") else None
        return None

    def end(self) -> None:
        """Kill what still runs and wait for it."""
        with contextlib.suppress(OSError):
            os.killpg(self._pid, signal.SIGKILL)
        if not self._buried:
            with contextlib.suppress(OSError):
                os.kill(self._pid, signal.SIGKILL)
            self._wait(0)

    def _has_ended(self) -> bool:
        status = self._wait(os.WNOHANG)
        if status is not None:
            self.ended_by_itself = status
        return status is not None

    def _wait(self, options: int) -> int | None:
        try:
            pid, status = os.waitpid(self._pid, options)
        except ChildProcessError:  # someone else's handler for SIGCHLD was faster
            self._buried = True
            return 1
        if pid == 0:
            return None
        self._buried = True
        return os.waitstatus_to_exitcode(status)
