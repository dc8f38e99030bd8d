"""Whether the native extension is there, with what a component needs of it."""

from __future__ import annotations


def missing_extension(needed: str) -> str | None:
    """None, or why the extension cannot serve a component, and what to do.

    Args:
        needed: the extension's class or function that does the component's work.
    """
    try:
        from .. import _accel
    except ImportError as error:
        return f"the extension pytest_fastllm._accel is not built ({error}); run `make build`"
    if not hasattr(_accel, needed):
        return f"the extension pytest_fastllm._accel was built without {needed}; run `make build`"
    return None
