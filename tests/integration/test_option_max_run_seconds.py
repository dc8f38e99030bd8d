"""`--fastllm-max-run-seconds S` and `fastllm_max_run_seconds`: the time budget of the whole run."""

from __future__ import annotations

import signal

import pytest
from restless import RESTLESS

UNDECIDED = f"""
import pytest

{RESTLESS}

@pytest.mark.fastllm("codec")
@pytest.mark.parametrize("n", range(3))
def test_it(accelerated, n):
    accelerated.versus(lambda: restless(), lambda: restless())
"""


@pytest.mark.parametrize("spelling", ["command line", "ini"])
def test_the_rows_share_it(project, spelling):
    project.tests(UNDECIDED)
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


def test_fresh_interpreters_share_it(project):
    project.tests(UNDECIDED)
    options = ("--fastllm-compare", "--fastllm-max-seconds=60", "--fastllm-max-run-seconds=4")
    rows, result = project.measured(project.run, *options, "--fastllm-processes=2")
    assert [row["processes"] for row in rows] == [2, 2, 2]
    # Sampling alone; without the limit it would be a minute for each row in each of them.
    assert sum(row["seconds"] for row in rows) < 15
    assert result.duration < 60


@pytest.fixture
def interrupts_ignored():
    """As where a shell started pytest in the background."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, before)


def test_an_interpreter_over_its_time_is_an_error_with_its_output_and_the_others_are_unharmed(
    project, monkeypatch, interrupts_ignored
):
    monkeypatch.setattr("pytest_fastllm.run.interpreters._LEAST_START_S", 6.0)
    project.tests(
        "import pytest, codec, os, time\n"
        "@pytest.mark.fastllm('codec')\ndef test_small(accelerated): accelerated(codec.call, 'x')\n"
        "@pytest.mark.fastllm('codec')\n"
        "def test_stuck(accelerated):\n"
        "    if 'PYTEST_FASTLLM_JOB' in os.environ:\n"
        "        time.sleep(300)\n"
        "    accelerated(codec.call, 'y')\n"
    )
    options = ("--fastllm-max-run-seconds=2", "--fastllm-processes=2")
    rows, _ = project.measured(project.compare, *options)
    found = {row["workload"]: row for row in rows}
    assert {name: row["verdict"] for name, row in found.items()} == {"small": "unjudged", "stuck": "error"}
    assert "was ended after" in found["stuck"]["message"]
    assert "test_codec.py:7: KeyboardInterrupt" in found["stuck"]["message"]
