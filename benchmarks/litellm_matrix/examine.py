"""What is run on a version."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from ..pages import ROOT
from .environment import environment
from .installing import BUILD, InstallError
from .outcome import COMPONENTS, Outcome, Seam
from .versions import PATCHED, pinned

if TYPE_CHECKING:
    from pathlib import Path

TREE = BUILD / "tree"
TESTS = "tests/equivalence"
EXAMPLES = {
    "FASTLLM_EXAMPLES": "4000",
    "FASTLLM_ROUTER_SEQUENCES": "30",
    "FASTLLM_LIMITER_SEQUENCES": "100",
}
"""Generated texts and messages, and sequences of requests, on each version; `make test` has more for its one."""
ITERATIONS = 50
WORKLOADS = "small_text or small_message"
_TIMEOUT_S = 1200
_SEAMS = f"""
from importlib import import_module
from pytest_fastllm.components.installed import package_path, version

COMPONENTS = {COMPONENTS!r}
known = {{name: import_module(f"pytest_fastllm.components._{{name}}.fingerprint").LITELLM for name in COMPONENTS}}
here = {{name: litellm.fingerprint(package_path("litellm")) for name, litellm in known.items()}}
"""
# Run as if the installed version were known: the question is whether it could be.
_CANDIDATE = f"""{_SEAMS}
for name, litellm in known.items():
    litellm.releases[version("litellm")] = here[name]
"""
_STATE = f"""{_SEAMS}
import json

seams = [
    {{
        "component": name,
        "known": here[name] in litellm.releases.values(),
        "line": f"{{version('litellm')}} {{here[name]}}",
        "reason": import_module(f"pytest_fastllm.components.{{name}}").available(),
    }}
    for name, litellm in known.items()
]
print(json.dumps({{"tiktoken": version("tiktoken"), "seams": seams}}))
"""


def lay_out() -> None:
    """Copy the tests and what they read to a place where the package itself can only be the installed one."""
    shutil.rmtree(TREE, ignore_errors=True)
    for component in COMPONENTS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / TESTS / component, TREE / TESTS / component, ignore=ignored)
    shutil.copytree(ROOT / "accel", TREE / "accel", ignore=shutil.ignore_patterns("target"))
    (TREE / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (TREE / "plugins").mkdir()
    (TREE / "plugins" / "fastllm_candidate.py").write_text(_CANDIDATE, encoding="utf-8")


def examine(version: str, wheel: Path, timed: bool) -> Outcome:
    """Install, test and, if `timed`, measure one version."""
    label = f"{pinned()}, a function of its token counter changed" if version == PATCHED else version
    outcome = Outcome(version, label)
    try:
        folder, outcome.odd = environment(version, wheel)
    except InstallError as error:
        outcome.failure = f"pip cannot install it here: {error}"
        return outcome
    told = run(folder, "python", "-c", _STATE)
    if told.returncode:
        sys.exit(f"{version}: the components do not say what they are\n{told.stderr[-3000:]}")
    state = json.loads(told.stdout.splitlines()[-1])
    outcome.tiktoken = state["tiktoken"]
    outcome.seams = [Seam(**seam) for seam in state["seams"]]
    for seam in outcome.seams:
        if seam.reason is None:
            seam.tests, seam.failed = tests(folder, seam.component, candidate=False)
        elif version != PATCHED:
            seam.as_if_known, seam.failed = tests(folder, seam.component, candidate=True)
    if timed:
        outcome.rows = compare(folder)
    return outcome


def run(folder: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program of an environment, away from the sources: only what is installed can be imported."""
    command = [str(folder / "bin" / program), *arguments]
    variables = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        **EXAMPLES,
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "PYTHONPATH": str(TREE / "plugins"),
    }
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=TREE, env=variables, timeout=_TIMEOUT_S
    )


def tests(folder: Path, component: str, candidate: bool) -> tuple[str, list[str]]:
    """The equivalence tests of a component: their tally, and which ones failed."""
    options = ["-c", "pytest.ini", "-q", "-p", "no:cacheprovider", "--tb=no", "-rfE"]
    if candidate:
        options += ["-p", "fastllm_candidate"]
    try:
        done = run(folder, "pytest", *options, f"{TESTS}/{component}")
    except subprocess.TimeoutExpired:
        # As if it were known it may do anything.
        return f"not done after {_TIMEOUT_S} s", []
    # Without parameters: one broken function should not fill the page.
    failed = list(dict.fromkeys(re.findall(r"^(?:FAILED|ERROR) ([^\s\[]+)", done.stdout, re.MULTILINE)))
    return tally(done.stdout.strip() or done.stderr.strip()), failed


def tally(told: str) -> str:
    """The counts in pytest's last line, or the error that kept it from starting; without its traceback's paths."""
    last = told.splitlines()[-1] if told else "nothing was told"
    found = re.findall(r"(\d+) (passed|failed|skipped|errors?)\b", last)
    return ", ".join(f"{count} {word}" for count, word in found) or f"did not start: {_without_paths(last)}"


def _without_paths(error: str) -> str:
    """A line of pytest's about an error, without the places of this machine."""
    return re.sub(r" \(/[^)]*\)", "", error.removeprefix("E")).strip()


def compare(folder: Path) -> list[dict[str, Any]]:
    """A short comparison of the token counter; its rows."""
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
