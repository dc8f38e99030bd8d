"""From what was measured to a row of the results."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..judge import PROCESS_DEPENDENT
from ..model import Side, SideValue, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..comparison.measure import Measurement
    from ..memory.per_key import SideMemory
    from ..memory.ratio import MemoryRatio
    from ..model import AppliedBound, Row

CONFIRMATIONS = 2
FAILING = (Verdict.BELOW, Verdict.ABOVE)


def measured_row(
    row: Row,
    measured: Measurement,
    bound: AppliedBound | None,
    *,
    with_samples: bool,
    kernels: Mapping[str, float],
) -> Row:
    """``row`` with the figures of a speed comparison; a paused one keeps its verdict."""
    samples = None
    if with_samples:
        samples = {
            "reference_s": tuple(measured.series.reference_s),
            "accelerated_s": tuple(measured.series.accelerated_s),
        }
    return replace(
        row,
        verdict=measured.verdict or row.verdict,
        interval=measured.interval,
        corrected=measured.corrected,
        bound=bound,
        warnings=measured.warnings,
        reference=SideValue(measured.typical_s[Side.REFERENCE], "s"),
        accelerated=SideValue(measured.typical_s[Side.ACCELERATED], "s"),
        total_ratio=measured.total_ratio,
        pairs=len(measured.series),
        batch=measured.calls,
        looks=measured.looks,
        stopped=measured.stopped,
        native_calls=measured.native_calls,
        seconds=measured.seconds,
        calibration=kernels,
        noise=measured.figures,
        samples=samples,
    )


def memory_row(row: Row, reference: SideMemory, accelerated: SideMemory, ratio: MemoryRatio) -> Row:
    """``row`` with the figures of a memory comparison."""
    warnings = dict.fromkeys((*reference.warnings, *accelerated.warnings))
    return replace(
        row,
        interval=ratio.interval,
        warnings=tuple(warnings),
        reference=SideValue(ratio.reference_bytes, "B"),
        accelerated=SideValue(ratio.accelerated_bytes, "B"),
        pairs=len(reference.bytes_per_key),
        stopped=ratio.compared.value,
        noise={
            "keys": float(reference.keys),
            "reference_fixed_bytes": _middle(reference.fixed_bytes),
            "accelerated_fixed_bytes": _middle(accelerated.fixed_bytes),
        },
    )


def unconfirmed(row: Row) -> Row:
    """``row`` out of its bounds, which fresh interpreters did not confirm."""
    warnings = (*row.warnings, PROCESS_DEPENDENT)
    return replace(row, verdict=Verdict.INCONCLUSIVE, warnings=warnings, message=None)


def _middle(values: tuple[float, ...]) -> float:
    return sorted(values)[len(values) // 2]
