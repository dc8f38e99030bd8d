"""A profile of one side, for whoever has to find out why it moved. Never taken while anything is timed."""

from __future__ import annotations

import cProfile
import re
from typing import TYPE_CHECKING, Any

from ..timing.sides import Sides

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from ..model import Side
    from ..timing.steps import CallOnce, TimeCalls
    from .measure import Comparison

SAMPLES = 20


def profile(
    comparison: Comparison, side: Side, calls: int, path: Path
) -> Generator[CallOnce | TimeCalls, Any, None]:
    """Run a number of samples of one side under the profiler.

    Args:
        comparison: whose switch is entered.
        side: which to run.
        calls: in one sample.
        path: where to keep the profile, in the format of ``pstats``.
    """
    sides = Sides(comparison.workload, comparison.switch, None, comparison.seed)
    sides.draws_random = comparison.draws_random
    profiler = cProfile.Profile()
    for number in range(SAMPLES):
        profiler.enable()
        try:
            yield from sides.sample(side, calls, number, "profile")
        finally:
            profiler.disable()
    path.parent.mkdir(parents=True, exist_ok=True)
    profiler.dump_stats(path)


def profile_path(folder: Path, key: str, side: Side) -> Path:
    """A file name for one side of one row."""
    return folder / f"{re.sub(r'[^A-Za-z0-9._-]+', '-', key).strip('-')}-{side.value}.prof"
