"""When a row may be judged: looks at pair counts fixed in advance, each with its share of alpha.

Judging after every pair makes false alarms almost certain in the end. Here the error rate is split over a few
looks whose pair counts grow geometrically (group-sequential testing; Lan & DeMets 1983 for spending): the sum
over all looks is at most alpha (Boole's inequality), however the data behave and wherever sampling stops.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

MIN_BLOCKS = 20
MIN_PAIRS = 20
"""Pairs before the first look at a workload whose pairs are slow: one per block."""
MIN_PAIRS_FAST = 200
"""Pairs before the first look where a pair costs at most `FAST_PAIR_S`."""
FAST_PAIR_S = 1e-3


@dataclass(frozen=True)
class LookPlan:
    """Looks at ``first`` pairs and at each ``growth``-fold count; the ``planned`` ones share most of alpha."""

    first: int = MIN_PAIRS_FAST
    growth: float = 1.5
    planned: int = 12

    @classmethod
    def for_pair(cls, pair_s: float, max_seconds: float) -> LookPlan:
        """Plan for pairs that take ``pair_s`` in total, up to ``max_seconds`` of measuring."""
        first = MIN_PAIRS_FAST if pair_s <= FAST_PAIR_S else MIN_PAIRS
        plan = cls(first=first)
        horizon = max_seconds / pair_s if pair_s > 0 else float(first)
        planned = 1
        while plan.pairs_at(planned) < horizon and planned < 60:
            planned += 1
        return cls(first=first, planned=planned)

    @classmethod
    def single(cls, pairs: int) -> LookPlan:
        """Plan for a fixed number of pairs (``--fastllm-iterations``): one look that has the whole alpha."""
        return cls(first=pairs, planned=1)

    def pairs_at(self, look: int) -> int:
        """Return the pair count of a look; looks count from 1. Even, so that both orders are balanced."""
        if look < 1:
            raise ValueError(f"looks count from 1, got {look}")
        if look == 1:
            return self.first
        return 2 * ceil(self.first * self.growth ** (look - 1) / 2)

    def look_at(self, pairs: int) -> int:
        """Return the number of looks that ``pairs`` pairs have reached; 0 before the first."""
        look = 0
        while self.pairs_at(look + 1) <= pairs:
            look += 1
        return look

    def next_look(self, pairs: int) -> int:
        """Return the pair count of the first look strictly after ``pairs``."""
        return self.pairs_at(self.look_at(pairs) + 1)

    def alpha_at(self, look: int, alpha: float) -> float:
        """Return what a look may spend of ``alpha``; over all looks it sums to at most ``alpha``."""
        if look < 1:
            raise ValueError(f"looks count from 1, got {look}")
        if self.planned == 1:
            return alpha if look == 1 else 0.0
        if look <= self.planned:
            return 0.98 * alpha / self.planned
        # Beyond the plan (pairs got faster): a reserve that never runs out, 1/2 + 1/4 + ...
        return 0.02 * alpha * 0.5 ** (look - self.planned)
