"""Where the Rust has `unsafe`, docs/fuzzing.md says why and what runs it."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "accel" / "src"


def test_the_table_of_unsafe_code_names_every_file_that_has_some():
    rows = re.findall(r"^\| (`.*\.rs`) \|", (ROOT / "docs" / "fuzzing.md").read_text(), re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([^`]+)`", row)}
    having = {
        source.relative_to(SOURCES).as_posix()
        for source in SOURCES.rglob("*.rs")
        if re.search(r"\bunsafe (\{|fn|impl|trait|extern)", source.read_text())
    }
    assert named == having
