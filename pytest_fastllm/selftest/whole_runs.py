"""Whole runs of the plugin in fresh interpreters: bounds stored by an update, then judged as in a project's CI.

A trial inside one process cannot stand in for this: a kernel's speed depends on where its objects lie in the heap,
which is another place in each trial, and it is the update's several processes that put this into the bounds.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..results import load_results

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Row

INTERPRETED_AGAINST_NATIVE = """
NUMBERS = list(range(300))


def total(numbers):
    found = 0
    for number in numbers:
        found += number
    return found


def test_ab(accelerated):
    accelerated.versus(total, sum, NUMBERS)
"""
"""A row about four times as fast in native code as in the interpreter."""

_RESULTS = "results.json"
_LONGEST_RUN_S = 600
_OUTPUT_SHOWN_CHARS = 4000
_PASSED_OR_FAILED = (0, 1)


@dataclass(frozen=True)
class Project:
    """A folder with one test file and the bounds of its rows."""

    folder: Path

    def judge(self) -> tuple[Row, ...]:
        """Judge all rows in a fresh interpreter, which asks two more before it lets one fail.

        Raises:
            UsageError: pytest itself broke; with its output.
        """
        self._pytest("--fastllm-json", _RESULTS)
        return load_results(self.folder / _RESULTS).rows

    def _pytest(self, *options: str) -> None:
        command = [sys.executable, "-m", "pytest", "-q", "-c", "pytest.ini", "--rootdir", "."]
        # Only this plugin: what else is installed here is not on trial.
        command += ["-p", "pytest_fastllm.plugin", "-p", "no:cacheprovider", "--fastllm-compare", *options]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
        try:
            done = subprocess.run(  # noqa: S603  # this interpreter, on tests written here
                command,
                cwd=self.folder,
                env=kept | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
                capture_output=True,
                text=True,
                timeout=_LONGEST_RUN_S,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            raise UsageError(
                f"selftest: expected pytest to end within {late.timeout:.0f} s, it did not; look for what else this "
                "machine does, or run it with a smaller --load"
            ) from None
        if done.returncode not in _PASSED_OR_FAILED:
            raise UsageError(
                f"selftest: expected pytest to end with 0 or 1, it ended with {done.returncode}; it printed:\n"
                f"{(done.stdout + done.stderr)[-_OUTPUT_SHOWN_CHARS:].strip()}"
            )


@contextmanager
def project(tests: str, *update_options: str) -> Iterator[Project]:
    """A project of these tests whose bounds an update has just stored; gone at the end of the block.

    Args:
        tests: the text of its test file.
        update_options: further options of the update.

    Raises:
        UsageError: pytest itself broke; with its output.
    """
    with tempfile.TemporaryDirectory() as folder:
        made = Project(Path(folder))
        (made.folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        (made.folder / "test_rows.py").write_text(tests, encoding="utf-8")
        made._pytest("--fastllm-update", *update_options)
        yield made
