from __future__ import annotations

import threading

from pytest_fastllm.memory.threads import other_threads


def test_alone_there_is_nothing_to_tell():
    assert other_threads(0.0) == ()


def test_other_threads_are_named():
    done = threading.Event()
    thread = threading.Thread(target=done.wait, name="cost-map-retry")
    thread.start()
    try:
        assert other_threads(0.05) == ("cost-map-retry",)
    finally:
        done.set()
        thread.join()


def test_a_thread_that_ends_soon_is_waited_for():
    thread = threading.Timer(0.1, lambda: None)
    thread.start()
    assert other_threads(60.0) == ()
