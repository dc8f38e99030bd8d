"""What else the machine did while a row was measured: load, stolen time, throttling."""

from __future__ import annotations

import os
import time
from pathlib import Path

LOAD = "load"
STEAL = "steal"
THROTTLED = "throttled"
CONTENDED = "contended"
_STEAL_AT_MOST = 0.01
_CONTENDED_AT_MOST = 0.02
_STEAL_FIELD = 8  # of the line "cpu" in /proc/stat: user nice system idle iowait irq softirq steal
_THROTTLE_FILES = ("/sys/fs/cgroup/cpu.stat", "/sys/fs/cgroup/cpu/cpu.stat")


def _stolen_s() -> float:
    try:
        with Path("/proc/stat").open(encoding="ascii") as file:
            fields = file.readline().split()
        return int(fields[_STEAL_FIELD]) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return 0.0


def _throttled_periods() -> int:
    for name in _THROTTLE_FILES:
        try:
            lines = Path(name).read_text(encoding="ascii").splitlines()
        except (OSError, ValueError):
            continue
        for line in lines:
            field, _, count = line.partition(" ")
            if field == "nr_throttled" and count.isdigit():
                return int(count)
    return 0


class MachineWatch:
    """Watches the machine from its creation to `finish`."""

    def __init__(self) -> None:
        """Start watching."""
        self._start_s = time.monotonic()
        self._stolen_s = _stolen_s()
        self._throttled = _throttled_periods()

    def finish(self, contended_share: float) -> tuple[tuple[str, ...], dict[str, float]]:
        """Warnings and the figures they were drawn from.

        Args:
            contended_share: share of the samples' time that was spent waiting for a processor.
        """
        cores = os.cpu_count() or 1
        seconds = max(time.monotonic() - self._start_s, 1e-9)
        figures = {
            "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0,
            "steal": (_stolen_s() - self._stolen_s) / (seconds * cores),
            "throttled_periods": float(_throttled_periods() - self._throttled),
            "contended": contended_share,
        }
        checks = (
            (LOAD, figures["load"] > cores + 0.5),  # this process is one of them
            (STEAL, figures["steal"] > _STEAL_AT_MOST),
            (THROTTLED, figures["throttled_periods"] > 0),
            (CONTENDED, contended_share > _CONTENDED_AT_MOST),
        )
        return tuple(word for word, found in checks if found), figures
