"""A virtual environment for each version."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from ..pages import ROOT
from .installing import BUILD, InstallError, pip
from .versions import PATCHED, pinned

if TYPE_CHECKING:
    from pathlib import Path

_TOOLS = ("pytest", "pytest-benchmark", "tabulate", "hypothesis")


def environment(version: str, wheel: Path) -> tuple[Path, str]:
    """The folder of a version's environment, made or used again, with this wheel in it; and what is odd about it."""
    folder = BUILD / version
    python = str(folder / "bin" / "python")
    stamp, odd = folder / ".packages", folder / ".odd"
    tools = tool_requirements()
    litellm = pinned() if version == PATCHED else version
    # The rate limiter is the proxy's.
    wanted = [f"litellm[proxy]=={litellm}", *tools]
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != "\n".join(wanted):
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        try:
            pip("install", *wanted, python=python)
        except InstallError as error:
            # What it needs is not to be had here: its own code, which is what counts, on what the pinned one needs.
            pip("install", f"litellm[proxy]=={pinned()}", *tools, python=python)
            pip("install", "--no-deps", f"litellm=={litellm}", python=python)
            odd.write_text(str(error), encoding="utf-8")
        if version == PATCHED:
            patch(folder)
        stamp.write_text("\n".join(wanted), encoding="utf-8")
    # The wheel's version does not tell what is in it.
    pip("install", "--no-deps", "--force-reinstall", str(wheel), python=python)
    return folder, odd.read_text(encoding="utf-8") if odd.is_file() else ""


def tool_requirements() -> list[str]:
    """The test tools as this project pins them; LiteLLM's own needs are whatever pip chooses for that version."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.partition("==")[0] in _TOOLS]


def patch(folder: Path) -> None:
    """Change one function that the token counter reproduces, as a fork or a vendor's patch might."""
    path = next(folder.glob("lib/python*/site-packages/litellm/litellm_core_utils/token_counter.py"))
    source = path.read_text(encoding="utf-8")
    changed, count = re.subn(
        r"(\n    num_tokens) = 3\b|(\n    num_tokens) = 0\b", r"\1\2 = 1", source, count=1
    )
    if not count:
        sys.exit(f"nothing to patch in {path.relative_to(BUILD)}: litellm's code has changed")
    path.write_text(changed, encoding="utf-8")
