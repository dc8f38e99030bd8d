"""`python -m benchmarks.page [RESULTS.json]`: write docs/benchmarks.md."""

from __future__ import annotations

import sys
from pathlib import Path

from pytest_fastllm.results import load_results

from ..pages import ROOT
from .render import render


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "fastllm-results.json"
    if not path.exists():
        raise SystemExit(f"{path}: no such file; run `make compare` first")
    (ROOT / "docs" / "benchmarks.md").write_text(render(load_results(path)), encoding="utf-8")


if __name__ == "__main__":
    main()
