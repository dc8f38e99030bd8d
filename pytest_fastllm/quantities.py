"""Numbers as people read them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .model import Bound, Interval, SideValue

_TIME_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
_BYTE_UNITS = ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"), (1, "B"))


def significant(value: float, digits: int = 3) -> str:
    """``value`` with ``digits`` significant digits and no exponent where it can be read without one."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    magnitude = math.floor(math.log10(abs(value)))
    if not -4 < magnitude < 7:
        return f"{value:.{digits - 1}e}"
    return f"{value:.{max(0, digits - 1 - magnitude)}f}"


def side_value(value: SideValue | None) -> str:
    """One side's own value with the unit that suits it."""
    if value is None:
        return "–"
    units = _TIME_UNITS if value.unit == "s" else _BYTE_UNITS
    scale, name = next(((s, n) for s, n in units if abs(value.value) >= s), units[-1])
    return f"{significant(value.value / scale)} {name}"


def ratio(value: float) -> str:
    """A speedup or memory ratio."""
    return f"{significant(value)}×"


def ratio_with_interval(interval: Interval | None) -> str:
    """The estimate, and the interval in brackets with as many digits as the interval needs to be seen."""
    if interval is None:
        return "–"
    digits = 3
    if interval.low > 0 and interval.high > interval.low:
        digits = min(
            5, max(3, 1 + math.ceil(-math.log10((interval.high - interval.low) / interval.estimate)))
        )
    low, high = significant(interval.low, digits), significant(interval.high, digits)
    return f"{significant(interval.estimate, digits)}× [{low}, {high}]"


def memory_with_interval(interval: Interval | None) -> str:
    """A memory ratio as people say it: less, more, or the same where the interval holds 1."""
    text = ratio_with_interval(interval)
    if interval is None:
        return text
    if interval.low <= 1 <= interval.high:
        return f"same {text}"
    return f"{text} {'less' if interval.estimate > 1 else '(more)'}"


def bound(value: Bound, source: str) -> str:
    """A bound, marked where it is the portable one."""
    low = "" if value.low is None else significant(value.low)
    high = "" if value.high is None else significant(value.high)
    text = f"{low} … {high}".strip()
    return f"{text} (any)" if source == "any" else text
