"""`threads=N`, `tasks=N`, coroutine functions, and `acall`."""

from __future__ import annotations

import pytest

ASYNC = """
import asyncio, json, pytest

loops = set()
running = [0, 0]

async def slow(text):
    loops.add(id(asyncio.get_running_loop()))
    running[0] += 1
    running[1] = max(running)
    for _ in range(200):
        pass
    await asyncio.sleep(0)
    running[0] -= 1
    return json.loads(text)

async def fast(text):
    await asyncio.sleep(0)
    return json.loads(text)
"""


def test_n_threads_are_in_the_workload_at_the_same_time(project):
    project.tests(
        "import pytest, threading, time\n"
        "inside = set(); seen = [0]; lock = threading.Lock()\n"
        "def work():\n"
        "    with lock:\n"
        "        inside.add(threading.get_ident()); seen[0] = max(seen[0], len(inside))\n"
        "    time.sleep(0.02)\n"
        "    with lock:\n"
        "        inside.discard(threading.get_ident())\n"
        "@pytest.mark.fastllm(component='codec', threads=4)\n"
        "def test_small(accelerated):\n"
        "    accelerated.versus(lambda: work(), lambda: work())\n"
        "    assert seen == [4]\n"
    )
    row, result = project.row_apart()
    assert result.ret == pytest.ExitCode.OK
    assert row["threads"] == 4
    # Four threads sleep at the same time: an operation takes a quarter of its sleep.
    assert row["reference"]["value"] < 0.02


def test_rows_with_threads_have_an_environment_that_names_the_cores(project):
    project.one_test("accelerated.versus(lambda: codec.encode('x'), lambda: codec.encode('x'))", "threads=2")
    row, _ = project.row_apart()
    assert "cores" in row["environment"]


def test_an_exception_in_a_thread_is_the_workloads(project):
    project.one_test(
        "import threading\n"
        "def broken():\n"
        "    if threading.current_thread() is not threading.main_thread(): raise OSError('in a thread')\n"
        "accelerated.versus(broken, broken)",
        "threads=2",
    )
    row, result = project.row_apart()
    assert row["verdict"] == "error"
    assert "in a thread" in row["message"]
    assert result.ret == pytest.ExitCode.TESTS_FAILED


@pytest.mark.parametrize("tasks", [1, 8])
def test_a_coroutine_function_is_awaited_in_one_loop(project, tasks):
    project.tests(
        ASYNC
        + f"@pytest.mark.fastllm(component='codec', tasks={tasks})\n"
        + "def test_small(accelerated):\n"
        + "    assert accelerated.versus(slow, fast, '[1]') == [1]\n"
        + f"    assert len(loops) == 1\n    assert running[1] == {tasks}\n"
    )
    row, result = project.row_apart()
    assert result.ret == pytest.ExitCode.OK
    assert row["reference"]["value"] > row["accelerated"]["value"]


def test_acall_awaits_in_the_tests_own_loop(project):
    project.tests(
        ASYNC
        + "import codec\n"
        + "async def through(text): return codec.call(text)\n"
        + "@pytest.mark.asyncio\n@pytest.mark.fastllm('codec')\n"
        + "async def test_small(accelerated):\n"
        + "    assert await accelerated.acall(through, 'x') == 'x:400'\n"
    )
    row, result = project.with_installed_plugins().row_apart()
    assert result.ret == pytest.ExitCode.OK
    assert row["estimate"] > 1


def test_a_coroutine_function_called_inside_a_loop_points_to_acall(project):
    project.tests(
        ASYNC
        + "@pytest.mark.asyncio\n"
        + "async def test_small(accelerated):\n    accelerated.versus(slow, fast, '[1]')\n"
    )
    result = project.with_installed_plugins().run_apart("--fastllm-compare")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "await accelerated.acall" in project.said(result)


def test_tasks_left_behind_are_waited_for_and_counted(project):
    project.tests(
        "import asyncio, pytest\n"
        "ended = []\n"
        "async def later(): await asyncio.sleep(0.001); ended.append(1)\n"
        "kept = set()\n"
        "async def work():\n"
        "    task = asyncio.ensure_future(later()); kept.add(task); task.add_done_callback(kept.discard)\n"
        "@pytest.mark.fastllm(component='codec')\n"
        "def test_small(accelerated):\n"
        "    accelerated.versus(work, work)\n"
        "    assert not kept and len(ended) > 40\n"
    )
    row, result = project.row_apart()
    assert result.ret == pytest.ExitCode.OK
    assert row["noise"]["background_tasks"] > 40


@pytest.mark.parametrize(
    ("marker", "function", "cause"),
    [("tasks=2", "lambda: 1", "needs a coroutine function"), ("threads=2", "slow", "use tasks=")],
)
def test_what_cannot_be_driven_so(project, marker, function, cause):
    project.tests(
        ASYNC
        + f"@pytest.mark.fastllm(component='codec', {marker})\n"
        + f"def test_small(accelerated):\n    accelerated.versus({function}, {function})\n"
    )
    result = project.run_apart("--fastllm-compare")
    assert cause in project.said(result)
