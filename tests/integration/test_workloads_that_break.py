"""A workload that hangs, raises late, or leaves threads behind: a verdict, and the rest of the run unharmed."""

from __future__ import annotations

import pytest

import pytest_fastllm.run.speed_comparison

OTHER = "\n@pytest.mark.fastllm('codec')\ndef test_other(accelerated):\n    accelerated(codec.call, 'y')\n"


def rows(project, *args):
    found, result = project.measured(project.compare, *args)
    return {row["workload"]: row for row in found}, result


def with_other(project, body):
    project.one_test(body, marker='component="codec"')
    path = project.path / "test_codec.py"
    path.write_text(path.read_text() + OTHER)


def test_a_call_that_hangs_is_ended(project, monkeypatch):
    monkeypatch.setattr(pytest_fastllm.run.speed_comparison, "HANG_S", 2.0)
    with_other(project, "import time\naccelerated.versus(lambda: time.sleep(60), lambda: time.sleep(60))")
    found, result = rows(project)
    assert found["small"]["verdict"] == "error"
    assert "hangs" in found["small"]["message"]
    assert found["other"]["verdict"] == "unjudged"
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_a_call_that_raises_after_a_while(project):
    with_other(
        project,
        "count = [0]\n"
        "def tired():\n"
        "    count[0] += 1\n"
        "    if count[0] > 50: raise OSError('worn out')\n"
        "accelerated.versus(tired, tired)",
    )
    found, _ = rows(project)
    assert found["small"]["verdict"] == "error"
    assert "worn out" in found["small"]["message"]
    assert found["other"]["verdict"] == "unjudged"


def test_threads_that_work_on_in_the_background_are_a_warning(project):
    with_other(
        project,
        "import threading\n"
        "stop = threading.Event()\n"
        "def busy():\n"
        "    while not stop.is_set(): sum(range(1000))\n"
        "thread = threading.Thread(target=busy, daemon=True)\n"
        "thread.start()\n"
        # Longer than the interpreter's switch interval, so that the other thread has its turn inside a sample.
        "def work():\n"
        "    for _ in range(600000): pass\n"
        "accelerated.versus(lambda: work(), lambda: work())\n"
        "stop.set(); thread.join()",
    )
    # Apart from the threads that other tests of this process may have left.
    both, _ = project.measured(project.run_apart, "--fastllm-compare", "--fastllm-iterations=20")
    found = {row["workload"]: row for row in both}
    assert "spill-over" in found["small"]["warnings"]
    assert found["small"]["noise"]["spill_over"] > 0.02
    assert "spill-over" not in found["other"]["warnings"]
