"""The results file: what is written is read back; what is broken is refused."""

from __future__ import annotations

import json
import math

import data_makers as make
import pytest
from hypothesis import given

from pytest_fastllm.errors import DataError
from pytest_fastllm.model import AppliedBound, Bound, Interval, Results, SideValue, Verdict
from pytest_fastllm.results import dump_results, load_results

# The order of spec.md, with what was added since beside its kin.
ORDER = [
    *("component", "workload", "metric", "environment"),
    *("estimate", "low", "high", "alpha", "corrected", "total_ratio"),
    *("bound", "verdict", "message", "warnings", "reference", "accelerated"),
    *("pairs", "batch", "looks", "stopped", "processes", "between_sd", "threads", "tasks"),
    *("native_calls", "seconds"),
    *("calibration", "noise", "params", "sweep", "nodeid"),
]


def saved(folder, results):
    path = folder / "results.json"
    path.write_text(dump_results(results), encoding="utf-8")
    return path


@make.untimed
@given(make.runs())
def test_round_trip(tmp_path_factory, results):
    assert load_results(saved(tmp_path_factory.mktemp("run"), results)) == results


def test_fields_are_named_and_ordered_as_in_the_specification():
    bound = AppliedBound(Bound(1.5, None), "any")
    text = dump_results(make.run(make.row(bound=bound, samples={"reference": (1.0, 2.0)})))
    whole = json.loads(text)
    assert list(whole) == ["schema", "created", "command", "comparisons", "environments", "rows"]
    assert whole["schema"] == 1
    assert list(whole["environments"]["m1"]) == ["cpu", "python", "platform", "packages", "details"]
    assert list(whole["rows"][0]) == [*ORDER, "samples"]
    assert whole["rows"][0]["bound"] == {"low": 1.5, "high": None, "from": "any"}
    assert whole["rows"][0]["corrected"] == {"low": 1.96, "high": 2.04, "alpha": 0.001}
    assert whole["rows"][0]["reference"] == {"value": 2e-5, "unit": "s"}


def test_one_row_a_line():
    text = dump_results(make.run(make.row(), make.row()))
    assert sum(line.lstrip().startswith('{"component"') for line in text.splitlines()) == 2
    assert text.endswith("\n")


def test_what_was_not_measured_is_null():
    row = json.loads(dump_results(make.run(make.row(interval=None, corrected=None))))["rows"][0]
    assert [row[name] for name in ("estimate", "low", "high", "alpha", "corrected")] == [None] * 5


NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"interval": Interval(NAN, NAN, NAN, 0.01)}, {"interval": None, "corrected": None}),
        ({"interval": Interval(2.0, 0.0, INF, 0.01)}, {"interval": Interval(2.0, 0.0, INF, 0.01)}),
        ({"interval": Interval(2.0, NAN, NAN, 0.01)}, {"interval": Interval(2.0, 0.0, INF, 0.01)}),
        ({"reference": SideValue(NAN, "s")}, {"reference": None}),
        ({"total_ratio": INF}, {"total_ratio": None}),
        ({"between_sd": NAN}, {"between_sd": None}),
        ({"seconds": NAN}, {"seconds": 0.0}),
        ({"calibration": {"a": 1.0, "b": INF}}, {"calibration": {"a": 1.0}}),
        ({"params": {"x": INF}}, {"params": {"x": "inf"}}),
        ({"params": {"x": 10**30}}, {"params": {"x": str(10**30)}}),
        ({"samples": {"a": (1.0, NAN), "b": (1.0,)}}, {"samples": {"b": (1.0,)}}),
        ({"message": "\ud800"}, {"message": "\ud800"}),
    ],
)
def test_what_json_cannot_say_never_spoils_the_file(tmp_path, changes, expected):
    path = saved(tmp_path, make.run(make.row(**changes)))
    json.loads(path.read_text(), parse_constant=lambda name: pytest.fail(f"wrote {name}"))
    read = load_results(path).rows[0]
    assert {name: getattr(read, name) for name in expected} == expected


def test_unknown_names_are_passed_over(tmp_path):
    results = make.run(make.row())
    whole = json.loads(dump_results(results))
    whole["machine"] = whole["rows"][0]["note"] = "x"
    path = tmp_path / "results.json"
    path.write_text(json.dumps(whole))
    assert load_results(path) == results


def test_the_specification_example_is_read(tmp_path):
    path = tmp_path / "results.json"
    path.write_text(
        """{"schema": 1, "created": "2026-11-22T10:00:00Z", "command": ["pytest", "--fastllm-compare"],
 "environments": {"e1": {"cpu": "x", "python": "CPython 3.11", "platform": "linux-x86_64",
   "packages": {"litellm": "1"}}},
 "rows": [{"component": "token_counter", "workload": "small-text[gpt-4]", "metric": "speedup",
   "environment": "e1", "estimate": 27.1, "low": 26.4, "high": 27.9, "alpha": 0.01,
   "bound": {"low": 20.0, "high": 40.0, "from": "any"},
   "verdict": "within", "message": null, "warnings": [],
   "reference": {"value": 4.2e-05, "unit": "s"}, "accelerated": {"value": 1.55e-06, "unit": "s"},
   "pairs": 400, "batch": 50, "looks": 3, "stopped": "verdict", "processes": 1, "threads": 1,
   "native_calls": 20000, "seconds": 0.6,
   "calibration": {}, "params": {}, "nodeid": "t.py::test_small_text[gpt-4]"}]}"""
    )
    read = load_results(path)
    assert read.rows[0].interval == Interval(27.1, 26.4, 27.9, 0.01)
    assert read.rows[0].verdict is Verdict.WITHIN
    assert read.comparisons == 1


def broken(folder, change):
    whole = json.loads(dump_results(make.run(make.row(bound=AppliedBound(Bound(1.0, 3.0), "any")))))
    change(whole)
    path = folder / "results.json"
    path.write_text(json.dumps(whole))
    return path


def put(*keys, value):
    def change(whole):
        for key in keys[:-1]:
            whole = whole[key]
        whole[keys[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "entry"),
    [
        (put("rows", value={}), "rows: expected a list, found an object of 0"),
        (put("rows", 0, value=3), "rows[0]: expected an object, found 3"),
        (put("rows", 0, "component", value=""), "rows[0].component: expected a name, found an empty string"),
        (
            put("rows", 0, "metric", value="time"),
            "rows[0].metric: expected one of memory_ratio, speedup, found 'time'",
        ),
        (put("rows", 0, "verdict", value=None), "rows[0].verdict: expected one of above, below"),
        (
            put("rows", 0, "environment", value="m9"),
            "rows[0].environment: expected the id of one of this file's",
        ),
        (put("rows", 0, "estimate", value=0), "rows[0].estimate: expected a number above 0, found 0"),
        (put("rows", 0, "estimate", value="2"), "rows[0].estimate: expected a number, found '2'"),
        (put("rows", 0, "estimate", value=True), "rows[0].estimate: expected a number, found true"),
        (put("rows", 0, "estimate", value=None), "rows[0].low: expected null, as there is no estimate"),
        (
            put("rows", 0, "low", value=9.0),
            "rows[0]: expected low at or below high, found low 9.0 above high 2.02",
        ),
        (put("rows", 0, "alpha", value=1), "rows[0].alpha: expected a probability between 0 and 1, found 1"),
        (put("rows", 0, "corrected", "low", value=9.0), "rows[0].corrected: expected low at or below high"),
        (put("rows", 0, "bound", "low", value=9.0), "rows[0].bound: expected low at or below high"),
        (put("rows", 0, "pairs", value=-1), "rows[0].pairs: expected a whole number of 0 or more, found -1"),
        (put("rows", 0, "params", value={"x": []}), "rows[0].params.x: expected a string, a number, true"),
        (put("rows", 0, "samples", value={"a": ["x"]}), "rows[0].samples.a[0]: expected a number, found 'x'"),
        (put("environments", "any", value={}), "environments.any: expected the id of a machine"),
        (
            put("environments", "m1", "packages", value={"p": 1}),
            "environments.m1.packages.p: expected a string",
        ),
        (put("created", value=None), "created: expected a string, found null"),
        (put("schema", value=2), "schema: expected at most 1, found 2"),
    ],
)
def test_a_malformed_entry_is_named(tmp_path, change, entry):
    path = broken(tmp_path, change)
    before = path.read_bytes()
    with pytest.raises(DataError) as caught:
        load_results(path)
    assert f"{path}: {entry}" in str(caught.value)
    assert "; " in str(caught.value)
    assert path.read_bytes() == before


def test_a_missing_file_says_how_to_write_one(tmp_path):
    with pytest.raises(DataError, match=r"found no such file; write one with.*--fastllm-json="):
        load_results(tmp_path / "results.json")


def test_an_empty_run_is_a_run(tmp_path):
    results = Results("now", ("pytest",), {}, 0, ())
    assert load_results(saved(tmp_path, results)) == results
