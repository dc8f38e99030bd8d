"""A run whose numbers would be wrong is refused before it starts, with the cause and the remedy."""

from __future__ import annotations

import sys

import pytest

SETTRACE = """
import sys

def pytest_configure(config):
    sys.{hook}(lambda *_: None)
"""
MONITORING = """
import sys

def pytest_configure(config):
    sys.monitoring.use_tool_id(3, "some profiler")
"""
TRACEMALLOC = """
import tracemalloc

tracemalloc.start()
"""
EXTENSION = """
import sys
from types import SimpleNamespace

sys.modules["pytest_fastllm._accel"] = SimpleNamespace(build_profile=lambda: "debug")
"""


def refused(result, project, *words):
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    said = project.said(result)
    assert "timing is refused: " in said
    assert "it ran" not in said
    for word in words:
        assert word in said


@pytest.fixture
def test_that_must_not_run(project):
    project.one_test("raise AssertionError('it ran')")
    return project


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (SETTRACE.format(hook="settrace"), ["a trace function is set (sys.settrace)", "run without"]),
        (SETTRACE.format(hook="setprofile"), ["a profile function is set (sys.setprofile)", "run without"]),
        pytest.param(
            MONITORING,
            ["'some profiler' is watching through sys.monitoring", "run without it"],
            marks=pytest.mark.skipif(sys.version_info < (3, 12), reason="sys.monitoring came with 3.12"),
        ),
        (TRACEMALLOC, ["tracemalloc is tracing", "run without -X tracemalloc"]),
        (EXTENSION, ["_accel is a debug build", "make build"]),
    ],
    ids=["settrace", "setprofile", "monitoring", "tracemalloc", "extension"],
)
def test_what_a_conftest_may_have_set(test_that_must_not_run, source, words):
    project = test_that_must_not_run
    # A plugin beside the conftest, which declares the component.
    project.pytester.makepyfile(disturbing=source)
    refused(project.run_flagged("--fastllm-compare", "-p", "disturbing"), project, *words)


def test_coverage(test_that_must_not_run):
    project = test_that_must_not_run
    result = project.with_installed_plugins().run_apart("--fastllm-compare", "--cov=codec", "-p", "no:xdist")
    refused(result, project, "coverage", "--no-cov")


@pytest.mark.parametrize(
    ("flags", "variables", "words"),
    [
        (["-X", "dev"], {}, ["-X dev"]),
        ([], {"PYTHONDEVMODE": "1"}, ["PYTHONDEVMODE"]),
        ([], {"PYTHONMALLOC": "debug"}, ["PYTHONMALLOC=debug", "unset it"]),
        (["-X", "tracemalloc"], {}, ["tracemalloc"]),
        ([], {"PYTHONASYNCIODEBUG": "1"}, ["PYTHONASYNCIODEBUG"]),
    ],
    ids=["-X dev", "PYTHONDEVMODE", "PYTHONMALLOC", "-X tracemalloc", "PYTHONASYNCIODEBUG"],
)
def test_how_the_interpreter_was_started(test_that_must_not_run, monkeypatch, flags, variables, words):
    project = test_that_must_not_run
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    result = project.run_flagged("--fastllm-compare", flags=flags)
    refused(result, project, *words)


def test_a_tracer_that_comes_later_is_an_error_of_the_row(project):
    project.one_test("import sys\nsys.setprofile(lambda *_: None)\naccelerated(codec.call, 'x')")
    result = project.run_flagged("--fastllm-compare", "-v")
    assert result.ret == 1
    said = project.said(result)
    assert "codec/small: error: timing is refused: a profile function is set" in said
    result.stdout.fnmatch_lines(["*::test_small ERROR*"])


@pytest.mark.parametrize("source", [TRACEMALLOC, SETTRACE.format(hook="settrace")])
def test_answers_are_compared_all_the_same(project, source):
    project.one_test()
    project.pytester.makepyfile(disturbing=source)
    project.run_flagged("-p", "disturbing").assert_outcomes(passed=1)
