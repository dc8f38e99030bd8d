"""`pytest-fastllm compare` in a folder whose own pytest settings are not for the bundled suite."""

from __future__ import annotations

import sys

INI = """
[pytest]
addopts = --no-such-option
filterwarnings = error
no_such_plugins_key = 1
strict_config = true
testpaths = tests
"""


def test_the_folders_settings_do_not_count_but_its_baselines_do(pytester):
    pytester.makefile(".ini", pytest=INI)
    result = pytester.run(
        sys.executable, "-m", "pytest_fastllm.cli", "compare", "token_counter", "--collect-only"
    )
    assert result.ret == 0
    said = result.stdout.str()
    assert f"rootdir: {pytester.path}" in said
    assert f"{pytester.path}/baselines.json (missing)" in said
    assert "test_small_text" in said
