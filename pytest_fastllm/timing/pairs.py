"""Interleaved pairs: calibration, warm-up, and a stream of pairs in random balanced order."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any

from ..errors import WorkloadError
from ..model import Side
from ..stats.series import PairSeries
from .quiet import collect_between_samples

if TYPE_CHECKING:
    from collections.abc import Generator

    from .sides import Sides
    from .steps import CallOnce, Steps, TimeCalls

# A slower side this far into its sample ends the search for a batch length.
LONGEST_SAMPLE_S = 20e-3
WARM_WINDOW_S = 10e-3
WARM_AT_MOST_S = 0.5
WARM_AGREEMENT = 0.03
WARM_AT_MOST_WINDOWS = 12
COLLECT_EVERY_S = 0.02


@dataclass
class PairRecord:
    """Columns of a `PairSeries`, filled pair by pair."""

    reference_s: list[float] = field(default_factory=list)
    accelerated_s: list[float] = field(default_factory=list)
    started_s: list[float] = field(default_factory=list)
    reference_first: list[bool] = field(default_factory=list)

    def __len__(self) -> int:
        """Number of pairs so far."""
        return len(self.reference_s)

    def add(self, seconds: dict[Side, float], started_s: float, first: Side) -> None:
        """Append one pair."""
        self.reference_s.append(seconds[Side.REFERENCE])
        self.accelerated_s.append(seconds[Side.ACCELERATED])
        self.started_s.append(started_s)
        self.reference_first.append(first is Side.REFERENCE)

    def series(self) -> PairSeries:
        """The pairs so far as the statistics take them."""
        return PairSeries(self.reference_s, self.accelerated_s, self.started_s, self.reference_first)


class PairSampler:
    """Takes pairs of samples back to back, in groups A B B A that start with a side drawn at random.

    Args:
        sides: runs either side.
        seed: of the order; the workload's own random values have theirs.
        keep_gc: whether collection is left to the interpreter.
        first_pair: number of the first pair: a later visit to a row draws values of its own.
    """

    def __init__(self, sides: Sides, seed: int, keep_gc: bool, first_pair: int = 0) -> None:
        """Nothing is sampled yet."""
        self._sides = sides
        self._order = random.Random(seed + first_pair)  # an order of samples, not a secret
        self._second_of_group: Side | None = None
        self._keep_gc = keep_gc
        self._pairs = first_pair
        self._since_collection_s = 0.0

    def _next_first(self) -> Side:
        if self._second_of_group is not None:
            first, self._second_of_group = self._second_of_group, None
            return first
        first = self._order.choice((Side.REFERENCE, Side.ACCELERATED))
        self._second_of_group = _other(first)
        return first

    def take(
        self, calls: int, record: PairRecord, purpose: str = "pair"
    ) -> Generator[CallOnce | TimeCalls, Any, float]:
        """Take one pair into ``record``.

        Returns:
            Seconds that the pair cost in all, untimed parts included.
        """
        first = self._next_first()
        started_s = time.perf_counter()
        seconds: dict[Side, float] = {}
        for side in (first, _other(first)):
            seconds[side] = yield from self._sides.sample(side, calls, self._pairs, purpose)
        record.add(seconds, started_s, first)
        self._pairs += 1
        cost_s = time.perf_counter() - started_s
        self._since_collection_s += cost_s
        if self._since_collection_s > COLLECT_EVERY_S:
            collect_between_samples(self._keep_gc)
            self._since_collection_s = 0.0
        return cost_s


def calibrate(sides: Sides, sample_s: float) -> Steps[int]:
    """The number of calls per sample, the same for both sides, at which the faster sample is long enough.

    Args:
        sides: to call.
        sample_s: how long the faster side's sample has to last, seconds; the slower side's ends the search
            at `LONGEST_SAMPLE_S`.

    Raises:
        WorkloadError: even 2**24 calls cannot be told from no time by this clock.
    """
    calls = 1
    longest_s = max(LONGEST_SAMPLE_S, 3 * sample_s)
    while calls <= 2**24:
        seconds: dict[Side, float] = {}
        for side in Side:
            # The better of two: the first meets cold caches.
            once = yield from sides.sample(side, calls, 0, "calibration")
            again = yield from sides.sample(side, calls, 1, "calibration")
            seconds[side] = min(once, again) * calls
        fast, slow = min(seconds.values()), max(seconds.values())
        if fast >= sample_s or slow >= longest_s:
            return calls
        wanted = min(sample_s / fast if fast > 0 else 16.0, longest_s / slow if slow > 0 else 16.0)
        calls = max(calls + 1, int(calls * min(16.0, wanted * 1.1)))
    raise WorkloadError(
        "the workload is too fast for this clock: 2**24 calls took no measurable time; do more work in one call"
    )


def warm_up(sampler: PairSampler, calls: int, budget_s: float) -> Steps[float]:
    """Take pairs until two windows agree on both sides' typical times.

    Returns:
        The typical cost of a pair in seconds, untimed parts included.
    """
    limit_s = min(WARM_AT_MOST_S, budget_s / 4)
    started_s = time.perf_counter()
    before: tuple[float, float] | None = None
    costs: list[float] = []
    for _ in range(WARM_AT_MOST_WINDOWS):
        record = PairRecord()
        window_started_s = time.perf_counter()
        while len(record) < 2 or (
            time.perf_counter() - window_started_s < WARM_WINDOW_S and len(record) < 64
        ):
            costs.append((yield from sampler.take(calls, record, "warm-up")))
        now = median(record.reference_s), median(record.accelerated_s)
        if before is not None and all(
            abs(new - old) <= WARM_AGREEMENT * old for new, old in zip(now, before, strict=True)
        ):
            break
        before = now
        if time.perf_counter() - started_s > limit_s:
            break
    return median(costs)


def _other(side: Side) -> Side:
    return Side.ACCELERATED if side is Side.REFERENCE else Side.REFERENCE
