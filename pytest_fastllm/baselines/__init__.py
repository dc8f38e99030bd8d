"""The stored record of what was measured, and the bounds that follow from it: `baselines.json`."""

from __future__ import annotations

from .baseline import PORTABLE, Baseline, Baselines, EnvironmentBaselines, RowName
from .diff import diff
from .file import dump_baselines, load_baselines
from .propose import ALL_MODES, Mode, Proposal, parse_modes, propose
from .prune import Pruned, prune
from .update import Update, update_file, write_baselines

__all__ = [
    "ALL_MODES",
    "PORTABLE",
    "Baseline",
    "Baselines",
    "EnvironmentBaselines",
    "Mode",
    "Proposal",
    "Pruned",
    "RowName",
    "Update",
    "diff",
    "dump_baselines",
    "load_baselines",
    "parse_modes",
    "propose",
    "prune",
    "update_file",
    "write_baselines",
]
