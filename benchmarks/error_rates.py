"""`python -m benchmarks.error_rates`: how often verdicts are wrong on this machine, and how soon changes are seen.

The trials of `pytest-fastllm selftest`, many times over, and two real rows that are judged in fresh processes by
bounds written once. ``--load 2`` does the same beside two busy processes; each rewrites its own two tables in
`docs/methodology.md`. All of it takes half an hour idle and an hour under load, half of which fresh processes take;
``--share`` and ``--processes`` make fewer trials and start fewer of these, and with 0 leave their table as it is.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import chain
from math import log
from statistics import median
from typing import TYPE_CHECKING

from pytest_fastllm.model import Verdict
from pytest_fastllm.selftest.load import busy_processes
from pytest_fastllm.selftest.trials import (
    FAILED,
    Trial,
    at_the_bound,
    clear_verdict,
    planted_slowdown,
    same_side_twice,
)
from pytest_fastllm.selftest.whole_runs import INTERPRETED_AGAINST_NATIVE, project
from pytest_fastllm.stats.quantiles import rate_lower_limit, rate_upper_limit

from .methodology import PAGE, markdown
from .pages import replace_block

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pytest_fastllm.model import Row

_ROWS = f"""
import litellm
import pytest
{INTERPRETED_AGAINST_NATIVE}

@pytest.mark.fastllm("token_counter")
def test_small_text(accelerated):
    accelerated(litellm.token_counter, model="gpt-4", text="Hello, world!")
"""


@dataclass(frozen=True)
class Study:
    """A kind of trial and what is counted of it.

    Args:
        name: what is tried.
        promise: what it must reach, idle and loaded.
        trials: how many, idle and loaded.
        run: ``run(seed)`` makes one.
        counted: the verdicts that are counted.
        within_s: a counted trial also has to end within so many seconds, idle and loaded.
    """

    name: str
    promise: tuple[str, str]
    trials: tuple[int, int]
    run: Callable[[int], Trial]
    counted: frozenset[Verdict]
    within_s: tuple[float, float] | None = None

    def is_hit(self, trial: Trial, limit_s: float | None) -> bool:
        """Whether a trial is one of those that are counted."""
        return trial.verdict in self.counted and (limit_s is None or trial.seconds <= limit_s)

    def row(self, busy: bool, share: float) -> list[str]:
        """Run the trials; the table's line about them."""
        count = max(1, round(self.trials[busy] * share))
        trials = [self.run(seed) for seed in range(count)]
        limit_s = self.within_s[busy] if self.within_s else None
        hits = sum(self.is_hit(trial, limit_s) for trial in trials)
        wanted = limit_s is not None
        for seed, trial in enumerate(trials):
            if self.is_hit(trial, limit_s) != wanted:
                print(f"  {self.name}: seed {seed}: {trial}", file=sys.stderr, flush=True)
        return [
            self.name,
            self.promise[busy],
            counted(hits, count, wanted=wanted),
            *typical_and_longest(trial.seconds for trial in trials),
            f"{median(trial.pairs for trial in trials):.0f}",
        ]


def counted(hits: int, count: int, *, wanted: bool) -> str:
    """So many of so many, with the exact one-sided 95 % limit on the side that matters."""
    limit = (
        f"above {rate_lower_limit(hits, count):.1%}"
        if wanted
        else f"below {rate_upper_limit(hits, count):.2%}"
    )
    return f"{hits} of {count}: {limit}"


def typical_and_longest(seconds: Iterable[float]) -> tuple[str, str]:
    """The median, and what 99 % of them stay within."""
    ordered = sorted(seconds)
    return f"{median(ordered):.2f} s", f"{ordered[int(0.99 * (len(ordered) - 1))]:.2f} s"


def studies() -> list[Study]:
    """The issue's table, line by line."""
    return [
        Study(
            "A/A through the switch, bounds ±5 %: false alarms",
            ("0 of 1,000", "≤ 1 of 1,000"),
            (1000, 1000),
            same_side_twice(0.05).compare,
            FAILED,
        ),
        Study(
            "bound at the true ratio, 1 s each: false `below`",
            ("≤ 1 %", "≤ 1 %"),
            (500, 500),
            at_the_bound().compare,
            FAILED,
        ),
        Study(
            "planted 5 % at ±2 %: seen in time",
            ("≥ 99 % within 0.5 s", "≥ 99 % within 2 s"),
            (300, 300),
            planted_slowdown(5, 0.02).compare,
            frozenset({Verdict.BELOW}),
            (0.5, 2.0),
        ),
        Study(
            "planted 2 % at ±1 %: seen in time",
            ("≥ 99 % within 1 s", "≥ 95 % within 5 s"),
            (300, 300),
            planted_slowdown(2, 0.01).compare,
            frozenset({Verdict.BELOW}),
            (1.0, 5.0),
        ),
        Study(
            "3× inside its bounds, pair under 1 ms: judged in time",
            ("≤ 0.5 s", "–"),
            (100, 100),
            clear_verdict(spins=2_000).compare,
            frozenset({Verdict.WITHIN}),
            (0.5, 5.0),
        ),
        Study(
            "3× inside its bounds, pair of 40 ms: judged in time",
            ("≤ 25 pairs", "–"),
            (20, 20),
            clear_verdict(spins=2_000_000).compare,
            frozenset({Verdict.WITHIN}),
            (5.0, 5.0),
        ),
    ]


def fresh_processes(count: int, promise: str) -> Iterator[list[str]]:
    """Two real rows: bounds stored once by an update, then judged in so many fresh processes."""
    rows: dict[str, list[Row]] = {}
    with project(_ROWS) as judged:
        for _ in range(count):
            for row in judged.judge():
                rows.setdefault(row.workload, []).append(row)
    for name, found in rows.items():
        false = sum(row.verdict in FALSE_FAILURES for row in found)
        inconclusive = sum(row.verdict is Verdict.INCONCLUSIVE for row in found)
        told = counted(false, len(found), wanted=False)
        yield [
            f"{_TITLES[name]}, fresh processes: false failures",
            promise,
            told + (f" ({inconclusive} inconclusive)" if inconclusive else ""),
            *typical_and_longest(row.seconds for row in found),
            f"{median(row.pairs for row in found):.0f}",
        ]


FALSE_FAILURES = FAILED | {Verdict.ERROR, Verdict.MISMATCH}

_TITLES = {
    "ab": "A/B, a loop against `sum`",
    "small_text": "`token_counter/small-text`",
}


def code_layout(count: int) -> list[str]:
    """How often two functions of the same source differ by more than 5 %, each time in a new process."""
    estimates, seconds = [], []
    for _ in range(count):
        done = subprocess.run([sys.executable, "-c", _TWINS], capture_output=True, text=True, check=True)
        estimate, second = map(float, done.stdout.split())
        estimates.append(estimate)
        seconds.append(second)
    apart = sum(abs(log(estimate)) > 0.05 for estimate in estimates)
    worst = max(estimates, key=lambda estimate: abs(log(estimate)))
    return [
        "one text compiled twice, fresh processes: over 5 % apart",
        "–",
        f"{counted(apart, count, wanted=False)}; the furthest {worst:.3f}×",
        *typical_and_longest(seconds),
        "–",
    ]


_TWINS = """
import time
from itertools import repeat
from pytest_fastllm.model import Bound
from pytest_fastllm.selftest.kernels import spin
from pytest_fastllm.selftest.trials import run_comparison
from pytest_fastllm.workload import Workload
from pytest_fastllm.model import Side


def twin(spins):
    for _ in repeat(None, spins):
        pass


start = time.perf_counter()
workload = Workload(functions={Side.REFERENCE: spin, Side.ACCELERATED: twin}, args=(2_000,))
print(run_comparison(workload, Bound(0.5, 2.0), 0).interval.estimate, time.perf_counter() - start)
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--load", type=int, default=0, metavar="N", help="busy background processes")
    parser.add_argument("--share", type=float, default=1.0, help="of the trials in this process; 1")
    parser.add_argument("--processes", type=int, default=100, metavar="N", help="fresh processes a row; 100")
    args = parser.parse_args()
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    kind = "busy" if args.load else "idle"
    with busy_processes(args.load):
        if args.share > 0:
            rows = (study.row(args.load > 0, args.share) for study in studies())
            _write(f"error-rates-{kind}", f"--load {args.load} --share {args.share:g}", rows)
        if args.processes > 0:
            promise = "≤ 2 of 100" if args.load else "≤ 1 of 100"
            _write(
                f"processes-{kind}",
                f"--load {args.load} --processes {args.processes}",
                chain(map(code_layout, [args.processes]), fresh_processes(args.processes, promise)),
            )


def _write(block: str, options: str, rows: Iterable[list[str]]) -> None:
    """Make the rows and put them into the page, with what the machine was doing meanwhile."""
    start = time.monotonic()
    made = []
    for row in rows:
        print(" | ".join(row), flush=True)
        made.append(row)
    minutes = (time.monotonic() - start) / 60
    load = f"load average {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores at the end"
    header = [
        "trial",
        "to reach",
        "counted, exact 95 % limit",
        "median time",
        "99 % of times",
        "median pairs",
    ]
    replace_block(PAGE, block, f"`{options}`: {minutes:.0f} minutes, {load}.\n\n{markdown(header, made)}")


if __name__ == "__main__":
    main()
