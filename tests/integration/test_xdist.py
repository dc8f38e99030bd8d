"""Beside pytest-xdist: workers compare answers, and never measure."""

from __future__ import annotations

import pytest

MANY = """
import pytest, codec

@pytest.mark.fastllm("codec")
@pytest.mark.parametrize("n", range(4))
def test_it(accelerated, n):
    accelerated(codec.call, "x" * n)

@pytest.mark.fastllm("codec", workload="broken")
def test_broken(accelerated):
    accelerated.versus(lambda: 1, lambda: 2)
"""


@pytest.fixture
def many(project):
    project.tests(MANY)
    return project.with_installed_plugins()


def test_without_xdist(many):
    result = many.compare("-p", "no:xdist")
    assert result.parseoutcomes() == {"failed": 1, "unjudged": 4}


def test_with_no_workers(many):
    result = many.compare("-n0")
    assert result.parseoutcomes() == {"failed": 1, "unjudged": 4}


@pytest.mark.parametrize("workers", ["-n2", "-n1", "--numprocesses=2"])
def test_measuring_in_workers_is_a_usage_error_that_names_the_remedy(many, workers):
    result = many.compare(workers)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "add -n0" in many.said(result)


def test_measuring_by_ini_in_workers_too(many):
    many.ini(fastllm_compare="true")
    result = many.run("-n2")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "add -n0" in many.said(result)


def test_workers_compare_answers(many):
    result = many.run_apart("-n2")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=4, failed=1)
    assert "codec/broken: mismatch: the sides answered differently" in many.said(result)


def test_a_mistake_is_told_by_workers_too(project):
    project.one_test(marker='"codek"')
    result = project.with_installed_plugins().run_apart("-n2")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "unknown component 'codek'" in project.said(result)
