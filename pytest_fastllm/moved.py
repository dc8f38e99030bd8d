"""For a row out of its bounds: which side's own time changed against the baseline, and which versions did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .model import Side
from .stats.moved import which_side_moved

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .baselines import Baseline
    from .model import Row
    from .stats.moved import Moved


def moved(row: Row, baseline: Baseline | None) -> Moved | None:
    """Which side of a row moved against its baseline, both put on one scale by the calibration kernels.

    Returns:
        None where the baseline does not hold the sides' own values.
    """
    if baseline is None or baseline.reference is None or baseline.accelerated is None:
        return None
    if row.reference is None or row.accelerated is None:
        return None
    return which_side_moved(
        {Side.REFERENCE: row.reference.value, Side.ACCELERATED: row.accelerated.value},
        {Side.REFERENCE: baseline.reference.value, Side.ACCELERATED: baseline.accelerated.value},
        row.calibration,
        baseline.calibration,
    )


def describe_change(row: Row, baseline: Baseline | None, versions: Mapping[str, str]) -> str:
    """One line on what changed since the baseline.

    Args:
        row: out of its bounds.
        baseline: the record that its bound comes from.
        versions: of the packages that were measured now.
    """
    found = moved(row, baseline)
    text = (
        found.text()
        if found is not None
        else "cannot tell which side moved: no earlier times are stored here"
    )
    stored = baseline.versions if baseline is not None else {}
    changed = [
        f"{package} {stored[package]} → {versions[package]}"
        for package in sorted(stored.keys() & versions.keys())
        if stored[package] != versions[package]
    ]
    if not stored:
        return text
    return f"{text}; versions changed: {', '.join(changed) if changed else 'none'}"
