"""`python -m benchmarks.readme`: what `make compare` and `make selftest` came to, into the README.

All rows are docs/benchmarks.md's; here are the lines of its table, and what a run prints of one component.
"""

from __future__ import annotations

from pytest_fastllm.report.terminal import section

from .environments import environment_lines
from .last_run import load_run
from .page.render import results_table
from .pages import ROOT, replace_block

_SHOWN = "connection_pool"


def main() -> None:
    results = load_run()
    lines = [*environment_lines(results), "", results_table(results.rows).strip()]
    replace_block("README.md", "compare", "\n".join(lines))
    shown = [row for row in results.rows if row.component == _SHOWN]
    replace_block("README.md", "printed", "\n".join(["```text", *section(shown), "```"]))
    selftest = ROOT / "fastllm-selftest.txt"
    if selftest.exists():
        replace_block(
            "README.md", "selftest", f"```text\n{selftest.read_text(encoding='utf-8').strip()}\n```"
        )


if __name__ == "__main__":
    main()
