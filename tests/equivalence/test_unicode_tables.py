"""The character classes in the extension are those of the installed tiktoken."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import seam

SCRIPT = Path(__file__).parents[2] / "accel" / "tools" / "unicode_classes.py"


def test_the_generated_table_is_what_tiktoken_does():
    subprocess.run([sys.executable, str(SCRIPT), "--check"], check=True)


@pytest.mark.parametrize("name", seam.VOCABULARIES)
def test_unsliced_counts_agree_with_tiktoken(name):
    assert seam._agrees_with_tiktoken(name)
