"""Garbage collection around and inside samples."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .heap import is_frozen

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def quiet_garbage(keep: bool) -> Iterator[None]:
    """Collect and freeze what is there; with ``keep`` false, no collection until the end.

    What was frozen before stays frozen, with all that came since: between the rows of a run that is `FrozenHeap`.

    Interleaved with the collector on, one side pays for the other's garbage. With it off, a reference that
    allocates is flattered: workloads whose collection is part of the cost say ``gc="keep"``.
    """
    was_enabled = gc.isenabled()
    was_frozen = is_frozen()
    gc.collect()
    gc.freeze()
    if not keep:
        gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
        if not was_frozen:
            gc.unfreeze()


def collect_between_samples(keep: bool) -> None:
    """Clear the cycles that samples left behind, outside of any timed span."""
    if not keep:
        gc.collect()
