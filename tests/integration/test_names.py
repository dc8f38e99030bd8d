"""What a row is called, and that no two are called the same."""

from __future__ import annotations

import pytest


def names(project):
    return set(project.rows("--fastllm-iterations=4"))


def test_where_names_come_from(project):
    project.tests(
        """
        import pytest, codec

        @pytest.mark.fastllm("codec")
        def test_plain(accelerated):
            accelerated(codec.call, "x")

        @pytest.mark.fastllm("codec", workload="given name")
        def test_named(accelerated):
            accelerated(codec.call, "x")

        @pytest.mark.fastllm("codec")
        @pytest.mark.parametrize("size", [1, 2], ids=["one", "two"])
        def test_sized(accelerated, size):
            accelerated(codec.call, "x" * size)

        @pytest.mark.fastllm("codec", workload="by/hand".replace("/", "-"))
        @pytest.mark.parametrize("size", [7])
        def test_both(accelerated, size):
            accelerated(codec.call, "x")

        @pytest.mark.fastllm("codec")
        class TestGroup:
            def test_plain(self, accelerated):
                accelerated(codec.call, "x")

            class TestInner:
                @pytest.mark.fastllm(workload="own")
                def test_deep(self, accelerated):
                    accelerated(codec.call, "x")

                def test_plain(self, accelerated):
                    accelerated(codec.call, "x")

        def test_of_the_module(accelerated):
            accelerated.versus(abs, abs, -1)
        """,
        name="test_things",
    )
    assert names(project) == {
        "codec/plain",
        "codec/given name",
        "codec/sized[one]",
        "codec/sized[two]",
        "codec/by-hand[7]",
        "codec/TestGroup.plain",
        "codec/own",
        "codec/TestGroup.TestInner.plain",
        "things/of_the_module",
    }


@pytest.mark.parametrize("arguments", [(), ("--fastllm-compare",)], ids=["functional", "compare"])
@pytest.mark.parametrize(
    "source",
    [
        """
        @pytest.mark.fastllm("codec", workload="same")
        def test_a(accelerated): pass

        @pytest.mark.fastllm("codec", workload="same")
        def test_b(accelerated): pass
        """,
        """
        @pytest.mark.fastllm("codec", workload="a")
        def test_b(accelerated): pass

        @pytest.mark.fastllm("codec")
        def test_a(accelerated): pass
        """,
    ],
    ids=["given twice", "given and own"],
)
def test_two_items_with_one_name(project, source, arguments):
    project.tests("import pytest\n" + "\n".join(line[8:] for line in source.splitlines()))
    result = project.run(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    said = project.said(result)
    assert "test_codec.py::test_a" in said
    assert "test_codec.py::test_b" in said
    assert "are both named 'codec/" in said
    assert "workload=" in said


def test_two_modules_with_one_test(project):
    for module in ("test_one", "test_two"):
        project.tests(
            'import pytest\n@pytest.mark.fastllm("codec")\ndef test_it(accelerated): pass\n', name=module
        )
    result = project.run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "test_one.py::test_it" in project.said(result)
    assert "test_two.py::test_it" in project.said(result)


def test_another_fixture_of_the_same_name_is_not_ours(project):
    project.tests(
        "import pytest, codec\n"
        "@pytest.fixture\ndef accelerated(): return 'not a comparison'\n"
        "def test_theirs(accelerated): assert accelerated == 'not a comparison'\n"
    )
    project.tests(
        "import pytest, codec\n"
        "@pytest.fixture\ndef accelerated(accelerated): return accelerated\n"
        "@pytest.mark.fastllm('codec')\ndef test_ours(accelerated): accelerated(codec.call, 'x')\n",
        name="test_wrapped",
    )
    project.compare().assert_outcomes(deselected=1)
    project.run().assert_outcomes(passed=2)
