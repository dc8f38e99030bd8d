"""A verdict is the item's own outcome: JUnit XML, --lf, -x, status words and exit status see one thing."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from restless import RESTLESS

FOUR = """
import pytest, codec

pytestmark = pytest.mark.fastllm("codec")

def test_mismatch(accelerated):
    accelerated.versus(lambda: 1, lambda: 2)

def test_error(accelerated, taken_early=codec.encode):
    accelerated(taken_early, "x")

def test_unjudged(accelerated):
    accelerated(codec.call, "x")

def test_within(accelerated):
    accelerated(codec.call, "x")
"""
OUTSIDE = """
import pytest, codec

pytestmark = pytest.mark.fastllm("codec")

def test_below(accelerated):
    accelerated(codec.call, "x")

def test_above(accelerated):
    accelerated(codec.call, "x")
"""

# A bound at 1 is always straddled.
STRADDLING = f"""
import pytest

{RESTLESS}

@pytest.mark.fastllm("codec")
def test_restless(accelerated):
    accelerated.versus(lambda: restless(), lambda: restless())
"""


@pytest.fixture
def four(project):
    project.tests(FOUR)
    project.bounds(1.5, 100.0, key="codec/within")
    return project


def test_words_and_letters(four):
    result = four.compare("-v")
    result.stdout.fnmatch_lines(
        [
            "*::test_mismatch MISMATCH*",
            "*::test_error ERROR*",
            "*::test_unjudged UNJUDGED*",
            "*::test_within WITHIN*",
        ]
    )
    four.compare("-q").stdout.fnmatch_lines(["ME~.*"])


def test_the_run_fails_and_counts_each(four):
    result = four.compare()
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    outcomes = result.parseoutcomes()
    assert (outcomes["failed"], outcomes["passed"], outcomes["unjudged"]) == (2, 1, 1)


def test_the_message_is_the_failure_and_no_traceback_of_ours(four):
    said = four.said(four.compare())
    assert "codec/mismatch: mismatch: the sides answered differently" in said
    assert "codec/error: error: the accelerated side was switched on, but the call never entered it" in said
    assert "item_run.py" not in said
    assert "During handling of the above exception" not in said


def test_junit(four):
    path = four.path / "junit.xml"
    four.compare(f"--junitxml={path}")
    cases = {case.get("name"): case for case in ET.parse(path).iter("testcase")}
    assert [name for name, case in cases.items() if case.find("failure") is not None] == [
        "test_mismatch",
        "test_error",
    ]
    assert "codec/mismatch: mismatch" in cases["test_mismatch"].find("failure").get("message")
    properties = {
        name: {p.get("name"): p.get("value") for p in case.iter("property")} for name, case in cases.items()
    }
    assert properties["test_within"]["fastllm_speedup_verdict"] == "within"
    assert float(properties["test_within"]["fastllm_speedup"]) > 1.5
    assert properties["test_mismatch"]["fastllm_speedup_verdict"] == "mismatch"


def test_last_failed(four):
    run = four.pytester.runpytest_inprocess
    options = ("-p", "pytest_fastllm.plugin", "--fastllm-compare", "--fastllm-iterations=20")
    run(*options)
    result = run(*options, "--lf", "-v")
    result.assert_outcomes(failed=2)
    result.stdout.no_fnmatch_line("*test_within*")


def test_stop_at_the_first(four):
    result = four.compare("-x")
    result.assert_outcomes(failed=1)


class TestOutside:
    """Outside of the bound, and confirmed in fresh interpreters."""

    @pytest.fixture
    def outside(self, project):
        project.tests(OUTSIDE)
        project.bounds(1000.0, 2000.0, key="codec/below")
        path = project.path / "baselines.json"
        both = path.read_text().replace(
            '"codec/below": {',
            '"codec/above": {"speedup": {"low": 0.001, "high": 0.002, "estimate": 0.0015}}, "codec/below": {',
        )
        path.write_text(both)
        return project

    def test_the_item_fails_with_bound_then_value_then_flag(self, outside):
        path = outside.path / "junit.xml"
        result = outside.compare("-v", f"--junitxml={path}")
        assert result.ret == pytest.ExitCode.TESTS_FAILED
        result.assert_outcomes(failed=2)
        result.stdout.fnmatch_lines(["*::test_below BELOW*", "*::test_above ABOVE*"])
        said = outside.said(result)
        for message in ("codec/below: below: bound ", "codec/above: above: bound "):
            rest = said[said.index(message) :]
            assert (
                rest.index("bound") < rest.index("measured speedup") < rest.index("--fastllm-update-only=fix")
            )
        cases = list(ET.parse(path).iter("testcase"))
        assert len(cases) == 2
        for case, verdict in zip(cases, ("below", "above"), strict=True):
            assert case.find("failure") is not None
            properties = [(p.get("name"), p.get("value")) for p in case.iter("property")]
            assert properties.count(("fastllm_speedup_verdict", verdict)) == 1

    def test_each_item_is_reported_once(self, outside):
        result = outside.compare("-rA")
        lines = [line for line in result.outlines if line.startswith(("BELOW ", "ABOVE ", "FAILED "))]
        assert len(lines) == 2


class TestUndecided:
    """The interval straddles the bound when time is up."""

    @pytest.fixture
    def restless(self, project):
        project.tests(STRADDLING)
        project.bounds(1.0, None, key="codec/restless")
        return project

    def test_it_passes_and_is_shown_loudly(self, restless):
        result = restless.compare("-v")
        assert result.ret == 0
        result.stdout.fnmatch_lines(
            ["*::test_restless INCONCLUSIVE*", "*~ inconclusive*", "*1 inconclusive*"]
        )

    def test_it_fails_under_strict(self, restless):
        result = restless.compare("--fastllm-strict", "-v")
        assert result.ret == 1
        said = restless.said(result)
        assert "codec/restless: inconclusive: bound" in said
        assert "the number of pairs is fixed: take more with --fastllm-iterations" in said
        assert "--fastllm-strict" in said


def test_a_failed_assertion_after_the_comparison_is_a_failure_of_its_own(project):
    project.one_test("assert accelerated(codec.call, 'x') == 'nothing like it'")
    result = project.compare()
    assert result.ret == 1
    assert "nothing like it" in project.said(result)


def test_a_verdict_cannot_be_swallowed(project):
    project.one_test(
        "with pytest.raises(BaseException):\n    accelerated.versus(lambda: 1, lambda: 2)",
        marker='"codec", workload="small"',
    )
    result = project.compare()
    result.assert_outcomes(failed=1)
    assert "codec/small: mismatch" in project.said(result)


def test_an_expected_failure_is_one(project):
    project.tests(
        """
        import pytest

        @pytest.mark.xfail(reason="known")
        @pytest.mark.fastllm("codec")
        def test_it(accelerated):
            accelerated.versus(lambda: 1, lambda: 2)
        """
    )
    project.compare().assert_outcomes(xfailed=1)
    project.run().assert_outcomes(xfailed=1)


def test_a_test_without_a_comparison_passes(project):
    project.one_test("pass")
    result = project.compare()
    assert result.ret == 0
    result.assert_outcomes(passed=1)
