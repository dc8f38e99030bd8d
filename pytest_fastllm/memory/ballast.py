"""Fill what the imports left free, so that the keys do not hide in it.

CPython's allocator and malloc keep freed blocks by size and hand them out again; such memory is resident
already, and whatever is built in it seems to cost nothing: under pytest and Python 3.12, 4,000 lists found
all their heads there. So blocks of every small size are taken, batch by batch, until a batch needs fresh
memory, and kept while children are forked.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .resident import ResidentReader

_BATCH_BYTES = 64 << 10  # of each size
_MOST_BATCHES = 64
_TOGETHER = 8  # sizes to a reading, which takes milliseconds in a large process
_FRESH = 0.9  # less than one size of eight is still served from what was free

_STEP = 16
_POOLED_UP_TO = 512  # CPython's allocator (Objects/obmalloc.c); larger blocks are malloc's
_UP_TO = 2048  # of larger holes, whole pages were trimmed away before

_BYTES_HEADER = sys.getsizeof(b"")
_MALLOC_HEADER = 8


def fill_free_blocks(reader: ResidentReader) -> list[list[object]]:
    """Return the blocks: memory stays filled as long as they are kept."""
    ballast: list[list[object]] = []
    pooled = range(_STEP, _POOLED_UP_TO + 1, _STEP)
    for first in range(0, len(pooled), _TOGETHER):
        _fill(pooled[first : first + _TOGETHER], reader, ballast)
    # malloc splits and joins its blocks, so that these sizes fill each other's holes.
    _fill(range(_POOLED_UP_TO + _STEP, _UP_TO + 1, _STEP), reader, ballast)
    return ballast


def _fill(sizes: range, reader: ResidentReader, ballast: list[list[object]]) -> None:
    before = reader.resident_bytes()
    for _ in range(_MOST_BATCHES):
        batch = [_blocks(size, _BATCH_BYTES // size) for size in sizes]
        ballast.extend(batch)
        after = reader.resident_bytes()
        if after - before >= _FRESH * _BATCH_BYTES * len(sizes):
            return
        before = after


def _blocks(size: int, count: int) -> list[object]:
    if size == _STEP:
        return [object() for _ in range(count)]
    if size <= _BYTES_HEADER:
        return [(1 << 20) + number for number in range(count)]  # an int of one digit has the second size
    header = _BYTES_HEADER + (_MALLOC_HEADER if size > _POOLED_UP_TO else 0)
    return [bytes(size - header) for _ in range(count)]
