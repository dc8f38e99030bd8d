"""When a row may be judged: looks at pair counts fixed in advance, each with its share of alpha.

Judging after every pair makes a false alarm almost certain in the end. Here the error rate is split over a few
looks whose pair counts grow geometrically (group-sequential testing; spending as in Lan & DeMets 1983): the
shares add up to at most alpha, so by Boole's inequality the error rate holds however the data behave and
wherever sampling stops. A look that the budget cuts short keeps its share, for it is the last one.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

MIN_PAIRS = 24
"""Pairs before the first look at a slow workload: a block each, and whole ABBA groups."""
MIN_PAIRS_FAST = 200
"""Pairs before the first look where a pair costs at most `FAST_PAIR_S`."""
FAST_PAIR_S = 1e-3
MIN_SPAN_S = 0.2
"""What is measured in less time than this has seen only a moment of the machine."""

_EARLY_SHARE = 0.02
_RESERVE_SHARE = 0.02
_MOST_LOOKS = 60


@dataclass(frozen=True)
class LookPlan:
    """Looks at ``first`` pairs and at each ``growth``-fold count.

    The first ``early`` looks share a little of alpha, for verdicts that are clear at once; the others up to
    ``planned`` share the rest evenly.
    """

    first: int = MIN_PAIRS_FAST
    growth: float = 1.5
    planned: int = 10
    early: int = 0

    @classmethod
    def for_pair(cls, pair_s: float, max_seconds: float) -> LookPlan:
        """Plan for pairs that cost ``pair_s`` in all, up to ``max_seconds`` of measuring."""
        if pair_s <= 0.0:
            return cls()
        if pair_s <= FAST_PAIR_S:
            span_s = min(MIN_SPAN_S, max_seconds / 2)
            first = max(MIN_PAIRS_FAST, _even(span_s / pair_s))
        else:
            first = MIN_PAIRS
        plan = cls(first=first)
        planned = early = 0
        while planned < _MOST_LOOKS:
            planned += 1
            span_s = plan.pairs_at(planned) * pair_s
            if first == MIN_PAIRS and span_s < MIN_SPAN_S:
                early += 1
            if span_s >= max_seconds:
                break
        # Two at least: pairs may turn out faster than they looked, and a second look needs its share.
        planned = max(planned, 2)
        return cls(first=first, planned=planned, early=min(early, planned - 1))

    @classmethod
    def single(cls, pairs: int) -> LookPlan:
        """Plan for a fixed number of pairs (``--fastllm-iterations``): one look that has the whole alpha."""
        return cls(first=pairs, planned=1)

    def pairs_at(self, look: int) -> int:
        """Return the pair count of a look; looks count from 1. Even, so that both orders are balanced."""
        _check(look)
        return self.first if look == 1 else _even(self.first * self.growth ** (look - 1))

    def alpha_at(self, look: int, alpha: float) -> float:
        """Return what a look may spend of ``alpha``; over all looks it adds up to at most ``alpha``."""
        _check(look)
        if self.planned == 1 and look == 1:
            return alpha
        if look > self.planned:
            # Pairs became faster than planned: a reserve that never runs out, 1/2 + 1/4 + ...
            return 0.0 if self.planned == 1 else _RESERVE_SHARE * alpha * 0.5 ** (look - self.planned)
        if look <= self.early:
            return _EARLY_SHARE * alpha / self.early
        rest = 1.0 - _RESERVE_SHARE - (_EARLY_SHARE if self.early else 0.0)
        return rest * alpha / (self.planned - self.early)


def _even(pairs: float) -> int:
    return 2 * ceil(pairs / 2)


def _check(look: int) -> None:
    if look < 1:
        raise ValueError(f"looks count from 1, got {look}")
