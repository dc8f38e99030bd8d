"""A server in a process of its own: it prints one line when it serves, and does so until its standard input ends.

So it cannot outlive the process that started it.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_STOP_S = 5.0
_SHOWN_CHARS = 4000


class ServerProcess:
    """A server that is starting, or has."""

    def __init__(
        self, module: str, process: subprocess.Popen[str], log: Path, watchdog: threading.Timer
    ) -> None:
        """Take what `server_process` has started."""
        self._module = module
        self._process = process
        self._log = log
        self._watchdog = watchdog

    def ready(self) -> str:
        """The line that it prints when it serves.

        Raises:
            RuntimeError: it ended before, or was given up; ends with what it printed.
        """
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        self._watchdog.cancel()
        if not line:
            printed = self._log.read_text(encoding="utf-8", errors="replace")[-_SHOWN_CHARS:].strip()
            raise RuntimeError(
                f"{self._module} did not start, or not within {self._watchdog.interval:.0f} s; it printed:\n"
                f"{printed or '(nothing)'}"
            )
        return line


@contextmanager
def server_process(
    module: str,
    arguments: Sequence[str],
    log: Path,
    *,
    start_s: float,
    environment: Mapping[str, str] | None = None,
) -> Iterator[ServerProcess]:
    """``python -m module`` with these arguments until the end of the block.

    Args:
        module: its name.
        arguments: what follows it.
        log: where its errors are written.
        start_s: when it is given up if it has not said that it serves; a hanging start must not hang the run.
        environment: its environment; this process's own if None.
    """
    with log.open("w") as printed:
        process = subprocess.Popen(  # noqa: S603  # this interpreter, on a module of this package
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=printed,
            text=True,
            env=None if environment is None else dict(environment),
        )
    watchdog = threading.Timer(start_s, process.kill)
    watchdog.daemon = True
    watchdog.start()
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield ServerProcess(module, process, log, watchdog)
    finally:
        watchdog.cancel()
        process.stdin.close()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
