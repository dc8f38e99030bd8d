"""Whether something else got at LiteLLM's functions before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .examined import PARTS, module_name
from .looked_up import is_there

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


def replaced_function() -> str | None:
    """None, or which function that is done natively is not LiteLLM's own; it is looked at through our dispatcher."""
    import inspect
    from importlib import import_module
    from types import FunctionType

    from ...toggle import dispatcher

    for file, name, stored in _stored(import_module):
        function = getattr(stored, "__func__", stored)
        if not isinstance(function, FunctionType):
            continue
        if function.__code__.co_filename == dispatcher.__file__:
            function = function.__wrapped__  # type: ignore[attr-defined]  # functools.wraps sets it
        code = inspect.unwrap(function).__code__
        if code.co_filename != import_module(module_name(file)).__file__:
            return f"litellm's {name} is {function!r}, not its own; something else replaced it"
    return None


def _stored(import_module: Any) -> Iterator[tuple[str, str, Any]]:
    for file, name in PARTS:
        if not is_there(file):
            continue
        place, _, attribute = name.rpartition(".")
        module = import_module(module_name(file))
        members = vars(getattr(module, place) if place else module)
        if attribute in members:
            yield file, name, members[attribute]
