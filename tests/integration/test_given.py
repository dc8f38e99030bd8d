"""A `@given` test is compared for each of its examples, and cannot be measured."""

from __future__ import annotations

import pytest

SOURCE = """
import codec, pytest
from hypothesis import HealthCheck, given, settings, strategies as st

@pytest.mark.fastllm("codec")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25, database=None)
@given(text=st.text())
def test_it(accelerated, text):
    assert accelerated({call}, text).startswith(text)
    print("compared:", len(codec.calls) // 2)
"""


def test_every_example_is_compared(project):
    project.tests(SOURCE.format(call="codec.call"))
    result = project.run("-s")
    result.assert_outcomes(passed=1)
    assert "compared: 25" in project.said(result)


def test_an_example_that_differs_is_found(project):
    # The sides differ for long texts only.
    project.pytester.makepyfile(
        codec=(project.path / "codec.py")
        .read_text()
        .replace('{text}:{total}"\n\nclass', '{text[:5]}:{total}"\n\nclass')
        + "\ndef fast_encode(text, *, level=1):\n    return f'{text[:5]}:{400 * level}'\n"
    )
    project.tests(SOURCE.format(call="codec.call"))
    result = project.run()
    result.assert_outcomes(failed=1)
    assert "codec/it: mismatch: the sides answered differently" in project.said(result)


def test_measuring_it_is_a_usage_error(project):
    project.tests(SOURCE.format(call="codec.call"))
    result = project.compare()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    said = project.said(result)
    assert "test_codec.py::test_it is a @given test" in said
    assert "give the measured workload a test of its own" in said
