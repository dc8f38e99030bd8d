"""What a measuring run prints at its end: losses like wins, and the advice that follows."""

from __future__ import annotations

import re

BOTH = """
import pytest, codec

pytestmark = pytest.mark.fastllm("codec")

def test_win(accelerated):
    accelerated(codec.call, "x")

def test_loss(accelerated):
    accelerated.versus(codec.fast_encode, codec.encode, "x")

def test_tie(accelerated):
    accelerated.versus(lambda: sum(range(2_000)), lambda: sum(range(2_000)))
"""


def test_wins_and_losses(project):
    project.tests(BOTH)
    project.bounds(1.5, 100.0, key="codec/win")
    result = project.compare()
    result.stdout.fnmatch_lines(
        [
            "*= fastllm =*",
            "component*workload*reference*accelerated*speedup*bound*verdict*",
            "codec*win*s *s *×*[[]*,*[]]*1.50 … 100*(any)*within*",
            "codec*loss*s *s *×*[[]*,*[]]*none*~ unjudged*",
        ]
    )
    said = project.said(result)
    assert re.search(r"Use Rust for codec \([\d.]+×\): win\b", said)
    assert re.search(r"Python may be faster for codec \(0\.\d+×\): loss\b", said)
    assert "(any): a portable bound" in said


def test_what_was_not_measured_has_a_line_too(project):
    project.one_test("accelerated.versus(lambda: 1, lambda: 2)", marker='"codec", workload="small"')
    result = project.compare()
    result.stdout.fnmatch_lines(["codec*small*–*–*–*none*mismatch*"])


def test_a_run_that_does_not_measure_prints_nothing_of_it(project):
    project.tests(BOTH)
    result = project.run()
    result.assert_outcomes(passed=3)
    assert "fastllm:" not in project.said(result)
    assert "verdict" not in project.said(result)
