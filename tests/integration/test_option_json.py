"""`--fastllm-json PATH` and `--fastllm-json-samples`: the results file."""

from __future__ import annotations

import json
import os

import pytest

from pytest_fastllm.model import Verdict
from pytest_fastllm.results import load_results


def test_it_holds_the_run(project):
    project.one_test()
    project.bounds(1.5, 100.0)
    path = project.path / "out.json"
    result = project.compare(f"--fastllm-json={path}")
    assert f"results written to {path}" in project.said(result)
    run = load_results(path)
    (row,) = run.rows
    assert (row.key, row.nodeid) == ("codec/small", "test_codec.py::test_small")
    assert row.interval.low < row.interval.estimate < row.interval.high
    # 400 turns of a loop against 40: far from 1, and from 100.
    assert 2 < row.interval.estimate < 30
    assert row.reference.value > row.accelerated.value > 0
    assert row.bound.source == "any"
    assert row.environment in run.environments
    assert run.comparisons == 1
    assert "--fastllm-compare" in run.command


def test_samples_are_kept_where_asked_for(project):
    project.one_test()
    assert "samples" not in project.rows()["codec/small"]
    samples = project.rows("--fastllm-json-samples")["codec/small"]["samples"]
    assert {len(series) for series in samples.values()} == {20}
    assert all(value > 0 for series in samples.values() for value in series)


def test_samples_of_fresh_interpreters_are_kept_with_the_interpreter(project):
    project.one_test()
    samples = project.rows("--fastllm-json-samples", "--fastllm-processes=2")["codec/small"]["samples"]
    assert sorted(samples) == ["accelerated_s", "process", "reference_s"]
    assert {len(series) for series in samples.values()} == {40}
    assert samples["process"] == [0.0] * 20 + [1.0] * 20


def test_parameters_are_recorded(project):
    project.tests(
        """
        import pytest, codec

        @pytest.mark.fastllm("codec")
        @pytest.mark.parametrize(("n", "what"), [(3, object)], ids=["few"])
        def test_it(accelerated, n, what):
            accelerated(codec.call, "x" * n)
        """
    )
    row = project.rows()["codec/it[few]"]
    assert row["params"] == {"n": 3}


def test_it_needs_measured_figures(project):
    project.one_test()
    result = project.run("--fastllm-json=out.json")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "--fastllm-json needs measured figures; add --fastllm-compare" in project.said(result)
    assert not (project.path / "out.json").exists()


def test_samples_need_a_file(project):
    project.one_test()
    result = project.compare("--fastllm-json-samples")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "add --fastllm-json PATH" in project.said(result)


@pytest.mark.parametrize("place", ["absent/out.json", "."])
def test_a_path_that_cannot_be_written_is_told_before_anything_runs(project, place):
    project.one_test("raise AssertionError('it ran')")
    result = project.compare(f"--fastllm-json={project.path / place}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    said = project.said(result)
    assert str(project.path / place) in said
    assert "it ran" not in said


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(project):
    project.one_test()
    folder = project.pytester.mkdir("locked")
    folder.chmod(0o500)
    result = project.compare(f"--fastllm-json={folder / 'out.json'}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "locked" in project.said(result)


OLD = "results of an earlier run"


@pytest.mark.parametrize(
    ("marker", "arguments", "status"),
    [
        ('"unknown"', (), pytest.ExitCode.USAGE_ERROR),
        ('"codec", worklod="x"', (), pytest.ExitCode.USAGE_ERROR),
        ('"codec"', ("--collect-only",), pytest.ExitCode.OK),
        ('"codec"', ("-k", "nothing"), pytest.ExitCode.NO_TESTS_COLLECTED),
        ('"codec"', ("absent.py",), pytest.ExitCode.USAGE_ERROR),
    ],
)
def test_a_run_that_measured_nothing_overwrites_nothing(project, marker, arguments, status):
    project.one_test(marker=marker)
    path = project.path / "out.json"
    path.write_text(OLD)
    assert project.compare(f"--fastllm-json={path}", *arguments).ret == status
    assert path.read_text() == OLD


def test_a_file_that_cannot_be_written_in_the_end_fails_the_run(project):
    path = project.path / "out.json"
    project.one_test(f"accelerated(codec.call, 'x')\nimport pathlib; pathlib.Path({str(path)!r}).mkdir()")
    result = project.compare(f"--fastllm-json={path}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "ERROR:" in project.said(result)
    assert str(path) in project.said(result)


def test_what_failed_is_in_it(project):
    project.tests(
        """
        import pytest, codec

        @pytest.mark.fastllm("codec")
        def test_mismatch(accelerated):
            accelerated.versus(lambda: 1, lambda: 2)

        @pytest.mark.fastllm("codec")
        def test_error(accelerated, encode=codec.encode):
            accelerated(encode, "x")

        @pytest.mark.fastllm("codec")
        def test_raised(accelerated):
            accelerated(codec.call, "x", level="no number")
        """
    )
    rows = project.rows()
    assert {name: row["verdict"] for name, row in rows.items()} == {
        "codec/mismatch": "mismatch",
        "codec/error": "error",
        "codec/raised": "unjudged",
    }
    assert all(row["estimate"] is None and row["message"] for row in rows.values())
    assert json.dumps(rows, allow_nan=False)


def test_the_environment_has_the_versions_of_the_components_packages(project):
    # Known only once the tests are collected, and the run's first line needs the environment before that.
    project.pytester.makeconftest(
        """
        from pytest_fastllm import Component

        def pytest_fastllm_components():
            sides = {"reference": "pluggy:__version__", "accelerated": "codec:calls"}
            return [Component("codec", **sides, patch=("codec:calls",))]
        """
    )
    project.one_test("accelerated.versus(lambda: 1, lambda: 1)")
    path = project.path / "out.json"
    project.compare(f"--fastllm-json={path}")
    (environment,) = load_results(path).environments.values()
    assert "pluggy" in environment.packages


def test_a_lone_path_outside_does_not_move_the_root_unseen(project, tmp_path_factory):
    project.one_test()
    project.bounds(1.5, 100.0)
    path = tmp_path_factory.mktemp("elsewhere") / "out.json"
    project.compare("--fastllm-json", str(path))
    assert load_results(path).rows[0].verdict is Verdict.WITHIN
    # Now it exists, and pytest takes it for the place of a test.
    result = project.compare("--fastllm-json", str(path))
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert f"write --fastllm-json={path}" in project.said(result) + str(result.stderr)
    assert project.compare(f"--fastllm-json={path}").ret == 0


def test_a_lone_path_inside_is_as_good(project):
    project.one_test()
    project.bounds(1.5, 100.0)
    for _ in range(2):
        assert project.compare("--fastllm-json", str(project.path / "out.json")).ret == 0
