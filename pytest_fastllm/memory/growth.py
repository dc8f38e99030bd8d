"""What happens inside one child: build equal instances, and read between them.

``find_instances`` is the first child, which decides how many instances the others build.
``read_growth`` is a measurement. Both answer in plain JSON values, because they answer over a pipe.
"""

from __future__ import annotations

import gc
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import WorkloadError
from .resident import ResidentReader, open_reader

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .workload import MemoryWorkload

MIN_GROWTH_BYTES = 4 << 20
"""Over the readings: 1,000 pages, so that a page and a half-filled pool are 0.1 to 0.4 %."""

MAX_GROWTH_BYTES = 256 << 20
"""No longer line is needed, and a key count of 100,000 is not to fill the machine."""

STEP_BYTES = 16 << 10
"""What a reading may be off by: one pool of CPython's allocator, four pages of most machines."""

FLAT_BYTES = 64 << 10
_FLAT_KEYS = 1 << 16
_FLAT_SECONDS = 0.5
_FLAT_INSTANCES = 64
_FEWEST_INSTANCES = 4
_STRAIGHT = 0.01
_READINGS = 8


@dataclass(frozen=True)
class Growth:
    """Readings of one child: before anything, after the first instance, then at each checkpoint."""

    start_bytes: int
    first_bytes: int
    instances: tuple[int, ...]
    resident_bytes: tuple[int, ...]
    reserved_bytes: tuple[int, ...]

    @classmethod
    def from_reply(cls, reply: object) -> Growth:
        """Take what `read_growth` sent."""
        assert isinstance(reply, dict)
        return cls(
            start_bytes=reply["start"],
            first_bytes=reply["first"],
            instances=tuple(reply["instances"]),
            resident_bytes=tuple(reply["resident"]),
            reserved_bytes=tuple(reply["reserved"]),
        )


def read_growth(workload: MemoryWorkload, instances: tuple[int, ...]) -> Mapping[str, object]:
    """Build up to the last checkpoint and return what was resident at the start and at each one."""
    reader = open_reader()
    # Filled in beforehand, because a list that grows would count as memory of the keys.
    alive: list[object] = [None] * instances[-1]
    resident = [0] * len(instances)
    reserved = [0] * len(instances)
    _settle()
    start = reader.resident_bytes()
    if workload.warmup is not None:
        workload.warmup()
    alive[0] = _build(workload)
    _settle()
    first = reader.resident_bytes()
    built = 1
    for reading, checkpoint in enumerate(instances):
        while built < checkpoint:
            alive[built] = _build(workload)
            built += 1
        _settle()
        resident[reading] = reader.resident_bytes()
        reserved[reading] = reader.reserved_bytes() or 0
    return {
        "start": start,
        "first": first,
        "instances": list(instances),
        "resident": resident,
        "reserved": reserved,
    }


def find_instances(workload: MemoryWorkload, seconds: float) -> list[int]:
    """Double the instances until the second half of them grows along a straight line that is long enough.

    The first instances fill memory that is free already, and are read too cheap; how many do, only a trial
    tells. It also ends when the instances plainly do not grow, when the line is as long as any need
    be, or when a further doubling would not fit into ``seconds``.
    """
    began_s = time.monotonic()
    reader = open_reader()
    alive: list[object] = []
    if workload.warmup is not None:
        workload.warmup()
    target = _FEWEST_INSTANCES
    middle = _read_at(target // 2, alive, workload, reader)
    while True:
        upper = _read_at(target * 3 // 4, alive, workload, reader)
        end = _read_at(target, alive, workload, reader)
        elapsed_s = time.monotonic() - began_s
        if (
            _is_long_and_straight(middle, upper, end)
            or _is_flat(end - middle, target // 2, workload.keys, elapsed_s)
            or end - middle >= MAX_GROWTH_BYTES
            or elapsed_s > seconds / 2
        ):
            return checkpoints(target)
        target, middle = target * 2, end


def checkpoints(last: int) -> list[int]:
    """Return where to read: evenly over the second half of ``last`` instances."""
    half = last // 2
    return sorted({half + (last - half) * step // _READINGS for step in range(_READINGS + 1)})


def _is_long_and_straight(middle: int, upper: int, end: int) -> bool:
    growth = end - middle
    bend = abs((end - upper) - (upper - middle))
    return growth >= MIN_GROWTH_BYTES and bend <= _STRAIGHT * growth + STEP_BYTES


def _is_flat(growth: int, instances: int, keys: int, elapsed_s: float) -> bool:
    """Whether that many instances would have shown even one byte a key, or time enough was spent."""
    if growth >= FLAT_BYTES:
        return False
    return keys * instances >= _FLAT_KEYS or (elapsed_s > _FLAT_SECONDS and instances >= _FLAT_INSTANCES)


def _read_at(count: int, alive: list[object], workload: MemoryWorkload, reader: ResidentReader) -> int:
    while len(alive) < count:
        alive.append(_build(workload))
    _settle()
    return reader.resident_bytes()


def _build(workload: MemoryWorkload) -> object:
    instance = workload.build(workload.keys)
    if instance is None:
        raise WorkloadError(
            f"memory: {workload.name}({workload.keys}) returned None; expected the instance that holds "
            "the keys: return it, so that it stays alive while it is measured"
        )
    return instance


def _settle() -> None:
    """Drop garbage, and never look at the living again: collecting would take longer at each reading."""
    gc.collect()
    gc.freeze()
