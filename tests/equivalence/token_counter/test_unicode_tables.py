"""The tables in the extension are those of the installed tiktoken and litellm."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pytest_fastllm.components._token_counter import vocabularies

TOOLS = Path(__file__).parents[3] / "accel" / "tools"


@pytest.mark.parametrize("script", ["unicode_classes.py", "vocabularies.py"])
def test_the_generated_tables_are_up_to_date(script):
    subprocess.run([sys.executable, str(TOOLS / script), "--check"], check=True)


@pytest.mark.parametrize("name", vocabularies.VOCABULARIES)
def test_unsliced_counts_agree_with_tiktoken(name):
    assert vocabularies.agrees_with_tiktoken(name)
