"""Dotted names: ``"package.module:attribute"`` to the object, and to the place it is looked up at."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import SwitchError

if TYPE_CHECKING:
    from collections.abc import Iterable

_MISSING: Any = object()


@dataclass(frozen=True)
class Place:
    """Where callers look an implementation up: an attribute of a module or of a class."""

    dotted: str
    owner: Any
    attribute: str

    def read(self) -> Any:
        """What stands there now, as stored: descriptors of a class are not bound."""
        try:
            return vars(self.owner).get(self.attribute, _MISSING)
        except TypeError:
            raise self._cannot_be_set() from None

    def template(self) -> Any:
        """What callers find there, unbound also where the class inherits it."""
        return inspect.getattr_static(self.owner, self.attribute)

    def write(self, value: Any) -> None:
        """Store ``value``; what `read` returned for an absent attribute removes it."""
        if value is _MISSING:
            if self.attribute in vars(self.owner):
                delattr(self.owner, self.attribute)
            return
        try:
            setattr(self.owner, self.attribute, value)
        except (TypeError, AttributeError):
            raise self._cannot_be_set() from None

    def _cannot_be_set(self) -> SwitchError:
        return SwitchError(
            f"{self.dotted!r}: an attribute of {self.owner!r} cannot be set; name the place in patch= that "
            "callers look it up at, or use switch="
        )

    @property
    def key(self) -> tuple[int, str]:
        """The same for two names of one place."""
        return id(self.owner), self.attribute

    @property
    def is_on_class(self) -> bool:
        """Whether the owner is a class, whose attribute caches a write would empty."""
        return isinstance(self.owner, type)


def _walk(dotted: str) -> tuple[Any, str]:
    module_name, _, path = dotted.partition(":")
    try:
        owner: Any = importlib.import_module(module_name)
    except ImportError as error:
        raise SwitchError(
            f"{dotted!r}: cannot import {module_name!r} ({error}); install it or correct the name"
        ) from error
    *parents, attribute = path.split(".")
    for parent in parents:
        try:
            owner = getattr(owner, parent)
        except AttributeError as error:
            raise SwitchError(
                f"{dotted!r}: {owner!r} has no attribute {parent!r}; correct the name"
            ) from error
    return owner, attribute


def resolve(dotted: str) -> Any:
    """The object that a dotted name stands for.

    Raises:
        SwitchError: the module cannot be imported or the attribute is not there.
    """
    owner, attribute = _walk(dotted)
    try:
        return getattr(owner, attribute)
    except AttributeError as error:
        raise SwitchError(
            f"{dotted!r}: {owner!r} has no attribute {attribute!r}; correct the name"
        ) from error


def place(dotted: str) -> Place:
    """The place that a dotted name stands for; the attribute has to exist (it may be lazy).

    Raises:
        SwitchError: the module cannot be imported or the attribute is not there.
    """
    resolve(dotted)
    owner, attribute = _walk(dotted)
    return Place(dotted, owner, attribute)


def why_not_installed(dotted_names: Iterable[str | None]) -> str | None:
    """The first of the names whose package is not there at all, or None. Imports nothing."""
    for dotted in filter(None, dotted_names):
        package = dotted.partition(":")[0].partition(".")[0]
        # None in sys.modules is how an import is forbidden.
        found = sys.modules[package] if package in sys.modules else importlib.util.find_spec(package)
        if found is None:
            return f"{dotted!r}: the package {package!r} is not installed; install it or correct the name"
    return None
