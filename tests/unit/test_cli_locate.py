"""Where the baselines file lies when nobody says so."""

from __future__ import annotations

import pytest

from pytest_fastllm.cli.locate import default_baselines


@pytest.fixture
def tree(tmp_path):
    inner = tmp_path / "project" / "tests" / "unit"
    inner.mkdir(parents=True)
    (tmp_path / "baselines.json").write_text("{}")  # of a stranger: above the project's top folder
    (tmp_path / "project" / "pyproject.toml").write_text("")
    return inner


def test_the_top_folder_of_the_project(tree):
    assert default_baselines(tree) == tree.parents[1] / "baselines.json"


def test_the_nearest_file(tree):
    (tree.parent / "baselines.json").write_text("{}")
    assert default_baselines(tree) == tree.parent / "baselines.json"


def test_the_current_folder_is_the_start(tree, monkeypatch):
    monkeypatch.chdir(tree)
    assert default_baselines() == tree.parents[1] / "baselines.json"


def test_here_where_nothing_tells(tmp_path, monkeypatch):
    monkeypatch.setattr("pytest_fastllm.cli.locate._TOP_MARKS", ())
    monkeypatch.setattr("pytest_fastllm.cli.locate.NAME", "no-such-file-anywhere.json")
    assert default_baselines(tmp_path) == tmp_path.resolve() / "no-such-file-anywhere.json"
