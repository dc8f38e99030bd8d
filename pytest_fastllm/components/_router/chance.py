"""How Python's global `random` chooses one of several."""

from __future__ import annotations

import random
import sys
from typing import TYPE_CHECKING

from .guards import members

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .guards import Guard

_FIRST_UNREAD = (3, 14)
"""From here on nobody has looked at how `random.choice` draws."""


def bits() -> Callable[[int], int] | None:
    """The bits that `random.choice` asks for; None where it asks in a way that is not known."""
    generator: object = getattr(random.choice, "__self__", None)
    known = (
        sys.implementation.name == "cpython"
        and sys.version_info < _FIRST_UNREAD
        and type(generator) is random.Random
        and random.choice == generator.choice
        and all(_is_pythons_own(name) for name in ("choice", "_randbelow"))
        and vars(random.Random)["_randbelow"].__name__ == "_randbelow_with_getrandbits"
    )
    return generator.getrandbits if known and isinstance(generator, random.Random) else None


def bits_guards() -> Iterator[Guard]:
    """What makes `random.choice` ask for them so: neither the generator nor its class has other methods."""
    generator = getattr(random.choice, "__self__", None)
    if bits() is None or not isinstance(generator, random.Random):
        return
    cls = members(random.Random)
    for name in ("choice", "_randbelow"):
        yield cls, name, cls[name]
        yield vars(generator), name
    base = members(random.Random.__base__)
    yield cls, "getrandbits"
    yield base, "getrandbits", base["getrandbits"]
    yield vars(generator), "getrandbits"


def _is_pythons_own(name: str) -> bool:
    code = getattr(vars(random.Random).get(name), "__code__", None)
    return code is not None and code.co_filename == random.__file__
