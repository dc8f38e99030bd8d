"""The heap between rows, kept frozen so that the collection before each row looks at what is new only."""

from __future__ import annotations

import gc

_GROWTH = 1.25
"""As CPython's own collector: everything is looked at again when there is a quarter more."""


class FrozenHeap:
    """What lives through many rows, mostly imported modules, out of the collector's sight until `thaw`.

    A full collection of a process that has imported LiteLLM and its proxy takes a third of a second, which is
    longer than most rows.
    """

    def __init__(self) -> None:
        """Nothing is frozen yet."""
        self._objects: int | None = None

    def settle(self) -> None:
        """Before a row: collect and freeze everything if much has come since the last time."""
        if self._objects is not None and gc.get_freeze_count() <= _GROWTH * self._objects:
            return
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        self._objects = gc.get_freeze_count()

    def thaw(self) -> None:
        """Give everything back to the collector."""
        if self._objects is not None:
            gc.unfreeze()
            self._objects = None
