"""Status words of the verdicts, as the progress line shows them."""

from __future__ import annotations

from typing import Any

from ..model import Verdict

_LETTERS = {Verdict.BELOW: "B", Verdict.ABOVE: "A", Verdict.MISMATCH: "M", Verdict.ERROR: "E"}


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
