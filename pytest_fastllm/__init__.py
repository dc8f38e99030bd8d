"""pytest-fastllm: performance regression tests for components with two implementations."""

from __future__ import annotations

from .component import Component

__all__ = ["Component"]
