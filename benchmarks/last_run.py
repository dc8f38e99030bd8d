"""The results file that a page is written from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_fastllm.errors import FastllmError
from pytest_fastllm.results import load_results

from .pages import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_fastllm.model import Results

LAST_RUN = ROOT / "fastllm-results.json"
"""Where `make compare` writes."""


def load_run(path: Path = LAST_RUN) -> Results:
    """The results of a run; ends the program with what is wrong where there are none to read."""
    if not path.exists():
        raise SystemExit(f"{path}: expected the results of `make compare`, found no such file; run it first")
    try:
        return load_results(path)
    except FastllmError as problem:
        raise SystemExit(str(problem)) from None
