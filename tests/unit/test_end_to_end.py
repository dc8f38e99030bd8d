"""The component of all others at once, and the rule that says when its answers are the same."""

from __future__ import annotations

import pytest

from pytest_fastllm import Component
from pytest_fastllm.components import bundled, end_to_end
from pytest_fastllm.suite import test_end_to_end
from pytest_fastllm.suite.test_end_to_end import same_answer


def part(name, reason=None, calls=None):
    return Component(
        name,
        reference="app:f",
        accelerated="app:g",
        patch=("app:f",),
        available=lambda: reason,
        native_calls=None if calls is None else lambda: calls,
    )


def test_it_is_made_of_all_other_bundled_components():
    *parts, last = bundled()
    assert last.name == "end_to_end"
    assert [each.name for each in last.together] == [each.name for each in parts]
    assert all(each.native_calls is not None for each in parts), (
        "without it nothing proves that a part served"
    )


def test_one_available_part_is_enough():
    assert end_to_end.component([part("a", "not known"), part("b")]).why_unavailable() is None


def test_without_any_it_says_why_of_each():
    reason = end_to_end.component([part("a", "not known"), part("b", "not built")]).why_unavailable()
    assert reason == "no component is available: a: not known; b: not built"


def test_native_calls_are_those_of_all_parts():
    native_calls = end_to_end.component([part("a", calls=2), part("b"), part("c", calls=3)]).native_calls
    assert native_calls() == 5


class Answer:
    def __init__(self, deployment="d", **fields):
        self._hidden_params = {"model_id": deployment}
        self._fields = fields

    def model_dump(self):
        return self._fields


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Answer(id="1", created=1, text="x"), Answer(id="2", created=2, text="x"), True),
        (Answer(text="x"), Answer(text="y"), False),
        (Answer("d1", text="x"), Answer("d2", text="x"), False),
        ([Answer(id="1", text="x")], [Answer(id="2", text="x")], True),
        ([Answer(text="x")], [Answer(text="x"), Answer(text="x")], False),
        ({"id": "1", "text": "x"}, {"id": "2", "text": "x"}, True),
        ({"text": "x"}, {"text": "y"}, False),
        ("x", "x", True),
        ("x", "y", False),
    ],
)
def test_answers_are_the_same_but_for_ids_and_times(one, other, same):
    assert same_answer(one, other) is same


@pytest.mark.parametrize(("available", "runs"), [("router", True), ("other", False)])
def test_a_row_whose_path_nothing_accelerates_is_skipped_with_the_reasons(monkeypatch, available, runs):
    parts = [part(name, None if name == available else "not known") for name in ("router", "other")]
    monkeypatch.setattr(test_end_to_end, "bundled", lambda: parts)
    if runs:
        test_end_to_end._need_one_of("router")
    else:
        with pytest.raises(pytest.skip.Exception, match=r"can be accelerated: router: not known$"):
            test_end_to_end._need_one_of("router")
