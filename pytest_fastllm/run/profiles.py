"""Which profiles a run keeps, of what ``--fastllm-profile`` asks for, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..comparison.profile import profile_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ..model import Side
    from ..processes.job import Job


class Profiles:
    """The profiles of rows out of their bounds, which the interpreters that confirm them keep.

    Args:
        folder: where they are kept.
        job: what this process does for its parent, if it has one.
    """

    def __init__(self, folder: Path, job: Job | None) -> None:
        """None is kept yet."""
        self._folder = folder
        self._job = job

    def wanted_here(self, key: str) -> tuple[Side, ...]:
        """As an interpreter that confirms a row: the sides whose profile its parent asked for."""
        return self._job.profile.get(key, ()) if self._job is not None else ()

    def path(self, key: str, side: Side) -> Path:
        """The file of one side of a row."""
        return profile_path(self._folder, key, side)

    def notes(self, key: str, sides: Sequence[Side]) -> Iterator[str]:
        """Say where the profiles lie that an interpreter was asked for."""
        for side in sides:
            path = self.path(key, side)
            if path.exists():
                yield f"profile of the {side.value} side of {key}: python -m pstats {path}"
