"""`--fastllm-processes K` and `fastllm_processes`: what is no number of them.

What they do stands in `test_fresh_interpreters.py`.
"""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("value", ["0", "-1", "some", ""])
def test_what_is_no_number_of_processes(project, value):
    project.one_test()
    result = project.compare(f"--fastllm-processes={value}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert f"--fastllm-processes={value!r}" in project.said(result)
