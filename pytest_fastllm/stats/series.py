"""One row's pairs, in the order in which they were taken."""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING

from ..errors import WorkloadError

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class PairSeries:
    """Pairs of samples: seconds per call of each side, when each pair started, and which side went first."""

    reference_s: Sequence[float]
    accelerated_s: Sequence[float]
    started_s: Sequence[float]
    reference_first: Sequence[bool]

    def __post_init__(self) -> None:
        """Refuse columns of unequal length: they cannot be pairs."""
        lengths = {
            len(column)
            for column in (self.reference_s, self.accelerated_s, self.started_s, self.reference_first)
        }
        if len(lengths) != 1:
            raise ValueError(f"a pair series needs columns of one length, got lengths {sorted(lengths)}")

    def __len__(self) -> int:
        """Count the pairs."""
        return len(self.reference_s)

    def log_ratios(self) -> list[float]:
        """Return ln(reference / accelerated) of each pair."""
        try:
            return [log(r / a) for r, a in zip(self.reference_s, self.accelerated_s, strict=True)]
        except (ValueError, ZeroDivisionError):
            raise WorkloadError(
                "a sample took no time at all by the clock, so no ratio can be formed: "
                "time more calls per sample"
            ) from None
