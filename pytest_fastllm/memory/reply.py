"""How a child answers: one line of JSON, its result or the text of what went wrong."""

from __future__ import annotations

import json
import signal
import traceback
from typing import IO, TYPE_CHECKING

from ..errors import WorkloadError

if TYPE_CHECKING:
    from collections.abc import Callable

# Of either end: a crash report begins with its cause, other output ends with it.
_OUTPUT_SHOWN_BYTES = 4000


def answer(task: Callable[[], object]) -> bytes:
    """Run ``task`` and return the line to send, whatever happened."""
    try:
        reply: dict[str, object] = {"result": task()}
        return _line(reply)
    except WorkloadError as error:
        return _line({"error": str(error)})
    except BaseException as error:  # a SystemExit of the builder must be told too
        head = f"memory: building raised {type(error).__name__}: {error}"
        return _line({"error": head, "traceback": "".join(traceback.format_exception(error))})


def result_of(line: bytes) -> object:
    """Return what the task returned.

    Raises:
        WorkloadError: the task raised; the message ends with its traceback.
    """
    reply = json.loads(line)
    if "error" in reply:
        trace = reply.get("traceback", "")
        raise WorkloadError(reply["error"] + (f"\n{trace.rstrip()}" if trace else ""))
    return reply["result"]


def crash(status: int, output: IO[bytes], hint: str) -> WorkloadError:
    """Say how a child ended that did not answer: ``status`` as in ``subprocess``, and its last words."""
    if status < 0:
        how = f"was killed by {_signal_name(-status)}"
        if -status == getattr(signal, "SIGKILL", None):
            how += " (out of memory?)"
    else:
        how = f"ended with exit status {status} before it answered"
    return WorkloadError(f"memory: the measuring child {how}{hint}{_shown(output)}")


def too_late(seconds: float, output: IO[bytes], hint: str) -> WorkloadError:
    """Say that a child was still running when its time was up."""
    return WorkloadError(
        f"memory: the measuring child was still running after {seconds:.3g} s and was killed{hint}; "
        f"allow more time, or measure fewer keys{_shown(output)}"
    )


def _line(reply: dict[str, object]) -> bytes:
    return json.dumps(reply, allow_nan=False).encode() + b"\n"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _shown(output: IO[bytes]) -> str:
    size = output.seek(0, 2)
    output.seek(0)
    if size > 2 * _OUTPUT_SHOWN_BYTES:
        head = output.read(_OUTPUT_SHOWN_BYTES)
        output.seek(size - _OUTPUT_SHOWN_BYTES)
        content = head + b"\n...\n" + output.read()
    else:
        content = output.read()
    text = content.decode("utf-8", "replace").strip()
    return f"\nits output:\n{text}" if text else ""
