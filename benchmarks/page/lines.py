"""The lines of the page: which rows of a results file each is made of, and what was claimed of it elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_fastllm.model import Row

_LARGE = r"large-|length\[.*-\d{5,}\]"  # texts of 10,000 characters and more
_MANY_KEYS = "high-cardinality"


@dataclass(frozen=True)
class Line:
    """One line of the page's table.

    Args:
        title: its name on the published page.
        component: whose rows it is made of.
        workloads: regular expression that the start of their workloads' names matches.
        best_for: what it matters to.
        claimed: the published page's own speedup and memory; None where it has no such line.
        has_own_memory: whether its workloads tell of memory themselves; else the component's rows of memory do.
    """

    title: str
    component: str
    workloads: str
    best_for: str
    claimed: tuple[str, str] | None = None
    has_own_memory: bool = False

    def holds(self, row: Row) -> bool:
        """Whether a row belongs here. A workload called "memory" tells of its whole component's default state."""
        if row.component != self.component:
            return False
        if row.workload.startswith("memory"):
            return not self.has_own_memory
        return re.match(self.workloads, row.workload) is not None


LINES = (
    Line(
        "Connection Pool", "connection_pool", "(?!concurrent)", "HTTP connection management", ("3.2×", "same")
    ),
    Line(
        "Rate Limiting", "rate_limiter", f"(?!{_MANY_KEYS})", "throttling, quota management", ("1.6×", "same")
    ),
    Line("Large Text Tokenization", "token_counter", _LARGE, "long documents", ("1.5–1.7×", "same")),
    Line(
        "High-Cardinality Rate Limits",
        "rate_limiter",
        _MANY_KEYS,
        "many unique API keys or users",
        ("1.2×", "42× less"),
        has_own_memory=True,
    ),
    Line(
        "Concurrent Connection Pool",
        "connection_pool",
        "concurrent",
        "multi-threaded workloads",
        ("1.2×", "same"),
    ),
    Line("Small Text Tokenization", "token_counter", f"(?!{_LARGE})", "short messages", ("0.5×", "same")),
    Line("Routing", "router", "", "model selection", ("0.4×", "same")),
    Line("End to end", "end_to_end", "", "what a user gains in all"),
)
