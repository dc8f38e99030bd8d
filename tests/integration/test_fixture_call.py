"""`accelerated(func, ...)`: both sides once, answers compared, and the accelerated side's answer returned."""

from __future__ import annotations

import pytest

# Both sides log what they are called with.
LOGGED = """
import random

log = []

def work(*args, **kwargs):
    log.append(("python", args, kwargs))
    return answer("python")

def fast_work(*args, **kwargs):
    log.append(("rust", args, kwargs))
    return answer("rust")

def answer(side):
    return 4

def call(*args, **kwargs):
    return work(*args, **kwargs)
"""
CONFTEST = """
from pytest_fastllm import Component

def pytest_fastllm_components():
    return [Component("work", reference="work:work", accelerated="work:fast_work", patch=("work:work",))]
"""


@pytest.fixture
def work(project):
    """Runs a test whose component answers as the given function `answer(side)` does."""

    def run(body, answer="    return 4", marker='"work"', arguments=(), extra=""):
        project.pytester.makeconftest(CONFTEST)
        project.pytester.makepyfile(work=LOGGED.replace("    return 4", answer))
        lines = "\n    ".join(body.splitlines())
        project.tests(
            f"import pytest, random, work\n{extra}\n"
            f"@pytest.mark.fastllm({marker})\n"
            f"def test_it(accelerated):\n    {lines}\n",
            name="test_work",
        )
        return project.run(*arguments)

    run.compare = ("--fastllm-compare", "--fastllm-iterations=20", "--fastllm-max-seconds=0.3")
    run.said = project.said
    return run


def test_each_side_is_called_once_with_the_arguments(work):
    work(
        "assert accelerated(work.call, 1, key='x') == 4\n"
        "assert work.log == [('python', (1,), {'key': 'x'}), ('rust', (1,), {'key': 'x'})]"
    ).assert_outcomes(passed=1)


def test_the_accelerated_side_s_answer_is_returned(work):
    work(
        "assert accelerated(work.call) == 'rust'",
        answer="    return side",
        marker='"work", equal=lambda a, b: True',
    ).assert_outcomes(passed=1)


@pytest.mark.parametrize("compare", [False, True], ids=["functional", "compare"])
class TestMismatch:
    def test_both_values_are_shown_and_nothing_is_timed(self, work, compare):
        result = work(
            "try:\n    accelerated(work.call)\nfinally:\n    print('calls:', len(work.log))",
            answer="    return side",
            arguments=("-s", *(work.compare if compare else ())),
        )
        result.assert_outcomes(failed=1)
        said = work.said(result)
        assert "reference: str 'python'" in said
        assert "accelerated: str 'rust'" in said
        # Once each side, and the reference once more to see whether it answers the same twice.
        assert "calls: 3" in said

    def test_long_values_are_shortened(self, work, compare):
        result = work(
            "accelerated(work.call)",
            answer="    return 'same ' * 50_000 + side + ' same' * 50_000",
            arguments=work.compare if compare else (),
        )
        result.assert_outcomes(failed=1)
        assert "first difference at character" in work.said(result)
        assert len(work.said(result)) < 10_000

    def test_another_type_is_a_mismatch(self, work, compare):
        result = work(
            "accelerated(work.call)",
            answer="    return 4 if side == 'python' else 4.0",
            arguments=work.compare if compare else (),
        )
        assert "int 4" in work.said(result)
        assert "float 4.0" in work.said(result)

    def test_a_reference_that_varies_is_noted(self, work, compare):
        result = work(
            "accelerated(work.call)",
            answer="    return len(log)",
            arguments=work.compare if compare else (),
        )
        assert "the reference also answers differently from call to call" in work.said(result)

    def test_one_that_does_not_vary_is_not(self, work, compare):
        result = work(
            "accelerated(work.call)", answer="    return side", arguments=work.compare if compare else ()
        )
        assert "differently from call to call" not in work.said(result)


class TestExceptions:
    RAISES = "    raise ValueError('no such model')"

    @pytest.mark.parametrize("compare", [False, True], ids=["functional", "compare"])
    def test_the_same_on_both_sides_is_raised_again_and_not_timed(self, work, compare):
        result = work(
            "with pytest.raises(ValueError, match='no such model'):\n"
            "    accelerated(work.call)\n"
            "assert len(work.log) == 2",
            answer=self.RAISES,
            arguments=work.compare if compare else (),
        )
        assert result.ret == 0
        if compare:
            assert "unjudged" in work.said(result)

    def test_it_is_timed_where_it_is_the_point(self, work):
        result = work(
            "accelerated(work.call)\nassert len(work.log) > 40",
            answer=self.RAISES,
            marker='"work", raises=ValueError',
            arguments=work.compare,
        )
        assert result.ret == 0
        assert "×" in work.said(result)

    @pytest.mark.parametrize(
        "accelerated",
        ["TypeError('no such model')", "ValueError('no model')", "UnicodeError('no such model')"],
    )
    def test_another_exception_is_a_mismatch(self, work, accelerated):
        result = work(
            "accelerated(work.call)",
            answer=f"    raise ValueError('no such model') if side == 'python' else {accelerated}",
        )
        result.assert_outcomes(failed=1)
        said = work.said(result)
        assert "work/it: mismatch" in said
        assert "raised ValueError: no such model" in said

    def test_one_side_alone_is_a_mismatch(self, work):
        result = work(
            "accelerated(work.call)",
            answer="    if side == 'rust':\n        raise KeyError('k')\n    return 4",
        )
        said = work.said(result)
        assert "reference: int 4" in said
        assert "raised KeyError: 'k'" in said


class TestArguments:
    @pytest.mark.parametrize(
        ("argument", "change"),
        [("[1]", "log[-1][1][0].append(2)"), ("{'a': [1]}", "log[-1][1][0]['a'].clear()")],
    )
    def test_a_change_to_them_is_an_error_with_the_remedy(self, work, argument, change):
        result = work(f"accelerated(work.call, {argument})", answer=f"    {change}")
        result.assert_outcomes(failed=1)
        said = work.said(result)
        assert "work/it: error: the reference side changed its arguments (args[0]" in said
        assert "accelerated.pedantic(..., setup=...)" in said

    def test_a_side_does_not_see_what_the_other_did_to_them(self, work):
        result = work("accelerated(work.call, [1])", answer="    return list(log[-1][1][0])")
        result.assert_outcomes(passed=1)


class TestRandom:
    def test_both_sides_draw_the_same(self, work):
        work("accelerated(work.call)", answer="    return random.random()").assert_outcomes(passed=1)

    @pytest.mark.parametrize("compare", [False, True], ids=["functional", "compare"])
    def test_the_state_is_what_it_was_afterwards(self, work, compare):
        result = work(
            "random.seed(5)\n"
            "state = random.getstate()\n"
            "accelerated(work.call)\n"
            "assert random.getstate() == state",
            answer="    return random.random()",
            arguments=work.compare if compare else (),
        )
        assert result.ret == 0


class TestEqualAndState:
    def test_a_rule_of_the_marker(self, work):
        work(
            "accelerated(work.call)",
            answer="    return side",
            marker='"work", equal=lambda a, b: len(a) > len(b)',
        ).assert_outcomes(passed=1)

    def test_the_state_afterwards_is_compared(self, work):
        result = work("accelerated(work.call)", marker='"work", state=lambda: work.log[-1][0]')
        result.assert_outcomes(failed=1)
        said = work.said(result)
        assert "the answers are the same, but the state afterwards differs" in said
        assert "reference: 'python' accelerated: 'rust'" in said


@pytest.mark.parametrize("compare", [False, True], ids=["functional", "compare"])
def test_a_second_comparison_points_to_parametrize(work, compare):
    result = work("accelerated(work.call)\naccelerated(work.call)", arguments=work.compare if compare else ())
    result.assert_outcomes(failed=1)
    said = work.said(result)
    assert "makes a second speed comparison" in said
    assert "parametrize" in said


@pytest.mark.parametrize("compare", [False, True], ids=["functional", "compare"])
class TestVacuous:
    """A switch that does not take is an error that names the usual causes."""

    def said(self, work, compare, body, extra=""):
        result = work(body, extra=extra, arguments=work.compare if compare else ())
        result.assert_outcomes(failed=1)
        said = work.said(result)
        assert "work/it: error:" in said
        return said

    def test_a_name_taken_before_the_switch(self, work, compare):
        said = self.said(work, compare, "accelerated(taken)", extra="from work import work as taken")
        assert "never entered it" in said
        assert "`from x import f` taken before the switch" in said

    def test_something_that_calls_neither_side(self, work, compare):
        said = self.said(work, compare, "accelerated(lambda: 4)")
        assert "never entered it" in said

    def test_the_accelerated_side_called_by_name(self, work, compare):
        said = self.said(work, compare, "accelerated(lambda: work.fast_work())")
        assert "it" in said

    def test_an_exception_before_either_side_is_told(self, work, compare):
        said = self.said(work, compare, "accelerated(lambda: {}['missing'])")
        assert "the call itself raised KeyError: 'missing'" in said


def test_no_component_is_told_with_the_remedy(work):
    result = work("accelerated(work.call)", marker="")
    said = work.said(result)
    assert "test_work.py::test_it names no component" in said
    assert "accelerated.versus" in said


@pytest.mark.parametrize("call", ["accelerated(work.call())", "accelerated.versus(work.call(), len)"])
def test_the_result_of_a_call_is_no_function(work, call):
    result = work(call)
    assert "pass the function and its arguments, not the result of a call" in work.said(result)
