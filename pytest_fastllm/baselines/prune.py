"""Dropping entries that no test uses, and telling which are missing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..errors import UsageError
from .baseline import PORTABLE, Baselines, RowName

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def prune(baselines: Baselines, runs: Sequence[Results]) -> Pruned:
    """Drop every entry whose name is in no run, in all environments: a test that is gone is gone everywhere.

    Of a workload that could not be measured all entries stay, as nobody knows which rows it would have.

    Args:
        baselines: the stored ones.
        runs: whole runs.

    Raises:
        UsageError: a run left out comparisons that it had collected, so what it does not hold may
            still be used.
    """
    rows = [row for run in runs for row in _whole(run).rows]
    places = {(row.environment, RowName(row.key, row.metric)) for row in rows}
    names = {name for _, name in places}
    unmeasured = {row.key for row in rows if row.interval is None}
    kept, unused = {}, []
    for environment, stored in baselines.environments.items():
        entries = {n: entry for n, entry in stored.entries.items() if n in names or n.key in unmeasured}
        unused += [(environment, name) for name in stored.entries if name not in entries]
        if entries or not stored.entries:
            kept[environment] = replace(stored, entries=entries)
    missing = [
        (environment, name)
        for environment, name in places
        if not (baselines.find(environment, name) or baselines.find(PORTABLE, name))
    ]
    return Pruned(Baselines(kept), tuple(sorted(unused)), tuple(sorted(missing)))


def _whole(run: Results) -> Results:
    found = len({row.nodeid for row in run.rows})  # one test may have a speed and a memory row
    if found < run.comparisons:
        raise UsageError(
            f"the run of {run.created}: expected all {run.comparisons} comparisons that were collected, "
            f"found {found}; write results of a run without -k, -m, --lf or -x, then prune"
        )
    return run
