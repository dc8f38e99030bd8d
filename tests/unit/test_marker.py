"""The marker's keywords are checked, the closest marker wins for each."""

from __future__ import annotations

import pytest

from pytest_fastllm.errors import UsageError
from pytest_fastllm.marker import Marker, read_marker

NODEID = "test_x.py::test_it"


class Item:
    """What `read_marker` asks of an item; marks are given closest first, as pytest does."""

    nodeid = NODEID

    def __init__(self, *marks):
        self._marks = [getattr(mark, "mark", mark) for mark in marks]

    def iter_markers(self, name):
        assert name == "fastllm"
        return iter(self._marks)


def read(*args, **kwargs):
    return read_marker(Item(pytest.mark.fastllm(*args, **kwargs)))


def test_a_test_without_a_marker():
    assert read_marker(Item()) == Marker()


def test_the_component_by_place_or_by_name():
    assert read("codec").component == "codec"
    assert read(component="codec").component == "codec"


def test_the_closest_marker_wins_for_each_keyword():
    marker = read_marker(
        Item(
            pytest.mark.fastllm(workload="own", gc="keep"),
            pytest.mark.fastllm("codec", workload="of the class", threads=4),
        )
    )
    assert marker == Marker("codec", workload="own", gc="keep", threads=4)


def test_one_exception_is_a_tuple_of_one():
    assert read(raises=ValueError).raises == (ValueError,)
    assert read(raises=(ValueError, KeyError)).raises == (ValueError, KeyError)


@pytest.mark.parametrize(
    ("keyword", "close"),
    [
        ("worklod", "workload"),
        ("thread", "threads"),
        ("raise", "raises"),
        ("states", "state"),
    ],
)
def test_an_unknown_keyword_gets_the_close_match(keyword, close):
    with pytest.raises(UsageError, match=rf"{NODEID}.*no keyword '{keyword}'; did you mean {close}=\?"):
        read("codec", **{keyword: 1})


def test_a_keyword_like_none_gets_the_list():
    with pytest.raises(UsageError, match=r"known keywords: component, workload, threads"):
        read("codec", zzz=1)


def test_two_components():
    with pytest.raises(UsageError, match=r"takes one component.*a test|takes one component.*per test"):
        read("codec", "other")


def test_a_component_named_twice():
    with pytest.raises(UsageError, match="twice"):
        read("codec", component="codec")


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("component", 3),
        ("workload", ""),
        ("workload", " "),
        ("workload", "a/b"),
        ("workload", 3),
        ("threads", 0),
        ("threads", True),
        ("threads", 1.5),
        ("tasks", -1),
        ("equal", "approx"),
        ("state", 3),
        ("raises", "ValueError"),
        ("raises", ()),
        ("raises", (ValueError, 3)),
        ("memory", 0),
        ("memory", "1000"),
        ("sweep", 3),
        ("gc", True),
        ("gc", "off"),
        ("seconds", 0),
        ("seconds", True),
        ("seconds", "2"),
        ("seconds", float("nan")),
        ("seconds", float("inf")),
    ],
)
def test_a_value_of_the_wrong_kind(keyword, value):
    with pytest.raises(UsageError, match=rf"{NODEID}.*{keyword}=.*expected"):
        read(**{keyword: value})


def test_threads_and_tasks_exclude_each_other():
    with pytest.raises(UsageError, match="threads= and tasks="):
        read("codec", threads=2, tasks=2)
