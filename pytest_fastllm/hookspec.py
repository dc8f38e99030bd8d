"""The hook by which conftests declare components."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .component import Component


def pytest_fastllm_components() -> list[Component]:  # type: ignore[empty-body]  # a specification has no body
    """Declare components, beside those that installed packages declare through entry points."""
