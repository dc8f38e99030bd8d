"""`--fastllm-update` and `--fastllm-update-only`: bounds are written, with what changed printed."""

from __future__ import annotations

import json

import pytest

from pytest_fastllm.baselines import load_baselines

ONE_PROCESS = "--fastllm-processes=1"


def update(project, *args):
    return project.compare("--fastllm-update", ONE_PROCESS, *args)


def entry(project, key="codec/small"):
    stored = load_baselines(project.path / "baselines.json")
    (environment,) = (name for name in stored.environments if name != "any")
    return next(e for name, e in stored.environments[environment].entries.items() if name.key == key)


def store(project, low, high):
    """Bounds of this machine."""
    update(project)
    path = project.path / "baselines.json"
    data = json.loads(path.read_text())
    for environment in data["environments"].values():
        environment["workloads"]["codec/small"]["speedup"].update(low=low, high=high)
    path.write_text(json.dumps(data))


def test_a_missing_bound_is_stored_and_holds_in_the_next_run(project):
    project.one_test()
    result = update(project)
    assert result.ret == 0
    said = project.said(result)
    assert "baselines.json written:" in said
    assert "codec/small" in said
    stored = entry(project)
    assert stored.bound.low < stored.estimate < stored.bound.high
    result = project.compare("-v")
    result.stdout.fnmatch_lines(["*::test_small WITHIN*"])


def test_it_is_written_to_the_file_that_is_named(project):
    project.one_test()
    update(project, "--fastllm-baselines=mine.json")
    assert not (project.path / "baselines.json").exists()
    assert "codec/small" in (project.path / "mine.json").read_text()


@pytest.mark.parametrize(("low", "high"), [(1000.0, 2000.0), (0.001, 0.002)], ids=["below", "above"])
def test_a_violated_bound_is_mended_and_the_run_passes(project, low, high):
    project.one_test()
    store(project, low, high)
    result = update(project)
    assert result.ret == 0
    mended = entry(project)
    assert mended.bound.low < mended.estimate < mended.bound.high


@pytest.mark.parametrize("modes", ["create", "trim", "create,trim"])
def test_it_stays_violated_where_that_is_not_asked_for(project, modes):
    project.one_test()
    store(project, 1000.0, 2000.0)
    before = (project.path / "baselines.json").read_text()
    result = update(project, f"--fastllm-update-only={modes}")
    assert result.ret == 1
    assert (project.path / "baselines.json").read_text() == before


def test_create_alone(project):
    project.one_test()
    result = update(project, "--fastllm-update-only=create")
    assert result.ret == 0
    assert entry(project).bound.low is not None


def test_fix_alone_creates_nothing(project):
    project.one_test()
    result = update(project, "--fastllm-update-only=fix")
    assert not (project.path / "baselines.json").exists()
    assert "nothing was written" in project.said(result)


def test_a_mismatch_is_not_stored(project):
    project.one_test("accelerated.versus(lambda: 1, lambda: 2)", marker='"codec", workload="small"')
    result = update(project)
    assert result.ret == 1
    assert not (project.path / "baselines.json").exists()


@pytest.mark.parametrize("modes", ["", "all", "create,everything", "create;fix"])
def test_unknown_modes(project, modes):
    project.one_test()
    result = update(project, f"--fastllm-update-only={modes}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "expected some of create,fix,trim" in project.said(result)


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (("--fastllm-update",), "add --fastllm-compare"),
        (("--fastllm-compare", "--fastllm-update-only=fix"), "add --fastllm-update"),
    ],
)
def test_options_that_need_another(project, arguments, remedy):
    project.one_test()
    result = project.run(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert remedy in project.said(result)


@pytest.mark.parametrize(
    "key", ["fastllm_update", "fastllm_json", "fastllm_json_samples", "fastllm_update_only"]
)
def test_writing_is_asked_for_on_the_command_line_only(project, key):
    project.one_test()
    project.ini(**{key: "create"})
    result = project.run("-W", "error::pytest.PytestConfigWarning", "--strict-config")
    assert result.ret != 0
    assert key in project.said(result)


def test_a_place_that_cannot_be_written_is_told_before_anything_runs(project):
    project.one_test("raise AssertionError('it ran')")
    result = update(project, "--fastllm-baselines=absent/b.json")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "absent" in project.said(result)
    assert "it ran" not in project.said(result)
