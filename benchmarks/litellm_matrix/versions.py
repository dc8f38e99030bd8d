"""Which LiteLLM versions there are, and which of them are looked at."""

from __future__ import annotations

import json
import re
from importlib import import_module

from ..pages import ROOT
from .installing import BUILD, pip
from .outcome import COMPONENTS

OLDER = "1.98.1"
PATCHED = "patched"


def default_versions(*newest: str) -> list[str]:
    """The newest releases, the known ones from new to old, one that is too old, and a patched one."""
    known = {version for component in COMPONENTS for version in known_versions(component)}
    return list(dict.fromkeys([*newest, *sorted(known, key=numbers, reverse=True), OLDER, PATCHED]))


def known_versions(component: str) -> list[str]:
    """The versions whose code a component knows."""
    return list(import_module(f"pytest_fastllm.components._{component}.fingerprint").LITELLM.releases)


def numbers(version: str) -> tuple[int, ...]:
    """A version in a form that sorts."""
    return tuple(int(part) for part in re.findall(r"\d+", version))


def pinned() -> str:
    """The litellm that this project's own commands install."""
    found = re.search(
        r"^litellm==(\S+)", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert found is not None
    return found[1]


def resolve_newest(*options: str) -> str:
    """The litellm that `pip install litellm` chooses here and now; with `--no-deps`, the newest that there is."""
    report = BUILD / "newest.json"
    pip("install", "--dry-run", "--ignore-installed", "--report", str(report), *options, "litellm")
    chosen = json.loads(report.read_text(encoding="utf-8"))["install"]
    return next(str(one["metadata"]["version"]) for one in chosen if one["metadata"]["name"] == "litellm")
