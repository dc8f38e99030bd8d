"""`--fastllm-strict` and `fastllm_strict`: what is undecided, unjudged or unavailable fails."""

from __future__ import annotations

import pytest

SPELLINGS = ["command line", "ini"]


@pytest.fixture(params=SPELLINGS)
def strict(request, project):
    """Arguments that ask for strictness, one way or the other."""
    if request.param == "ini":
        project.ini(fastllm_strict="true")
        return ()
    return ("--fastllm-strict",)


def test_unjudged_passes_without_it(project):
    project.one_test()
    result = project.compare("-v")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*::test_small UNJUDGED*", "*1 unjudged*"])


def test_unjudged_fails(project, strict):
    project.one_test()
    result = project.compare(*strict)
    assert result.ret == 1
    result.assert_outcomes(failed=1)
    said = project.said(result)
    assert "codec/small: unjudged: no bound applies here" in said
    assert "--fastllm-strict" in said


UNAVAILABLE = """
import pytest
from pytest_fastllm import Component

def pytest_fastllm_components():
    return [
        Component("codec", reference="codec:encode", accelerated="codec:fast_encode", patch=("codec:encode",),
                  available=lambda: "the native library is too old")
    ]
"""


@pytest.mark.parametrize("arguments", [(), ("--fastllm-compare",)], ids=["functional", "compare"])
def test_unavailable_is_skipped_without_it(project, arguments):
    project.one_test()
    project.pytester.makeconftest(UNAVAILABLE)
    result = project.run("-rs", *arguments)
    result.assert_outcomes(skipped=1)
    assert result.ret == 0
    assert "codec/small: unavailable: the native library is too old" in project.said(result)


@pytest.mark.parametrize("arguments", [(), ("--fastllm-compare",)], ids=["functional", "compare"])
def test_unavailable_fails(project, strict, arguments):
    project.one_test()
    project.pytester.makeconftest(UNAVAILABLE)
    result = project.run(*strict, *arguments)
    assert result.ret == 1
    assert "codec/small: unavailable: the native library is too old (--fastllm-strict)" in project.said(
        result
    )


def test_within_passes(project, strict):
    project.one_test()
    project.bounds(1.5, 100.0)
    result = project.compare(*strict)
    assert result.ret == 0
    result.assert_outcomes(passed=1)
