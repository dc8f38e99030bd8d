"""What the marker's keywords do: threads, tasks and sweep (the others stand with the fixture's methods)."""

from __future__ import annotations

THREADS = """
import codec, pytest, threading

seen = set()

def use():
    seen.add(threading.current_thread().name)
    codec.call("x")

@pytest.mark.fastllm("codec", threads=2)
def test_threaded(accelerated):
    accelerated(use)
    print("threads:", len(seen - {"MainThread"}), "left:", threading.active_count() - 1)
"""


def test_threads_drive_the_workload_and_end(project):
    project.tests(THREADS)
    project.pytester.makeini("")
    path = project.path / "r.json"
    result = project.compare("-s", f"--fastllm-json={path}", "--fastllm-max-seconds=1")
    said = project.said(result)
    assert result.ret == 0
    assert "threads: 2" in said
    assert '"threads": 2' in path.read_text()
    assert "cores" in path.read_text()  # the environment of a row with threads counts them


def test_without_measuring_the_calling_thread_compares(project):
    project.tests(THREADS)
    assert "threads: 0" in project.said(project.run("-s"))


def test_tasks_need_a_coroutine_function(project):
    project.one_test(marker='"codec", tasks=3')
    result = project.run()
    result.assert_outcomes(failed=1)
    assert "tasks=3 needs a coroutine function" in project.said(result)


def test_threads_drive_plain_functions(project):
    project.one_test(
        "async def later():\n    return codec.call('x')\naccelerated(later)", marker='"codec", threads=2'
    )
    result = project.run()
    result.assert_outcomes(failed=1)
    assert "threads=2 drives plain functions; use tasks=" in project.said(result)


def test_tasks_drive_the_workload_at_the_same_time(project):
    project.one_test(
        "import asyncio\n"
        "now, most = 0, 0\n"
        "async def use():\n"
        "    nonlocal now, most\n"
        "    now += 1\n"
        "    most = max(most, now)\n"
        "    await asyncio.sleep(0)\n"
        "    codec.call('x')\n"
        "    now -= 1\n"
        "accelerated(use)\n"
        "assert most == 3",
        marker='"codec", tasks=3',
    )
    assert project.compare().ret == 0


def test_memory_needs_a_key_count(project):
    project.one_test("accelerated.memory(lambda keys: [None] * keys)")
    result = project.run()
    result.assert_outcomes(failed=1)
    assert "give keys= or the marker's memory=" in project.said(result)
