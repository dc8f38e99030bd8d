"""`--fastllm-processes K` and `fastllm_processes`: every row is measured in fresh interpreters."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("spelling", ["command line", "ini"])
def test_each_row_says_how_many_measured_it(project, spelling):
    project.one_test()
    if spelling == "ini":
        project.ini(fastllm_processes=2)
        row = project.rows()["codec/small"]
    else:
        row = project.rows("--fastllm-processes=2")["codec/small"]
    assert row["processes"] == 2
    assert row["verdict"] == "unjudged"
    assert 1.5 < row["low"] < row["high"] < 100


@pytest.mark.parametrize("value", ["0", "-1", "some", ""])
def test_what_is_no_number_of_processes(project, value):
    project.one_test()
    result = project.compare(f"--fastllm-processes={value}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert f"--fastllm-processes={value!r}" in project.said(result)
