"""What the matrix finds out about a version."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

COMPONENTS = ("token_counter", "router", "rate_limiter")
"""Those that reproduce LiteLLM's own code; the connection pool reproduces httpcore's."""


@dataclass
class Seam:
    """What became of one component on it."""

    component: str
    known: bool
    line: str
    reason: str | None
    tests: str = "–"
    as_if_known: str = "–"
    failed: list[str] = field(default_factory=list)


@dataclass
class Outcome:
    """What one version came to."""

    version: str
    label: str
    failure: str | None = None
    odd: str = ""
    tiktoken: str = ""
    seams: list[Seam] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)


def passed(tally: str) -> bool:
    """Whether a tally is of tests that ran and did not fail."""
    return "passed" in tally and "failed" not in tally and "error" not in tally
