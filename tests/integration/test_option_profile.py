"""`--fastllm-profile`: where a row fails, a profile of the side that moved is kept."""

from __future__ import annotations

import pstats

import pytest


@pytest.mark.parametrize("spelling", ["command line", "ini"])
def test_a_failing_row_leaves_a_profile(project, spelling):
    project.one_test()
    project.bounds(1000, None)
    args = ["--fastllm-profile"] if spelling == "command line" else []
    if spelling == "ini":
        project.ini(fastllm_profile="true")
    said = project.said(project.compare(*args))
    path = project.path / "fastllm-profiles" / "codec-small-reference.prof"
    assert "profile of the reference side of codec/small" in said
    assert any(name == "encode" for _, _, name in pstats.Stats(str(path)).stats)


def test_a_row_within_its_bounds_leaves_none(project):
    project.one_test()
    project.bounds(1, None)
    project.compare("--fastllm-profile")
    assert not (project.path / "fastllm-profiles").exists()
