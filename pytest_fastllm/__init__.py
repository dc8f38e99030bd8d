"""pytest-fastllm: performance regression tests for components with two implementations.

``Component`` declares one; ``accelerate`` puts the accelerated side in place in a program of your own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .acceleration import accelerate
    from .component import Component

__all__ = ["Component", "accelerate"]


def __getattr__(name: str) -> Any:
    # Imported on demand: this package is loaded by every pytest run of everybody who installed it.
    if name == "accelerate":
        from .acceleration import accelerate

        return accelerate
    if name == "Component":
        from .component import Component

        return Component
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
