"""Where the baselines file lies when nobody says so."""

from __future__ import annotations

from pathlib import Path

NAME = "baselines.json"
_TOP_MARKS = ("pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg", "setup.py", ".git")


def default_baselines(start: Path | None = None) -> Path:
    """The nearest ``baselines.json`` from a folder upwards, no further than the project's top folder.

    Where there is none yet: its place in the top folder, which is where pytest's rootdir will be; in the
    folder itself where nothing tells a top folder.

    Args:
        start: None: the current folder.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / NAME).exists():
            return folder / NAME
        if any((folder / mark).exists() for mark in _TOP_MARKS):
            return folder / NAME
    return here / NAME
