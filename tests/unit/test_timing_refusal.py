"""Timing is refused where its numbers would be wrong: the cause, then the remedy."""

from __future__ import annotations

import sys
import tracemalloc
from types import ModuleType, SimpleNamespace

import pytest

from pytest_fastllm.timing import refusal
from pytest_fastllm.timing.refusal import why_timing_is_refused


@pytest.fixture(autouse=True)
def sound(monkeypatch):
    """A process in which nothing stands against timing, however the tests themselves are run."""
    for name in ("PYTHONMALLOC", "PYTHONASYNCIODEBUG"):
        monkeypatch.delenv(name, raising=False)
    before = sys.gettrace(), sys.getprofile()
    sys.settrace(None)
    sys.setprofile(None)
    monkeypatch.setattr(refusal.sys, "flags", SimpleNamespace(dev_mode=False, ignore_environment=0))
    if hasattr(sys, "monitoring"):
        monkeypatch.setattr(refusal.sys, "monitoring", SimpleNamespace(get_tool=lambda _: None))
    yield
    sys.settrace(before[0])
    sys.setprofile(before[1])


def test_nothing_stands_against_it():
    assert why_timing_is_refused() is None


def hook(frame, event, argument):
    return None


def test_a_trace_function():
    sys.settrace(hook)
    reason = why_timing_is_refused()
    sys.settrace(None)
    assert "sys.settrace" in reason
    assert "run without" in reason


@pytest.mark.parametrize(
    ("module", "words"),
    [("coverage.pytracer", ("coverage", "--no-cov")), ("pydevd", ("debugger",)), ("bdb", ("debugger",))],
)
def test_who_traces_is_named(module, words):
    class Tracer:
        def __call__(self, frame, event, argument):
            return None

    Tracer.__module__ = module
    sys.settrace(Tracer())
    reason = why_timing_is_refused()
    sys.settrace(None)
    assert all(word in reason for word in words)


def test_a_profile_function():
    sys.setprofile(hook)
    reason = why_timing_is_refused()
    sys.setprofile(None)
    assert "sys.setprofile" in reason
    assert "run without the profiler" in reason


@pytest.mark.parametrize(("tool", "remedy"), [("coverage.py", "--no-cov"), ("my profiler", "run without it")])
def test_a_monitoring_tool(monkeypatch, tool, remedy):
    tools = SimpleNamespace(get_tool=lambda tool_id: tool if tool_id == 3 else None)
    monkeypatch.setattr(refusal.sys, "monitoring", tools, raising=False)
    reason = why_timing_is_refused()
    assert repr(tool) in reason
    assert remedy in reason


@pytest.mark.skipif(sys.version_info < (3, 12), reason="sys.monitoring came with 3.12")
def test_a_real_monitoring_tool(monkeypatch):
    monkeypatch.undo()
    sys.monitoring.use_tool_id(2, "a real tool")
    try:
        assert "a real tool" in why_timing_is_refused()
    finally:
        sys.monitoring.free_tool_id(2)


def test_development_mode(monkeypatch):
    monkeypatch.setattr(refusal.sys, "flags", SimpleNamespace(dev_mode=True, ignore_environment=0))
    assert "-X dev" in why_timing_is_refused()


def test_a_debug_build(monkeypatch):
    monkeypatch.setattr(refusal.sys, "gettotalrefcount", lambda: 0, raising=False)
    assert "debug build" in why_timing_is_refused()


@pytest.mark.parametrize("allocator", ["debug", "malloc_debug", "pymalloc_debug"])
def test_a_debug_allocator(monkeypatch, allocator):
    monkeypatch.setenv("PYTHONMALLOC", allocator)
    reason = why_timing_is_refused()
    assert f"PYTHONMALLOC={allocator}" in reason
    assert "unset it" in reason


@pytest.mark.parametrize("allocator", ["malloc", "pymalloc", ""])
def test_other_allocators_are_fine(monkeypatch, allocator):
    monkeypatch.setenv("PYTHONMALLOC", allocator)
    assert why_timing_is_refused() is None


def test_tracemalloc():
    tracemalloc.start()
    try:
        assert "tracemalloc" in why_timing_is_refused()
    finally:
        tracemalloc.stop()
    assert why_timing_is_refused() is None


def test_asyncio_in_debug_mode(monkeypatch):
    monkeypatch.setenv("PYTHONASYNCIODEBUG", "1")
    assert "unset PYTHONASYNCIODEBUG" in why_timing_is_refused()


@pytest.mark.parametrize(("profile", "refused"), [("debug", True), ("release", False)])
def test_a_debug_build_of_the_extension(monkeypatch, profile, refused):
    extension = ModuleType("pytest_fastllm._accel")
    extension.build_profile = lambda: profile
    monkeypatch.setitem(sys.modules, "pytest_fastllm._accel", extension)
    reason = why_timing_is_refused()
    assert (reason is not None) is refused
    if refused:
        assert "make build" in reason
