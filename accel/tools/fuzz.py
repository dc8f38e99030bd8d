"""Build the fuzz targets of `accel/fuzz` and run each for a minute, as many at a time as there are processors.

Coverage guides them (libFuzzer), and AddressSanitizer watches them. Everything they write is under `target/fuzz`:
the inputs that reached something new, the logs, and an input that fails.

    python accel/tools/fuzz.py [--seconds 60] [TARGET ...]
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from instrumented import ADDRESS_SANITIZER, ROOT, cargo, without_leak_check

if TYPE_CHECKING:
    from pathlib import Path

SOURCES = ROOT / "accel/fuzz/src/bin"
SEEDS = ROOT / "accel/fuzz/seeds"
OUTPUT = ROOT / "target/fuzz"

# What `cargo fuzz` passes as well.
FLAGS = (
    "--cfg fuzzing",
    "-Dwarnings",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-simplifycfg-branch-fold-threshold=0",
    ADDRESS_SANITIZER,
)
ALLOW_SANITIZER = {"RUSTC_BOOTSTRAP": "1"}
# The oracles are slow, some quadratic: many short inputs find more than few long ones.
MAX_INPUT_BYTES = 1024
MAX_SECONDS_PER_INPUT = 60
MAX_RESIDENT_MB = 3000


@dataclass(frozen=True)
class Outcome:
    """How one target fared."""

    target: str
    status: int
    log: Path
    runs: int
    edges_reached: int
    edges: int
    inputs_kept: int

    @property
    def passed(self) -> bool:
        """Whether it ran, was guided, and found nothing."""
        return self.status == 0 and self.runs > 0 and self.edges_reached > 0

    def __str__(self) -> str:
        """One line of the summary."""
        verdict = "nothing found" if self.passed else f"FAILED (status {self.status})"
        return (
            f"{self.target:<10} {verdict}: {self.runs:,} runs, {self.edges_reached:,} of {self.edges:,} edges"
            f" reached, {self.inputs_kept:,} inputs kept"
        )


def fuzz(binary: Path, seconds: int) -> Outcome:
    """Run one target."""
    target = binary.name
    corpus = OUTPUT / "corpus" / target
    failures = OUTPUT / "failures" / target
    corpus.mkdir(parents=True, exist_ok=True)
    failures.mkdir(parents=True, exist_ok=True)
    log = OUTPUT / f"{target}.log"
    command = [str(binary), str(corpus)]
    if (SEEDS / target).is_dir():
        command.append(str(SEEDS / target))
    command += [
        f"-max_total_time={seconds}",
        f"-max_len={MAX_INPUT_BYTES}",
        f"-timeout={MAX_SECONDS_PER_INPUT}",
        f"-rss_limit_mb={MAX_RESIDENT_MB}",
        "-print_final_stats=1",
        f"-artifact_prefix={failures}/",
    ]
    with log.open("wb") as output:
        ran = subprocess.run(
            command,
            check=False,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **without_leak_check()},
        )
    said = log.read_text(errors="replace")

    def last(pattern: str) -> int:
        return int((re.findall(pattern, said) or ["0"])[-1])

    return Outcome(
        target=target,
        status=ran.returncode,
        log=log,
        runs=last(r"stat::number_of_executed_units: (\d+)"),
        edges_reached=last(r"\bcov: (\d+)"),
        edges=last(r"\((\d+) inline 8-bit counters\)"),
        inputs_kept=last(r"\bcorp: (\d+)"),
    )


def main() -> int:
    """Run the targets named on the command line, all of them without any; 1 if one failed."""
    known = sorted(source.stem for source in SOURCES.glob("*.rs"))
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seconds", type=int, default=60, help="for each target; 60")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(known)}; all")
    arguments = parser.parse_args()
    if unknown := sorted(set(arguments.targets) - set(known)):
        parser.error(f"no target {', '.join(unknown)}; there are {', '.join(known)}")

    package = ("--package", "pytest-fastllm-fuzz", "--bins")
    folder = cargo("build", *package, flags=FLAGS, target_dir=OUTPUT)
    binaries = [folder / target for target in arguments.targets or known]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        outcomes = list(pool.map(lambda binary: fuzz(binary, arguments.seconds), binaries))
    for outcome in outcomes:
        print(outcome)
    failed = [outcome for outcome in outcomes if not outcome.passed]
    for outcome in failed:
        tail = outcome.log.read_text(errors="replace").splitlines()[-60:]
        print(f"\n{outcome.log.relative_to(ROOT)} ends with", *tail, sep="\n")
        print(f"\nAgain: {(folder / outcome.target).relative_to(ROOT)} the input that it names")
        print(f"Once it is mended, keep that input in {SEEDS.relative_to(ROOT) / outcome.target}.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
