"""A class's methods, which a component switches together."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..component import Component


def each_method(component: str, owner: str, names: Iterable[str]) -> tuple[Component, ...]:
    """A component for each method of a class, for `Component.together`.

    Args:
        component: name of the one that switches them, whose module has the native methods under the same names.
        owner: dotted name of the class.
        names: of the methods.
    """
    from ..component import Component

    return tuple(
        Component(
            name=f"{component}_{name}",
            reference=f"{owner}.{name}",
            accelerated=f"pytest_fastllm.components.{component}:{name}",
            patch=(f"{owner}.{name}",),
        )
        for name in names
    )
