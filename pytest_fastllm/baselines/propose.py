"""New bounds from measured rows."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..model import Bound, Environment, Interval, Results, Row, SideValue
from .baseline import PORTABLE, Baseline, Baselines, RowName
from .bounds import (
    MIN_MARGIN,
    PORTABLE_MARGIN,
    Measured,
    combine,
    looser_than_needed,
    rounded,
    rounded_down,
    tighter,
    why_unusable,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

_PORTABLE_DESCRIPTION = {"use": "every environment without an entry of its own"}


class Mode(str, Enum):
    """What an update may do."""

    CREATE = "create"
    FIX = "fix"
    TRIM = "trim"


ALL_MODES = frozenset(Mode)


@dataclass(frozen=True)
class Proposal:
    """The baselines after an update, and the rows that no bound came from, each with the reason."""

    baselines: Baselines
    skipped: tuple[str, ...]


def parse_modes(text: str) -> frozenset[Mode]:
    """The modes of ``--fastllm-update-only=create,fix,trim``.

    Raises:
        UsageError: another word, or none.
    """
    words = [word.strip() for word in text.split(",")]
    unknown = [word for word in words if word not in {mode.value for mode in Mode}]
    if unknown:
        raise UsageError(
            f"what to update: expected a comma-separated list of create, fix and trim, found {text!r}; "
            "leave it out to do all three"
        )
    return frozenset(Mode(word) for word in words)


def propose(
    old: Baselines,
    runs: Sequence[Results],
    *,
    modes: Collection[Mode] = ALL_MODES,
    portable: bool = True,
    reason: str | None = None,
) -> Proposal:
    """Bounds from the rows of one or more runs on one or more machines.

    Rows of the same name and environment speak together. Judging the same rows by the outcome gives
    `within` for every entry that the modes allowed to write. Rows that were not measured write nothing.

    Args:
        old: the stored baselines.
        runs: what was measured.
        modes: create missing entries, fix violated ones, trim those looser than needed.
        portable: whether the portable entries (``any``) are kept up too.
        reason: stored in every entry that changes.
    """
    modes = frozenset(map(Mode, modes))  # plain strings hash differently, they would be in no set of modes
    runs = sorted(runs, key=lambda run: run.created)
    environments = {name: each for run in runs for name, each in run.environments.items()}
    groups, skipped = _grouped(runs)
    date = max((run.created[:10] for run in runs), default="")
    measured = {place: combine(rows) for place, rows in groups.items()}
    new = old
    for (environment, name), rows in groups.items():
        together = measured[environment, name]
        entry = _own_entry(together, rows, environments[environment].packages, date, reason)
        chosen = _choose(old.find(environment, name), entry, together.interval, modes, together.margin)
        if chosen is not None:
            new = new.with_entry(environment, _description(environments[environment]), name, chosen)
    if portable:
        for name in dict.fromkeys(name for _, name in groups):
            here = {place[0]: each for place, each in measured.items() if place[1] == name}
            entry = _portable_entry(old.find(PORTABLE, name), new, name, here, date, reason)
            chosen = _choose(old.find(PORTABLE, name), entry, _hull(here), modes, MIN_MARGIN)
            if chosen is not None:
                new = new.with_entry(PORTABLE, _PORTABLE_DESCRIPTION, name, chosen)
    return Proposal(new, tuple(skipped))


def _grouped(runs: Sequence[Results]) -> tuple[dict[tuple[str, RowName], list[Row]], list[str]]:
    groups: dict[tuple[str, RowName], list[Row]] = {}
    skipped: list[str] = []
    for row in (row for run in runs for row in run.rows):
        reason = why_unusable(row)
        if reason is None:
            groups.setdefault((row.environment, RowName(row.key, row.metric)), []).append(row)
        else:
            skipped.append(f"{row.key} {row.metric.value}: {reason}, no bound written from it")
    return groups, skipped


def _choose(
    old: Baseline | None, entry: Baseline, seen: Interval, modes: Collection[Mode], slack: float
) -> Baseline | None:
    """What to store: a new entry, a fixed or trimmed one, or None to leave what is there."""
    if old is None:
        return entry if Mode.CREATE in modes else None
    entry = replace(entry, first_estimate=old.first_estimate)
    if not old.bound.holds(seen.low, seen.high):
        if Mode.FIX not in modes:
            return None
        # An end that somebody opened stays open.
        return replace(
            entry,
            bound=Bound(
                None if old.bound.low is None else entry.bound.low,
                None if old.bound.high is None else entry.bound.high,
            ),
        )
    if Mode.TRIM in modes and looser_than_needed(old.bound, entry.bound, slack):
        bound = tighter(old.bound, entry.bound, entry.estimate, slack)
        return replace(entry, bound=bound)
    return None


def _own_entry(
    measured: Measured, rows: Sequence[Row], versions: Mapping[str, str], date: str, reason: str | None
) -> Baseline:
    return Baseline(
        bound=measured.bound,
        estimate=rounded(measured.interval.estimate),
        first_estimate=rounded(measured.interval.estimate),
        interval=_rounded(measured.interval, measured.bound),
        margin=rounded(measured.margin),
        between_sd=None if measured.between_sd is None else rounded(measured.between_sd),
        processes=measured.processes,
        reference=_typical_side([row.reference for row in rows]),
        accelerated=_typical_side([row.accelerated for row in rows]),
        calibration=_typical_numbers([row.calibration for row in rows]),
        versions=dict(sorted(versions.items())),
        date=date,
        reason=reason,
    )


def _portable_entry(
    old: Baseline | None,
    stored: Baselines,
    name: RowName,
    here: Mapping[str, Measured],
    date: str,
    reason: str | None,
) -> Baseline:
    """Half the worst estimate of all environments that are known, measured now or stored.

    An environment that the old portable entry spoke for and that is not known any more is still in the
    old estimate, so the old entry is a witness beside the others: one machine can lower what holds for
    every machine, and only all of them together can raise it.
    """
    witnesses = {environment: measured.interval for environment, measured in here.items()}
    for environment in stored.environments:
        found = stored.find(environment, name)
        if environment != PORTABLE and environment not in witnesses and found:
            witnesses[environment] = found.interval or _point(found.estimate)
    known = set(witnesses)
    if old is not None and not (old.environments and known.issuperset(old.environments)):
        witnesses[PORTABLE] = old.interval or _point(old.estimate)
    worst = min(witnesses.values(), key=lambda interval: interval.estimate)
    low = rounded_down(
        min(worst.estimate * math.exp(-PORTABLE_MARGIN), *(each.low for each in witnesses.values()))
    )
    return Baseline(
        bound=Bound(low, None),
        estimate=rounded(worst.estimate),
        first_estimate=rounded(worst.estimate),
        interval=_rounded(worst, Bound(low, None)),
        margin=rounded(PORTABLE_MARGIN),
        processes=sum(each.processes for each in here.values()),
        date=date,
        reason=reason,
        environments=tuple(sorted({*known, *(old.environments if old else ())})),
    )


def _hull(here: Mapping[str, Measured]) -> Interval:
    """All that was measured now of one name, whatever the machine."""
    intervals = [each.interval for each in here.values()]
    return Interval(
        intervals[0].estimate,
        min(each.low for each in intervals),
        max(each.high for each in intervals),
        max(each.alpha for each in intervals),
    )


def _point(estimate: float) -> Interval:
    return Interval(estimate, estimate, estimate, 0.01)


def _rounded(interval: Interval, bound: Bound) -> Interval:
    """An interval short enough to read that its bound still holds."""
    low, high = rounded(interval.low), rounded(interval.high)
    return Interval(
        rounded(interval.estimate),
        low if bound.low is None else max(low, bound.low),
        high if bound.high is None else min(high, bound.high),
        interval.alpha,
    )


def _typical_side(sides: Iterable[SideValue | None]) -> SideValue | None:
    known = [side for side in sides if side is not None]
    values = [side.value for side in known]
    if not known or len({side.unit for side in known}) > 1 or min(values) <= 0:
        return None
    return SideValue(rounded(_typical(values)), known[0].unit)


def _typical_numbers(calibrations: Sequence[Mapping[str, float]]) -> dict[str, float]:
    names = set.intersection(*(set(each) for each in calibrations))
    found = {name: [each[name] for each in calibrations] for name in sorted(names)}
    return {name: rounded(_typical(values)) for name, values in found.items() if min(values) > 0}


def _typical(values: Sequence[float]) -> float:
    # The geometric mean: the ratio of two such means is the mean of the ratios.
    return values[0] if len(values) == 1 else math.exp(statistics.fmean(map(math.log, values)))


def _description(environment: Environment) -> dict[str, str]:
    return {
        **environment.details,
        "cpu": environment.cpu,
        "python": environment.python,
        "platform": environment.platform,
    }
