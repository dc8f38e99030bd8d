"""`python -m benchmarks.litellm_matrix [VERSION ...]`: the seams of the components on many LiteLLM versions.

For each version a virtual environment under `target/litellm-matrix` (kept and used again) gets that litellm with its
proxy and this project's wheel, runs the components' equivalence tests and a short comparison of the token counter. A
component that does not know the version's code has to step aside; its tests are then run once more as if it did, to
tell whether the version could be added. Writes docs/litellm-matrix.md. Without versions: what pip resolves as the
newest one, every known version, an older one that is not known, and the project's pinned one with one function changed.
"""

from __future__ import annotations

import argparse

from .examine import examine, lay_out
from .installing import BUILD, build_wheel
from .outcome import passed
from .page import PAGE, row, write
from .versions import PATCHED, default_versions, numbers, resolve_newest


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.litellm_matrix", description=__doc__)
    parser.add_argument("versions", nargs="*", metavar="VERSION", help=f"as on the page, or {PATCHED!r}")
    parser.add_argument(
        "--tests-only", action="store_true", help="no comparison: the page's timings stay empty"
    )
    parser.add_argument("--no-page", action="store_true", help=f"print, and leave {PAGE} as it is")
    options = parser.parse_args()
    BUILD.mkdir(parents=True, exist_ok=True)
    newest, latest = resolve_newest(), resolve_newest("--no-deps")
    wheel = build_wheel()
    lay_out()
    outcomes = []
    for version in options.versions or default_versions(latest, newest):
        outcome = examine(version, wheel, timed=not options.tests_only)
        failed = [name for seam in outcome.seams for name in seam.failed[:5]]
        print(" | ".join(row(outcome)), *failed, sep="\n  ", flush=True)
        outcomes.append(outcome)
        # After each, so that a run that is broken off leaves what it has found out.
        if not options.no_page:
            write(sorted(outcomes, key=lambda one: numbers(one.version), reverse=True), newest, latest)
    for outcome in outcomes:
        for seam in outcome.seams:
            if not seam.known and outcome.version != PATCHED and passed(seam.as_if_known):
                print(f"passes, so read how it differs; the line for KNOWN of {seam.component}: {seam.line}")


if __name__ == "__main__":
    main()
