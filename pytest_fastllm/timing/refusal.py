"""When timing would give wrong numbers: the cause and the remedy, or None.

A trace function once turned a true 3.1× into 14×: it slows the interpreter and spares native code.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_DEBUG_ALLOCATORS = ("debug", "malloc_debug", "pymalloc_debug", "mimalloc_debug")


def _trace_function() -> str | None:
    hook = sys.gettrace()
    if hook is None:
        return None
    owner = f"{type(hook).__module__}.{type(hook).__qualname__} {getattr(hook, '__module__', '')}"
    if "coverage" in owner or "CTracer" in owner:
        return "coverage is tracing; run without it (--no-cov, or -p no:cov)"
    if any(name in owner for name in ("pydevd", "bdb", "pdb")):
        return "a debugger is attached; run without it"
    return "a trace function is set (sys.settrace); run without the debugger or tracer that set it"


def _profile_function() -> str | None:
    if sys.getprofile() is None:
        return None
    return "a profile function is set (sys.setprofile); run without the profiler that set it"


def _monitoring_tool() -> str | None:
    monitoring = getattr(sys, "monitoring", None)  # from 3.12 on
    if monitoring is None:
        return None
    for tool_id in range(6):
        name = monitoring.get_tool(tool_id)
        if name is None:
            continue
        remedy = "run without it (--no-cov, or -p no:cov)" if "cov" in name else "run without it"
        return f"the tool {name!r} is watching through sys.monitoring; {remedy}"
    return None


def _dev_mode() -> str | None:
    return (
        "Python runs in development mode; run without -X dev and PYTHONDEVMODE"
        if sys.flags.dev_mode
        else None
    )


def _debug_build() -> str | None:
    if hasattr(sys, "gettotalrefcount") or sysconfig.get_config_var("Py_DEBUG"):
        return "this CPython is a debug build; use a release build"
    return None


def _debug_allocator() -> str | None:
    name = os.environ.get("PYTHONMALLOC", "")
    return f"PYTHONMALLOC={name} selects a debug allocator; unset it" if name in _DEBUG_ALLOCATORS else None


def _tracemalloc() -> str | None:
    import tracemalloc  # here: -X tracemalloc traces without it, and nothing else needs it

    if tracemalloc.is_tracing():
        return "tracemalloc is tracing every allocation; run without -X tracemalloc and PYTHONTRACEMALLOC"
    return None


def _asyncio_debug() -> str | None:
    if os.environ.get("PYTHONASYNCIODEBUG") and not sys.flags.ignore_environment:
        return "asyncio runs in debug mode; unset PYTHONASYNCIODEBUG"
    return None


def _extension_debug_build() -> str | None:
    # Looked up, never imported: a comparison that does not use the extension does not care.
    extension = sys.modules.get("pytest_fastllm._accel")
    if extension is not None and extension.build_profile() != "release":
        return "the extension pytest_fastllm._accel is a debug build; build it with `make build`"
    return None


_CHECKS: tuple[Callable[[], str | None], ...] = (
    _trace_function,
    _profile_function,
    _monitoring_tool,
    _dev_mode,
    _debug_build,
    _debug_allocator,
    _tracemalloc,
    _asyncio_debug,
    _extension_debug_build,
)


def why_timing_is_refused() -> str | None:
    """The first cause with its remedy, or None where timing is sound."""
    return next((reason for check in _CHECKS if (reason := check()) is not None), None)
