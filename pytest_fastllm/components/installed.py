"""What is installed, found without importing it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@lru_cache(maxsize=8)
def package_path(name: str) -> Path | None:
    """Where a top-level package lies; None if it is not installed."""
    from importlib.util import find_spec
    from pathlib import Path

    spec = find_spec(name)
    places = spec.submodule_search_locations if spec is not None else None
    return Path(places[0]) if places else None


def version(distribution: str) -> str:
    """The version of a distribution, for messages."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(distribution)
    except PackageNotFoundError:
        return "of unknown version"
