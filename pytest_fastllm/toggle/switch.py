"""The switch: selects a side, remembers what was there, and puts it back whatever happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from ..errors import SwitchError
from ..model import Side
from .dispatcher import Dispatcher
from .dotted import Place, place, resolve

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from types import TracebackType

    from ..component import Component


class Switch(Protocol):
    """Puts one side in place. Used as a context manager, it leaves everything as it found it."""

    uses_dispatcher: bool

    def select(self, side: Side) -> None:
        """Put ``side`` in place; costs the same either way and is never timed."""

    def __enter__(self) -> Switch:
        """Bind both sides."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Put back what was there."""


# What stood at a place before any switch was entered. A component's reference usually *is* such a place, and
# inside another switch (nested blocks, a comparison under `on()`) it holds whatever that one put there.
_untouched: dict[tuple[int, str], Any] = {}


def _resolve_untouched(dotted: str) -> Any:
    where = place(dotted)
    return _untouched.get((id(where.owner), where.attribute), resolve(dotted))


class PatchSwitch:
    """Sets every place of a component to the chosen implementation.

    Args:
        component: declared with ``patch=``.
        wrap: applied to an implementation before it is put in place; the proof counts entries with it.
    """

    def __init__(
        self,
        component: Component,
        wrap: Callable[[Side, Any], Any] = lambda _side, implementation: implementation,
    ) -> None:
        """Nothing is imported or changed before the switch is entered."""
        self._component = component
        self._wrap = wrap
        self._implementations: dict[Side, Any] = {}
        self._originals: list[tuple[Place, Any]] = []
        self._outermost: list[tuple[int, str]] = []
        self._setters: list[Callable[[Any], None]] = []
        self.uses_dispatcher = False

    def __enter__(self) -> PatchSwitch:
        """Resolve the names; a method gets its dispatcher, once."""
        component = self._component
        assert component.reference is not None
        assert component.accelerated is not None
        # Both sides are resolved before anything is changed, or a reference that is itself a patched
        # place would be read back through its own patch.
        for side, dotted in (
            (Side.REFERENCE, component.reference),
            (Side.ACCELERATED, component.accelerated),
        ):
            self._implementations[side] = self._wrap(side, _resolve_untouched(dotted))
        try:
            for dotted in component.patch:
                self._bind(place(dotted))
        except BaseException:
            self._restore()
            raise
        return self

    def _bind(self, where: Place) -> None:
        original = where.read()
        self._originals.append((where, original))
        key = (id(where.owner), where.attribute)
        if key not in _untouched:
            _untouched[key] = resolve(where.dotted)
            self._outermost.append(key)
        if where.is_on_class:
            inherited = where.attribute not in vars(where.owner)
            dispatcher = Dispatcher(where.dotted, resolve(where.dotted) if inherited else original)
            where.write(dispatcher.stored)
            self._setters.append(dispatcher.choose)
            self.uses_dispatcher = True
        else:
            self._setters.append(where.write)

    def select(self, side: Side) -> None:
        """Put ``side`` in every place."""
        implementation = self._implementations[side]
        for setter in self._setters:
            setter(implementation)

    def _restore(self) -> None:
        for where, original in reversed(self._originals):
            where.write(original)
        for key in self._outermost:
            del _untouched[key]
        self._originals.clear()
        self._outermost.clear()
        self._setters.clear()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Put back what each place held, also when the comparison broke."""
        self._restore()


class ContextSwitch:
    """Enters a component's own context manager for the accelerated side and leaves it for the reference."""

    uses_dispatcher = False

    def __init__(self, component: Component) -> None:
        """Nothing is entered before a side is selected."""
        self._component = component
        self._active: AbstractContextManager[object] | None = None

    def __enter__(self) -> ContextSwitch:
        """Start on the reference."""
        return self

    def select(self, side: Side) -> None:
        """Enter or leave the component's context; selecting the side in place does nothing."""
        if side is Side.REFERENCE:
            self._leave()
        elif self._active is None:
            assert self._component.switch is not None
            context = self._component.switch()
            if not hasattr(context, "__exit__"):
                raise SwitchError(
                    f"component {self._component.name!r}: switch= returned {context!r}; expected a context manager"
                )
            context.__enter__()
            self._active = context

    def _leave(self) -> None:
        active, self._active = self._active, None
        if active is not None:
            active.__exit__(None, None, None)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the context if the accelerated side is in place."""
        self._leave()


class NoSwitch:
    """For two callables side by side (``versus``): there is nothing to put in place."""

    uses_dispatcher = False

    def __enter__(self) -> NoSwitch:
        """Nothing to bind."""
        return self

    def select(self, side: Side) -> None:
        """Nothing to put in place."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to put back."""


def switch_for(component: Component) -> Switch:
    """The switch that a component's declaration asks for."""
    return PatchSwitch(component) if component.patch else ContextSwitch(component)
