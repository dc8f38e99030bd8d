"""Which side moved when a ratio left its bounds.

A side's own time cannot be held against a stored one as it is: the machine may be slower today. Calibration
kernels tell by how much, but no kernel slows down exactly as a workload does; so the machine's change is
taken to lie anywhere between the kernels' changes, and the side's own change is an interval that allows for
all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log
from typing import TYPE_CHECKING

from ..model import Interval, Side
from .quantiles import normal_quantile

if TYPE_CHECKING:
    from collections.abc import Mapping

_LEAST_CHANGE = 0.02
"""Changes smaller than this are not worth a name."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Each side's time now / then, the machine's change taken out; ``sides`` empty: "cannot tell"."""

    reference: Interval | None
    accelerated: Interval | None
    sides: tuple[Side, ...]

    def text(self) -> str:
        """Say it in one line."""
        if not self.sides:
            return "cannot tell which side moved"
        parts = []
        for side in self.sides:
            change = self.reference if side is Side.REFERENCE else self.accelerated
            assert change is not None, "only a side with an interval can be named"
            word = "slower" if change.estimate > 1 else "faster"
            low, high = sorted(abs(end - 1) for end in (change.low, change.high))
            parts.append(f"{side.value} {low:.0%} to {high:.0%} {word}")
        return ", ".join(parts)


def which_side_moved(
    now: Mapping[Side, float],
    then: Mapping[Side, float],
    calibration_now: Mapping[str, float],
    calibration_then: Mapping[str, float],
    *,
    relative_sd: float = 0.02,
    alpha: float = 0.01,
) -> Moved:
    """Compare each side's seconds per call with the baseline's, scaled by the kernels both records have.

    ``relative_sd`` is the uncertainty of one such time, between processes.
    """
    kernels = [
        log(calibration_now[name] / calibration_then[name])
        for name in sorted(calibration_now.keys() & calibration_then.keys())
        if calibration_now[name] > 0 and calibration_then[name] > 0
    ]
    changes = {side: _change(now.get(side), then.get(side), kernels, relative_sd, alpha) for side in Side}
    sides = tuple(side for side in Side if _has_moved(changes[side]))
    return Moved(changes[Side.REFERENCE], changes[Side.ACCELERATED], sides)


def _change(
    now: float | None, then: float | None, kernels: list[float], relative_sd: float, alpha: float
) -> Interval | None:
    if not kernels or now is None or then is None or now <= 0 or then <= 0:
        return None
    own = log(now / then)
    machine_low, machine_high = min(kernels), max(kernels)
    # Both records carry the uncertainty, hence twice the variance.
    slack = -normal_quantile(alpha / 2) * relative_sd * 2**0.5
    return Interval(
        estimate=exp(own - (machine_low + machine_high) / 2),
        low=exp(own - machine_high - slack),
        high=exp(own - machine_low + slack),
        alpha=alpha,
    )


def _has_moved(change: Interval | None) -> bool:
    return change is not None and (change.low > 1 + _LEAST_CHANGE or change.high < 1 / (1 + _LEAST_CHANGE))
