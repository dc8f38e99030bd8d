"""`python -m benchmarks.readme`: what `make compare` and `make selftest` came to, into the README."""

from __future__ import annotations

from pytest_fastllm.report.terminal import section
from pytest_fastllm.results import load_results

from .environments import environment_lines
from .pages import ROOT, replace_block


def main() -> None:
    results = load_results(ROOT / "fastllm-results.json")
    lines = environment_lines(results)
    replace_block("README.md", "compare", "\n".join(["```text", *lines, "", *section(results.rows), "```"]))
    selftest = ROOT / "fastllm-selftest.txt"
    if selftest.exists():
        replace_block(
            "README.md", "selftest", f"```text\n{selftest.read_text(encoding='utf-8').strip()}\n```"
        )


if __name__ == "__main__":
    main()
