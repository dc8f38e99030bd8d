"""Components come from conftests, from plugins and from installed packages."""

from __future__ import annotations

import pytest

DECLARE = """
import pytest
from pytest_fastllm import Component

{hook}
def {name}():
    return [
        Component("mine", reference="codec:encode", accelerated="codec:fast_encode", patch=("codec:encode",))
    ]
"""


@pytest.mark.parametrize("hook", ["", "@pytest.hookimpl(optionalhook=True)"], ids=["plain", "optional"])
def test_the_hook_in_a_conftest(project, hook):
    project.pytester.makeconftest(DECLARE.format(hook=hook, name="pytest_fastllm_components"))
    project.one_test(marker='"mine"')
    project.run().assert_outcomes(passed=1)


def test_an_optional_hook_does_not_mind_that_the_plugin_is_away(project):
    project.pytester.makeconftest(
        DECLARE.format(hook="@pytest.hookimpl(optionalhook=True)", name="pytest_fastllm_components")
    )
    project.tests("def test_it(): pass")
    project.run_apart("-p", "no:fastllm").assert_outcomes(passed=1)


def test_the_hook_in_a_conftest_of_a_folder(project):
    folder = project.pytester.mkpydir("inner")
    (folder / "conftest.py").write_text(DECLARE.format(hook="", name="pytest_fastllm_components"))
    (folder / "test_inner.py").write_text(
        "import codec, pytest\n@pytest.mark.fastllm('mine')\ndef test_it(accelerated): accelerated(codec.call, 'x')\n"
    )
    project.run("inner", "-p", "no:randomly").assert_outcomes(passed=1)


def test_an_installed_package(project):
    """An entry point of the group `pytest_fastllm`, as pip would have written it."""
    project.pytester.makeconftest("")
    project.pytester.makepyfile(theirs=DECLARE.format(hook="", name="components"))
    info = project.path / "theirs-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[pytest_fastllm]\ntheirs = theirs:components\n")
    project.one_test(marker='"mine"')
    project.pytester.syspathinsert()
    project.run().assert_outcomes(passed=1)
    row = project.rows()["mine/small"]
    assert row["verdict"] == "unjudged"


def test_dotted_names_are_imported_when_a_test_needs_them(project):
    project.pytester.makeconftest(
        """
        import sys
        from pytest_fastllm import Component

        def pytest_fastllm_components():
            return [Component("late", reference="late:f", accelerated="late:g", patch=("late:f",))]

        def pytest_unconfigure(config):
            print("imported:", "late" in sys.modules)
        """
    )
    project.pytester.makepyfile(late="def f(): return 1\ndef g(): return 1\ndef call(): return f()\n")
    project.tests(
        """
        import pytest

        def test_plain(): pass

        @pytest.mark.fastllm("late")
        def test_late(accelerated):
            import late
            accelerated(late.call)
        """
    )
    assert "imported: False" in project.said(project.run("-s", "-k", "plain"))
    assert "imported: True" in project.said(project.run("-s"))


def test_the_marker_is_known_under_strict_markers(project):
    project.one_test()
    project.run("--strict-markers").assert_outcomes(passed=1)
    assert "@pytest.mark.fastllm(component=None" in project.run("--markers").stdout.str()


def test_every_option_is_in_the_help(project):
    said = project.said(project.run("--help"))
    for name in ("compare", "strict", "baselines", "iterations", "max-seconds"):
        assert f"--fastllm-{name}" in said
        assert f"fastllm_{name.replace('-', '_')} (string)" in said
    for name in ("update", "update-only", "json", "json-samples"):
        assert f"--fastllm-{name}" in said
        assert f"fastllm_{name.replace('-', '_')} (string)" not in said
