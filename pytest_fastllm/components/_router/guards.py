"""What has to stay as it was examined while the native choice answers."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

from .examined import STRATEGIES
from .places import module, router_module

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType
    from typing import Any

    from .examined import Part

    # A dict, a key in it and the object that has to be there; without the object, there may be none.
    Guard = tuple[Any, ...]


def guards(parts: Iterable[Part]) -> Iterator[Guard]:
    """Each part where it stands, and in the router's module where that has it too."""
    router = router_module()
    for file, name in parts:
        home = module(file)
        owner, _, member = name.rpartition(".")
        if owner:
            namespace = members(getattr(home, owner, None))
            if member in namespace:
                yield _guard(namespace, member)
        elif hasattr(home, name):
            yield from (
                _guard(vars(place), name)
                for place in dict.fromkeys((home, router))
                if vars(place).get(name) is vars(home)[name]
            )


def strategy(name: str, attribute: str) -> dict[str, Any]:
    """What the native choice knows of a strategy.

    Args:
        name: LiteLLM's.
        attribute: where a router keeps the strategy's object.
    """
    import random

    parts = STRATEGIES[name]
    file, owner = next((file, part.partition(".")[0]) for file, part in parts if "." in part)
    home = module(file)
    return {
        "class": (getattr(home, owner), methods(owner, parts)),
        "attribute": attribute,
        "guards": [
            *guards(parts),
            *same(home, "random", "token_counter", "litellm"),
            *same(random, "sample"),
            *_quiet(),
        ],
    }


def same(home: ModuleType | None, *names: str) -> Iterator[Guard]:
    """Names of a module, as far as it has them."""
    for name in names:
        if hasattr(home, name):
            yield _guard(vars(home), name)


def _guard(namespace: dict[str, Any], name: str) -> Guard:
    # An interned name is found without comparing characters.
    return namespace, sys.intern(name), namespace[name]


def methods(owner: str, parts: Iterable[Part]) -> list[str]:
    """The methods of a class among some parts."""
    return list(dict.fromkeys(name.partition(".")[2] for _, name in parts if name.startswith(f"{owner}.")))


def known_class(owner: str, parts: Iterable[Part]) -> tuple[type, list[str]]:
    """A class, and those of its methods that no instance may have one of its own for."""
    parts = tuple(parts)
    home = module(next(file for file, name in parts if name.startswith(f"{owner}.")))
    return getattr(home, owner), methods(owner, parts)


def members(cls: type | None) -> dict[str, Any]:
    """The dict behind a class's read-only view; it is the class's own for as long as the class lives."""
    if cls is None:
        return {}
    (namespace,) = (each for each in gc.get_referents(vars(cls)) if isinstance(each, dict))
    return namespace


def _quiet() -> Iterator[Guard]:
    """What would make LiteLLM print what it reads, or mask what it writes."""
    import litellm
    from litellm import _logging

    yield vars(litellm), "set_verbose", False
    yield vars(_logging), "set_verbose", False
    yield vars(litellm), "redact_user_api_key_info", False
