"""Shared by all tests: pytest's own fixtures for testing plugins, and the order of the whole suite."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

pytest_plugins = "pytester"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests of memory first: the plugin forks a fresh helper, not a process full of others' leavings."""
    items.sort(key=lambda item: item.path.parent.name != "memory")
