"""What an update changes, for people: one line an entry, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .baseline import PORTABLE

if TYPE_CHECKING:
    from ..model import Bound
    from .baseline import Baseline, Baselines, RowName


def diff(old: Baselines, new: Baselines) -> tuple[str, ...]:
    """One line per entry that differs: ``+`` new, ``~`` changed, ``-`` dropped; empty where nothing does.

    Args:
        old: the stored baselines.
        new: what is to be stored.
    """
    places = {
        (environment, name)
        for each in (old, new)
        for environment, stored in each.environments.items()
        for name in stored.entries
    }
    lines = []
    for environment, name in sorted(places):
        before, after = old.find(environment, name), new.find(environment, name)
        if before != after:
            lines.append(_line(environment, name, before, after))
    return tuple(lines)


def range_text(bound: Bound) -> str:
    """A bound in words."""
    low, high = ("open" if end is None else f"{end:g}" for end in (bound.low, bound.high))
    return f"{low} to {high}"


def _line(environment: str, name: RowName, before: Baseline | None, after: Baseline | None) -> str:
    title = f"{name.key} {name.metric.value} in {environment}"
    if after is None:
        assert before is not None
        return f"- {title}: {range_text(before.bound)} (dropped)"
    measured = _measured(environment, after)
    if before is None:
        return f"+ {title}: {range_text(after.bound)} (new: {measured})"
    if before.bound == after.bound:
        return f"~ {title}: {range_text(after.bound)} as before (measured again: {measured})"
    change = f"{range_text(before.bound)} -> {range_text(after.bound)}"
    return f"~ {title}: {change} ({_why(before, after)}: {measured})"


def _why(before: Baseline, after: Baseline) -> str:
    if before.bound.holds(*_ends(after.bound)):
        return "trimmed, was looser than needed"
    return "fixed, was violated"


def _ends(bound: Bound) -> tuple[float, float]:
    return (0.0 if bound.low is None else bound.low, float("inf") if bound.high is None else bound.high)


def _measured(environment: str, entry: Baseline) -> str:
    found = f"measured {entry.estimate:.4g}"
    if entry.interval is not None:
        found += f", {entry.interval.low:.4g} to {entry.interval.high:.4g}"
    if environment == PORTABLE:
        found = f"the worst {found} over {len(entry.environments)} environment(s)"
    return found
