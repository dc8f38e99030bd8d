"""`python -m benchmarks.peers.install`: install each package of the group `peers` that can be installed here.

One by one: what has no wheel for this Python or platform is shown as such on the page and stops nothing else.
"""

from __future__ import annotations

import json
import subprocess
import sys

from ..pages import ROOT

REPORT = ROOT / "target" / "peers" / "install.json"


def group() -> list[str]:
    """The requirements of the dependency group `peers`."""
    try:
        import tomllib
    except ImportError:  # Python 3.10
        from pip._vendor import tomli as tomllib
    requirements = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"][
        "peers"
    ]
    return [str(requirement) for requirement in requirements]


def main() -> None:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    failed = {}
    for requirement in group():
        command = [*pip, "--only-binary", ":all:", "-c", str(ROOT / "constraints.txt"), requirement]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            reasons = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
            failed[requirement.partition("==")[0]] = reasons[-1] if reasons else "pip failed"
            print(f"{requirement}: {failed[requirement.partition('==')[0]]}", file=sys.stderr)
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps(failed, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
