"""`--fastllm-max-run-seconds S` and `fastllm_max_run_seconds`: the time budget of the whole run."""

from __future__ import annotations

import pytest

# One side differs from call to call far more than the two sides do, so no look decides anything.
RESTLESS = """
import pytest

turn = [0]

def restless():
    turn[0] += 1
    for _ in range(100 + 5_000 * (turn[0] * 7919 % 13)):
        pass

@pytest.mark.fastllm("codec")
@pytest.mark.parametrize("n", range(3))
def test_it(accelerated, n):
    accelerated.versus(lambda: restless(), lambda: restless())
"""


@pytest.mark.parametrize("spelling", ["command line", "ini"])
def test_the_rows_share_it(project, spelling):
    project.tests(RESTLESS)
    options = ["--fastllm-compare", "--fastllm-max-seconds=60", "-v"]
    if spelling == "ini":
        project.ini(fastllm_max_run_seconds=1.5)
    else:
        options.append("--fastllm-max-run-seconds=1.5")
    result = project.run(*options)
    assert result.ret == 0
    assert result.parseoutcomes() == {"unjudged": 3}
    # Without the limit three rows would take a minute each.
    assert result.duration < 30


@pytest.mark.parametrize("value", ["0", "nan", "long"])
def test_what_is_no_time(project, value):
    project.one_test()
    result = project.compare(f"--fastllm-max-run-seconds={value}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert f"--fastllm-max-run-seconds={value!r}" in project.said(result)
