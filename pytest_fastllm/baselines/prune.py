"""Dropping entries that no test uses, and telling which are missing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..errors import UsageError
from .baseline import PORTABLE, Baselines, RowName

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ..model import Results


@dataclass(frozen=True)
class Pruned:
    """What pruning comes to.

    Args:
        baselines: without the unused entries.
        unused: what was dropped, as (environment, name).
        missing: rows of the runs with no entry that applies, as (environment, name).
    """

    baselines: Baselines
    unused: tuple[tuple[str, RowName], ...]
    missing: tuple[tuple[str, RowName], ...]


def used_rows(runs: Sequence[Results]) -> frozenset[tuple[str, RowName]]:
    """The rows of whole runs, as (environment, name); rows that were not measured are used too.

    Raises:
        UsageError: a run left out comparisons that it had collected, so what it does not hold may
            still be used.
    """
    for run in runs:
        measured = len({row.nodeid for row in run.rows})  # one test may have a speed and a memory row
        if measured < run.comparisons:
            raise UsageError(
                f"the run of {run.created}: expected all {run.comparisons} comparisons that were collected, "
                f"found {measured}; write results of a run without -k, -m, --lf or -x, then prune"
            )
    return frozenset((row.environment, RowName(row.key, row.metric)) for run in runs for row in run.rows)


def prune(baselines: Baselines, used: Collection[tuple[str, RowName]]) -> Pruned:
    """Drop every entry whose name is in no run, in all environments: a test that is gone is gone everywhere.

    Args:
        baselines: the stored ones.
        used: from `used_rows`.
    """
    names = {name for _, name in used}
    kept, unused = {}, []
    for environment, stored in baselines.environments.items():
        entries = {name: entry for name, entry in stored.entries.items() if name in names}
        unused += [(environment, name) for name in stored.entries if name not in names]
        if entries or not stored.entries:
            kept[environment] = replace(stored, entries=entries)
    missing = [
        (environment, name)
        for environment, name in used
        if not (baselines.find(environment, name) or baselines.find(PORTABLE, name))
    ]
    return Pruned(Baselines(kept), tuple(sorted(unused)), tuple(sorted(missing)))
