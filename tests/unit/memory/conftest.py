"""Memory is measured before the other tests fill this interpreter's heap; the plugin measures in a fresh helper."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: HERE not in item.path.parents)
