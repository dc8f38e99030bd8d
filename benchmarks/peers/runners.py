"""A loaded counter: in this process, or in one of its own that works only while it is asked to."""

from __future__ import annotations

import multiprocessing
import time
import warnings
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from typing import TYPE_CHECKING, Any

from .counters import BY_NAME, import_modules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection

_LOOPS = """
def timed(texts):
    total = 0
    begin = now()
    for text in texts:
        total += {call}
    return now() - begin, total

def each(texts):
    answers = []
    for text in texts:
        begin = now()
        try:
            answer = {call}
        except BaseException as error:
            answer = f"{{type(error).__name__}}: {{error}}"[:200]
        answers.append((now() - begin, answer))
    return answers
"""


@contextmanager
def quietly() -> Iterator[None]:
    """Without the prints and warnings of other packages' imports, which say nothing about what is measured."""
    with warnings.catch_warnings(), redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        warnings.simplefilter("ignore")
        yield


class TookTooLong(Exception):
    """A counter in a process of its own did not answer in time and was ended."""


@dataclass
class Local:
    """A counter in this process."""

    name: str
    encoding: str
    timed: Callable[[list[str]], tuple[float, int]] = field(init=False)
    """Seconds of counting all texts, and the sum of the counts."""
    each: Callable[[list[str]], list[tuple[float, int | str]]] = field(init=False)
    """For each text its seconds and its count, or the error's text."""

    def __post_init__(self) -> None:
        counter = BY_NAME[self.name]
        with quietly():
            import_modules(counter)
            namespace = {**counter.load(self.encoding), "now": time.perf_counter}
        # One loop for all, with the call written into it: an adapter's own cost would be a third of a short call.
        exec(compile(_LOOPS.format(call=counter.call), f"<{self.name}>", "exec"), namespace)
        self.timed, self.each = namespace["timed"], namespace["each"]

    def copies(self, texts: list[str]) -> list[str]:
        """Equal texts that nobody has read: CPython keeps the UTF-8 that a first reader makes."""
        return [(text + "x")[:-1] for text in texts]

    def close(self) -> None:
        """Nothing to end."""


def _serve(name: str, encoding: str, pipe: Connection) -> None:
    try:
        local = Local(name, encoding)
    except Exception as error:
        pipe.send(f"{type(error).__name__}: {error}")
        return
    pipe.send(None)
    while True:
        request = pipe.recv()
        if request is None:
            return
        method, texts = request
        pipe.send(getattr(local, method)(texts))


@dataclass
class Remote:
    """A counter in a process of its own, which takes its own time; idle between requests."""

    name: str
    encoding: str
    patience_s: float = 15.0
    _process: Any = field(init=False, default=None)
    _pipe: Any = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(self.name, self.encoding, theirs), daemon=True)
        self._process.start()
        theirs.close()
        failure = self._answer(120)
        if failure is not None:
            raise ImportError(failure)

    def _answer(self, patience_s: float) -> Any:
        if not self._pipe.poll(patience_s):
            self.close()
            self._start()
            raise TookTooLong(f"no answer within {patience_s:g} s")
        try:
            return self._pipe.recv()
        except EOFError:
            raise ImportError("its process ended") from None

    def _ask(self, method: str, texts: list[str]) -> Any:
        self._pipe.send((method, texts))
        return self._answer(self.patience_s)

    def timed(self, texts: list[str]) -> tuple[float, int]:
        """Seconds of counting all texts, and the sum of the counts."""
        seconds, total = self._ask("timed", texts)
        return seconds, total

    def each(self, texts: list[str]) -> list[tuple[float, int | str]]:
        """For each text its seconds and its count, or the error's text."""
        return list(self._ask("each", texts))

    def copies(self, texts: list[str]) -> list[str]:
        """What arrives in the other process is a copy."""
        return texts

    def close(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.join()
        self._pipe.close()


Runner = Local | Remote


def load(name: str, encoding: str) -> Runner:
    """A counter, loaded; ImportError and the like where it cannot be."""
    return (Remote if BY_NAME[name].own_process else Local)(name, encoding)
