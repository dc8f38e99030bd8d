"""What a thread waited for a processor is no part of a sample."""

from __future__ import annotations

import threading

import pytest

from pytest_fastllm.timing import run_delay
from pytest_fastllm.timing.run_delay import RunDelay, run_delay_ns


def sample(monkeypatch, before_ns, after_ns, span_ns):
    readings = iter([before_ns, after_ns])
    monkeypatch.setattr(run_delay, "run_delay_ns", lambda: next(readings))
    delay = RunDelay()
    delay.begin()
    return delay.without(span_ns), delay.share


def test_waiting_is_taken_out(monkeypatch):
    assert sample(monkeypatch, 1_000, 4_000, 10_000) == (7_000, 0.3)


def test_without_waiting_nothing_is(monkeypatch):
    assert sample(monkeypatch, 1_000, 1_000, 10_000) == (10_000, 0.0)


def test_a_wait_longer_than_the_span_lay_outside_it(monkeypatch):
    assert sample(monkeypatch, 0, 4_000_000, 40_000) == (40_000, 0.0)


@pytest.mark.parametrize("readings", [(None, None), (None, 5), (5, None)])
def test_where_the_system_does_not_tell_the_span_stays(monkeypatch, readings):
    assert sample(monkeypatch, *readings, 10_000) == (10_000, 0.0)


def test_every_thread_reads_its_own(monkeypatch):
    opened = []
    real = run_delay.os.open
    monkeypatch.setattr(
        run_delay.os, "open", lambda *args: opened.append(args[0]) or real("/dev/null", args[1])
    )
    monkeypatch.setattr(run_delay, "_local", threading.local())
    for target in (run_delay_ns, run_delay_ns):
        thread = threading.Thread(target=target)
        thread.start()
        thread.join()
    assert opened == ["/proc/thread-self/schedstat"] * 2
