"""Each mistake has a message that names the thing and the remedy, and the right exit status."""

from __future__ import annotations

import importlib.util

import pytest

COMPARE = [(), ("--fastllm-compare",)]
IDS = ["functional", "compare"]


@pytest.mark.parametrize("arguments", COMPARE, ids=IDS)
@pytest.mark.parametrize(
    ("marker", "words"),
    [
        ('"codek"', ["test_codec.py::test_small", "unknown component 'codek'", "did you mean 'codec'?"]),
        ('"nothing_like_it"', ["unknown component", "known: codec", "pytest_fastllm_components()"]),
        (
            '"codec", worklod="x"',
            ["test_codec.py::test_small", "no keyword 'worklod'", "did you mean workload=?"],
        ),
        ('"codec", threads=0', ["threads=0", "a whole number above 0"]),
        ('"codec", "method"', ["takes one component"]),
        ('"codec", sweep="size"', ["sweep='size' is no parameter of this test"]),
    ],
)
def test_mistakes_in_the_marker_are_found_when_tests_are_collected(project, marker, words, arguments):
    project.one_test("raise AssertionError('it ran')", marker=marker)
    result = project.run(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    said = project.said(result)
    assert all(word in said for word in words)
    assert "it ran" not in said
    assert "Traceback" not in said


def test_a_marker_without_the_fixture_is_checked_too(project):
    project.tests(
        """
        import pytest

        @pytest.mark.fastllm("codec", worklod="x")
        def test_it():
            pass
        """
    )
    result = project.run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "did you mean workload=?" in project.said(result)


COMPONENT = """
from pytest_fastllm import Component

def pytest_fastllm_components():
    return [Component("codec", {sides})]
"""


def declared(project, **sides):
    sides = {
        "reference": "codec:encode",
        "accelerated": "codec:fast_encode",
        "patch": ("codec:encode",),
        **sides,
    }
    written = ", ".join(f"{name}={value!r}" for name, value in sides.items())
    project.pytester.makeconftest(COMPONENT.format(sides=written))


@pytest.mark.parametrize("arguments", COMPARE, ids=IDS)
@pytest.mark.parametrize(
    "sides",
    [
        {"accelerated": "no_such_package:encode"},
        {"reference": "no_such_package.inner:encode"},
        {"patch": ("codec:encode", "no_such_package:encode")},
    ],
)
def test_a_side_that_is_not_installed_is_unavailable(project, sides, arguments):
    project.one_test()
    declared(project, **sides)
    result = project.run("-rs", *arguments)
    assert result.ret == 0
    result.assert_outcomes(skipped=1)
    said = project.said(result)
    assert "codec/small: unavailable" in said
    assert "'no_such_package' is not installed; install it or correct the name" in said


@pytest.mark.parametrize("arguments", COMPARE, ids=IDS)
@pytest.mark.parametrize(
    ("sides", "words"),
    [
        ({"accelerated": "codec:absent"}, "'codec:absent': <module 'codec'"),
        ({"reference": "codec:Absent.encode"}, "no attribute 'Absent'"),
        ({"accelerated": "codec.inner:encode"}, "cannot import 'codec.inner'"),
        ({"patch": ("codec:absent",)}, "no attribute 'absent'"),
    ],
)
def test_a_side_with_a_wrong_name_is_an_error(project, sides, words, arguments):
    project.one_test()
    declared(project, **sides)
    result = project.run(*arguments)
    assert result.ret == 1
    said = project.said(result)
    assert "codec/small: error:" in said
    assert words in said
    assert "correct the name" in said


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return 3", "returned 3; expected a list of pytest_fastllm.Component"),
        ("return ['codec']", "returned 'codec' in its list"),
        (
            "return [Component('A B', reference='a:b', accelerated='a:c', patch=('a:b',))]",
            "component name 'A B'",
        ),
        ("return [Component('codec', reference='a:b', accelerated='a:c')]", "found none"),
        (
            "return 2 * [Component('codec', reference='a:b', accelerated='a:c', patch=('a:b',))]",
            "component 'codec' is declared twice",
        ),
    ],
)
def test_declarations_that_are_none(project, body, words):
    project.one_test()
    project.pytester.makeconftest(
        f"from pytest_fastllm import Component\ndef pytest_fastllm_components():\n    {body}\n"
    )
    result = project.run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    said = project.said(result)
    assert words in said
    assert "conftest.py" in said or "'codec'" in said or "'A B'" in said


def test_a_bundled_name_cannot_be_declared_again(project):
    project.one_test()
    project.pytester.makeconftest(
        """
        from pytest_fastllm import Component

        def pytest_fastllm_components():
            return [Component("token_counter", reference="a:b", accelerated="a:c", patch=("a:b",))]
        """
    )
    result = project.run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    said = project.said(result)
    assert "'token_counter' is declared twice: by pytest_fastllm.components and by" in said
    assert "conftest.py" in said


TOKENS = """
import importlib.util

import pytest

@pytest.mark.fastllm("token_counter")
def test_tokens(accelerated):
    import litellm
    accelerated(litellm.token_counter, model="gpt-4", text="Hello, world!")
"""


ANOTHER_VERSION = """
from pytest_fastllm.components._token_counter.fingerprint import LITELLM

for release, digits in LITELLM.releases.items():
    LITELLM.releases[release] = "0" * len(digits)
"""


class TestLiteLLM:
    """The bundled component where its two sides are not what it knows."""

    def unavailable(self, project, *args, disturbing):
        project.tests(TOKENS)
        project.pytester.makepyfile(disturbing=disturbing)
        result = project.run_flagged("-rs", "-p", "disturbing", *args)
        assert result.ret == 0
        result.assert_outcomes(skipped=1)
        return project.said(result)

    @pytest.mark.parametrize("arguments", COMPARE, ids=IDS)
    def test_absent(self, project, arguments):
        if importlib.util.find_spec("pytest_fastllm._accel") is None:
            pytest.skip("the extension is not built for this interpreter, which is told first")
        said = self.unavailable(project, *arguments, disturbing="import sys; sys.modules['litellm'] = None")
        assert "token_counter/tokens: unavailable" in said
        assert "pytest-fastllm[litellm]" in said or "install" in said

    @pytest.mark.parametrize("arguments", COMPARE, ids=IDS)
    def test_the_extension_is_not_built(self, project, arguments):
        missing = "import sys; sys.modules['pytest_fastllm._accel'] = None"
        said = self.unavailable(project, *arguments, disturbing=missing)
        assert "token_counter/tokens: unavailable" in said
        assert "make build" in said or "install" in said

    def test_code_that_it_does_not_know(self, project):
        if importlib.util.find_spec("litellm") is None:
            pytest.skip("LiteLLM is not installed")
        said = self.unavailable(project, disturbing=ANOTHER_VERSION)
        assert "token_counter/tokens: unavailable" in said
        assert "litellm" in said.lower()
