"""The tests of a run that use the fixture: what each compares, and the name of its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from ..errors import UsageError
from ..marker import read_marker
from ..registry import Registry, collect

if TYPE_CHECKING:
    from ..component import Component
    from ..marker import Marker

FIXTURE = "accelerated"
_FIXTURE_MODULE = "pytest_fastllm.plugin"


@dataclass(frozen=True)
class ComparedTest:
    """One test that uses the fixture.

    Args:
        marker: what its marker says.
        component, workload: names of its rows.
        declared: the component whose sides are compared; None for tests that only use ``versus``.
    """

    marker: Marker
    component: str
    workload: str
    declared: Component | None

    @property
    def key(self) -> str:
        """``component/workload``."""
        return f"{self.component}/{self.workload}"


class Collection:
    """All tests that use the fixture, in the order in which they were collected.

    Args:
        shared_over: in a child, the number of comparisons that its parent collected.
    """

    def __init__(self, shared_over: int | None = None) -> None:
        """Start empty."""
        self._shared_over = shared_over
        self._registry = Registry()
        self._tests: dict[str, ComparedTest] = {}
        self._owners: dict[str, str] = {}
        self._places: dict[str, int] = {}

    @property
    def comparisons(self) -> int:
        """Number of comparisons that the run's error rate is shared over, whatever is deselected later."""
        return len(self._tests) if self._shared_over is None else self._shared_over

    def add(self, items: list[pytest.Item], *, measured: bool) -> list[pytest.Item]:
        """Check the markers of all items and name their rows.

        Args:
            items: before anything is deselected.
            measured: whether this run measures.

        Returns:
            The items that do not use the fixture.

        Raises:
            UsageError: an unknown component or keyword, two items with one name, or a test that cannot be
                measured.
        """
        self._registry = collect(items[0].config) if items else Registry()
        others = []
        for item in items:
            if uses_fixture(item):
                self._add(item, measured)
            else:
                others.append(item)
                if item.get_closest_marker("fastllm") is not None:
                    read_marker(item)
        return others

    def _add(self, item: pytest.Item, measured: bool) -> None:
        test = self._read(item)
        if test.key in self._owners:
            raise UsageError(
                f"{item.nodeid} and {self._owners[test.key]} are both named {test.key!r}; give one of them "
                "@pytest.mark.fastllm(workload=...)"
            )
        if measured and is_given(item):
            raise UsageError(
                f"{item.nodeid} is a @given test, whose examples differ from run to run; it is compared without "
                "--fastllm-compare, but cannot be measured: give the measured workload a test of its own"
            )
        self._owners[test.key] = item.nodeid
        self._tests[item.nodeid] = test
        self._places[item.nodeid] = len(self._places)

    def _read(self, item: pytest.Item) -> ComparedTest:
        marker = read_marker(item)
        callspec = getattr(item, "callspec", None)
        if marker.sweep is not None and (callspec is None or marker.sweep not in callspec.params):
            raise UsageError(
                f"{item.nodeid}: sweep={marker.sweep!r} is no parameter of this test; name one of its "
                "pytest.mark.parametrize arguments"
            )
        declared = self._registry.find(marker.component, item.nodeid) if marker.component else None
        return ComparedTest(
            marker, marker.component or _module_name(item), _workload_name(item, marker), declared
        )

    def of(self, item: pytest.Item) -> ComparedTest:
        """What is known of one item, also of one that asked for the fixture while it ran."""
        return self._tests.get(item.nodeid) or self._read(item)

    def place(self, nodeid: str) -> int:
        """Where a test stands in the order of collection."""
        return self._places.get(nodeid, len(self._places))

    def memory_rows(self) -> int:
        """Number of tests that announce a memory comparison, which is a second chance of a false alarm."""
        return sum(test.marker.memory is not None for test in self._tests.values())

    def packages(self) -> set[str]:
        """The top-level packages of the components in use."""
        declared = [test.declared for test in self._tests.values() if test.declared is not None]
        used = (part for component in declared for part in (component, *component.together))
        dotted = (name for component in used for name in (component.reference, component.accelerated) if name)
        # Distributions are named with hyphens; ours is recorded anyway.
        return {name.partition(":")[0].partition(".")[0].replace("_", "-") for name in dotted}


def uses_fixture(item: pytest.Item) -> bool:
    """Whether the item uses our fixture, and not another one that somebody gave the same name."""
    if FIXTURE not in getattr(item, "fixturenames", ()):
        return False
    info = getattr(item, "_fixtureinfo", None)  # there is no public way to see what overrides a fixture
    definitions = info.name2fixturedefs.get(FIXTURE, ()) if info is not None else ()
    for definition in reversed(definitions):
        if definition.func.__module__ == _FIXTURE_MODULE:
            return True
        if FIXTURE not in definition.argnames:
            return False
    return True


def is_given(item: pytest.Item) -> bool:
    """Whether Hypothesis calls the test, once for each example."""
    return hasattr(getattr(item, "obj", None), "hypothesis")


def _module_name(item: pytest.Item) -> str:
    module = getattr(item, "module", None)
    name = module.__name__ if module is not None else item.path.stem
    return str(name).rpartition(".")[2].removeprefix("test_")


def _workload_name(item: pytest.Item, marker: Marker) -> str:
    name = marker.workload
    if name is None:
        parts = [node.name for node in item.listchain() if isinstance(node, pytest.Class)]
        function = getattr(item, "originalname", None) or item.name.partition("[")[0]
        name = ".".join((*parts, function.removeprefix("test_")))
    callspec = getattr(item, "callspec", None)
    return f"{name}[{callspec.id}]" if callspec is not None else name
