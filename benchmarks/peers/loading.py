"""`python -m benchmarks.peers.loading COUNTER ENCODING`: what loading costs in a fresh interpreter."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from .counters import BY_NAME, import_modules
from .runners import quietly

if TYPE_CHECKING:
    from collections.abc import Sequence


def once(name: str, encoding: str) -> dict[str, float]:
    """Seconds of importing, and of loading with the first count; private bytes that loading adds."""
    counter = BY_NAME[name]
    with quietly():
        began = time.perf_counter()
        import_modules(counter)
        imported = time.perf_counter()
        before = _private_bytes()
        started = time.perf_counter()
        namespace = counter.load(encoding)
        eval(counter.call, namespace, {"text": "Hello, world!"})
        ended = time.perf_counter()
    return {"import_s": imported - began, "load_s": ended - started, "bytes": _private_bytes() - before}


def _private_bytes() -> int:
    try:
        with Path("/proc/self/smaps_rollup").open(encoding="ascii") as lines:
            return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))
    except OSError:  # no Linux: loading's bytes show as 0
        return 0


def table(keys: Sequence[tuple[str, str]], rounds: int) -> list[dict[str, Any]]:
    """Medians over fresh interpreters, all counters in turn in random order."""
    found: dict[tuple[str, str], list[dict[str, float]]] = {key: [] for key in keys}
    for _ in range(rounds):
        for key in random.sample(list(keys), len(keys)):
            command = [sys.executable, "-m", __name__, *key]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode == 0:
                found[key].append(json.loads(done.stdout.splitlines()[-1]))
    return [
        {
            "name": name,
            "encoding": encoding,
            "processes": len(runs),
            **{figure: median(run[figure] for run in runs) for figure in ("import_s", "load_s", "bytes")},
            "load_least_s": min(run["load_s"] for run in runs),
            "load_most_s": max(run["load_s"] for run in runs),
        }
        for (name, encoding), runs in found.items()
        if runs
    ]


if __name__ == "__main__":
    print(json.dumps(once(*sys.argv[1:])))
