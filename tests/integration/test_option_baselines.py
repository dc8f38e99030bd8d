"""`--fastllm-baselines PATH` and `fastllm_baselines`: which file the bounds come from."""

from __future__ import annotations

import pytest


def test_the_file_in_rootdir_is_the_default(project):
    project.one_test()
    project.bounds(1.5, 100.0)
    result = project.compare("-v")
    result.stdout.fnmatch_lines(["*::test_small WITHIN*"])


@pytest.mark.parametrize("spelling", ["command line", "ini"])
def test_another_file(project, spelling):
    project.one_test()
    project.bounds(1.5, 100.0, path="other.json")
    if spelling == "ini":
        project.ini(fastllm_baselines=project.path / "other.json")
        result = project.compare("-v")
    else:
        result = project.compare("-v", "--fastllm-baselines=other.json")
    result.stdout.fnmatch_lines(["*bounds from *other.json", "*::test_small WITHIN*"])


def test_the_command_line_wins(project):
    project.one_test()
    project.bounds(1.5, 100.0, path="wanted.json")
    project.ini(fastllm_baselines=project.path / "absent.json")
    result = project.compare("-v", "--fastllm-baselines=wanted.json")
    result.stdout.fnmatch_lines(["*::test_small WITHIN*"])


def test_a_named_file_that_is_not_there(project):
    project.one_test()
    result = project.compare("--fastllm-baselines=absent.json")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    said = project.said(result)
    assert "absent.json: no such file" in said
    assert "--fastllm-update" in said


def test_an_empty_name(project):
    project.one_test()
    result = project.compare("--fastllm-baselines=")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "--fastllm-baselines='': expected a path" in project.said(result)
