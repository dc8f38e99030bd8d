"""What stands where LiteLLM looks its code up: the objects that have to be there while the component is on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .examined import LIMITER, MEMORY_CACHE, SWITCHED, module_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    Guard = tuple[dict[str, Any], str, object]


def module(file: str) -> Any:
    """The module that a file of the package `litellm` is, imported."""
    from importlib import import_module

    return import_module(module_name(file))


def is_there(file: str) -> bool:
    """Whether this version of litellm has a file."""
    from importlib.util import find_spec

    return find_spec(module_name(file)) is not None


def stored(owner: type, name: str) -> Any:
    """What stands in a class, looked at through our own dispatcher while a switch is on."""
    from ...toggle import dispatcher

    function = vars(owner)[name]
    if function.__code__.co_filename == dispatcher.__file__:
        return function.__wrapped__
    return function


def guarded(methods: Mapping[tuple[str, str], tuple[str, ...]]) -> dict[str, tuple[type, list[str]]]:
    """Classes by name, and those of their methods that stay the same object; what is switched does not."""
    classes = {}
    for (file, name), names in methods.items():
        if not is_there(file):
            continue
        owner = getattr(module(file), name)
        classes[name] = (
            owner,
            [method for method in names if method not in SWITCHED and method in vars(owner)],
        )
    return classes


def unpatched(functions: Mapping[str, Iterable[str]]) -> Iterator[Guard]:
    """Each function that is done natively: while all are in place, LiteLLM does what was fingerprinted."""
    limiter = vars(module(LIMITER))
    for file, names in functions.items():
        if not is_there(file):
            continue
        namespace = vars(module(file))
        for name in names:
            if name in namespace:
                yield namespace, name, namespace[name]
            if file != LIMITER and name in limiter:  # imported by name
                yield limiter, name, limiter[name]


def cache_helpers() -> Iterator[Guard]:
    """What the cache in memory calls of others."""
    import heapq
    import json
    import time

    memory = vars(module(MEMORY_CACHE))
    yield from [
        (memory, "heapq", heapq),
        (memory, "json", json),
        (memory, "time", time),
        (vars(heapq), "heappush", heapq.heappush),
        (vars(heapq), "heappop", heapq.heappop),
        (vars(heapq), "heapify", heapq.heapify),
        (vars(json), "loads", json.loads),
    ]


def loggers(file: str) -> Iterator[Guard]:
    """What a module reports to."""
    namespace = vars(module(file))
    for name in ("print_verbose", "verbose_logger", "log_redis_failure"):
        if name in namespace:
            yield namespace, name, namespace[name]
