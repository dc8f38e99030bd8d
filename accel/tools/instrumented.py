"""How cargo is asked for code that watches itself; shared by `fuzz.py` and `sanitize.py`."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

ADDRESS_SANITIZER = "-Zsanitizer=address"

# Optimised, and with the checks of a debug build.
PROFILE = "fuzz"


def host() -> str:
    """The compiler's own target: named to cargo, it keeps the flags away from build scripts."""
    described = subprocess.run(["rustc", "-vV"], check=True, capture_output=True, text=True).stdout
    return re.findall(r"^host: (.+)$", described, re.M)[0]


def cargo(*arguments: str, flags: tuple[str, ...], target_dir: Path) -> Path:
    """Run cargo with compiler flags; returns the folder of what it built.

    Raises:
        subprocess.CalledProcessError: It failed, and said why.
    """
    triple = host()
    command = ["cargo", *arguments, "--quiet", "--profile", PROFILE]
    command += ["--target", triple, "--target-dir", str(target_dir)]
    # The compiler is a stable one; it has to be told to take a sanitizer's flag.
    compiler = {"RUSTC_BOOTSTRAP": "1", "RUSTFLAGS": " ".join(flags)}
    subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, **without_leak_check(), **compiler})
    return target_dir / triple / PROFILE


def without_leak_check() -> dict[str, str]:
    """The environment that keeps AddressSanitizer to errors: tables and interned names are never freed."""
    return {"ASAN_OPTIONS": "detect_leaks=0"}
