"""A fresh interpreter that is about to be ended says where it stands: pytest tells on an interrupt."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess

_LAST_WORDS_S = 5.0


def ask_for_last_words(process: subprocess.Popen[bytes]) -> None:
    """Interrupt a child, and give it some seconds to print where it is."""
    if os.name != "posix":
        return
    process.send_signal(signal.SIGINT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_LAST_WORDS_S)


def hear_interrupts() -> None:
    """Make this process one that can be asked: who starts pytest in the background (``nohup``, a shell's ``&``) has its
    children ignore interrupts.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
