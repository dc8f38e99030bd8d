"""The switch: selects a side, remembers what was there, and puts it back whatever happens."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
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


@dataclass
class _Untouched:
    """What stood at a place before any switch was entered, and how many switches are entered now."""

    implementation: Any
    stored: Any
    users: int = 0


# A component's reference usually *is* a patched place, and inside another switch (nested blocks, a comparison
# under `on()`) that place holds whatever the other one put there.
_untouched: dict[tuple[int, str], _Untouched] = {}


def _resolve_untouched(dotted: str) -> Any:
    before = _untouched.get(place(dotted).key)
    return resolve(dotted) if before is None else before.implementation


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
        self._wrapped: dict[tuple[Side, int], Any] = {}
        self._originals: list[tuple[Place, Any]] = []
        self._setters: list[tuple[Callable[[Any], None], dict[Side, Any]]] = []
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
            self._implementations[side] = _resolve_untouched(dotted)
        try:
            for dotted in component.patch:
                self._bind(place(dotted))
        except BaseException:
            self._restore()
            raise
        return self

    def _bind(self, where: Place) -> None:
        original = where.read()
        before = _untouched.setdefault(where.key, _Untouched(resolve(where.dotted), original))
        before.users += 1
        self._originals.append((where, original))
        if where.is_on_class:
            dispatcher = Dispatcher(where.dotted, where.template())
            where.write(dispatcher.stored)
            self._setters.append((dispatcher.choose, self._sides(dispatcher.suited)))
            self.uses_dispatcher = True
        else:
            self._setters.append((where.write, self._sides(lambda implementation: implementation)))

    def _sides(self, suited: Callable[[Any], Any]) -> dict[Side, Any]:
        sides = {}
        for side, implementation in self._implementations.items():
            fitting = suited(implementation)
            # Wrapped once for all places: a class that callers find at two of them stays one class.
            key = side, id(fitting)
            if key not in self._wrapped:
                self._wrapped[key] = self._wrap(side, fitting)
            sides[side] = self._wrapped[key]
        return sides

    def select(self, side: Side) -> None:
        """Put ``side`` in every place."""
        for setter, sides in self._setters:
            setter(sides[side])

    def _restore(self) -> None:
        self._setters.clear()
        while self._originals:
            where, original = self._originals[-1]
            before = _untouched[where.key]
            # The last to leave restores what was there at first: blocks need not end in the order they began.
            where.write(original if before.users > 1 else before.stored)
            before.users -= 1
            if before.users == 0:
                del _untouched[where.key]
            self._originals.pop()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Put back what each place held, also when the comparison broke."""
        self._restore()


@dataclass
class _Shared:
    """One component's context, shared by the switches that are entered now: `off()` inside `on()` leaves it."""

    active: AbstractContextManager[object] | None = None
    users: int = 0


_shared: dict[int, _Shared] = {}


class ContextSwitch:
    """Enters a component's own context manager for the accelerated side and leaves it for the reference."""

    uses_dispatcher = False

    def __init__(self, component: Component) -> None:
        """Nothing is entered before a side is selected."""
        assert component.switch is not None
        self._component = component
        self._factory = component.switch
        self._context = _Shared()
        self._before = Side.REFERENCE

    def __enter__(self) -> ContextSwitch:
        """Start on the side that is in place."""
        self._context = _shared.setdefault(id(self._factory), self._context)
        self._context.users += 1
        self._before = Side.REFERENCE if self._context.active is None else Side.ACCELERATED
        return self

    def select(self, side: Side) -> None:
        """Enter or leave the component's context; selecting the side in place does nothing."""
        if (side is Side.ACCELERATED) == (self._context.active is not None):
            return
        try:
            if side is Side.REFERENCE:
                active, self._context.active = self._context.active, None
                assert active is not None
                active.__exit__(None, None, None)
                return
            context = self._factory()
            if not hasattr(context, "__exit__"):
                raise SwitchError(
                    f"component {self._component.name!r}: switch= returned {context!r}; expected a context manager"
                )
            context.__enter__()
            self._context.active = context
        except SwitchError:
            raise
        except Exception as error:
            raise SwitchError(
                f"component {self._component.name!r}: switch= raised {type(error).__name__}: {error}; mend it"
            ) from error

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Put back the side that was in place; the last to leave puts back the reference."""
        self._context.users -= 1
        if self._context.users == 0:
            _shared.pop(id(self._factory), None)
            self._before = Side.REFERENCE
        self.select(self._before)


class GroupSwitch:
    """Several components' switches as one.

    Args:
        component: declared with ``together=``. Parts that are not available stay as they are.
    """

    def __init__(self, component: Component) -> None:
        """Nothing is imported or changed before the switch is entered."""
        self._parts = component.together
        self._switches: list[Switch] = []
        self._stack = ExitStack()
        self.uses_dispatcher = False

    def __enter__(self) -> GroupSwitch:
        """Bind both sides of each part that is available here."""
        with ExitStack() as stack:  # what was entered is left again where a later part breaks
            self._switches = [
                stack.enter_context(switch_for(part))
                for part in self._parts
                if part.why_unavailable() is None
            ]
            self._stack = stack.pop_all()
        self.uses_dispatcher = any(switch.uses_dispatcher for switch in self._switches)
        return self

    def select(self, side: Side) -> None:
        """Put ``side`` of every part in place."""
        for switch in self._switches:
            switch.select(side)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Put back what each part found, the last first, also where one of them breaks."""
        self._switches = []
        self._stack.close()


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
    if component.together:
        return GroupSwitch(component)
    return PatchSwitch(component) if component.patch else ContextSwitch(component)
