"""The console script ``pytest-fastllm``. Only argparse is imported before it is known what to do."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_INTERRUPTED = 130  # as shells say it: 128 and the number of SIGINT


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: the arguments after the program's name; None: those of this process.

    Returns:
        The exit status: 0 fine, 1 out of bounds, 2 usage or data error, 130 interrupted; for ``compare`` pytest's own.
    """
    from ..errors import FastllmError
    from .parser import parse

    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show × must not end a comparison.
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # captured ones cannot
    try:
        command, options = parse(sys.argv[1:] if argv is None else argv)
        status = command(options)
        sys.stdout.flush()
    except SystemExit as leaving:  # argparse: --help, or a usage error that it has printed
        return leaving.code if isinstance(leaving.code, int) else 2
    except FastllmError as problem:
        print(f"pytest-fastllm: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("pytest-fastllm: interrupted", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:
        # The reader (`| head`) has seen enough; what is still buffered must go nowhere, quietly.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2
    return status
