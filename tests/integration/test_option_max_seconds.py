"""`--fastllm-max-seconds S` and `fastllm_max_seconds`: the time budget of one comparison."""

from __future__ import annotations

import pytest
from restless import RESTLESS

UNDECIDED = RESTLESS + "accelerated.versus(lambda: restless(), lambda: restless())"


def measured(project, *args):
    (row,), _ = project.measured(project.run, "--fastllm-compare", *args)
    return row


@pytest.mark.parametrize("spelling", ["command line", "ini"])
def test_sampling_ends_when_time_is_up(project, spelling):
    project.one_test(UNDECIDED, marker='"codec", workload="small"')
    if spelling == "ini":
        project.ini(fastllm_max_seconds=0.2)
        row = measured(project)
    else:
        row = measured(project, "--fastllm-max-seconds=0.2")
    assert row["stopped"] == "time"
    # The default is 5; a sample that was running is finished.
    assert 0.2 <= row["seconds"] < 4


@pytest.mark.parametrize(("of_row", "of_run"), [(0.2, 30), (30, 0.2)])
def test_a_row_may_have_less_but_not_more(project, of_row, of_run):
    project.one_test(UNDECIDED, marker=f'"codec", workload="small", seconds={of_row}')
    row = measured(project, f"--fastllm-max-seconds={of_run}")
    assert row["stopped"] == "time"
    assert row["seconds"] < 4


@pytest.mark.parametrize("value", ["0", "-1", "inf", "nan", "soon", ""])
def test_what_is_no_time(project, value):
    project.one_test()
    result = project.run("--fastllm-compare", f"--fastllm-max-seconds={value}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert f"--fastllm-max-seconds={value!r}: expected a number of seconds above 0" in project.said(result)
