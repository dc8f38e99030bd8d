from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_fastllm.errors import WorkloadError
from pytest_fastllm.memory.growth import Growth, checkpoints
from pytest_fastllm.memory.per_key import Line, SideMemory, side_memory

SIDE = SideMemory((258.7, 258.8), (19_000.0, -4096.0), 1000, 64, 0.5, ("threads: told",))
MIB = 1 << 20


def growth(resident, reserved=None, first=0):
    counts = tuple(range(4, 4 + len(resident)))
    return Growth(MIB, MIB + first, counts, tuple(resident), tuple(reserved or resident))


def test_slope_is_bytes_per_key_and_the_first_instance_beyond_it_the_fixed_cost():
    side = side_memory([growth([MIB * n for n in (14, 15, 16)], first=3 * MIB)] * 2, keys=1024)
    assert side.bytes_per_key == (1024.0, 1024.0)
    assert side.fixed_bytes == (2.0 * MIB, 2.0 * MIB)
    assert side.instances == 6
    assert side.resolution == 16384 / (2 * 1024)
    assert side.warnings == ()
    assert side.grows


def test_a_few_pages_are_no_growth():
    side = side_memory([growth([MIB, MIB + 4096, MIB + 4096])] * 2, keys=1)
    assert not side.grows
    assert side.warnings == ()


def test_a_leap_off_the_line_is_told():
    side = side_memory([growth([MIB * n for n in (1, 2, 3, 4, 9)])], keys=1)
    (warning,) = side.warnings
    assert warning.startswith("uneven-growth: a reading lies 20% of the growth off the line")


def test_reserved_memory_that_stays_untouched_is_told():
    resident, reserved = [MIB * n for n in (1, 2, 3)], [50 * MIB * n for n in (1, 2, 3)]
    (warning,) = side_memory([growth(resident, reserved)], keys=1).warnings
    assert warning == (
        "untouched-memory: 52,428,800 B an instance are reserved, 1,048,576 B are touched and counted"
    )


@given(st.integers(-1000, 1000), st.integers(-1000, 1000), st.sets(st.integers(0, 500), min_size=2))
def test_a_line_is_found_again(intercept, slope, x):
    points = sorted(x)
    values = [intercept + slope * a for a in points]
    line = Line.through(points, values)
    assert line.slope == pytest.approx(slope, abs=1e-6)
    assert line.farthest(points, values) == pytest.approx(0, abs=1e-6)


@given(st.integers(4, 1 << 22))
def test_checkpoints_rise_over_the_second_half(last):
    points = checkpoints(last)
    assert points[0] == last // 2
    assert points[-1] == last
    assert points == sorted(set(points))
    assert 3 <= len(points) <= 9


finite = st.floats(-1e15, 1e15)


@given(
    st.lists(st.tuples(finite, finite), min_size=1),
    st.integers(1, 1 << 40),
    st.integers(0, 1 << 40),
    finite,
    st.lists(st.text()),
)
def test_json_gives_the_same_back(values, keys, instances, resolution, warnings):
    slopes, fixed = zip(*values, strict=True)
    side = SideMemory(slopes, fixed, keys, instances, resolution, tuple(warnings))
    assert SideMemory.from_json(json.loads(json.dumps(side.to_json(), allow_nan=False))) == side


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("bytes_per_key", None),
        ("bytes_per_key", 258.7),
        ("bytes_per_key", []),
        ("bytes_per_key", [1.0]),
        ("bytes_per_key", ["1.0", "1.0"]),
        ("bytes_per_key", [True, True]),
        ("fixed_bytes", [math.nan, 1.0]),
        ("fixed_bytes", [math.inf, 1.0]),
        ("keys", -1),
        ("keys", 1000.0),
        ("keys", True),
        ("instances", None),
        ("resolution", "0.5"),
        ("warnings", "threads"),
        ("warnings", [1]),
    ],
)
def test_malformed_json_is_refused_by_field(field, value):
    with pytest.raises(WorkloadError, match=f"memory: .*{field}"):
        SideMemory.from_json({**SIDE.to_json(), field: value})


@pytest.mark.parametrize("missing", list(SIDE.to_json()))
def test_a_missing_field_is_named(missing):
    data = SIDE.to_json()
    del data[missing]
    with pytest.raises(WorkloadError, match=missing):
        SideMemory.from_json(data)


@pytest.mark.parametrize("data", [None, [], "side", 3])
def test_something_else_is_refused(data):
    with pytest.raises(WorkloadError, match="expected one side's result as an object"):
        SideMemory.from_json(data)
