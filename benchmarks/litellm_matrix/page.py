"""The page's blocks."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from pytest_fastllm.environment import describe
from pytest_fastllm.quantities import significant

from ..pages import replace_block
from .outcome import COMPONENTS
from .versions import pinned

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .outcome import Outcome, Seam

PAGE = "docs/litellm-matrix.md"
_MODELS = "gpt-4, gpt-4o"
_TIMED = ("small-text", "small-message")


def write(outcomes: Sequence[Outcome], newest: str, latest: str) -> None:
    """Put the table and what steps aside into the page."""
    header = ["litellm", "tiktoken", *COMPONENTS, *(f"{workload} ({_MODELS})" for workload in _TIMED)]
    lines = [header, ["---"] * len(header), *map(row, outcomes)]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    here = describe()
    date = datetime.now(timezone.utc).strftime("%Y-%m-%d")
    told = f"{here.python} on {here.cpu}, {date}. "
    told += f"The newest litellm that day was {latest} and `pip install litellm` chose {newest}; "
    told += f"this project pins {pinned()}."
    oddities = [f"- {outcome.label}: {outcome.odd}" for outcome in outcomes if outcome.odd]
    if oddities:
        table += f"\n\n† pip could not install what it needs here, so it ran on what {pinned()} needs:\n\n"
        table += "\n".join(oddities)
    replace_block(PAGE, "matrix", f"{told}\n\n{table}")
    replace_block(PAGE, "aside", "\n".join(line for one in outcomes for line in asides(one)) or "None.")


def row(outcome: Outcome) -> list[str]:
    """A version's row of the table."""
    if outcome.failure is not None:
        return [outcome.label, "not installed", *("–" for _ in (*COMPONENTS, *_TIMED))]
    return [
        outcome.label + (" †" if outcome.odd else ""),
        outcome.tiktoken,
        *(f"native: {seam.tests}" if seam.reason is None else "steps aside" for seam in outcome.seams),
        *(speedup(outcome.rows, workload) for workload in _TIMED),
    ]


def speedup(rows: Sequence[dict[str, Any]], workload: str) -> str:
    """The speedups of a workload, for its models in turn."""
    found = [row for row in rows if row["workload"].startswith(workload) and row["metric"] == "speedup"]
    told = (
        f"{significant(row['estimate'])}× [{significant(row['low'])}, {significant(row['high'])}]"
        if row["estimate"] is not None
        else str(row["verdict"])
        for row in found
    )
    return ", ".join(told) or "–"


def asides(outcome: Outcome) -> Iterator[str]:
    """What of a version is not native, and what fails on it."""
    if outcome.failure is not None:
        yield f"- **{outcome.label}**: {outcome.failure}"
    for seam in outcome.seams:
        yield from aside(outcome.label, seam)


def aside(label: str, seam: Seam) -> Iterator[str]:
    """Why a component steps aside, or what fails though it does not."""
    if seam.reason is None and not seam.failed:
        return
    yield f"- **{label}**, `{seam.component}`: {seam.reason or 'does not step aside'}"
    if seam.as_if_known != "–":
        yield f"  - as if it were known: {seam.as_if_known}"
    yield from (f"  - `{name}` fails" for name in seam.failed[:5])
