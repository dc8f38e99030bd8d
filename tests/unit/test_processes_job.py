"""A job travels to a fresh interpreter as it is."""

from __future__ import annotations

import json

import pytest

from pytest_fastllm.errors import DataError
from pytest_fastllm.model import Side
from pytest_fastllm.processes.job import JOB_VARIABLE, Job, Task, read_job


@pytest.mark.parametrize(
    "job",
    [
        {"task": Task.MEASURE, "samples": True},
        {"task": Task.MEMORY, "side": Side.ACCELERATED},
        {"task": Task.CONFIRM, "profile": {"tc/small": (Side.REFERENCE,), "tc/large": tuple(Side)}},
    ],
)
def test_what_is_written_is_read(tmp_path, monkeypatch, job):
    written = Job(output=tmp_path / "out", comparisons=7, **job)
    written.write(tmp_path / "job.json")
    monkeypatch.setenv(JOB_VARIABLE, str(tmp_path / "job.json"))
    assert read_job() == written


@pytest.mark.parametrize("change", [{"task": "sleep"}, {"side": "left"}, {"profile": ["tc/small"]}])
def test_what_is_no_job_is_refused(tmp_path, monkeypatch, change):
    path = tmp_path / "job.json"
    Job(Task.MEASURE, tmp_path / "out", 7).write(path)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    monkeypatch.setenv(JOB_VARIABLE, str(path))
    with pytest.raises(DataError, match="unset it"):
        read_job()


def test_nobodys_child_has_none(monkeypatch):
    monkeypatch.delenv(JOB_VARIABLE, raising=False)
    assert read_job() is None
