"""The section that a measuring run prints at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .advice import advice
from .sweep import sweeps
from .table import notes, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..model import Row


def section(rows: Sequence[Row], *, found_none: bool = False) -> list[str]:
    """The table, what is to be said about single rows, and the advice.

    Args:
        rows: of the whole run.
        found_none: whether pytest looked through all tests, and none was to be run.
    """
    if not rows:
        none = "no test uses `accelerated`, so there is nothing to compare"
        return [none if found_none else "nothing was compared"]
    lines = [*table(rows).splitlines(), ""]
    lines += notes(rows)
    lines += advice(rows)
    lines += sweeps(rows)
    return lines
