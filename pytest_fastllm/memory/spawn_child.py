"""Run a task in a fresh interpreter, where the operating system has no fork.

The task travels by pickle: its functions must be importable by name (module-level, or a
``functools.partial`` of such), and whatever the parent has switched is not switched there.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import WorkloadError
from .ballast import fill_free_blocks
from .process_settings import settle_child
from .reply import answer, crash, result_of, too_late
from .resident import open_reader

if TYPE_CHECKING:
    from collections.abc import Callable


def run_in_spawn(task: Callable[[], object], timeout_s: float, hint: str = "") -> object:
    """Return what ``task`` returns (a JSON value) in a fresh interpreter; arguments as `run_in_fork`.

    Raises:
        WorkloadError: the task cannot be sent, raised, hung or crashed; with its text.
    """
    try:
        request = pickle.dumps(task)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise WorkloadError(
            "memory: without fork, build and warmup go to a fresh interpreter and must be importable by "
            f"name: module-level functions, no closure and no lambda ({error})"
        ) from error
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as output:
        request_path, reply_path = Path(folder, "request"), Path(folder, "reply")
        request_path.write_bytes(request)
        child = subprocess.Popen(  # noqa: S603 - this interpreter, this module, our own two paths
            [sys.executable, "-X", "faulthandler", "-m", __name__, str(request_path), str(reply_path)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        try:
            status = child.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise too_late(timeout_s, output, hint) from None
        finally:
            child.kill()
            child.wait()
        if not reply_path.exists():
            raise crash(status, output, hint)
        return result_of(reply_path.read_bytes())


def _serve(request: Path, reply: Path) -> None:
    settle_child(None)
    # Written by `run_in_spawn` of the same user a moment ago, into a folder only that user can read.
    task: Callable[[], object] = pickle.loads(request.read_bytes())  # noqa: S301
    reply.write_bytes(answer(partial(_run_in_filled_memory, task)))


def _run_in_filled_memory(task: Callable[[], object]) -> object:
    reader = open_reader()
    ballast = fill_free_blocks(reader)
    reader.close()
    result = task()
    del ballast
    return result


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), Path(sys.argv[2]))
