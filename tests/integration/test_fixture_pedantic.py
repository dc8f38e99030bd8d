"""`accelerated.pedantic`: fresh, equal state for each sample of each side."""

from __future__ import annotations

import pytest

SAMPLES = """
import codec, pytest, random

log = []

def setup():
    log.append(("setup", random.random()))
    return ([3, 1, 2],), {{"key": log[-1][1]}}

def teardown(items, key):
    log.append(("teardown", items, key))

def use(items, key):
    items.sort()  # changes its argument, which is new each time
    log.append(("call", key))
    codec.call("x")
    return list(items)

@pytest.mark.fastllm("codec")
def test_it(accelerated):
    assert accelerated.pedantic(use, setup=setup, teardown=teardown{more}) == [1, 2, 3]
    {check}
"""


def test_setup_runs_before_and_teardown_after_each_call(project):
    project.tests(
        SAMPLES.format(
            more="",
            check="assert [entry[0] for entry in log] == 2 * ['setup', 'call', 'teardown']\n"
            "    assert [entry[1] for entry in log if entry[0] == 'teardown'] == 2 * [[1, 2, 3]]",
        )
    )
    project.run().assert_outcomes(passed=1)


def test_each_sample_is_one_call_with_values_that_are_new_for_each_pair_and_equal_in_it(project):
    project.tests(
        SAMPLES.format(
            more=", rounds=16",
            check="from collections import Counter\n"
            "    happened = Counter(what for what, *_ in log)\n"
            "    assert happened['setup'] == happened['call'] == happened['teardown']\n"
            "    uses = Counter(entry[1] for entry in log if entry[0] == 'call')\n"
            "    assert max(uses.values()) == 2  # once on each side, and never again\n"
            "    assert list(uses.values()).count(2) >= 16",
        )
    )
    row = project.rows()["codec/it"]
    assert (row["verdict"], row["pairs"], row["batch"]) == ("unjudged", 16, 1)


def test_setup_runs_with_its_side_in_place(project):
    project.tests(
        """
        import codec, pytest

        @pytest.mark.fastllm("codec")
        def test_it(accelerated):
            built = []

            def setup():
                built.append(codec.encode.__name__)
                encode = codec.encode
                return (lambda: encode("x"),), {}

            accelerated.pedantic(lambda made: made(), setup=setup)
            assert built == ["encode", "fast_encode"]
        """
    )
    project.run().assert_outcomes(passed=1)


def test_iterations_are_the_calls_of_a_sample(project):
    project.one_test("accelerated.pedantic(codec.call, ('x',), iterations=3)")
    assert project.rows()["codec/small"]["batch"] == 3


@pytest.mark.parametrize("setup", ["lambda: 3", "lambda: ([1], {})", "lambda: ((1,), [])", "lambda: ((1,),)"])
@pytest.mark.parametrize("compare", [False, True], ids=["functional", "compare"])
def test_what_setup_may_not_return(project, setup, compare):
    project.one_test(f"accelerated.pedantic(codec.call, setup={setup})")
    result = project.compare() if compare else project.run()
    result.assert_outcomes(failed=1)
    assert "expected None or (args, kwargs), a tuple and a dict" in project.said(result)


def test_setup_that_is_not_the_same_for_both_sides(project):
    project.one_test(
        "import itertools\n"
        "count = itertools.count()\n"
        "accelerated.pedantic(codec.call, setup=lambda: ((str(next(count)),), {}))"
    )
    result = project.run()
    result.assert_outcomes(failed=1)
    said = project.said(result)
    assert "codec/small: error: setup gave the two sides different work" in said
    assert "draw what varies from `random`" in said


@pytest.mark.parametrize("where", ["setup", "teardown", "state"])
def test_what_breaks_beside_the_call_is_an_error_row(project, where):
    project.one_test(f"accelerated.pedantic(codec.call, ('x',), {where}=lambda *_: 1 / 0)")
    path = project.path / "results.json"
    result = project.compare(f"--fastllm-json={path}")
    result.assert_outcomes(failed=1)
    text = path.read_text()
    assert '"verdict": "error"' in text
    assert "ZeroDivisionError" in text
    assert "ZeroDivisionError" in project.said(result)


def test_what_breaks_while_it_is_timed_is_an_error_row(project):
    project.one_test(
        "def breaks_late(text):\n"
        "    if len(codec.calls) > 30:\n"
        "        raise OSError('no more handles')\n"
        "    return codec.call(text)\n"
        "accelerated(breaks_late, 'x')"
    )
    path = project.path / "results.json"
    result = project.compare("-v", f"--fastllm-json={path}")
    result.stdout.fnmatch_lines(["*::test_small ERROR*"])
    assert "the workload broke while it was timed" in path.read_text()
    assert "no more handles" in path.read_text()


@pytest.mark.parametrize(
    "argument", ["iterations=0", "iterations=1.5", "rounds=3", "rounds=True", "iterations='many'"]
)
def test_counts_that_are_none(project, argument):
    project.one_test(f"accelerated.pedantic(codec.call, ('x',), {argument})")
    result = project.run()
    result.assert_outcomes(failed=1)
    assert f"accelerated.pedantic({argument}): expected a whole number of at least" in project.said(result)


def test_a_rule_and_exceptions_of_the_call(project):
    project.one_test(
        "def fails(text):\n"
        "    codec.call(text)\n"
        "    raise LookupError(text)\n"
        "accelerated.pedantic(fails, ('x',), raises=LookupError, rounds=4)"
    )
    result = project.compare()
    assert result.ret == 0
    assert "×" in project.said(result)


def test_garbage_collection_is_off_inside_samples_unless_kept(project):
    project.tests(
        """
        import codec, gc, pytest

        seen = []

        def call():
            seen.append(gc.isenabled())
            codec.call("x")

        @pytest.mark.fastllm("codec")
        def test_off(accelerated):
            accelerated(call)
            assert seen[0] and not seen[-1] and gc.isenabled()

        @pytest.mark.fastllm("codec", gc="keep")
        def test_kept(accelerated):
            seen.clear()
            accelerated(call)
            assert all(seen) and gc.isenabled()
        """
    )
    assert project.compare().ret == 0
