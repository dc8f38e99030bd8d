"""Each side has its own plain data, and a change to it is seen."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_fastllm.verify.copies import own_copy, plain_difference

ATOMS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
PLAIN = st.recursive(
    ATOMS | st.builds(bytearray, st.binary()) | st.frozensets(st.integers()) | st.sets(st.text()),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner) | st.tuples(inner, inner)
    ),
    max_leaves=12,
)


@given(PLAIN)
def test_a_copy_is_the_same_plain_data(value):
    copied = own_copy(value)
    assert type(copied) is type(value)
    assert copied == value or repr(copied) == repr(value)  # not a number is not equal to itself
    assert plain_difference(value, copied, "args") is None


def test_a_copy_shares_no_container():
    value = {"a": [1, {2}], "b": (bytearray(b"x"),)}
    copied = own_copy(value)
    value["a"].append(3)
    value["a"][1].add(4)
    value["b"][0].extend(b"y")
    assert copied == {"a": [1, {2}], "b": (bytearray(b"x"),)}


def test_a_text_that_is_not_ascii_is_a_text_of_its_own():
    text = "".join(["grüße", " aus ", "京都"])
    assert own_copy(text) == text
    assert own_copy(text) is not text
    assert own_copy("") == ""
    assert own_copy("ä") == "ä"


def test_other_objects_are_shared():
    class Client:
        pass

    client = Client()
    assert own_copy([client])[0] is client


CHANGES = [
    ([1, 2], lambda value: value.append(3), "args had 2 items, has 3"),
    ([1, 2], lambda value: value.__setitem__(0, 5), r"args\[0\] has another value"),
    ({"a": 1}, lambda value: value.update(b=1), "args has other keys"),
    ({"a": {"b": [1]}}, lambda value: value["a"]["b"].clear(), r"args\['a'\]\['b'\] had 1 items"),
    ({1}, lambda value: value.add(2), "args has another value"),
    (bytearray(b"a"), lambda value: value.extend(b"b"), "args has another value"),
    ([1], lambda value: value.__setitem__(0, "1"), r"args\[0\] was int, is str"),
    ({"a": 1, "b": 2}, lambda value: value.update(a=value.pop("a")), "args has other keys"),
]


@pytest.mark.parametrize(("value", "change", "expected"), CHANGES)
def test_a_change_is_named_where_it_is(value, change, expected):
    before = own_copy(copy.deepcopy(value))
    changed = copy.deepcopy(value)
    change(changed)
    with pytest.raises(AssertionError, match=expected):
        raise AssertionError(plain_difference(before, changed, "args"))


def test_not_a_number_stays_itself():
    assert plain_difference([float("nan")], [float("nan")], "args") is None
