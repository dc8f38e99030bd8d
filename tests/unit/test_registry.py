"""Components are found by name, and each name is declared once."""

from __future__ import annotations

import importlib.metadata

import pytest

from pytest_fastllm.component import Component
from pytest_fastllm.errors import UsageError
from pytest_fastllm.registry import ENTRY_POINT_GROUP, Registry, bundled_and_installed


def component(name):
    return Component(name, reference="a:f", accelerated="b:f", patch=("a:f",))


@pytest.fixture
def registry():
    made = Registry()
    made.add([component("token_counter"), component("routing")], "the package")
    return made


def test_components_are_found(registry):
    assert registry.find("routing", "test_x").name == "routing"
    assert list(registry.components) == ["token_counter", "routing"]


def test_nothing_declared_is_fine(registry):
    registry.add(None, "conftest.py")
    registry.add([], "conftest.py")
    assert len(registry.components) == 2


def test_an_unknown_name_gets_the_close_one_and_all_others(registry):
    with pytest.raises(UsageError) as caught:
        registry.find("token_countr", "test_x.py::test_it")
    message = str(caught.value)
    assert message.startswith(
        "test_x.py::test_it: unknown component 'token_countr'; did you mean 'token_counter'?"
    )
    assert "routing, token_counter" in message
    assert "pytest_fastllm_components()" in message


def test_a_name_declared_twice_names_both_places(registry):
    with pytest.raises(UsageError, match=r"'routing' is declared twice: by the package and by conftest\.py"):
        registry.add([component("routing")], "conftest.py")


@pytest.mark.parametrize("declared", [component("x"), 3, "codec", b"codec", ["codec"], [None]])
def test_anything_but_a_list_of_components_is_refused(registry, declared):
    with pytest.raises(UsageError, match=r"conftest\.py returned .*expected"):
        registry.add(declared, "conftest.py")


class FakeEntry:
    name, value, group = "their", "their.module:components", ENTRY_POINT_GROUP

    def __init__(self, load):
        self.load = load


def declared_by(monkeypatch, load):
    def entry_points(*, group):
        assert group == "pytest_fastllm"
        return [FakeEntry(load)]

    monkeypatch.setattr(importlib.metadata, "entry_points", entry_points)
    return bundled_and_installed()


def test_installed_packages_declare_components(monkeypatch):
    registry = declared_by(monkeypatch, lambda: lambda: [component("theirs")])
    assert registry.find("theirs", "t").name == "theirs"


def test_two_packages_with_one_name(monkeypatch):
    with pytest.raises(UsageError, match=r"'theirs' is declared twice.*their = their\.module:components"):
        declared_by(monkeypatch, lambda: lambda: [component("theirs"), component("theirs")])


def broken_import():
    raise ImportError("no module named theirs")


def broken_call():
    return lambda: 1 / 0


def malformed_component():
    return lambda: [component("Not A Name")]


@pytest.mark.parametrize(
    ("load", "why"),
    [
        (broken_import, "no module named theirs"),
        (broken_call, "ZeroDivisionError"),
        (malformed_component, "Not A Name"),
    ],
)
def test_a_broken_package_is_named(monkeypatch, load, why):
    with pytest.raises(UsageError, match=rf"entry point their = their\.module:components.*{why}"):
        declared_by(monkeypatch, load)
