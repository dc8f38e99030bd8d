"""Fill what the imports left free, so that the first keys do not hide in it.

CPython's allocator and malloc keep freed blocks by size and hand them out again; such memory is resident
already, and an instance built in it seems to cost nothing. Blocks of every small size, kept alive, use it
up. In trials a fixed cost of 304 kB measured 32 kB without and 312 kB with it (docs/memory.md).
"""

from __future__ import annotations

import sys

_PER_SIZE_BYTES = 64 << 10
_STEP = 16
_POOLED_UP_TO = 512  # CPython's allocator (Objects/obmalloc.c); larger blocks are malloc's
_UP_TO = 2048  # whole pages of larger holes were trimmed away before the fork

_BYTES_HEADER = sys.getsizeof(b"")
_MALLOC_HEADER = 8


def fill_free_blocks() -> list[list[object]]:
    """Return the blocks: memory stays filled as long as they are kept."""
    ballast: list[list[object]] = []
    for size in range(_STEP, _UP_TO + 1, _STEP):
        count = _PER_SIZE_BYTES // size
        if size <= _BYTES_HEADER:
            ballast.append(_smaller_than_bytes(size, count))
        else:
            header = _BYTES_HEADER + (_MALLOC_HEADER if size > _POOLED_UP_TO else 0)
            ballast.append([bytes(size - header) for _ in range(count)])
    return ballast


def _smaller_than_bytes(size: int, count: int) -> list[object]:
    if size == _STEP:
        return [object() for _ in range(count)]
    return [(1 << 20) + number for number in range(count)]  # an int of one digit takes the second size
