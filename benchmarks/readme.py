"""`python -m benchmarks.readme`: what `make compare` and `make selftest` came to, into the README."""

from __future__ import annotations

from pytest_fastllm.report.terminal import section
from pytest_fastllm.results import load_results

from .pages import ROOT, replace_block


def main() -> None:
    results = load_results(ROOT / "fastllm-results.json")
    lines = [
        f"{environment.python} on {environment.cpu}, "
        + ", ".join(f"{name} {version}" for name, version in environment.packages.items() if name != "python")
        for environment in results.environments.values()
    ]
    replace_block("README.md", "compare", "\n".join(["```text", *lines, "", *section(results.rows), "```"]))
    selftest = ROOT / "fastllm-selftest.txt"
    if selftest.exists():
        replace_block(
            "README.md", "selftest", f"```text\n{selftest.read_text(encoding='utf-8').strip()}\n```"
        )


if __name__ == "__main__":
    main()
