"""pip, and this project as a wheel."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from ..pages import ROOT

if TYPE_CHECKING:
    from pathlib import Path

BUILD = ROOT / "target" / "litellm-matrix"


class InstallError(Exception):
    """Pip could not do it; its message says why."""

    def __str__(self) -> str:
        errors = [line for line in str(self.args[0]).splitlines() if line.startswith("ERROR")] or [
            "pip failed"
        ]
        errors = [line for line in errors if "Ignored the following" not in line] or errors
        # pip lists every version that there is in between.
        return re.sub(r" \(from versions: .*?\)", "", errors[0].removeprefix("ERROR: "))


def pip(*arguments: str, python: str = sys.executable) -> None:
    """Run pip; its last lines are the error."""
    command = [python, "-m", "pip", arguments[0], "--quiet", "--disable-pip-version-check", *arguments[1:]]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise InstallError(done.stderr)


def build_wheel() -> Path:
    """This project as a wheel, from the sources as they are."""
    folder = BUILD / "wheel"
    shutil.rmtree(folder, ignore_errors=True)
    pip("wheel", "--no-build-isolation", "--no-deps", "--wheel-dir", str(folder), str(ROOT))
    return next(folder.glob("*.whl"))
