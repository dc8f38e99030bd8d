"""`python -m benchmarks.page [RESULTS.json]`: write docs/benchmarks.md."""

from __future__ import annotations

import sys
from pathlib import Path

from ..last_run import LAST_RUN, load_run
from ..pages import ROOT
from .render import render


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else LAST_RUN
    (ROOT / "docs" / "benchmarks.md").write_text(render(load_run(path)), encoding="utf-8")


if __name__ == "__main__":
    main()
