"""Two kernels whose own time says how fast this machine is today, for either kind of work.

A side's time cannot be held against a stored one as it is: the machine may be slower now. The kernels are
sampled throughout the run, so that a baseline and a later run can be put on one scale.
"""

from __future__ import annotations

import time
from statistics import median

_BLOCK_BYTES = 4 << 20  # larger than a core's own cache
_SPINS = 20_000


def _interpreter_bound() -> None:
    total = 0
    for number in range(_SPINS):
        total += number & 7


class Calibration:
    """Samples of both kernels, in seconds per run of a kernel."""

    def __init__(self) -> None:
        """Allocate what the memory-bound kernel copies."""
        self._source = bytearray(_BLOCK_BYTES)
        self._target = bytearray(_BLOCK_BYTES)
        self._samples: dict[str, list[float]] = {"interpreter_s": [], "memory_s": []}

    def sample(self) -> None:
        """Run each kernel once; takes about a millisecond."""
        for name, kernel in (("interpreter_s", _interpreter_bound), ("memory_s", self._copy)):
            start = time.perf_counter()
            kernel()
            self._samples[name].append(time.perf_counter() - start)

    def _copy(self) -> None:
        self._target[:] = self._source

    def typical_s(self) -> dict[str, float]:
        """The median of each kernel's samples so far; empty before the first."""
        return {name: median(samples) for name, samples in self._samples.items() if samples}
