"""`--fastllm-iterations N` and `fastllm_iterations`: the number of pairs is fixed."""

from __future__ import annotations

import pytest


def test_on_the_command_line(project):
    project.one_test()
    row = project.rows("--fastllm-iterations=31")["codec/small"]
    assert (row["pairs"], row["stopped"], row["looks"]) == (31, "iterations", 1)


def test_in_the_ini_file_and_the_command_line_wins(project):
    project.one_test()
    project.ini(fastllm_iterations=12)
    path = project.path / "r.json"
    project.run("--fastllm-compare", "--fastllm-max-seconds=0.3", f"--fastllm-json={path}")
    assert '"pairs": 12' in path.read_text()
    assert project.rows("--fastllm-iterations=14")["codec/small"]["pairs"] == 14


@pytest.mark.parametrize("value", ["0", "-5", "3", "many", "2.5", ""])
@pytest.mark.parametrize("spelling", ["command line", "ini"])
def test_what_is_no_number_of_pairs(project, spelling, value):
    project.one_test()
    if spelling == "ini":
        project.ini(fastllm_iterations=value)
        result = project.run("--fastllm-compare")
        assert f"the ini key fastllm_iterations={value!r}" in project.said(result)
    else:
        result = project.run("--fastllm-compare", f"--fastllm-iterations={value}")
        assert f"--fastllm-iterations={value!r}" in project.said(result)
    assert result.ret == pytest.ExitCode.USAGE_ERROR


def test_rounds_of_a_single_test_win(project):
    project.one_test("accelerated.pedantic(codec.call, ('x',), rounds=16)")
    assert project.rows("--fastllm-iterations=31")["codec/small"]["pairs"] == 16
