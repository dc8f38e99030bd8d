"""Strict, size-limited reading of JSON. Nothing is ever executed, imported or unpickled."""

from __future__ import annotations

import json
import math
import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Union

from ..errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

MIB = 2**20
_MAX_DIGITS = 20  # no count in our files has more; int() of a long run of digits takes quadratic time


@dataclass(frozen=True)
class Flaw:
    """Stands where JSON held something that is not allowed, so that the error can name the entry."""

    found: str


JsonValue = Union[  # noqa: UP007 - a recursive alias in quotes cannot use | at run time on 3.10
    None, bool, int, float, str, Flaw, list["JsonValue"], dict[str, "JsonValue"]
]


def read_json(path: Path, *, remedy: str, max_bytes: int = 16 * MIB) -> JsonValue:
    """The value in a JSON file, with a `Flaw` in the place of every duplicate key, NaN or Infinity.

    Args:
        path: the file; it is only ever read.
        remedy: what to do about a broken file, the end of every message.
        max_bytes: a larger file is refused unread.

    Raises:
        FileNotFoundError: there is no such file; a link that leads nowhere is a DataError instead.
        DataError: unreadable, not a regular file, too large, not UTF-8, not JSON or nested too deeply.
    """
    text = _text(_bytes(path, remedy, max_bytes), path, remedy)
    try:
        return _decode(text)
    except json.JSONDecodeError as broken:
        place = f"line {broken.lineno}, column {broken.colno}"
        if "<<<<<<<" in text and ">>>>>>>" in text:
            raise DataError(
                f"{path}: expected JSON, found the marks of an unfinished merge ({place}); "
                "resolve the conflict, then run again"
            ) from None
        found = f"{broken.msg} ({place})" if text.strip() else "an empty file"
        raise DataError(f"{path}: expected JSON, found {found}; {remedy}") from None
    except RecursionError:
        raise DataError(
            f"{path}: expected at most a few levels of nesting, found it nested too deeply to read; {remedy}"
        ) from None


def _bytes(path: Path, remedy: str, max_bytes: int) -> bytes:
    # Without O_NONBLOCK, opening a named pipe would wait for a writer for ever.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        if path.is_symlink():
            raise DataError(
                f"{path}: expected a file, found a link that leads nowhere ({path.readlink()}); "
                "remove the link or restore what it points to"
            ) from None
        raise
    except (OSError, ValueError) as reason:
        if os.path.isdir(path):  # noqa: PTH112 - the method raises where a name is too long
            raise DataError(_not_a_file(path, "a folder")) from None
        raise DataError(
            f"{path}: expected a readable file, found: {_why(reason)}; "
            "correct the path or its permissions, then run again"
        ) from None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):  # before fdopen, which would refuse a folder in its own words
        os.close(descriptor)
        raise DataError(_not_a_file(path, "a folder" if stat.S_ISDIR(status.st_mode) else "something else"))
    with os.fdopen(descriptor, "rb") as file:
        try:
            content = file.read(max_bytes + 1)
        except OSError as reason:
            raise DataError(
                f"{path}: expected a readable file, found: {_why(reason)}; mend the disk or restore the file"
            ) from None
    if len(content) > max_bytes:
        raise DataError(
            f"{path}: expected at most {max_bytes / MIB:g} MiB, found {status.st_size / MIB:.1f}; {remedy}"
        )
    return content


def _text(content: bytes, path: Path, remedy: str) -> str:
    if content.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise DataError(
            f"{path}: expected UTF-8 without a byte order mark, found one; save the file as plain UTF-8"
        )
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as broken:
        raise DataError(
            f"{path}: expected UTF-8, found byte 0x{content[broken.start]:02x} at offset {broken.start}; "
            f"{remedy}"
        ) from None


def _decode(text: str) -> JsonValue:
    value: JsonValue = json.loads(
        text,
        object_pairs_hook=_object,
        parse_constant=lambda name: Flaw(name),
        parse_float=_float,
        parse_int=_int,
    )
    return value


def _object(pairs: list[tuple[str, JsonValue]]) -> JsonValue:
    result = dict(pairs)
    if len(result) == len(pairs):
        return result
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            return Flaw(f"the key {key!r} twice")
        seen.add(key)
    raise AssertionError("fewer keys than pairs, but none twice")


def _float(digits: str) -> JsonValue:
    value = float(digits)
    return value if math.isfinite(value) else Flaw(f"{_short(digits)}, which is too large")


def _int(digits: str) -> JsonValue:
    return int(digits) if len(digits) <= _MAX_DIGITS else Flaw(f"{_short(digits)}, which is too large")


def _short(digits: str) -> str:
    return digits if len(digits) <= _MAX_DIGITS else f"{digits[:8]}… ({len(digits)} digits)"


def _why(reason: OSError | ValueError) -> str:
    return (isinstance(reason, OSError) and reason.strerror) or str(reason)


def _not_a_file(path: Path, found: str) -> str:
    return f"{path}: expected a regular file, found {found}; give the path of the file itself"
