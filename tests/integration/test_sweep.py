"""`sweep="parameter"`: the report says from which size on the accelerated side wins."""

from __future__ import annotations

import pytest

TESTS = """
import pytest

def spin(turns):
    for _ in range(turns):
        pass

@pytest.mark.parametrize("length", {lengths})
@pytest.mark.fastllm(component="codec", sweep="length")
def test_sizes(accelerated, length):
    accelerated.versus(lambda: spin(8 * length), lambda: spin(800 + length))
"""


@pytest.mark.parametrize(
    ("lengths", "told"),
    [
        # 8 n turns against 800 + n: even at n = 114.
        ([10, 100, 1000], "Rust wins from length ≈ 1"),
        ([1000, 2000], "Rust wins at every measured size"),
        ([5, 10], "Python wins at every measured size"),
    ],
)
def test_the_break_even_point(project, lengths, told):
    project.tests(TESTS.format(lengths=lengths))
    assert f"Break-even of codec/sizes along length: {told}" in project.said(project.compare())


def test_a_sweep_along_no_parameter_is_a_usage_error(project):
    project.one_test(marker='"codec", sweep="length"')
    result = project.compare()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "sweep='length' is no parameter" in project.said(result)
