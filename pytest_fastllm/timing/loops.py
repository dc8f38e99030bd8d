"""Timed loops with the call written out.

``f(*args, **kwargs)`` costs 50–80 ns more than ``f(a, key=b)``, which would weigh on a native side of a few
hundred nanoseconds. So the loop is compiled for the shape of the call: the number of positional arguments
and the keyword names. Values are passed in, never pasted into source.
"""

from __future__ import annotations

import functools
import keyword
import time
from itertools import repeat
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

_SYNC = """
def loop(iterations, clock, f, {parameters}):
    start = clock()
    for _ in iterations:
        f({call})
    return clock() - start
"""

_SYNC_RAISING = """
def loop(iterations, clock, expected, f, {parameters}):
    start = clock()
    for _ in iterations:
        try:
            f({call})
        except expected:
            pass
    return clock() - start
"""

_ASYNC = """
async def loop(iterations, clock, f, {parameters}):
    start = clock()
    for _ in iterations:
        await f({call})
    return clock() - start
"""

_ASYNC_RAISING = """
async def loop(iterations, clock, expected, f, {parameters}):
    start = clock()
    for _ in iterations:
        try:
            await f({call})
        except expected:
            pass
    return clock() - start
"""


@functools.cache
def _compiled(template: str, positional: int, names: tuple[str, ...]) -> Callable[..., Any]:
    spread = any(not name.isidentifier() or keyword.iskeyword(name) for name in names)
    places = [f"a{i}" for i in range(positional)]
    if spread:  # keywords that no source can spell
        parameters, call = [*places, "kwargs"], [*places, "**kwargs"]
    else:
        parameters = [*places, *(f"k{i}" for i in range(len(names)))]
        call = [*places, *(f"{name}=k{i}" for i, name in enumerate(names))]
    source = template.format(parameters=", ".join(parameters), call=", ".join(call))
    namespace: dict[str, Any] = {}
    # The source is one of the templates above, filled with numbers and identifiers only.
    exec(compile(source, "<timed loop>", "exec"), namespace)  # noqa: S102
    loop = namespace["loop"]
    if spread:
        return lambda *arguments, **kwargs: loop(*arguments, kwargs)
    return lambda *arguments, **kwargs: loop(*arguments, *kwargs.values())


def _arguments(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[int, tuple[str, ...]]:
    return len(args), tuple(kwargs)


def time_calls_ns(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    calls: int,
    raises: tuple[type[BaseException], ...] = (),
) -> int:
    """Nanoseconds that ``calls`` calls of ``function`` take one after another, the loop included."""
    positional, names = _arguments(args, kwargs)
    iterations = repeat(None, calls)
    if raises:
        loop = _compiled(_SYNC_RAISING, positional, names)
        return int(loop(iterations, time.perf_counter_ns, raises, function, *args, **kwargs))
    loop = _compiled(_SYNC, positional, names)
    return int(loop(iterations, time.perf_counter_ns, function, *args, **kwargs))


def time_awaits_ns(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    calls: int,
    raises: tuple[type[BaseException], ...] = (),
) -> Coroutine[Any, Any, int]:
    """The same for a coroutine function, awaited in the running loop."""
    positional, names = _arguments(args, kwargs)
    iterations = repeat(None, calls)
    clock = time.perf_counter_ns
    awaitable: Coroutine[Any, Any, int]
    if raises:
        loop = _compiled(_ASYNC_RAISING, positional, names)
        awaitable = loop(iterations, clock, raises, function, *args, **kwargs)
    else:
        loop = _compiled(_ASYNC, positional, names)
        awaitable = loop(iterations, clock, function, *args, **kwargs)
    return awaitable
