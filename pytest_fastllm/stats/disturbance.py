"""Which pairs were taken while the machine ran at its usual speed.

A ratio cancels the speed of the machine only as far as both sides feel it alike. When another program shares
the core, both may take half as long again, but one more than the other: token counting was seen to slow down by
47 % and 57 %, and its ratio to fall by 9 % for as long as that lasted. Both sides together tell such stretches
apart, so they are left out, as long as most pairs agree on what is usual.
"""

from __future__ import annotations

from math import log
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .series import PairSeries

_LEAST_CHANGE = 0.1
"""Changes of speed by less than this are ordinary."""
_CUT = 6.0
_USUAL = 0.6
"""At least this share is usual: a machine that changes its speed all the time has no other state."""


def undisturbed(series: PairSeries) -> list[bool]:
    """Tell for each pair whether both sides together took about as long as usual."""
    speeds = [log(r * a) / 2 for r, a in zip(series.reference_s, series.accelerated_s, strict=True)]
    centre = median(speeds)
    deviations = [abs(speed - centre) for speed in speeds]
    ranked = sorted(deviations)
    n = len(ranked)
    cut = max(_LEAST_CHANGE, _CUT * 1.4826 * ranked[n // 2], 1.5 * ranked[min(n - 1, int(_USUAL * n))])
    return [deviation <= cut for deviation in deviations]
