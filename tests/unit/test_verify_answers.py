"""Two answers are the same or they are shown."""

from __future__ import annotations

import pytest

from pytest_fastllm.verify.answers import (
    MAX_SHOWN_CHARS,
    Answer,
    brief_traceback,
    difference,
    same_type_and_equal,
    shortened,
)


def compared(reference, accelerated, equal=None):
    return difference(Answer(reference), Answer(accelerated), equal, compare_state=False)


@pytest.mark.parametrize("value", [None, 0, 1.5, "text", [1, {"a": (2,)}], b"\xff"])
def test_same_type_and_equal_value(value):
    assert compared(value, value) is None


@pytest.mark.parametrize(
    ("reference", "accelerated"),
    [
        (1, 1.0),
        (1, True),
        ("a", b"a"),
        ([1], (1,)),
        ({}, []),
        (1, 2),
        (None, 0),
        (float("nan"), float("nan")),
    ],
)
def test_another_type_or_value_is_a_mismatch_that_shows_both(reference, accelerated):
    message = compared(reference, accelerated)
    assert f"reference:   {type(reference).__name__} {reference!r}" in message
    assert f"accelerated: {type(accelerated).__name__} {accelerated!r}" in message
    assert "equal=" in message


def test_a_rule_replaces_type_and_value():
    assert compared(1, 1.0, equal=lambda a, b: a == b) is None
    assert compared([1], [1], equal=lambda a, b: False) is not None


def test_the_rule_gets_the_reference_first():
    assert (
        compared("r", "a", equal=lambda reference, accelerated: (reference, accelerated) == ("r", "a"))
        is None
    )


def test_a_rule_that_breaks_is_told_with_both_answers():
    message = compared(1, 2, equal=lambda a, b: a.missing)
    assert "AttributeError" in message
    assert "equal=" in message
    assert "int 1" in message
    assert "int 2" in message


def test_answers_whose_comparison_has_no_truth():
    class Truthless:
        def __bool__(self):
            raise ValueError("the truth value of an array is ambiguous")

    class Array:
        def __eq__(self, other):
            return Truthless()

        __hash__ = None

    message = compared(Array(), Array())
    assert "ambiguous" in message
    assert "equal=" in message


class TestExceptions:
    def compared(self, reference, accelerated, equal=None):
        return difference(Answer(error=reference), Answer(error=accelerated), equal, compare_state=False)

    def test_same_type_and_text(self):
        assert self.compared(ValueError("no"), ValueError("no")) is None

    @pytest.mark.parametrize("other", [ValueError("yes"), TypeError("no"), UnicodeError("no"), None])
    def test_different(self, other):
        message = self.compared(ValueError("no"), other)
        assert "raised ValueError: no" in message

    def test_a_value_against_an_exception(self):
        message = difference(Answer(3), Answer(error=KeyError("k")), None, compare_state=False)
        assert "int 3" in message
        assert "raised KeyError: 'k'" in message

    def test_a_rule_of_equality_is_for_values(self):
        assert self.compared(ValueError("no"), TypeError("no"), equal=lambda a, b: True) is not None


class TestState:
    def test_compared_where_asked(self):
        assert difference(Answer(1, state=[1]), Answer(1, state=[1]), None, compare_state=True) is None
        assert difference(Answer(1, state=[1]), Answer(1, state=[2]), None, compare_state=False) is None

    def test_a_difference_shows_both(self):
        message = difference(Answer(1, state={"n": 1}), Answer(1, state={"n": 2}), None, compare_state=True)
        assert "state" in message
        assert "{'n': 1}" in message
        assert "{'n': 2}" in message


class TestShortening:
    def test_short_texts_stay(self):
        assert shortened("x" * MAX_SHOWN_CHARS) == "x" * MAX_SHOWN_CHARS

    def test_long_texts_lose_their_middle_and_say_how_much(self):
        short = shortened("a" * 5_000 + "z" * 5_000, limit=100)
        assert short.startswith("a" * 50)
        assert short.endswith("z" * 50)
        assert "9900 characters" in short

    def test_a_late_difference_of_long_values_is_seen(self):
        same = "ab" * 50_000
        message = compared(same + "X" + same, same + "Y" + same)
        assert len(message) < 3_000
        assert "first difference at character" in message
        assert "X" in message
        assert "Y" in message

    def test_a_longer_value_differs_where_the_shorter_ends(self):
        message = compared([0] * 1_000, [0] * 1_001)
        assert "first difference at character" in message

    def test_a_value_that_cannot_be_shown(self):
        class Sullen:
            def __repr__(self):
                raise RuntimeError("no")

        assert "Sullen whose repr raised RuntimeError" in Answer(Sullen()).describe()


def test_the_default_rule():
    assert same_type_and_equal(2, 2)
    assert not same_type_and_equal(2, 2.0)


def test_a_traceback_keeps_its_last_lines():
    def deep(n):
        return deep(n - 1) if n else {}["missing"]

    with pytest.raises(KeyError) as caught:
        deep(50)
    lines = brief_traceback(caught.value).splitlines()
    assert len(lines) <= 6
    assert lines[-1] == "KeyError: 'missing'"
