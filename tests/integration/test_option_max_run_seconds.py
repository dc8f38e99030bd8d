"""`--fastllm-max-run-seconds S`: what is left of a run goes to the undecided rows, the widest first."""

from __future__ import annotations

import json

# `unsure` straddles its bound whatever it measures; `clear` is decided at its first look.
TESTS = """
import pytest, random

def spin(turns):
    for _ in range(turns):
        pass

def noisy():
    for _ in range(random.randrange(100, 3000)):
        pass

@pytest.mark.fastllm(component="codec")
def test_clear(accelerated):
    accelerated.versus(lambda: spin(4000), lambda: spin(400))

@pytest.mark.fastllm(component="codec")
def test_unsure(accelerated):
    with open("visits", "a") as file:
        file.write("unsure\\n")
    accelerated.versus(lambda: noisy(), lambda: noisy())
"""


def bounds(project):
    def entry(low):
        return {"speedup": {"low": low, "high": None, "estimate": 1.0}}

    workloads = {"codec/clear": entry(2.0), "codec/unsure": entry(1.0)}
    environments = {"any": {"description": {}, "workloads": workloads}}
    (project.path / "baselines.json").write_text(json.dumps({"schema": 1, "environments": environments}))


def rows(project, *args):
    path = project.path / "r.json"
    result = project.run("--fastllm-compare", f"--fastllm-json={path}", "-v", *args)
    return {row["workload"]: row for row in json.loads(path.read_text())["rows"]}, result


def test_an_undecided_row_is_visited_again_with_what_is_left(project):
    project.tests(TESTS)
    bounds(project)
    found, result = rows(project, "--fastllm-max-run-seconds=4", "--fastllm-max-seconds=30")
    assert found["clear"]["verdict"] == "within"
    assert found["clear"]["seconds"] < 1.5
    assert (project.path / "visits").read_text().split() == ["unsure", "unsure"]
    assert found["unsure"]["verdict"] in ("inconclusive", "within", "below")
    # Both visits together: the first pass alone would have ended at its share of one second.
    assert found["unsure"]["seconds"] > 1.5
    # Each item is reported once.
    assert sum("test_unsure" in line and "%]" in line for line in result.outlines) == 1


def test_without_a_limit_each_row_is_visited_once(project):
    project.tests(TESTS)
    bounds(project)
    rows(project, "--fastllm-max-seconds=0.5")
    assert (project.path / "visits").read_text().split() == ["unsure"]
