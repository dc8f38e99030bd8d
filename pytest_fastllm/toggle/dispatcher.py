"""One stable function in a class, behind which the sides change.

CPython 3.13 gives up caching the attributes of a class after about 1,000 changes to it, and every version
cools its inline caches at each change. So a class is changed once for a comparison, not once for a sample:
it gets a dispatcher, whose closure cell is what changes. Its cost falls on both sides alike.
"""

from __future__ import annotations

import functools
import inspect
import time
from types import MethodType
from typing import TYPE_CHECKING, Any

from ..errors import SwitchError

if TYPE_CHECKING:
    from collections.abc import Callable


class Dispatcher:
    """A function to store in a class, and the means to choose what it calls.

    Args:
        dotted: name of the place, for messages.
        template: what stood in the class: a function, staticmethod or classmethod.

    Raises:
        SwitchError: the place holds something else (a property, say), which a function cannot stand for.
    """

    def __init__(self, dotted: str, template: Any) -> None:
        """Make the function; it calls ``template`` until another target is chosen."""
        function = template
        kind: type[staticmethod[..., Any] | classmethod[Any, ..., Any]] | None = None
        if isinstance(template, (staticmethod, classmethod)):
            kind, function = type(template), template.__func__
        elif not hasattr(type(template), "__get__"):
            kind = staticmethod  # a class or a builtin: unlike a function it is not given the instance
        if not callable(function):
            raise SwitchError(
                f"{dotted!r} is a {type(template).__name__}, not a method; use switch= instead of patch="
            )
        target = function

        @functools.wraps(function)
        def dispatch(*args: Any, **kwargs: Any) -> Any:
            return target(*args, **kwargs)

        def choose(implementation: Callable[..., Any]) -> None:
            nonlocal target
            target = implementation

        if inspect.iscoroutinefunction(function) and hasattr(inspect, "markcoroutinefunction"):
            inspect.markcoroutinefunction(dispatch)  # from 3.12 on; whoever asks is told what they will get
        self._gives_class = kind is classmethod
        self.choose = choose
        self.stored: Any = kind(dispatch) if kind is not None else dispatch

    def suited(self, implementation: Any) -> Any:
        """``implementation`` as the dispatcher has to call it: a class method is given its class here."""
        if self._gives_class and isinstance(implementation, MethodType):
            return implementation.__func__
        return implementation


def dispatch_cost_s(calls: int = 2_000, rounds: int = 5) -> float:
    """What a dispatcher adds to a call here, in seconds: the best of some rounds against a direct call."""

    def target() -> None:
        return None

    dispatcher = Dispatcher("cost", target)

    def best(function: Callable[[], None]) -> float:
        times = []
        for _ in range(rounds):
            start = time.perf_counter()
            for _ in range(calls):
                function()
            times.append((time.perf_counter() - start) / calls)
        return min(times)

    return max(0.0, best(dispatcher.stored) - best(target))
