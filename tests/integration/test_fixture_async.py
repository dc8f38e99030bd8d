"""Coroutine functions: `await accelerated.acall(...)` in a running loop, a plain call outside of one."""

from __future__ import annotations

import json

import pytest

SOURCE = """
import asyncio, codec, pytest

LOOPS = []

async def use(text):
    LOOPS.append(asyncio.get_running_loop())
    await asyncio.sleep(0)
    return codec.call(text)

{test}
"""
ASYNC_TEST = """
@pytest.mark.asyncio
@pytest.mark.fastllm("codec")
async def test_it(accelerated):
    assert await accelerated.acall(use, "x") == "x:400"
    assert set(LOOPS) == {asyncio.get_running_loop()}
"""
QUICK = ("--fastllm-compare", "--fastllm-iterations=20", "--fastllm-max-seconds=0.3")


def run(project, test, *arguments):
    project.with_installed_plugins().tests(SOURCE.replace("{test}", test))
    options = ("-p", "no:cacheprovider", "-o", "asyncio_default_fixture_loop_scope=function")
    return project.pytester.runpytest_inprocess(*options, *arguments)


@pytest.mark.parametrize("arguments", [(), QUICK], ids=["functional", "compare"])
@pytest.mark.parametrize("runner", ["asyncio", "anyio"])
def test_in_the_running_loop(project, runner, arguments):
    test = ASYNC_TEST.replace("mark.asyncio", f"mark.{runner}")
    if runner == "anyio":
        test = "@pytest.fixture\ndef anyio_backend():\n    return 'asyncio'\n" + test
    result = run(project, test, *arguments)
    assert result.ret == 0
    if arguments:
        assert "codec" in project.said(result)
        assert "×" in project.said(result)


@pytest.mark.parametrize("arguments", [(), QUICK], ids=["functional", "compare"])
def test_a_sync_test_has_one_loop_for_the_whole_comparison(project, arguments):
    result = run(
        project,
        """
@pytest.mark.fastllm("codec")
def test_it(accelerated):
    assert accelerated(use, "x") == "x:400"
    assert len(LOOPS) >= 2
    assert len(set(map(id, LOOPS))) == 1
    assert LOOPS[0].is_closed()
""",
        *arguments,
    )
    assert result.ret == 0


def test_a_plain_call_inside_a_running_loop_names_acall(project):
    result = run(
        project,
        """
@pytest.mark.asyncio
@pytest.mark.fastllm("codec")
async def test_it(accelerated):
    accelerated(use, "x")
""",
    )
    result.assert_outcomes(failed=1)
    assert "await accelerated.acall(...)" in project.said(result)


def test_a_mismatch(project):
    result = run(
        project,
        """
@pytest.mark.asyncio
@pytest.mark.fastllm("codec")
async def test_it(accelerated):
    async def differs():
        codec.call("x")
        return codec.calls[-1]
    await accelerated.acall(differs)
""",
    )
    result.assert_outcomes(failed=1)
    assert "codec/it: mismatch" in project.said(result)


def test_the_switch_comes_back_after_an_exception(project):
    result = run(
        project,
        """
BEFORE = codec.encode

@pytest.mark.asyncio
@pytest.mark.fastllm("codec")
async def test_it(accelerated):
    async def fails():
        codec.call("x")
        raise OSError("gone")
    with pytest.raises(OSError):
        await accelerated.acall(fails)
    assert codec.encode is BEFORE
""",
    )
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize("arguments", [(), QUICK], ids=["functional", "compare"])
def test_acall_of_a_plain_function_says_what_to_call_instead(project, arguments):
    result = run(
        project,
        """
@pytest.mark.asyncio
@pytest.mark.fastllm("codec")
async def test_it(accelerated):
    await accelerated.acall(codec.call, "x")
""",
        *arguments,
    )
    result.assert_outcomes(failed=1)
    said = project.said(result)
    assert "codec/it: error: expected a coroutine function" in said
    assert "the call returned str 'x:400'" in said
    assert "accelerated(...), without await" in said


@pytest.mark.parametrize("marker", ['"codec"', '"codec", threads=2'])
@pytest.mark.filterwarnings("error")
def test_a_plain_call_that_returns_a_coroutine_is_not_taken_for_its_work(project, marker):
    result = run(
        project,
        f"""
@pytest.mark.fastllm({marker})
def test_it(accelerated):
    accelerated(lambda text: use(text), "x")
""",
        *QUICK,
    )
    result.assert_outcomes(failed=1)
    said = project.said(result)
    assert "codec/it: error: the call returned the coroutine 'use', which nobody awaits" in said
    assert "never awaited" not in said


@pytest.mark.parametrize("hang", ["await asyncio.sleep(60)", "time.sleep(60)"], ids=["awaits", "blocks"])
@pytest.mark.parametrize("tasks", [1, 2])
def test_an_await_that_hangs_is_ended_and_the_rest_of_the_run_unharmed(project, monkeypatch, hang, tasks):
    monkeypatch.setattr("pytest_fastllm.run.speed_comparison.HANG_S", 0.5)
    path = project.path / "results.json"
    result = run(
        project,
        f"""
import time

async def stuck():
    {hang}

@pytest.mark.asyncio
@pytest.mark.fastllm("codec", tasks={tasks})
async def test_it(accelerated):
    await accelerated.acall(stuck)

@pytest.mark.asyncio
@pytest.mark.fastllm("codec")
async def test_other(accelerated):
    await accelerated.acall(use, "x")
""",
        *QUICK,
        f"--fastllm-json={path}",
    )
    assert result.parseoutcomes() == {"failed": 1, "unjudged": 1}
    rows = {row["workload"]: row for row in json.loads(path.read_text())["rows"]}
    assert rows["it"]["verdict"] == "error"
    assert "the workload hangs" in rows["it"]["message"]
    assert "codec/it: error: the workload hangs" in project.said(result)
    assert rows["other"]["estimate"] is not None
