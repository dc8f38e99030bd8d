"""`pytest-fastllm compare`: what is handed to pytest, and what is refused before."""

from __future__ import annotations

from pathlib import Path

import pytest

import pytest_fastllm.suite
from pytest_fastllm.cli import compare, main


@pytest.fixture
def suite(monkeypatch):
    """A suite of two components, and the arguments that pytest was called with."""
    known = {name: [f"pytest_fastllm.suite.test_{name}"] for name in ("routing", "token_counter")}
    monkeypatch.setattr(compare, "bundled_components", lambda: known)
    calls = []

    def pytest_main(arguments):
        calls.append(arguments)
        return pytest.ExitCode.NO_TESTS_COLLECTED

    monkeypatch.setattr(pytest, "main", pytest_main)
    return calls


INI = Path(pytest_fastllm.suite.__file__).with_name("compare.ini")
COUNTER, ROUTING = "pytest_fastllm.suite.test_token_counter", "pytest_fastllm.suite.test_routing"


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        ([], ["pytest_fastllm.suite", "--fastllm-compare"]),
        (["token_counter"], [COUNTER, "--fastllm-compare"]),
        (["token_counter", "routing", "routing"], [COUNTER, ROUTING, "--fastllm-compare"]),
        (["--iterations", "200"], ["pytest_fastllm.suite", "--fastllm-compare", "--fastllm-iterations=200"]),
        (["--iterations=9", "routing"], [ROUTING, "--fastllm-compare", "--fastllm-iterations=9"]),
        (["routing", "-k", "small", "-x"], [ROUTING, "--fastllm-compare", "-k", "small", "-x"]),
        (
            ["routing", "-x", "--iterations", "9"],
            [ROUTING, "--fastllm-compare", "--fastllm-iterations=9", "-x"],
        ),
        (["routing", "--", "-q"], [ROUTING, "--fastllm-compare", "-q"]),
        (["-xvs"], ["pytest_fastllm.suite", "--fastllm-compare", "-xvs"]),
        (["--fastllm-json=r.json"], ["pytest_fastllm.suite", "--fastllm-compare", "--fastllm-json=r.json"]),
        (
            ["--fastllm-json", "r.json"],
            ["pytest_fastllm.suite", "--fastllm-compare", "--fastllm-json", "r.json"],
        ),
    ],
    ids=lambda value: " ".join(value),
)
def test_arguments(suite, argv, expected):
    assert main(["compare", *argv]) == 5  # pytest's own exit status
    assert suite == [["-c", str(INI), "--rootdir", str(Path.cwd()), "--pyargs", *expected]]


def test_an_unknown_component_is_refused_with_the_known_ones(suite, capsys):
    assert main(["compare", "tokencounter"]) == 2
    assert (
        "expected bundled components (routing, token_counter), found 'tokencounter'"
        in capsys.readouterr().err
    )
    assert suite == []


def test_iterations_must_be_a_number(suite, capsys):
    assert main(["compare", "--iterations", "many"]) == 2
    assert "invalid int value: 'many'" in capsys.readouterr().err
    assert suite == []


def test_every_bundled_component_has_its_files(tmp_path, monkeypatch):
    own, memory = "test_token_counter.py", "test_token_counter_memory.py"
    for name in ("test_routing.py", memory, own, "conftest.py", "__init__.py", "helpers.py"):
        (tmp_path / name).write_text("raise SystemExit('imported')")

    class Spec:
        submodule_search_locations = [str(tmp_path)]  # noqa: RUF012 - stands for a module's spec

    monkeypatch.setattr(compare, "find_spec", lambda name: Spec)
    assert compare.bundled_components() == {
        "routing": [ROUTING],
        "token_counter": [COUNTER, f"{COUNTER}_memory"],
    }


def test_no_suite_is_said(monkeypatch):
    monkeypatch.setattr(compare, "find_spec", lambda name: None)
    with pytest.raises(compare.UsageError, match="none is installed"):
        compare.pytest_arguments(["x"], None, [])
