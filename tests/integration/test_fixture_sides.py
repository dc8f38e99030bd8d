"""`accelerated.on()` and `.off()`: one side, until the end of the block or of the test."""

from __future__ import annotations

import pytest

COMPONENTS = ["codec", "method", "context"]
CONFTEST = """
import contextlib
import codec
from pytest_fastllm import Component

@contextlib.contextmanager
def rust():
    before, codec.encode = codec.encode, codec.fast_encode
    try:
        yield
    finally:
        codec.encode = before

def pytest_fastllm_components():
    return [
        Component("codec", reference="codec:encode", accelerated="codec:fast_encode", patch=("codec:encode",)),
        Component(
            "method", reference="codec:Codec.encode", accelerated="codec:fast_method", patch=("codec:Codec.encode",)
        ),
        Component("context", accelerated="codec:fast_encode", switch=rust),
    ]
"""
# `side()` says which side a call enters; `intact()` that everything is as it was.
HELPERS = """
import codec, pytest

ENCODE, METHOD = codec.encode, vars(codec.Codec)["encode"]

def side():
    del codec.calls[:]
    codec.Codec().encode("x")
    return codec.calls[0]

def intact():
    return codec.encode is ENCODE and vars(codec.Codec)["encode"] is METHOD

"""


@pytest.fixture(params=COMPONENTS)
def sides(request, project):
    """Runs a test of each kind of component, followed by one that looks whether all is as it was."""
    project.pytester.makeconftest(CONFTEST)

    def run(body, *arguments, marks=""):
        lines = "\n    ".join(body.splitlines())
        project.tests(
            HELPERS
            + f'@pytest.mark.fastllm("{request.param}")\n{marks}\n'
            + f"def test_it(accelerated):\n    {lines}\n\n"
            + f'@pytest.mark.fastllm("{request.param}")\n'
            + "def test_later(accelerated):\n    assert intact()\n    assert side() == 'python'\n"
        )
        return project.run(*arguments)

    run.project = project
    return run


def test_on_and_off_as_blocks(sides):
    sides(
        "with accelerated.on():\n    assert side() == 'rust'\n"
        "assert side() == 'python' and intact()\n"
        "with accelerated.off():\n    assert side() == 'python'\n"
        "assert intact()"
    ).assert_outcomes(passed=2)


def test_until_the_end_of_the_test(sides):
    sides("accelerated.on()\nassert side() == 'rust'").assert_outcomes(passed=2)


@pytest.mark.parametrize(
    "end", ["assert side() == 'nothing'", "raise OSError", "pytest.skip('enough')", "pytest.fail('no')"]
)
def test_also_when_the_test_ends_early(sides, end):
    result = sides(f"accelerated.on()\n{end}")
    assert result.parseoutcomes()["passed"] == 1


def test_nested(sides):
    sides(
        "with accelerated.on():\n"
        "    with accelerated.off():\n"
        "        assert side() == 'python'\n"
        "        with accelerated.on():\n"
        "            assert side() == 'rust'\n"
        "        assert side() == 'python'\n"
        "    assert side() == 'rust'\n"
        "assert intact()"
    ).assert_outcomes(passed=2)


def test_ended_in_another_order_than_begun(sides):
    sides(
        "first = accelerated.on()\nsecond = accelerated.off()\nwith first:\n    pass\nwith second:\n    pass"
    ).assert_outcomes(passed=2)


@pytest.mark.parametrize("around", ["on", "off"])
@pytest.mark.parametrize("compare", [False, True], ids=["functional", "compare"])
def test_a_comparison_inside_a_block_still_compares_both(sides, around, compare):
    word = {"on": "rust", "off": "python"}[around]
    arguments = ("--fastllm-compare", "--fastllm-iterations=20") if compare else ()
    result = sides(
        f"with accelerated.{around}():\n"
        "    log = []\n"
        "    def use():\n"
        "        log.append(side())\n"
        "    accelerated(use)\n"
        "    assert log[:2] == ['python', 'rust']\n"
        f"    assert side() == '{word}'\n"
        "assert intact()",
        *arguments,
    )
    assert result.ret == 0


def test_blocks_inside_a_comparison(sides):
    sides(
        "def use():\n"
        "    inside = side()\n"
        "    with accelerated.off():\n"
        "        assert side() == 'python'\n"
        "        with accelerated.on():\n"
        "            pass\n"
        "    assert side() == inside\n"
        "accelerated(use)\n"
        "assert intact()",
    ).assert_outcomes(passed=2)


@pytest.mark.parametrize("compare", [False, True], ids=["functional", "compare"])
@pytest.mark.parametrize("error", ["OSError", "AssertionError", "KeyboardInterrupt"])
def test_an_exception_inside_a_comparison(sides, error, compare):
    arguments = ("--fastllm-compare", "--fastllm-iterations=20") if compare else ()
    result = sides(
        "used = []\n"
        "def use():\n"
        "    used.append(side())\n"
        f"    if len(used) > {20 if compare else 1}:\n"
        f"        raise {error}('broken')\n"
        f"with pytest.raises(BaseException):\n"
        "    accelerated(use)\n"
        "assert intact()",
        "-v",
        *arguments,
    )
    result.stdout.fnmatch_lines(["*::test_later PASSED*"])


@pytest.mark.parametrize("compare", [False, True], ids=["functional", "compare"])
def test_a_timeout(sides, compare):
    arguments = ("--fastllm-compare", "--fastllm-iterations=20") if compare else ()
    result = sides(
        "import time\n"
        "used = []\n"
        "def use():\n"
        "    used.append(side())\n"
        f"    if len(used) > {20 if compare else 1}:\n"
        "        time.sleep(60)\n"
        "accelerated(use)",
        *("-v", "-p", "timeout"),
        *arguments,
        marks="@pytest.mark.timeout(1.5, method='signal')",
    )
    said = sides.project.said(result)
    assert "Timeout" in said
    result.stdout.fnmatch_lines(["*::test_it *", "*::test_later PASSED*"])
    assert result.duration < 30


def test_no_component_to_switch(sides):
    sides.project.tests("def test_it(accelerated):\n    accelerated.on()\n")
    result = sides.project.run()
    assert "test_codec.py::test_it names no component" in sides.project.said(result)
