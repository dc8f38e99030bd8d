from __future__ import annotations

import pytest

from pytest_fastllm.errors import UsageError
from pytest_fastllm.memory.forked import MemoryWorkload


def build(keys: int) -> object:
    return keys


def test_instances_may_be_a_list_or_nothing():
    assert MemoryWorkload(build, 10, [1, 2, 3]).instances == (1, 2, 3)
    assert MemoryWorkload(build, 10).instances == ()
    assert MemoryWorkload(build, 10).name == "build"


@pytest.mark.parametrize("keys", [0, -1, 1.5, "10", True, None])
def test_keys_are_a_count(keys):
    with pytest.raises(UsageError, match="expected a whole number of at least 1"):
        MemoryWorkload(build, keys)


@pytest.mark.parametrize("instances", [(1,), (0, 1), (2, 1), (1, 1), (1, 2.5), (True, 2)])
def test_instances_rise(instances):
    with pytest.raises(UsageError, match="at least two rising counts"):
        MemoryWorkload(build, 10, instances)


def test_build_is_a_function():
    with pytest.raises(UsageError, match="expected a function build"):
        MemoryWorkload({"a": 1}, 10)
