"""Starting a fresh interpreter on some of this run's tests, and waiting for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

from ..errors import WorkloadError
from .job import JOB_VARIABLE, Job
from .last_words import ask_for_last_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from typing import IO

    import pytest

    from ..config import Config

OUTPUT_SHOWN_CHARS = 4000
# Of the environment, what would make the child report, measure coverage or be a worker like its parent; a fixed
# hash seed would make every interpreter the same one.
_DROPPED = (
    "PYTEST_ADDOPTS",
    "PYTEST_CURRENT_TEST",
    "PYTHONHASHSEED",
    "COV_CORE_SOURCE",
    "COV_CORE_CONFIG",
    "COV_CORE_DATAFILE",
)
_DROPPED_PREFIXES = ("PYTEST_XDIST_", "COVERAGE_")
# Groups of options that decide how tests run; other plugins' groups are reports, workers and the like.
_CARRIED_GROUPS = frozenset({"anyio", "asyncio", "django"})
# What the program ``pytest`` does, which need not be on the path; ``-c`` itself adds "" to it.
_AS_PROGRAM = (
    "-c",
    "import sys; sys.path[:] = filter(None, sys.path); import pytest; sys.exit(pytest.main())",
)


@dataclass(frozen=True)
class Output:
    """What a child wrote and printed."""

    result: Path
    text: str


class ChildFailed(WorkloadError):
    """A fresh interpreter broke; ``output`` ends with what it printed."""


@contextmanager
def child(
    pytest_config: pytest.Config,
    config: Config,
    items: Sequence[pytest.Item],
    job: Job,
    baselines: Path,
    folder: Path,
    timeout_s: float,
) -> Iterator[Callable[[], Output]]:
    """Run some items in a fresh interpreter while the block lasts; what it gives waits for the result.

    Args:
        pytest_config, config: the parent's, whose rootdir, ini, ``-p``, ``-o`` and environment it shares.
        items: what to run.
        job: why; its ``output`` is set here.
        baselines: the bounds it judges by.
        folder: an empty folder for its files.
        timeout_s: when it is ended, from when it is waited for.

    Raises:
        ChildFailed: it failed, hung or wrote nothing; from the waiting.
    """
    job = replace(job, output=folder / "output.json")
    job_path = folder / "job.json"
    job.write(job_path)
    command = _command(pytest_config, config, items, baselines, folder)
    with tempfile.TemporaryFile() as printed:
        process = _start(command, pytest_config.invocation_params.dir, job_path, printed)
        try:
            yield lambda: _result(process, printed, job.output, timeout_s)
        finally:
            _end(process)


def _start(command: Sequence[str], folder: Path, job: Path, printed: IO[bytes]) -> subprocess.Popen[bytes]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in _DROPPED and not name.startswith(_DROPPED_PREFIXES)
    }
    # Its own process group, so that what it started is ended with it.
    return subprocess.Popen(  # noqa: S603  # this interpreter, on this run's own tests
        command,
        stdin=subprocess.DEVNULL,
        stdout=printed,
        stderr=subprocess.STDOUT,
        env=environment | {JOB_VARIABLE: str(job)},
        cwd=folder,
        start_new_session=True,
    )


def _result(process: subprocess.Popen[bytes], printed: IO[bytes], output: Path, timeout_s: float) -> Output:
    try:
        status = process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        status = None
        ask_for_last_words(process)
        _end(process)
    printed.seek(0)
    text = printed.read().decode("utf-8", "replace")
    if status is None:
        raise ChildFailed(
            f"a fresh interpreter was ended after {timeout_s:.0f} s; mend what hangs, or give it more time "
            f"with --fastllm-max-seconds or --fastllm-max-run-seconds; it printed:\n{_tail(text)}"
        )
    if not output.exists():
        raise ChildFailed(
            f"a fresh interpreter ended with status {status} and no result; it printed:\n{_tail(text)}"
        )
    return Output(output, text)


def _tail(text: str) -> str:
    return text[-OUTPUT_SHOWN_CHARS:].strip() or "(nothing)"


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


def _command(
    pytest_config: pytest.Config, config: Config, items: Sequence[pytest.Item], baselines: Path, folder: Path
) -> list[str]:
    option = pytest_config.option
    # addopts are cleared, because their reports and workers must not start again; what they chose of plugins
    # and ini values has been parsed here and is passed on.
    flags = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]  # as multiprocessing does
    command = [sys.executable, *flags, *_as_started(pytest_config), "-q", "--color=no", "-o", "addopts="]
    command += ["--rootdir", str(pytest_config.rootpath)]
    if pytest_config.inipath is not None:
        command += ["-c", str(pytest_config.inipath)]
    for plugin in option.plugins or ():
        if plugin not in ("no:terminal", "terminal"):
            command += ["-p", plugin]
    for override in option.override_ini or ():
        if not override.startswith("addopts="):
            command += ["-o", override]
    for warning in option.pythonwarnings or ():
        command += ["-W", warning]
    command += [f"--import-mode={option.importmode}", f"--basetemp={folder / 'tmp'}"]
    if pytest_config.pluginmanager.hasplugin("cacheprovider"):
        command += ["-o", f"cache_dir={folder / 'cache'}"]
    command += ["--fastllm-compare", f"--fastllm-max-seconds={config.max_seconds!r}", "--fastllm-processes=1"]
    if baselines.exists():
        command.append(f"--fastllm-baselines={baselines}")
    if config.iterations is not None:
        command.append(f"--fastllm-iterations={config.iterations}")
    return [*command, *_own_options(pytest_config), *(_address(item) for item in items)]


def _as_started(pytest_config: pytest.Config) -> Sequence[str]:
    """How the child runs pytest: with the current folder importable only where it is for this process.

    ``python -m`` puts that folder first. A checkout would take the place of what is installed, which this run tests.
    """
    return ("-m", "pytest") if {"", str(pytest_config.invocation_params.dir)} & {*sys.path} else _AS_PROGRAM


def _own_options(pytest_config: pytest.Config) -> list[str]:
    """Options under which a test may do other work, or not run at all, as they were given here.

    They are those that the user's conftest or plugins declared outside any group, and the groups in `_CARRIED_GROUPS`.
    """
    parser = getattr(pytest_config, "_parser", None)
    groups = [
        getattr(parser, "_anonymous", None),
        *(group for group in getattr(parser, "_groups", ()) if group.name in _CARRIED_GROUPS),
    ]
    given = []
    for option in chain.from_iterable(getattr(group, "options", ()) for group in groups):
        names = [name for name in option.names() if name.startswith("--")]
        value = getattr(pytest_config.option, option.dest, None)
        if names and value is True:
            given.append(names[0])
        elif names and isinstance(value, (str, int, float)) and value != getattr(option, "default", None):
            given.append(f"{names[0]}={value}")
    return given


def _address(item: pytest.Item) -> str:
    """The item by its absolute path: node ids are relative to a folder that the child need not stand in."""
    _, separator, inside = item.nodeid.partition("::")
    return f"{item.path}{separator}{inside}"
