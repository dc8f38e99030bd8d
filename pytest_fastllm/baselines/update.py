"""The one way by which `baselines.json` is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..files import write_atomically
from .diff import diff
from .file import dump_baselines, load_baselines
from .propose import ALL_MODES, Mode, propose

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from ..model import Results
    from .baseline import Baselines


@dataclass(frozen=True)
class Update:
    """What an update did: a line per changed entry, and the rows it passed over with the reason."""

    changes: tuple[str, ...]
    skipped: tuple[str, ...]


def update_file(
    path: Path,
    runs: Sequence[Results],
    *,
    modes: Collection[Mode] = ALL_MODES,
    portable: bool = True,
    reason: str | None = None,
    dry_run: bool = False,
) -> Update:
    """Bring the baselines file up to date with measured rows; without changes it is not touched.

    Args:
        path: created where missing.
        runs: what was measured, on one or more machines.
        modes: create, fix, trim.
        portable: whether entries for every machine (``any``) are kept up too.
        reason: stored in every entry that changes.
        dry_run: write nothing.

    Raises:
        DataError: the file is broken or cannot be written; it was left as it was.
    """
    old = load_baselines(path)
    proposal = propose(old, runs, modes=modes, portable=portable, reason=reason)
    changes = diff(old, proposal.baselines)
    if changes and not dry_run:
        write_baselines(path, proposal.baselines)
    return Update(changes, proposal.skipped)


def write_baselines(path: Path, baselines: Baselines) -> None:
    """Write the whole file in one step.

    Raises:
        DataError: it cannot be written; it was left as it was.
    """
    write_atomically(path, dump_baselines(baselines))
