"""All declared components by name: the bundled ones, those of installed packages, those of conftests."""

from __future__ import annotations

import difflib
import importlib.metadata
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from .component import Component
from .errors import UsageError

if TYPE_CHECKING:
    import pytest

ENTRY_POINT_GROUP = "pytest_fastllm"


class Registry:
    """Components by name, with the place each was declared at."""

    def __init__(self) -> None:
        """Start empty."""
        self._components: dict[str, Component] = {}
        self._origins: dict[str, str] = {}

    def add(self, declared: object, origin: str) -> None:
        """Take what a hook or entry point returned.

        Raises:
            UsageError: it is not a list of components, or a name is declared twice.
        """
        if declared is None:
            return
        if not isinstance(declared, Iterable) or isinstance(declared, (str, bytes)):
            raise UsageError(f"{origin} returned {declared!r}; expected a list of pytest_fastllm.Component")
        for component in declared:
            if not isinstance(component, Component):
                raise UsageError(
                    f"{origin} returned {component!r} in its list; expected pytest_fastllm.Component"
                )
            name = component.name
            if name in self._components:
                raise UsageError(
                    f"component {name!r} is declared twice: by {self._origins[name]} and by {origin}; rename one"
                )
            self._components[name] = component
            self._origins[name] = origin

    def find(self, name: str, wanted_by: str) -> Component:
        """The component of that name.

        Raises:
            UsageError: there is none; lists those there are.
        """
        try:
            return self._components[name]
        except KeyError:
            close = difflib.get_close_matches(name, self._components, n=1)
            hint = f"did you mean {close[0]!r}? " if close else ""
            raise UsageError(
                f"{wanted_by}: unknown component {name!r}; {hint}known: {', '.join(sorted(self._components))}; "
                "declare others with pytest_fastllm_components() in a conftest"
            ) from None

    @property
    def components(self) -> Mapping[str, Component]:
        """All components by name."""
        return dict(self._components)


def bundled_and_installed() -> Registry:
    """The components that ship with this package and those of the entry-point group ``pytest_fastllm``."""
    from .components import bundled

    registry = Registry()
    registry.add(bundled(), "pytest_fastllm.components")
    for entry in importlib.metadata.entry_points(group=ENTRY_POINT_GROUP):
        origin = f"the entry point {entry.name} = {entry.value}"
        try:
            declare: Any = entry.load()
            declared = declare()
        except UsageError as error:
            raise UsageError(f"{origin}: {error}") from error
        except Exception as error:
            raise UsageError(
                f"{origin} raised {type(error).__name__}: {error}; mend or uninstall it"
            ) from error
        registry.add(declared, origin)
    return registry


def collect(config: pytest.Config) -> Registry:
    """Everything of `bundled_and_installed`, and what the hook ``pytest_fastllm_components`` declares.

    Raises:
        UsageError: a name is declared twice, or a hook returned something else.
    """
    registry = bundled_and_installed()
    for implementation in config.hook.pytest_fastllm_components.get_hookimpls():
        plugin = implementation.plugin
        origin = getattr(plugin, "__file__", None) or implementation.plugin_name
        registry.add(implementation.function(), f"pytest_fastllm_components() in {origin}")
    return registry
