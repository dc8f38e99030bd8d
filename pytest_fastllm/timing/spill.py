"""Work that other threads did during samples."""

from __future__ import annotations

SPILL_OVER = "spill-over"
_AT_MOST = 0.02
_LEAST_NS = 1_000_000  # below this much measured time the clocks' own steps decide


class SpillOver:
    """The process's CPU time during samples against that of the threads that were measured.

    The process's clock is read inside the thread's: what reading it costs (a percent of a short sample) then
    never looks like somebody else's work.
    """

    def __init__(self) -> None:
        """Start at zero."""
        self._process_ns = 0
        self._measured_ns = 0

    def add(self, process_ns: int, measured_ns: int) -> None:
        """Add one sample's CPU times."""
        self._process_ns += process_ns
        self._measured_ns += measured_ns

    @property
    def share(self) -> float:
        """CPU time of other threads relative to that of the measured ones."""
        if self._measured_ns < _LEAST_NS:
            return 0.0
        return max(0.0, self._process_ns / self._measured_ns - 1)

    @property
    def warnings(self) -> tuple[str, ...]:
        """``spill-over`` where others did more than 2 % on top."""
        return (SPILL_OVER,) if self.share > _AT_MOST else ()
