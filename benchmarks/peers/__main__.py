"""`python -m benchmarks.peers [--quick]`: measure all counters in one run and write docs/peers.md (`make peers`)."""

from __future__ import annotations

import argparse
import json
import sys
import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from pytest_fastllm.environment import describe

from ..pages import ROOT
from . import loading, page
from .counters import COUNTERS, ENCODINGS, OURS
from .install import REPORT
from .measure import Plan, kinds, measure, wrong_counts
from .ranks import ALPHA
from .runners import load
from .texts import HARD, SIZES, code_point_blocks

if TYPE_CHECKING:
    from pathlib import Path

    from .measure import Key
    from .runners import Runner

RESULTS = ROOT / "target" / "peers" / "results.json"
QUICK_SIZES = (13, 1_000, 100_000)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one minute: fewer sizes, wider intervals")
    parser.add_argument("--seconds", type=float, help="of measuring throughput; 460, with --quick 30")
    parser.add_argument("--json", type=type(ROOT), default=RESULTS, help="the results file")
    parser.add_argument(
        "--page-only", action="store_true", help="write the page from the results file as it is"
    )
    options = parser.parse_args()
    if not options.page_only:
        _write(options.json, run(options.quick, options.seconds))
    page.write(json.loads(options.json.read_text(encoding="utf-8")))


def run(quick: bool, seconds: float | None) -> dict[str, Any]:
    """Measure everything; the results as they are stored."""
    began = time.perf_counter()
    plan = Plan(kinds(), QUICK_SIZES if quick else SIZES, seconds or (30 if quick else 460))
    runners, counters = _load()
    try:
        hard = wrong_counts(runners, HARD)
        blocks = {} if quick else wrong_counts(runners, code_point_blocks())
        plan.started = time.perf_counter()
        cells = measure(runners, plan)
        keys = list(runners)
    finally:
        for runner in runners.values():
            runner.close()
    return {
        "schema": 1,
        "created": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "quick": quick,
        "alpha": ALPHA,
        "environment": _environment(),
        "counters": counters,
        "hard_texts": hard,
        "code_points": blocks,
        "cells": cells,
        "loading": loading.table(keys, 1 if quick else 3),
        "seconds": time.perf_counter() - began,
    }


def _environment() -> dict[str, Any]:
    here = describe([counter.package for counter in COUNTERS])
    return {
        "cpu": here.cpu,
        "python": here.python,
        "platform": here.platform,
        "packages": dict(here.packages),
    }


def _load() -> tuple[dict[Key, Runner], list[dict[str, Any]]]:
    failed = json.loads(REPORT.read_text(encoding="utf-8")) if REPORT.is_file() else {}
    runners: dict[Key, Runner] = {}
    counters = []
    for counter in COUNTERS:
        missing = {}
        for encoding in ENCODINGS:
            try:
                if counter.version() is None:
                    raise ImportError(failed.get(counter.package, f"{counter.package} is not installed"))
                runners[counter.name, encoding] = load(counter.name, encoding)
            except Exception as error:  # whatever keeps a peer from loading is shown, not raised
                missing[encoding] = f"{type(error).__name__}: {error}"
                if counter.name in (OURS, "tiktoken"):
                    sys.exit(f"{counter.name} is needed: {missing[encoding]}")
        counters.append(
            {
                "name": counter.name,
                "package": counter.package,
                "version": counter.version(),
                "call": counter.call,
                "own_process": counter.own_process,
                "missing": missing,
            }
        )
    return runners, counters


def _write(path: Path, results: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, indent=1, allow_nan=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
