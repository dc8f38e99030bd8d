"""`python -m benchmarks.connection_pool`: the table of docs/components/connection_pool.md, with Python's own column.

Three pools made alike, one for each way of doing the bookkeeping, take turns; a class is changed once, and what its
dispatcher calls changes. Ratios are medians over rounds, each of the three ways back to back; the range is that of
the middle half.
"""

from __future__ import annotations

import argparse
import gc
import platform
import random
import statistics

from pytest_fastllm.components import connection_pool as seam
from pytest_fastllm.components._connection_pool import rewrite
from pytest_fastllm.suite.pools import FilledPool, operate
from pytest_fastllm.timing.executors import PlainExecutor
from pytest_fastllm.timing.steps import TimeCalls
from pytest_fastllm.timing.threads import ThreadsExecutor
from pytest_fastllm.toggle.dispatcher import Dispatcher

from .pages import replace_block

PAGE = "docs/components/connection_pool.md"
WARM_CALLS = 3

# Workload: idle and active connections, threads, operations in a sample.
WORKLOADS = {
    "idle-1": (1, 0, 1, 60),
    "idle-20": (20, 0, 1, 40),
    "idle-100": (100, 0, 1, 8),
    "idle-20-active-50": (20, 50, 1, 20),
    "concurrent (8 threads, 20 idle)": (20, 0, 8, 30),
}


def sample_s(executor: PlainExecutor | ThreadsExecutor, filled: FilledPool, operations: int) -> float:
    """Seconds per operation, timed as the plugin does it, without waiting for a processor."""
    for _ in range(max(WARM_CALLS, operations // 4)):
        operate(filled)
    return executor.time_ns(TimeCalls(operate, (filled,), {}, operations, ())) * 1e-9


def measure(rounds: int) -> list[list[str]]:
    from httpcore import ConnectionPool

    sides = {
        "httpcore": vars(ConnectionPool)[seam._METHOD],
        "Python": rewrite.assign_requests_to_connections,
        "Rust": seam.assign_requests_to_connections,
    }
    dispatcher = Dispatcher(seam._PLACE, sides["httpcore"])
    setattr(ConnectionPool, seam._METHOD, dispatcher.stored)
    rows = []
    gc.disable()  # as in the plugin's samples; the loop leaves no cycles behind
    try:
        for workload, (idle, active, threads, operations) in WORKLOADS.items():
            dispatcher.choose(sides["httpcore"])
            pools = {side: FilledPool(idle, active) for side in sides}
            executor = ThreadsExecutor(threads) if threads > 1 else PlainExecutor()
            times: dict[str, list[float]] = {side: [] for side in sides}
            for _ in range(rounds):
                for side in random.sample(list(sides), len(sides)):
                    dispatcher.choose(sides[side])
                    times[side].append(sample_s(executor, pools[side], operations))
            executor.close()
            for filled in pools.values():
                filled.close()
            rows.append([workload, *cells(times)])
    finally:
        gc.enable()
        setattr(ConnectionPool, seam._METHOD, sides["httpcore"])
    return rows


def cells(times: dict[str, list[float]]) -> list[str]:
    reference = times["httpcore"]
    found = [duration(statistics.median(reference))]
    for side in ("Python", "Rust"):
        ratios = [one / other for one, other in zip(reference, times[side], strict=True)]
        low, middle, high = statistics.quantiles(ratios, n=4)
        found.append(f"{duration(statistics.median(times[side]))}, {middle:.3g}× ({low:.3g}–{high:.3g})")
    return found


def duration(seconds: float) -> str:
    return f"{seconds * 1e6:.3g} µs" if seconds < 1e-3 else f"{seconds * 1e3:.3g} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    arguments = parser.parse_args()
    if reason := seam.available():
        raise SystemExit(reason)
    lines = [
        "| workload, one operation | httpcore | rewritten in Python | Rust |",
        "|---|---|---|---|",
        *(f"| {' | '.join(row)} |" for row in measure(arguments.rounds)),
    ]
    where = f"{platform.python_implementation()} {platform.python_version()}, {platform.machine()}"
    rounds = f"{arguments.rounds} rounds; medians, in brackets the middle half of the rounds"
    replace_block(PAGE, "columns", "\n".join([*lines, "", f"{where}, {rounds}."]))


if __name__ == "__main__":
    main()
