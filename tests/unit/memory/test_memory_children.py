"""A child answers, or there is a WorkloadError with its text; never a process or a file left behind."""

from __future__ import annotations

import ctypes
import functools
import os
import signal
import sys
import time

import pytest

from pytest_fastllm.errors import WorkloadError
from pytest_fastllm.memory.fork_child import run_in_fork
from pytest_fastllm.memory.spawn_child import run_in_spawn

SOON_S = 0.3
PLENTY_S = 60.0

forking = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@pytest.fixture(autouse=True)
def _nothing_is_left_behind():
    files = _open_files()
    yield
    assert _open_files() == files
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def _open_files() -> list[str]:
    return sorted(os.listdir("/proc/self/fd")) if sys.platform == "linux" else []


def _gone(pid: int) -> bool:
    """Whether the process has ended; an orphan is buried by whoever inherits it, in its own time."""
    for _ in range(500):
        try:
            with open(f"/proc/{pid}/stat") as stat:
                if stat.read().rsplit(")", 1)[1].split()[0] == "Z":
                    return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.01)
    return False


def answer_twice(number: int) -> list[int]:
    print("not part of the answer")
    return [number, number]


def raise_value_error() -> None:
    raise ValueError("no such key: 17")


@pytest.mark.parametrize("run", [pytest.param(run_in_fork, marks=forking), run_in_spawn])
class TestEitherStart:
    def test_it_answers_and_its_output_stays_its_own(self, run, capfd):
        assert run(functools.partial(answer_twice, 3), PLENTY_S) == [3, 3]
        assert capfd.readouterr() == ("", "")

    def test_an_exception_comes_back_with_its_text_and_place(self, run):
        with pytest.raises(WorkloadError, match=r"ValueError: no such key: 17(.|\n)*in raise_value_error"):
            run(raise_value_error, PLENTY_S)

    def test_leaving_the_interpreter_is_told(self, run):
        with pytest.raises(WorkloadError, match="SystemExit: 3"):
            run(functools.partial(sys.exit, 3), PLENTY_S)

    def test_an_end_without_an_answer_is_told_with_its_status(self, run):
        with pytest.raises(WorkloadError, match="ended with exit status 7 before it answered"):
            run(functools.partial(os._exit, 7), PLENTY_S)

    def test_a_crash_is_told_by_its_signal_and_place(self, run):
        with pytest.raises(WorkloadError, match=r"killed by SIGSEGV; hint(.|\n)*Segmentation fault"):
            run(functools.partial(ctypes.string_at, 0), PLENTY_S, "; hint")

    def test_a_hang_is_ended(self, run):
        with pytest.raises(WorkloadError, match=r"still running after 0\.3 s and was killed; hint"):
            run(functools.partial(time.sleep, PLENTY_S), SOON_S, "; hint")


def test_what_cannot_be_sent_is_refused_before_anything_starts():
    with pytest.raises(WorkloadError, match="importable by name: module-level functions"):
        run_in_spawn(lambda: 1, PLENTY_S)


@forking
class TestFork:
    def test_a_long_answer_does_not_block(self):
        assert run_in_fork(lambda: "x" * 1_000_000, PLENTY_S) == "x" * 1_000_000

    def test_its_last_words_are_told(self):
        def speak_and_die():
            print("about to go wrong")
            os.write(2, b"thread panicked at src/lib.rs\n")
            os.kill(os.getpid(), signal.SIGKILL)

        with pytest.raises(
            WorkloadError, match=r"SIGKILL \(out of memory\?\)(.|\n)*went|wrong\nthread panicked"
        ):
            run_in_fork(speak_and_die, PLENTY_S)

    def test_input_is_empty(self):
        assert run_in_fork(lambda: os.read(0, 10).decode(), PLENTY_S) == ""

    def test_a_child_that_ignores_signals_is_ended(self):
        def stubborn():
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_IGN)
            time.sleep(PLENTY_S)

        with pytest.raises(WorkloadError, match="still running"):
            run_in_fork(stubborn, SOON_S)

    def test_a_child_that_closes_its_pipe_and_stays_is_ended(self):
        def deaf():
            os.closerange(3, 256)
            time.sleep(PLENTY_S)

        with pytest.raises(WorkloadError, match="still running"):
            run_in_fork(deaf, SOON_S)

    @pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
    def test_processes_that_it_started_end_with_it(self):
        def leave_one_behind():
            pid = os.fork()
            if pid == 0:
                time.sleep(PLENTY_S)
                os._exit(0)
            return pid

        assert _gone(run_in_fork(leave_one_behind, PLENTY_S))

    @pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
    def test_a_dead_child_is_noticed_though_another_process_holds_its_pipe(self):
        def leave_one_behind_and_die():
            if os.fork() == 0:
                time.sleep(PLENTY_S)
            os._exit(5)

        with pytest.raises(WorkloadError, match="exit status 5"):
            run_in_fork(leave_one_behind_and_die, PLENTY_S)

    def test_an_answer_that_comes_between_two_looks_is_not_lost(self, monkeypatch):
        from pytest_fastllm.memory.fork_child import _Child

        has_ended = _Child._has_ended

        def has_ended_by_then(child):
            time.sleep(0.5)  # the child answers and ends after the pipe was found empty
            return has_ended(child)

        monkeypatch.setattr(_Child, "_has_ended", has_ended_by_then)
        assert run_in_fork(functools.partial(time.sleep, 0.2), PLENTY_S) is None

    def test_an_interrupt_ends_the_child_too(self, monkeypatch):
        def interrupted(*_):
            raise KeyboardInterrupt

        monkeypatch.setattr("pytest_fastllm.memory.fork_child._Child.read_line", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run_in_fork(functools.partial(time.sleep, PLENTY_S), PLENTY_S)

    def test_nothing_of_the_parents_runs_in_the_child(self, tmp_path):
        import atexit

        log = tmp_path / "log"

        def write():
            with open(log, "a") as file:
                file.write(f"{os.getpid()}\n")

        atexit.register(write)
        try:
            run_in_fork(lambda: None, PLENTY_S)
        finally:
            atexit.unregister(write)
        assert not log.exists()

    def test_diagnosis_of_the_parent_is_off_in_the_child(self, caplog):
        import logging
        import tracemalloc
        import warnings

        def diagnose():
            with warnings.catch_warnings(record=True) as caught:
                warnings.warn("kept by pytest", stacklevel=1)
            logging.getLogger("noisy").warning("kept by pytest")
            return [sys.gettrace() is None, tracemalloc.is_tracing(), len(caplog.records), len(caught)]

        tracemalloc.start()
        try:
            assert run_in_fork(diagnose, PLENTY_S) == [True, False, 0, 0]
            assert tracemalloc.is_tracing()
        finally:
            tracemalloc.stop()
