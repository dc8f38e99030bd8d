"""`--fastllm-profile`: where a row fails, a profile of the side that moved is kept."""

from __future__ import annotations

import pstats

import pytest

from pytest_fastllm.run.judging import Judging


def profiled(project, side="reference"):
    """Names of the functions in the profile of one side."""
    path = project.path / "fastllm-profiles" / f"codec-small-{side}.prof"
    return {name for _, _, name in pstats.Stats(str(path)).stats}


@pytest.mark.parametrize("spelling", ["command line", "ini"])
def test_a_failing_row_leaves_a_profile(project, spelling):
    project.one_test()
    project.bounds(1000, None)
    args = ["--fastllm-profile"] if spelling == "command line" else []
    if spelling == "ini":
        project.ini(fastllm_profile="true")
    said = project.said(project.compare(*args))
    assert "profile of the reference side of codec/small" in said
    assert "encode" in profiled(project)
    assert "fast_encode" not in profiled(project)


def test_a_row_within_its_bounds_leaves_none(project):
    project.one_test()
    project.bounds(1, None)
    project.compare("--fastllm-profile")
    assert not (project.path / "fastllm-profiles").exists()


def test_a_row_of_several_processes_leaves_one_too(project):
    project.one_test()
    project.bounds(1000, None)
    said = project.said(project.compare("--fastllm-profile", "--fastllm-processes=2"))
    assert "profile of the reference side of codec/small" in said
    assert "encode" in profiled(project)


def test_a_row_decided_when_the_run_was_over_leaves_one_too(project, monkeypatch):
    # No look decides, so both visits of a limited run are paused.
    monkeypatch.setattr(Judging, "decide", lambda *_: lambda *_: None)
    project.one_test()
    project.bounds(1000, None)
    (row,), _ = project.measured(
        project.run, "--fastllm-compare", "--fastllm-profile", "--fastllm-max-run-seconds=1"
    )
    assert (row["stopped"], row["verdict"]) == ("run-time", "below")
    assert "encode" in profiled(project)


def test_threads_are_profiled_where_they_drive(project):
    project.one_test(
        "def slow():\n    for _ in range(4000): pass\n"
        "def fast():\n    for _ in range(400): pass\n"
        "accelerated.versus(slow, fast)",
        marker='component="codec", threads=2',
    )
    project.bounds(1000, None)
    project.compare("--fastllm-profile")
    assert "slow" in profiled(project)
    assert "fast" in profiled(project, "accelerated")
    # The thread that hands out work and waits for it drives nothing.
    assert not any("acquire" in name or "get" in name for name in profiled(project))
