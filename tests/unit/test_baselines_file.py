"""`baselines.json`: sorted, readable, read back as written, refused by name where broken."""

from __future__ import annotations

import json

import data_makers as make
import pytest
from hypothesis import given

from pytest_fastllm.baselines import Baselines, dump_baselines, load_baselines
from pytest_fastllm.errors import DataError

WHOLE = {
    "schema": 1,
    "environments": {
        "any": {
            "description": {"use": "everywhere"},
            "workloads": {"tc/small": {"speedup": {"low": 1.0, "high": None, "estimate": 2.0}}},
        }
    },
}


@make.untimed
@given(make.baselines)
def test_round_trip(tmp_path_factory, baselines):
    path = tmp_path_factory.mktemp("base") / "baselines.json"
    path.write_text(dump_baselines(baselines), encoding="utf-8")
    assert load_baselines(path) == baselines
    assert dump_baselines(load_baselines(path)) == path.read_text(encoding="utf-8")


@make.untimed
@given(make.baselines)
def test_the_text_is_plain_sorted_json(baselines):
    text = dump_baselines(baselines)
    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def test_a_missing_file_is_empty_and_stays_missing(tmp_path):
    assert load_baselines(tmp_path / "baselines.json") == Baselines()
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_known_is_left_out():
    text = dump_baselines(make.stored(1.0, None))
    assert json.loads(text)["environments"]["m1"]["workloads"]["tc/small"]["speedup"] == {
        "low": 1.0,
        "high": None,
        "estimate": 2.0,
        "first_estimate": 2.0,
        "processes": 1,
    }


def test_a_hand_written_entry_needs_bounds_and_estimate_only(tmp_path):
    path = tmp_path / "baselines.json"
    path.write_text(json.dumps(WHOLE))
    entry = load_baselines(path).find("any", make.NAME)
    assert (entry.bound.low, entry.bound.high, entry.first_estimate) == (1.0, None, 2.0)


ENTRY = ("environments", "any", "workloads", "tc/small", "speedup")
WHERE = "environments.any.workloads['tc/small'].speedup"
GONE = object()


@pytest.mark.parametrize(
    ("keys", "value", "expected"),
    [
        ((*ENTRY, "low"), 3.0, None),
        ((*ENTRY, "low"), 0, f"{WHERE}.low: expected a number above 0, found 0"),
        ((*ENTRY, "low"), -1.0, f"{WHERE}.low: expected a number above 0, found -1.0"),
        ((*ENTRY, "low"), "1", f"{WHERE}.low: expected a number, found '1'"),
        ((*ENTRY, "low"), True, f"{WHERE}.low: expected a number, found true"),
        ((*ENTRY, "low"), float("nan"), f"{WHERE}.low: expected a finite number, found NaN"),
        ((*ENTRY, "low"), float("inf"), f"{WHERE}.low: expected a finite number, found Infinity"),
        ((*ENTRY, "low"), GONE, f"{WHERE}.low: expected a value, found nothing"),
        ((*ENTRY, "high"), GONE, f"{WHERE}.high: expected a value, found nothing"),
        ((*ENTRY, "high"), 0.5, f"{WHERE}: expected low at or below high, found low 1.0 above high 0.5"),
        ((*ENTRY, "estimate"), GONE, f"{WHERE}.estimate: expected a value, found nothing"),
        ((*ENTRY, "hihg"), 1.0, f"{WHERE}.hihg: expected only accelerated, between_sd"),
        ((*ENTRY, "margin"), -0.1, f"{WHERE}.margin: expected 0 or more, found -0.1"),
        ((*ENTRY, "interval"), [1, 2], f"{WHERE}.interval: expected an object, found a list of 2"),
        (
            (*ENTRY, "interval"),
            {"low": 3, "high": 2, "alpha": 0.1},
            f"{WHERE}.interval: expected low at or below high",
        ),
        (
            (*ENTRY, "interval"),
            {"low": 1, "high": 2, "alpha": 1},
            f"{WHERE}.interval.alpha: expected a probability",
        ),
        ((*ENTRY, "reference"), {"value": 1}, f"{WHERE}.reference.unit: expected a value, found nothing"),
        ((*ENTRY, "versions"), {"p": 1}, f"{WHERE}.versions.p: expected a string, found 1"),
        ((*ENTRY, "environments"), ["a", 3], f"{WHERE}.environments[1]: expected a string, found 3"),
        (ENTRY, None, f"{WHERE}: expected an object, found null"),
        (
            (*ENTRY[:-1], "speed"),
            {},
            "workloads['tc/small'].speed: expected only memory_ratio, speedup, found the unknown",
        ),
        (
            (*ENTRY[:-2], "small"),
            {},
            "workloads.small: expected a name of the form component/workload, found 'small'",
        ),
        (
            ("environments", "any", "entries"),
            {},
            "environments.any.entries: expected only description, workloads",
        ),
        (
            ("environments", "any", "workloads"),
            GONE,
            "environments.any.workloads: expected a value, found nothing",
        ),
        (("environments",), [], "environments: expected an object, found a list of 0"),
        (("baselines",), {}, "baselines: expected only environments, schema"),
        (("schema",), 7, "schema: expected at most 1, found 7: a newer pytest-fastllm wrote this"),
    ],
)
def test_a_malformed_entry_is_named_and_the_file_left_alone(tmp_path, keys, value, expected):
    whole = json.loads(json.dumps(WHOLE))
    place = whole
    for key in keys[:-1]:
        place = place[key]
    if value is GONE:
        del place[keys[-1]]
    else:
        place[keys[-1]] = value
    path = tmp_path / "baselines.json"
    path.write_text(json.dumps(whole))
    before = path.read_bytes()
    if expected is None:
        assert load_baselines(path).find("any", make.NAME).bound.low == value
    else:
        with pytest.raises(DataError) as caught:
            load_baselines(path)
        assert str(caught.value).startswith(f"{path}: ")
        assert expected in str(caught.value)
        assert "restore the file" in str(caught.value) or "upgrade" in str(caught.value)
    assert path.read_bytes() == before
