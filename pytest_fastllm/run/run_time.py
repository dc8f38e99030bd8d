"""How long a run and the visits to its rows may take."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..config import Config


class RunTime:
    """A run's time, limited by ``--fastllm-max-run-seconds``.

    Args:
        config: the options.
        is_child: whether a parent has given this process its time already.
    """

    def __init__(self, config: Config, *, is_child: bool) -> None:
        """The run starts now."""
        self.started_s = time.monotonic()
        self.second_pass = False
        self._visit_s = config.max_seconds
        self._limit_s = config.max_run_seconds
        self._is_child = is_child

    @property
    def seconds_left(self) -> float:
        """What is left of the run; infinite where it is not limited."""
        return float("inf") if self._limit_s is None else self.started_s + self._limit_s - time.monotonic()

    def pause_seconds(self, comparisons: int) -> float:
        """How long one visit to a row may take. In the first pass the rows share half of a limited run.

        Args:
            comparisons: number of rows.
        """
        if self._limit_s is None or self._is_child:
            return self._visit_s
        if self.second_pass:
            return self.seconds_left
        return min(self._visit_s, self._limit_s / 2 / max(1, comparisons))
