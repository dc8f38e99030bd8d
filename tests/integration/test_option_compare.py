"""`--fastllm-compare` and the ini key `fastllm_compare`: measure, and run only what is measured."""

from __future__ import annotations

import re

import pytest

TWO_TESTS = """
import pytest, codec

@pytest.mark.fastllm("codec")
def test_small(accelerated):
    accelerated(codec.call, "x")
    print("calls:", len(codec.calls))

def test_other():
    pass
"""


def calls(result):
    return int(re.search(r"calls: (\d+)", result.stdout.str())[1])


def test_without_it_each_side_is_called_once_and_everything_runs(project):
    project.tests(TWO_TESTS)
    result = project.run("-s")
    result.assert_outcomes(passed=2)
    assert calls(result) == 2
    result.stdout.no_fnmatch_line("*= fastllm =*")


def test_on_the_command_line(project):
    project.tests(TWO_TESTS)
    result = project.compare("-s")
    result.assert_outcomes(deselected=1)
    assert calls(result) > 40
    result.stdout.fnmatch_lines(["*= fastllm =*"])


@pytest.mark.parametrize("value", ["true", "1", "yes", "on", "True"])
def test_in_the_ini_file(project, value):
    project.tests(TWO_TESTS)
    project.ini(fastllm_compare=value, fastllm_iterations=20, fastllm_max_seconds=0.3)
    result = project.run("-s")
    assert calls(result) > 40
    result.stdout.fnmatch_lines(["*= fastllm =*"])


@pytest.mark.parametrize("value", ["false", "0", "no", "off", ""])
def test_switched_off_in_the_ini_file(project, value):
    project.tests(TWO_TESTS)
    project.ini(fastllm_compare=value)
    project.run().assert_outcomes(passed=2)


def test_an_ini_value_that_is_no_truth(project):
    project.tests(TWO_TESTS)
    project.ini(fastllm_compare="perhaps")
    result = project.run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "ini key fastllm_compare='perhaps': expected true or false" in project.said(result)


def test_no_test_uses_the_fixture(project):
    project.tests("def test_other(): pass")
    result = project.compare()
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert "no test uses `accelerated`" in project.said(result)


def test_a_run_that_breaks_before_does_not_say_that_no_test_uses_the_fixture(project):
    project.tests("import no_such_module")
    result = project.compare()
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert "nothing was compared" in project.said(result)
    assert "no test uses" not in project.said(result)


def test_the_header_names_environment_and_baselines(project):
    project.tests(TWO_TESTS)
    result = project.compare()
    result.stdout.fnmatch_lines(["fastllm: environment *, bounds from *baselines.json (missing)"])


def test_collecting_alone_measures_nothing(project):
    project.tests(TWO_TESTS)
    result = project.compare("--collect-only", "-q")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["test_codec.py::test_small"])
    result.stdout.no_fnmatch_line("*test_other*")
