"""A broken baselines file: named with entry and remedy, left as it was."""

from __future__ import annotations

import json

import pytest


def entry(**changes):
    row = {"low": 1.0, "high": 2.0, "estimate": 1.5, **changes}
    workloads = {"codec/small": {"speedup": row}}
    return json.dumps({"schema": 1, "environments": {"any": {"description": {}, "workloads": workloads}}})


BROKEN = {
    "no JSON": ("{", "baselines.json"),
    "empty": ("", "baselines.json"),
    "another kind": ("[]", "baselines.json"),
    "newer schema": ('{"schema": 99, "environments": {}}', "schema"),
    "duplicate key": ('{"schema": 1, "schema": 1, "environments": {}}', "schema"),
    "not a number": (entry(low=float("nan")), "NaN"),
    "low above high": (entry(low=3.0), "codec/small"),
    "malformed entry": (entry(low="two"), "codec/small"),
}


@pytest.mark.parametrize("update", [(), ("--fastllm-update",)], ids=["judge", "update"])
@pytest.mark.parametrize("kind", BROKEN)
def test_broken(project, kind, update):
    text, named = BROKEN[kind]
    project.one_test("raise AssertionError('it ran')")
    path = project.path / "baselines.json"
    path.write_text(text)
    result = project.compare(*update)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    said = project.said(result)
    assert str(path) in said
    assert named in said
    assert "it ran" not in said
    assert "Traceback" not in said
    assert path.read_text() == text


def test_a_run_that_does_not_measure_does_not_care(project):
    project.one_test()
    (project.path / "baselines.json").write_text("{")
    project.run().assert_outcomes(passed=1)
