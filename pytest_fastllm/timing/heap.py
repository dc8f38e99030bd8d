"""The heap between rows, kept frozen so that the collection before each row looks at what is new only."""

from __future__ import annotations

import gc
import sys
from typing import ClassVar

_GROWTH = 1.25
"""As CPython's own collector: everything is looked at again when there is a quarter more."""


class FrozenHeap:
    """What lives through many rows, mostly imported modules, out of the collector's sight until `thaw`.

    A full collection of a process that has imported LiteLLM and its proxy takes a third of a second, which is
    longer than most rows. Even to count what is frozen takes a fifth of that, for the interpreter walks along it: so
    growth is told by the allocator's blocks, of which the interpreter keeps count.
    """

    holding: ClassVar[int] = 0
    """How many of them hold the heap, which is one for all."""

    def __init__(self) -> None:
        """Nothing is frozen yet."""
        self._blocks: int | None = None

    def settle(self) -> None:
        """Before a row: collect and freeze everything if much has come since the last time."""
        if self._blocks is None:
            FrozenHeap.holding += 1
        elif sys.getallocatedblocks() <= _GROWTH * self._blocks:
            return
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        self._blocks = sys.getallocatedblocks()

    def thaw(self) -> None:
        """Give everything back to the collector."""
        if self._blocks is not None:
            gc.unfreeze()
            self._blocks = None
            FrozenHeap.holding -= 1


def is_frozen() -> bool:
    """Whether somebody has frozen the heap, or a part of it."""
    return FrozenHeap.holding > 0 or gc.get_freeze_count() > 0
