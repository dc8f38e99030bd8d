"""Each side gets its own copy of plain arguments, so that neither warms or spoils the other's."""

from __future__ import annotations

from typing import Any

_ATOMS = (int, float, complex, bool, bytes, type(None))


def own_copy(value: Any) -> Any:
    """A copy of plain data (containers and text); any other object is shared.

    A non-ASCII ``str`` keeps its UTF-8 form once somebody asked for it, so a shared text would be encoded
    on one side and found encoded on the other. ASCII text is its own UTF-8 and stays as it is.
    """
    kind = type(value)
    if kind is str:
        return value if value.isascii() else value[:1] + value[1:]
    if kind is dict:
        return {own_copy(key): own_copy(item) for key, item in value.items()}
    if kind in (list, tuple, set, frozenset):
        return kind(own_copy(item) for item in value)
    if kind is bytearray:
        return bytearray(value)
    return value


def plain_difference(before: Any, after: Any, path: str) -> str | None:
    """Where two values differ in their plain data, or None. Other objects count as equal."""
    kind = type(before)
    if kind is not type(after):
        return f"{path} was {kind.__name__}, is {type(after).__name__}"
    if kind is dict:
        if list(before) != list(after):
            return f"{path} has other keys"
        found = (plain_difference(before[key], after[key], f"{path}[{key!r}]") for key in before)
        return next((difference for difference in found if difference), None)
    if kind in (list, tuple):
        if len(before) != len(after):
            return f"{path} had {len(before)} items, has {len(after)}"
        found = (
            plain_difference(a, b, f"{path}[{i}]") for i, (a, b) in enumerate(zip(before, after, strict=True))
        )
        return next((difference for difference in found if difference), None)
    if kind in (str, set, frozenset, bytearray, *_ATOMS):
        same = before == after or (before != before and after != after)  # NaN stays NaN
        return None if same else f"{path} has another value"
    return None
