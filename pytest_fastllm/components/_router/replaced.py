"""Whether something else got at LiteLLM's functions before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .examined import PARTS
from .places import module

if TYPE_CHECKING:
    from typing import Any


def replaced_part() -> str | None:
    """None, or which of the functions whose work is done natively is not LiteLLM's own."""
    from inspect import unwrap
    from types import FunctionType

    for file, name in PARTS:
        home = module(file)
        found = _stored(home, name)
        function = behind_dispatcher(getattr(found, "__func__", getattr(found, "fget", found)))
        if not callable(function) or isinstance(function, type):
            continue
        innermost = unwrap(function)
        where = getattr(home, "__file__", None)
        if not isinstance(innermost, FunctionType) or innermost.__code__.co_filename != where:
            return f"litellm's {name} is {found!r}, not its own; something else replaced it"
    return None


def _stored(home: Any, name: str) -> Any:
    owner, _, member = name.rpartition(".")
    holder = getattr(home, owner, None) if owner else home
    return vars(holder).get(member) if holder is not None else None


def behind_dispatcher(function: Any) -> Any:
    """A function as it stood before one of our own switches was entered."""
    from ...toggle import dispatcher

    code = getattr(function, "__code__", None)
    if code is not None and code.co_filename == dispatcher.__file__:
        return function.__wrapped__
    return function
