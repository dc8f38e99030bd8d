"""Proof that a call entered the side it was meant for, and only that one.

A comparison whose switch does not take compares a side with itself. Components that count their native
calls prove it for every sample. For the others the implementations are wrapped with counters during the
(untimed) check of equality, or watched by a profile function where a wrapper has no place to stand.
"""

from __future__ import annotations

import functools
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..errors import SwitchError
from ..model import Side
from .dotted import resolve
from .switch import PatchSwitch, Switch, switch_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType, TracebackType

    from ..component import Component

_CAUSES = (
    "usual causes: a bound method or `from x import f` taken before the switch (call it through its module), "
    "or an object built on the other side (build it in setup=)"
)


class EntryCounts:
    """How often each side was entered since the last reset."""

    def __init__(self) -> None:
        """Start at zero."""
        self._counts = {Side.REFERENCE: 0, Side.ACCELERATED: 0}

    def add(self, side: Side) -> None:
        """Count one entry."""
        self._counts[side] += 1

    def take(self) -> dict[Side, int]:
        """The counts so far; starts again at zero."""
        taken = dict(self._counts)
        self._counts = dict.fromkeys(taken, 0)
        return taken


def counted(implementation: Any, count: Callable[[], None]) -> Any:
    """``implementation`` with each call counted; a class stays a class (a subclass of itself).

    Raises:
        SwitchError: a class that cannot be subclassed.
    """
    if isinstance(implementation, type):
        initialise: Any = implementation.__init__  # type: ignore[misc]  # the class's own, whatever it is
        make: Any = implementation.__new__

        def counting_init(self: Any, *args: Any, **kwargs: Any) -> None:
            count()
            if initialise is object.__init__ and make is not object.__new__:
                return  # the arguments were for __new__
            initialise(self, *args, **kwargs)

        body = {"__init__": counting_init, "__module__": implementation.__module__, "__slots__": ()}
        try:
            return type(implementation)(implementation.__name__, (implementation,), body)
        except TypeError as error:
            raise SwitchError(
                f"{implementation!r} cannot be subclassed, so its use cannot be proven; "
                "declare native_calls= on the component"
            ) from error

    @functools.wraps(implementation, updated=())
    def call(*args: Any, **kwargs: Any) -> Any:
        count()
        return implementation(*args, **kwargs)

    return call


class _Watch:
    """Counts entries into two callables by a profile function, in this thread and new ones."""

    def __init__(self, implementations: dict[Side, Any], counts: EntryCounts) -> None:
        self._counts = counts
        self._sides: dict[int, Side] = {}
        for side, implementation in implementations.items():
            for entry in (implementation, *_code_objects(implementation)):
                self._sides[id(entry)] = side

    def _event(self, frame: FrameType, event: str, argument: Any) -> None:
        entry = frame.f_code if event == "call" else argument if event == "c_call" else None
        side = self._sides.get(id(entry))
        if side is not None:
            self._counts.add(side)

    def __enter__(self) -> None:
        self._before = sys.getprofile(), threading.getprofile()
        threading.setprofile(self._event)
        sys.setprofile(self._event)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        own, of_new_threads = self._before
        sys.setprofile(own)
        threading.setprofile(of_new_threads)


def _code_objects(implementation: Any) -> Iterator[Any]:
    for candidate in (
        implementation,
        getattr(implementation, "__func__", None),
        getattr(implementation, "__init__", None) if isinstance(implementation, type) else None,
        None if isinstance(implementation, type) else vars(type(implementation)).get("__call__"),
    ):
        code = getattr(candidate, "__code__", None)
        if code is not None:
            yield code


def explain(side: Side, counts: dict[Side, int]) -> str | None:
    """None if the counts of one call on ``side`` are what they should be, else why not."""
    if side is Side.ACCELERATED and counts[Side.ACCELERATED] == 0:
        return f"the accelerated side was switched on, but the call never entered it; {_CAUSES}"
    if side is Side.REFERENCE and counts[Side.ACCELERATED] > 0:
        return (
            "the reference side was switched on, but the call entered the accelerated one "
            f"{counts[Side.ACCELERATED]} times; {_CAUSES}"
        )
    return None


@contextmanager
def proving_switch(component: Component) -> Iterator[tuple[Switch, EntryCounts]]:
    """The component's switch, entered, with the entries into either side counted.

    Raises:
        SwitchError: nothing the component declares can prove which side ran.
    """
    counts = EntryCounts()
    if component.patch:
        wrapping = PatchSwitch(
            component, wrap=lambda side, implementation: counted(implementation, lambda: counts.add(side))
        )
        with wrapping:
            yield wrapping, counts
        return
    if component.accelerated is None:
        way = "together=" if component.together else "switch="
        raise SwitchError(
            f"component {component.name!r}: with {way} alone it cannot be proven which side ran; "
            "declare accelerated= (and reference=) or native_calls="
        )
    named = {Side.REFERENCE: component.reference, Side.ACCELERATED: component.accelerated}
    implementations = {side: resolve(dotted) for side, dotted in named.items() if dotted is not None}
    with switch_for(component) as switch, _Watch(implementations, counts):
        yield switch, counts


class NativeCalls:
    """Proof by the component's own counter, for single calls and for timed samples alike."""

    def __init__(self, count: Callable[[], int]) -> None:
        """``count`` returns how many calls the accelerated side has served in this process."""
        self._count = count
        self._last = count()

    def mark(self) -> None:
        """Start counting here."""
        self._last = self._count()

    def since_mark(self) -> int:
        """Calls served by the accelerated side since `mark`."""
        return self._count() - self._last
