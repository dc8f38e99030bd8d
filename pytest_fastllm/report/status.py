"""Status words of the verdicts, as the progress line shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..model import Metric, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

    from ..model import Row

_LETTERS = {Verdict.BELOW: "B", Verdict.ABOVE: "A", Verdict.MISMATCH: "M", Verdict.ERROR: "E"}

_WORST_FIRST = (
    Verdict.ERROR,
    Verdict.MISMATCH,
    Verdict.BELOW,
    Verdict.ABOVE,
    Verdict.INCONCLUSIVE,
    Verdict.UNAVAILABLE,
    Verdict.UNJUDGED,
    Verdict.WITHIN,
)


def status(verdict_word: str, outcome: str) -> tuple[str, str, Any] | None:
    """Category, letter and word of a report with a verdict; None leaves them to pytest.

    Failed items stay in pytest's category ``failed`` (its summary and its plugins look there) and have their
    own letter and word. What passed without being decided gets a category of its own, so that it is counted.
    """
    verdict = Verdict(verdict_word)
    if outcome == "failed":
        return "failed", _LETTERS.get(verdict, "F"), verdict.value.upper()
    if outcome == "passed" and verdict in (Verdict.INCONCLUSIVE, Verdict.UNJUDGED):
        return verdict.value, "~", (verdict.value.upper(), {"yellow": True})
    if outcome == "passed" and verdict is Verdict.WITHIN:
        return "passed", ".", "WITHIN"
    return None


def annotate(report: pytest.TestReport, rows: Sequence[Row]) -> None:
    """Put the rows' verdicts on the report of the call: the worst one gives it its word."""
    if not rows:
        return
    worst = min(rows, key=lambda row: _WORST_FIRST.index(row.verdict))
    report.fastllm_verdict = worst.verdict.value  # type: ignore[attr-defined]  # reports take attributes
    add_properties(report, rows)


def add_properties(report: pytest.TestReport, rows: Sequence[Row]) -> None:
    """Put verdicts and ratios on a report. JUnit XML takes them from the one of the teardown."""
    for row in rows:
        name = "speedup" if row.metric is Metric.SPEEDUP else "memory_ratio"
        report.user_properties.append((f"fastllm_{name}_verdict", row.verdict.value))
        if row.interval is not None:
            report.user_properties.append((f"fastllm_{name}", row.interval.estimate))
