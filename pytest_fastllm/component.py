"""What a component is: a named part of a program that has two implementations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*\Z")


@dataclass(frozen=True)
class Component:
    """A named thing with two implementations, and how to put either one in place.

    Dotted names have the form ``"package.module:attribute"`` (``:Class.method`` for a method) and are
    imported only when a test needs them, so declaring a component costs nothing.

    Args:
        name: lower-case identifier; the marker and the tables call the component by it.
        reference: dotted name of the Python implementation.
        accelerated: dotted name of the accelerated implementation.
        patch: dotted names of the places that callers look the implementation up at. Every place is
            set to the side that is measured, and put back afterwards.
        switch: instead of ``patch``, a factory of a context manager inside which the accelerated side
            is in place.
        together: instead of ``patch``, components that are switched as one; those of them that are not
            available stay on their reference.
        available: returns None, or why a side is missing or the component has to step aside.
        equal: ``equal(reference_answer, accelerated_answer)``; without it, same type and ``==``.
        state: returns the visible state after a call; compared like an answer.
        native_calls: how many calls the accelerated side has served so far in this process. With it,
            a comparison proves for each sample which side ran.

    Raises:
        UsageError: a name is malformed, or not just one of ``patch``, ``switch`` and ``together`` is given.
    """

    name: str
    reference: str | None = None
    accelerated: str | None = None
    patch: tuple[str, ...] = ()
    switch: Callable[[], AbstractContextManager[object]] | None = None
    together: tuple[Component, ...] = ()
    available: Callable[[], str | None] | None = None
    equal: Callable[[object, object], bool] | None = None
    state: Callable[[], object] | None = None
    native_calls: Callable[[], int] | None = None

    def __post_init__(self) -> None:
        """Refuse a declaration that could not be used, where it is written."""
        name: object = self.name
        if not isinstance(name, str) or not _NAME.match(name):
            raise UsageError(
                f"component name {self.name!r}: expected lower-case letters, digits and underscores, "
                "as in 'token_counter'"
            )
        places: object = self.patch
        if not isinstance(places, (tuple, list)) or not all(isinstance(place, str) for place in places):
            raise UsageError(
                f"component {self.name!r}: patch is {self.patch!r}; expected a tuple of dotted names, "
                "as in ('app.codec:dumps',)"
            )
        object.__setattr__(self, "patch", tuple(self.patch))
        object.__setattr__(self, "together", tuple(self.together))
        ways = {
            "patch=": bool(self.patch),
            "switch=": self.switch is not None,
            "together=": bool(self.together),
        }
        if sum(ways.values()) != 1:
            found = " and ".join(way for way, given in ways.items() if given)
            raise UsageError(
                f"component {self.name!r}: expected one of patch=, switch= or together=, found {found or 'none'}"
            )
        if self.patch and (self.reference is None or self.accelerated is None):
            raise UsageError(
                f"component {self.name!r}: patch= puts one of two implementations in place; "
                "name both with reference= and accelerated="
            )
        for dotted in (*self.patch, self.reference, self.accelerated):
            if dotted is not None and not _DOTTED.match(dotted):
                raise UsageError(
                    f"component {self.name!r}: {dotted!r} is not a dotted name; expected "
                    "'package.module:attribute'"
                )

    def why_unavailable(self) -> str | None:
        """None, or why this component cannot be compared here."""
        return self.available() if self.available is not None else None
