"""How long a fresh interpreter may take: it shares what is left of a limited run with those to come."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from pytest_fastllm.config import Config
from pytest_fastllm.processes.job import Task
from pytest_fastllm.run.interpreters import LEAST_VISIT_S, Interpreters


def interpreters(left_s, limit_s=100.0):
    config = Config(max_seconds=5.0, max_run_seconds=limit_s)
    run_time = SimpleNamespace(seconds_left=left_s, started_s=time.monotonic() - 1.0)
    return Interpreters(SimpleNamespace(config=config, time=run_time))


@pytest.mark.parametrize(
    ("left_s", "task", "seconds"),
    [
        (float("inf"), Task.MEASURE, 5.0),
        (1000.0, Task.MEASURE, 5.0),
        (20.0, Task.MEASURE, 2.0),
        # Its only chance, or the proof of a regression.
        (0.1, Task.CONFIRM, LEAST_VISIT_S),
        (-3.0, Task.CONFIRM, LEAST_VISIT_S),
        # A memory comparison takes up to six times what it is told.
        (120.0, Task.MEMORY, 2.0),
    ],
)
def test_the_rows_to_come_share_what_is_left(left_s, task, seconds):
    assert interpreters(left_s)._seconds_per_row(10, task) == pytest.approx(seconds)


def test_the_end_of_an_interpreter_is_nearer_in_a_limited_run():
    limited, free = interpreters(10.0), interpreters(float("inf"), limit_s=None)
    assert 10 < limited._timeout_s(3, 1.0) < 50
    assert free._timeout_s(3, 5.0) > 200
