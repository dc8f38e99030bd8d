"""Record interleaved pairs on this machine, to try estimators on real noise.

`python -m benchmarks.record_pairs OUT.json --seconds 5 --rows 20 [--load 2]` writes one JSON list of series.
Only pairs are recorded, nothing is judged. The planted workloads have a known truth: the same loop body runs a
counted number of times on either side.
"""

from __future__ import annotations

import argparse
import gc
import json
import json.decoder
import json.encoder
import json.scanner
import random
from dataclasses import asdict
from itertools import repeat
from pathlib import Path
from time import perf_counter_ns
from typing import TYPE_CHECKING

from pytest_fastllm.selftest.load import busy_processes
from pytest_fastllm.stats.series import PairSeries
from pytest_fastllm.timing.run_delay import RunDelay

if TYPE_CHECKING:
    from collections.abc import Callable


def loop(turns: int) -> Callable[[], object]:
    """Return a call that runs the same body ``turns`` times."""

    def run() -> int:
        x = 1
        for _ in repeat(None, turns):
            x = (x * 5) & 0xFF
        return x

    return run


def json_sides() -> tuple[Callable[[], object], Callable[[], object]]:
    """Return json.loads by its Python scanner and by its C scanner, on a small document."""
    text = json.dumps(
        [{"role": "user", "content": f"line {i}", "n": i, "tags": ["a", "b"]} for i in range(4)]
    )
    pure = json.decoder.JSONDecoder()
    pure.parse_string = json.decoder.py_scanstring
    pure.scan_once = json.scanner.py_make_scanner(pure)
    native = json.decoder.JSONDecoder()

    def accelerated() -> None:
        for _ in repeat(None, 12):
            native.decode(text)

    def reference() -> None:
        for _ in repeat(None, 1):
            pure.decode(text)

    return reference, accelerated


def memory_sides() -> tuple[Callable[[], object], Callable[[], object]]:
    """Return counting words in Python and natively: one side lives in the interpreter, one in memory."""
    text = "The quick brown fox jumps over the lazy dog, again and again. " * 40
    words = text.split(" ")

    def reference() -> int:
        count = 0
        for word in words:
            if word:
                count += 1
        return count

    def accelerated() -> int:
        total = 0
        for _ in repeat(None, 2):
            total += len(text.split(" "))
        return total

    return reference, accelerated


WORKLOADS: dict[str, tuple[Callable[[], object], Callable[[], object], float | None]] = {
    "same": (loop(2000), loop(2000), 1.0),
    "planted-2": (loop(2000), loop(2040), 2000 / 2040),
    "planted-5": (loop(2000), loop(2100), 2000 / 2100),
    "triple": (loop(6000), loop(2000), 3.0),
    "triple-1ms": (loop(40_000), loop(13_333), 40_000 / 13_333),
    "triple-10ms": (loop(400_000), loop(133_333), 400_000 / 133_333),
    "json": (*json_sides(), None),
    "words": (*memory_sides(), None),
}


def record(reference: Callable[[], object], accelerated: Callable[[], object], seconds: float) -> PairSeries:
    """Take pairs in ABBA order with a random start for ``seconds``."""
    for _ in range(200):
        reference()
        accelerated()
    gc.collect()
    gc.disable()
    r, a, started, first = [], [], [], []
    delay = RunDelay()
    begin = perf_counter_ns()
    order = random.random() < 0.5
    try:
        while True:
            for flip in (order, not order):
                one, two = (reference, accelerated) if flip else (accelerated, reference)
                delay.begin()
                t0 = perf_counter_ns()
                one()
                ahead = delay.without(perf_counter_ns() - t0) * 1e-9
                delay.begin()
                t2 = perf_counter_ns()
                two()
                t3 = perf_counter_ns()
                behind = delay.without(t3 - t2) * 1e-9
                r.append(ahead if flip else behind)
                a.append(behind if flip else ahead)
                started.append((t0 - begin) * 1e-9)
                first.append(flip)
            order = random.random() < 0.5
            if t3 - begin > seconds * 1e9:
                return PairSeries(r, a, started, first)
    finally:
        gc.enable()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--rows", type=int, default=5)
    parser.add_argument("--load", type=int, default=0)
    parser.add_argument("--only", nargs="+", choices=list(WORKLOADS), default=list(WORKLOADS))
    args = parser.parse_args()
    series = []
    with busy_processes(args.load):
        for _ in range(args.rows):
            for name in args.only:
                reference, accelerated, truth = WORKLOADS[name]
                found = record(reference, accelerated, args.seconds)
                series.append({"name": name, "truth": truth, **asdict(found)})
    args.out.write_text(json.dumps(series), encoding="utf-8")


if __name__ == "__main__":
    main()
