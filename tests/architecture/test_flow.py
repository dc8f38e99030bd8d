"""Imports go one way: from what knows nothing of the rest to the hooks that call it all."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

import pytest
from imports import imports, modules

# design.md, Flow. A part may import parts of its own line and of those above it, never of those below.
FLOW = [
    {"model", "errors"},
    {"stats", "files", "quantities"},
    {"component", "components", "registry", "hookspec", "workload", "toggle", "environment", "_accel"},
    {"verify", "timing", "memory"},
    {"comparison"},
    {"baselines", "judge", "explain", "results"},
    {"report"},
    {"config", "marker"},
    {"moved", "processes"},
    {"fixture", "run"},  # a test talks to the run through the fixture, which is the run's own face
    {
        "plugin",
        "acceleration",
        "selftest",
        "cli",
        "suite",
        "",
    },  # "" is what users import from the package itself
]
LINES = {part: line for line, parts in enumerate(FLOW) for part in parts}


def part(module):
    return module.partition(".")[0]


def backward(found):
    return [str(each) for each in found if LINES[part(each.importer)] < LINES[part(each.imported)]]


def cycle(found):
    graph = {}
    for each in found:
        # A module of a package that imports from the package itself is the package's own affair.
        if not each.for_types and not each.importer.startswith(each.imported):
            graph.setdefault(each.importer, set()).add(each.imported)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return " -> ".join(error.args[1])
    return None


def test_every_part_has_its_place():
    unplaced = {part(name) for name in modules()} - set(LINES)
    assert not unplaced, (
        f"say in FLOW where these stand, as far up as their imports allow: {sorted(unplaced)}"
    )


def test_every_place_has_its_part():
    gone = set(LINES) - {part(name) for name in modules()}
    assert not gone, f"take these out of FLOW: {sorted(gone)}"


def test_no_import_goes_backward():
    assert not backward(imports())


def test_no_imports_go_in_a_circle():
    assert cycle(imports()) is None


@pytest.fixture
def package(tmp_path):
    """A package of that name with two modules on different lines, and one that is a folder."""
    (tmp_path / "model.py").write_text("")
    (tmp_path / "plugin.py").write_text("from .model import Row\n")
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "__init__.py").write_text("")
    (tmp_path / "report" / "table.py").write_text("from .. import model\n")
    return tmp_path


@pytest.mark.parametrize(
    "statement",
    [
        "from .plugin import Session",
        "from . import plugin",
        "import pytest_fastllm.plugin",
        "from pytest_fastllm.plugin import Session",
        "def late():\n    from .plugin import Session",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .plugin import Session",
    ],
)
def test_each_way_of_importing_backward_is_seen(package, statement):
    assert not backward(imports(package))
    (package / "model.py").write_text(statement + "\n")
    assert len(backward(imports(package))) == 1


def test_a_circle_is_seen_but_not_one_for_types(package):
    (package / "report" / "table.py").write_text("from . import advice\n")
    advice = package / "report" / "advice.py"
    advice.write_text("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .table import table\n")
    assert cycle(imports(package)) is None
    advice.write_text("def late():\n    from .table import table\n")
    assert cycle(imports(package)) is not None
