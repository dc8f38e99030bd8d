"""`python -m benchmarks.litellm_matrix [VERSION ...]`: the token counter's seam on many LiteLLM versions.

For each version a virtual environment under `target/litellm-matrix` (kept and used again) gets that litellm and this
project's wheel, runs the token counter's equivalence tests and a short comparison. A version whose fingerprint is not
known has to step aside; its tests are then run once more as if it were known, to tell whether it could be added.
Writes docs/litellm-matrix.md. Without versions: what pip resolves as the newest one, every known version, an older one
that is not known, and the project's pinned one with one function changed.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from pytest_fastllm.components._token_counter.fingerprint import known_versions
from pytest_fastllm.environment import describe
from pytest_fastllm.quantities import significant

from .pages import ROOT, replace_block

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PAGE = "docs/litellm-matrix.md"
BUILD = ROOT / "target" / "litellm-matrix"
TREE = BUILD / "tree"
OLDER = "1.98.1"
EXAMPLES = 4000
"""Generated texts and messages of the differential tests on each version; `make test` has 100,000 for its one."""
ITERATIONS = 50
WORKLOADS = "small_text or small_message"
PATCHED = "patched"
TESTS = "tests/equivalence/token_counter"
_TOOLS = ("pytest", "pytest-benchmark", "tabulate", "hypothesis")
_TIMEOUT_S = 1200
# Run as if the installed version were known: the question is whether it could be.
_CANDIDATE = """
from pytest_fastllm.components._token_counter import fingerprint
from pytest_fastllm.components.installed import package_path, version

fingerprint.KNOWN += f"\\n{version('litellm')} {fingerprint.fingerprint(package_path('litellm'))}"
"""
_STATE = """
import json
from pytest_fastllm.components import token_counter
from pytest_fastllm.components._token_counter.fingerprint import fingerprint, known_versions
from pytest_fastllm.components.installed import package_path, version

here = fingerprint(package_path("litellm"))
print(json.dumps({
    "known": here in known_versions().values(),
    "line": f"{version('litellm')} {here}",
    "tiktoken": version("tiktoken"),
    "reason": token_counter.available(),
}))
"""


class InstallError(Exception):
    """Pip could not do it; its message says why."""

    def __str__(self) -> str:
        errors = [line for line in str(self.args[0]).splitlines() if line.startswith("ERROR")] or [
            "pip failed"
        ]
        errors = [line for line in errors if "Ignored the following" not in line] or errors
        # pip lists every version that there is in between.
        return re.sub(r" \(from versions: .*?\)", "", errors[0].removeprefix("ERROR: "))


@dataclass
class Outcome:
    """What one version came to."""

    version: str
    label: str
    failure: str | None = None
    odd: str = ""
    known: bool = False
    line: str = ""
    tiktoken: str = ""
    reason: str | None = None
    tests: str = "–"
    as_if_known: str = "–"
    failed: list[str] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.litellm_matrix", description=__doc__)
    parser.add_argument("versions", nargs="*", metavar="VERSION", help=f"as on the page, or {PATCHED!r}")
    parser.add_argument("--no-page", action="store_true", help="print, and leave the page as it is")
    options = parser.parse_args()
    BUILD.mkdir(parents=True, exist_ok=True)
    newest, latest = resolve_newest(), resolve_newest("--no-deps")
    wheel = build_wheel()
    lay_out()
    outcomes = []
    for version in options.versions or default_versions(latest, newest):
        outcome = examine(version, wheel)
        print(" | ".join(summary(outcome)), *outcome.failed[:5], sep="\n  ", flush=True)
        outcomes.append(outcome)
    if not options.no_page:
        write(outcomes, newest, latest)
    for outcome in outcomes:
        if not outcome.known and outcome.version != PATCHED and passed(outcome.as_if_known):
            print(f"could be added to KNOWN: {outcome.line}")


# --- versions -------------------------------------------------------------------------------------------------------


def default_versions(*newest: str) -> list[str]:
    """The newest releases, the known ones from new to old, one that is too old, and a patched one."""
    known = sorted(known_versions(), key=numbers, reverse=True)
    return list(dict.fromkeys([*newest, *known, OLDER, PATCHED]))


def numbers(version: str) -> tuple[int, ...]:
    """A version in a form that sorts."""
    return tuple(int(part) for part in re.findall(r"\d+", version))


def pinned() -> str:
    """The litellm that this project's own commands install."""
    found = re.search(
        r"^litellm==(\S+)", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert found is not None
    return found[1]


def resolve_newest(*options: str) -> str:
    """The litellm that `pip install litellm` chooses here and now; with `--no-deps`, the newest that there is."""
    report = BUILD / "newest.json"
    pip("install", "--dry-run", "--ignore-installed", "--report", str(report), *options, "litellm")
    chosen = json.loads(report.read_text(encoding="utf-8"))["install"]
    return next(str(one["metadata"]["version"]) for one in chosen if one["metadata"]["name"] == "litellm")


# --- environments ---------------------------------------------------------------------------------------------------


def pip(*arguments: str, python: str = sys.executable) -> None:
    """Run pip; its last lines are the error."""
    command = [python, "-m", "pip", arguments[0], "--quiet", "--disable-pip-version-check", *arguments[1:]]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise InstallError(done.stderr)


def build_wheel() -> Path:
    """This project as a wheel, from the sources as they are."""
    folder = BUILD / "wheel"
    shutil.rmtree(folder, ignore_errors=True)
    pip("wheel", "--no-build-isolation", "--no-deps", "--wheel-dir", str(folder), str(ROOT))
    return next(folder.glob("*.whl"))


def environment(version: str, wheel: Path) -> tuple[Path, str]:
    """The folder of a version's environment, made or used again, with this wheel in it; and what is odd about it."""
    folder = BUILD / version
    python = str(folder / "bin" / "python")
    stamp, odd = folder / ".packages", folder / ".odd"
    tools = tool_requirements()
    wanted = "\n".join([version, *tools])
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        litellm = pinned() if version == PATCHED else version
        try:
            pip("install", f"litellm=={litellm}", *tools, python=python)
        except InstallError as error:
            # What it needs is not to be had here: its own code, which is what counts, on what the pinned one needs.
            pip("install", f"litellm=={pinned()}", *tools, python=python)
            pip("install", "--no-deps", f"litellm=={litellm}", python=python)
            odd.write_text(str(error), encoding="utf-8")
        if version == PATCHED:
            patch(folder)
        stamp.write_text(wanted, encoding="utf-8")
    # The wheel's version does not tell what is in it.
    pip("install", "--no-deps", "--force-reinstall", str(wheel), python=python)
    return folder, odd.read_text(encoding="utf-8") if odd.is_file() else ""


def tool_requirements() -> list[str]:
    """The test tools as this project pins them; LiteLLM's own needs are whatever pip chooses for that version."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.partition("==")[0] in _TOOLS]


def patch(folder: Path) -> None:
    """Change one function that the seam reproduces, as a fork or a vendor's patch might."""
    path = next(folder.glob("lib/python*/site-packages/litellm/litellm_core_utils/token_counter.py"))
    source = path.read_text(encoding="utf-8")
    changed, count = re.subn(
        r"(\n    num_tokens) = 3\b|(\n    num_tokens) = 0\b", r"\1\2 = 1", source, count=1
    )
    if not count:
        sys.exit(f"nothing to patch in {path.relative_to(BUILD)}: litellm's code has changed")
    path.write_text(changed, encoding="utf-8")


# --- what is run ----------------------------------------------------------------------------------------------------


def examine(version: str, wheel: Path) -> Outcome:
    """Install, test and measure one version."""
    outcome = Outcome(version, f"{pinned()}, one function changed" if version == PATCHED else version)
    try:
        folder, outcome.odd = environment(version, wheel)
    except InstallError as error:
        outcome.failure = f"pip cannot install it here: {error}"
        return outcome
    state = json.loads(run(folder, "python", "-c", _STATE).stdout.splitlines()[-1])
    outcome.known, outcome.line = state["known"], state["line"]
    outcome.tiktoken, outcome.reason = state["tiktoken"], state["reason"]
    if outcome.reason is None:
        outcome.tests, outcome.failed = tests(folder, candidate=False)
    elif version != PATCHED:
        outcome.as_if_known, outcome.failed = tests(folder, candidate=True)
    outcome.rows = compare(folder)
    return outcome


def lay_out() -> None:
    """Copy the tests and what they read to a place where the package itself can only be the installed one."""
    shutil.rmtree(TREE, ignore_errors=True)
    shutil.copytree(ROOT / TESTS, TREE / TESTS, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "accel", TREE / "accel", ignore=shutil.ignore_patterns("target"))
    (TREE / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (TREE / "plugins").mkdir()
    (TREE / "plugins" / "fastllm_candidate.py").write_text(_CANDIDATE, encoding="utf-8")


def run(folder: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program of an environment, away from the sources: only what is installed can be imported."""
    command = [str(folder / "bin" / program), *arguments]
    variables = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "FASTLLM_EXAMPLES": str(EXAMPLES),
        "PYTHONPATH": str(TREE / "plugins"),
    }
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=TREE, env=variables, timeout=_TIMEOUT_S
    )


def tests(folder: Path, candidate: bool) -> tuple[str, list[str]]:
    """The token counter's equivalence tests: their tally, and which ones failed."""
    options = ["-c", "pytest.ini", "-q", "-p", "no:cacheprovider", "--tb=no", "-rfE"]
    done = run(folder, "pytest", *options, *(["-p", "fastllm_candidate"] if candidate else []), TESTS)
    # Without parameters: one broken function should not fill the page.
    failed = list(dict.fromkeys(re.findall(r"^(?:FAILED|ERROR) ([^\s\[]+)", done.stdout, re.MULTILINE)))
    last = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else done.stderr[-200:]
    return tally(last), failed


def tally(line: str) -> str:
    """The counts in pytest's last line."""
    found = re.findall(r"(\d+) (passed|failed|skipped|errors?)\b", line)
    return ", ".join(f"{count} {word}" for count, word in found) or line.strip()


def passed(line: str) -> bool:
    """Whether a tally is of tests that ran and did not fail."""
    return "passed" in line and "failed" not in line and "error" not in line


def compare(folder: Path) -> list[dict[str, Any]]:
    """A short comparison; its rows."""
    results = folder / "results.json"
    results.unlink(missing_ok=True)
    options = ["--fastllm-compare", "--fastllm-iterations", str(ITERATIONS), "--fastllm-json", str(results)]
    done = run(
        folder, "pytest", "-c", "pytest.ini", "-p", "no:cacheprovider", *options, "-k", WORKLOADS,
        "--pyargs", "pytest_fastllm.suite.test_token_counter",
    )  # fmt: skip
    if not results.is_file():
        sys.exit(f"{folder.name}: nothing was compared\n{done.stdout[-3000:]}{done.stderr[-1000:]}")
    return list(json.loads(results.read_text(encoding="utf-8"))["rows"])


# --- the page -------------------------------------------------------------------------------------------------------


def summary(outcome: Outcome) -> list[str]:
    """A row of the table."""
    if outcome.failure is not None:
        return [outcome.label, "–", "–", "not installed", "–", "–", "–"]
    return [
        outcome.label + (" †" if outcome.odd else ""),
        outcome.tiktoken,
        "yes" if outcome.known else "**no**",
        "native" if outcome.reason is None else "steps aside",
        outcome.tests,
        *(speedup(outcome.rows, workload) for workload in ("small-text", "small-message")),
    ]


def speedup(rows: Sequence[dict[str, Any]], workload: str) -> str:
    """The speedups of a workload, for its models in turn."""
    found = [row for row in rows if row["workload"].startswith(workload) and row["metric"] == "speedup"]
    return ", ".join(
        f"{significant(row['estimate'])}× [{significant(row['low'])}, {significant(row['high'])}]"
        if row["estimate"] is not None
        else row["verdict"]
        for row in found
    )


def write(outcomes: Sequence[Outcome], newest: str, latest: str) -> None:
    """The page's blocks."""
    models = "gpt-4, gpt-4o"
    header = ["litellm", "tiktoken", "known", "token_counter", "equality tests"]
    header += [f"small-text ({models})", f"small-message ({models})"]
    lines = [header, ["---"] * len(header), *map(summary, outcomes)]
    here = describe()
    date = datetime.now(timezone.utc).strftime("%Y-%m-%d")
    told = f"{here.python} on {here.cpu}, {date}. "
    told += f"The newest litellm that day was {latest} and `pip install litellm` chose {newest}; "
    told += f"this project pins {pinned()}."
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    oddities = [f"{outcome.label}: {outcome.odd}" for outcome in outcomes if outcome.odd]
    if oddities:
        table += f"\n\n† pip could not install what it needs here, so it ran on what {pinned()} needs:\n\n"
        table += "\n".join(f"- {line}" for line in oddities)
    replace_block(PAGE, "matrix", f"{told}\n\n{table}")
    aside = []
    for outcome in outcomes:
        failing = "".join(f"\n  - `{name}` fails" for name in outcome.failed[:5])
        if outcome.failure is not None:
            aside.append(f"- **{outcome.label}**: {outcome.failure}")
        elif outcome.reason is not None:
            aside.append(f"- **{outcome.label}**: {outcome.reason}")
            if outcome.as_if_known != "–":
                aside.append(f"  - as if it were known: {outcome.as_if_known}{failing}")
        elif failing:
            aside.append(f"- **{outcome.label}**: does not step aside{failing}")
    replace_block(PAGE, "aside", "\n".join(aside) or "None.")


if __name__ == "__main__":
    main()
