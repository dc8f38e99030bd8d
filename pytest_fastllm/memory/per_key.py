"""Bytes per key at a stated key count, from the readings of one child.

Tables double, so the bytes between 20,000 and 40,000 keys of one instance say little about either count.
The slope over the number of equal instances, each at the stated count, holds the tables as they are there.
What an instance needs once (tables, imports) is in the first one and not in the slope: the fixed cost.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from statistics import fmean, median
from typing import TYPE_CHECKING

from ..errors import WorkloadError
from .growth import FLAT_BYTES, STEP_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .growth import Growth

_UNEVEN = 0.02
_UNTOUCHED = 0.25
_RESERVED_SLACK_BYTES = 4 << 20  # arenas and the heap's top are reserved ahead


@dataclass(frozen=True)
class SideMemory:
    """One side's memory.

    Args:
        bytes_per_key: one per repeat.
        fixed_bytes: what the first instance needed beyond its keys, one per repeat; may be negative, where
            it filled memory that the imports had left free.
        keys: the key count at which this holds.
        instances: how many instances the line went up to.
        resolution: bytes per key that the readings leave open.
        warnings: what a reader of the result has to know.
    """

    bytes_per_key: tuple[float, ...]
    fixed_bytes: tuple[float, ...]
    keys: int
    instances: int = 0
    resolution: float = 0.0
    warnings: tuple[str, ...] = ()

    @property
    def grows(self) -> bool:
        """Whether more instances need more memory; without, only the fixed cost says anything."""
        return median(self.bytes_per_key) > self.resolution * (FLAT_BYTES / STEP_BYTES)

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values, as one interpreter sends them to another."""
        return {
            "bytes_per_key": list(self.bytes_per_key),
            "fixed_bytes": list(self.fixed_bytes),
            "keys": self.keys,
            "instances": self.instances,
            "resolution": self.resolution,
            "warnings": list(self.warnings),
        }

    @classmethod
    def from_json(cls, data: object) -> SideMemory:
        """Take what `to_json` gave.

        Raises:
            WorkloadError: it is something else; names the field.
        """
        if not isinstance(data, dict):
            raise WorkloadError(f"memory: expected one side's result as an object, found {data!r:.80}")
        side = cls(
            bytes_per_key=_numbers(data, "bytes_per_key"),
            fixed_bytes=_numbers(data, "fixed_bytes"),
            keys=_count(data, "keys"),
            instances=_count(data, "instances"),
            resolution=_number(data, "resolution"),
            warnings=_texts(data, "warnings"),
        )
        if not side.bytes_per_key or len(side.bytes_per_key) != len(side.fixed_bytes):
            raise WorkloadError(
                "memory: expected one fixed_bytes for each bytes_per_key and at least one of each, found "
                f"{len(side.fixed_bytes)} for {len(side.bytes_per_key)}"
            )
        return side


def side_memory(grown: Sequence[Growth], keys: int, warnings: Sequence[str] = ()) -> SideMemory:
    """Reduce the readings of the repeats to what an interval needs."""
    lines = [Line.through(child.instances, child.resident_bytes) for child in grown]
    spans = [child.instances[-1] - child.instances[0] for child in grown]
    return SideMemory(
        bytes_per_key=tuple(line.slope / keys for line in lines),
        fixed_bytes=tuple(
            child.first_bytes - child.start_bytes - line.slope
            for child, line in zip(grown, lines, strict=True)
        ),
        keys=keys,
        instances=max(child.instances[-1] for child in grown),
        resolution=STEP_BYTES / (keys * min(spans)),
        warnings=(*warnings, *_uneven(grown, lines), *_untouched(grown, lines, spans)),
    )


@dataclass(frozen=True)
class Line:
    """A straight line by least squares."""

    intercept: float
    slope: float

    @classmethod
    def through(cls, x: Sequence[int], y: Sequence[int]) -> Line:
        """Fit at least two points."""
        x_mean, y_mean = fmean(x), fmean(y)
        above = sum((a - x_mean) * (b - y_mean) for a, b in zip(x, y, strict=True))
        slope = above / sum((a - x_mean) ** 2 for a in x)
        return cls(y_mean - slope * x_mean, slope)

    def farthest(self, x: Sequence[int], y: Sequence[int]) -> float:
        """Return the largest distance of a point from the line."""
        return max(abs(b - self.intercept - self.slope * a) for a, b in zip(x, y, strict=True))


def _uneven(grown: Sequence[Growth], lines: Sequence[Line]) -> tuple[str, ...]:
    """Say so where the instances do not cost the same each: a table that they share, or a leak."""
    worst = max(
        (line.farthest(child.instances, child.resident_bytes) - STEP_BYTES)
        / max(child.resident_bytes[-1] - child.resident_bytes[0], FLAT_BYTES)
        for child, line in zip(grown, lines, strict=True)
    )
    if worst <= _UNEVEN:
        return ()
    return (f"uneven-growth: a reading lies {worst:.0%} of the growth off the line over the instances",)


def _untouched(grown: Sequence[Growth], lines: Sequence[Line], spans: Sequence[int]) -> tuple[str, ...]:
    """Say so where much more was reserved than touched: it becomes resident when it is written to."""
    for child, line, span in zip(grown, lines, spans, strict=True):
        touched = max(line.slope, 0.0) * span
        reserved = child.reserved_bytes[-1] - child.reserved_bytes[0]
        if reserved > (1 + _UNTOUCHED) * touched + _RESERVED_SLACK_BYTES:
            return (
                f"untouched-memory: {reserved / span:,.0f} B an instance are reserved, "
                f"{touched / span:,.0f} B are touched and counted",
            )
    return ()


def _numbers(data: Mapping[object, object], field: str) -> tuple[float, ...]:
    values = data.get(field)
    if not isinstance(values, list):
        raise _malformed(field, "a list of numbers", values)
    return tuple(_finite(value, field) for value in values)


def _number(data: Mapping[object, object], field: str) -> float:
    return _finite(data.get(field), field)


def _finite(value: object, field: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value):
        raise _malformed(field, "a finite number", value)
    return float(value)


def _count(data: Mapping[object, object], field: str) -> int:
    value = data.get(field)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise _malformed(field, "a whole number", value)
    return value


def _texts(data: Mapping[object, object], field: str) -> tuple[str, ...]:
    values = data.get(field)
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise _malformed(field, "a list of texts", values)
    return tuple(values)


def _malformed(field: str, expected: str, found: object) -> WorkloadError:
    return WorkloadError(f"memory: one side's {field!r}: expected {expected}, found {found!r:.80}")
