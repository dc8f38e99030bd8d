"""Checks of values read from JSON; every complaint names the file, the entry and the remedy."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from ..errors import DataError
from .reading import Flaw, JsonValue

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_SHOWN = 60
_MAX_DEPTH = 20  # our files need 8; deeper ones would exhaust the interpreter's stack


@dataclass(frozen=True)
class Node:
    """One value of a file, and where it stands there.

    Args:
        value: as `read_json` gave it.
        file: the file's name, for messages.
        entry: where in the file, as in ``rows[3].bound.low``; empty for the whole.
        remedy: what to do about a malformed entry.
    """

    value: JsonValue
    file: Path
    entry: str
    remedy: str

    def refuse(self, expected: str, found: str | None = None) -> NoReturn:
        """Complain about this value.

        Raises:
            DataError: always.
        """
        where = f"{self.file}: {self.entry}" if self.entry else f"{self.file}"
        raise DataError(f"{where}: expected {expected}, found {found or self._shown()}; {self.remedy}")

    def members(self, known: Collection[str] | None = None) -> dict[str, Node]:
        """The members of an object; with ``known``, any other name is refused."""
        if not isinstance(self.value, dict):
            self.refuse("an object")
        for name in self.value:
            if known is not None and name not in known:
                self._at(name).refuse(f"only {', '.join(sorted(known))}", f"the unknown name {name!r}")
        return {name: self._at(name) for name in self.value}

    def member(self, name: str) -> Node:
        """One member of an object, which must be there."""
        if not isinstance(self.value, dict):
            self.refuse("an object")
        if name not in self.value:
            self._child(name, None).refuse("a value", "nothing")
        return self._at(name)

    def optional(self, name: str) -> Node | None:
        """One member of an object, or None where it is absent or null."""
        if not isinstance(self.value, dict):
            self.refuse("an object")
        return self._at(name) if self.value.get(name) is not None else None

    def items(self) -> list[Node]:
        """The items of a list."""
        if not isinstance(self.value, list):
            self.refuse("a list")
        return [
            Node(item, self.file, f"{self.entry}[{index}]", self.remedy)
            for index, item in enumerate(self.value)
        ]

    @property
    def null(self) -> bool:
        """Whether the value is null."""
        return self.value is None

    def text(self) -> str:
        """A string."""
        if not isinstance(self.value, str):
            self.refuse("a string")
        return self.value

    def number(self) -> float:
        """A finite number."""
        if isinstance(self.value, bool) or not isinstance(self.value, (int, float)):
            self.refuse("a number")
        return float(self.value)

    def positive(self) -> float:
        """A finite number above 0."""
        number = self.number()
        if number <= 0:
            self.refuse("a number above 0")
        return number

    def not_negative(self) -> float:
        """A finite number of 0 or more."""
        number = self.number()
        if number < 0:
            self.refuse("0 or more")
        return number

    def count(self) -> int:
        """A whole number of 0 or more."""
        if isinstance(self.value, bool) or not isinstance(self.value, int) or self.value < 0:
            self.refuse("a whole number of 0 or more")
        return self.value

    def choice(self, allowed: Collection[str]) -> str:
        """One of the allowed strings."""
        if not isinstance(self.value, str) or self.value not in allowed:
            self.refuse(f"one of {', '.join(sorted(allowed))}")
        return self.value

    def texts(self) -> dict[str, str]:
        """An object whose values are strings."""
        return {name: node.text() for name, node in self.members().items()}

    def numbers(self) -> dict[str, float]:
        """An object whose values are finite numbers."""
        return {name: node.number() for name, node in self.members().items()}

    def _at(self, name: str) -> Node:
        assert isinstance(self.value, dict)
        return self._child(name, self.value[name])

    def _child(self, name: str, value: JsonValue) -> Node:
        return Node(value, self.file, _join(self.entry, name), self.remedy)

    def _shown(self) -> str:
        if isinstance(self.value, Flaw):
            return self.value.found
        if self.value is None:
            return "null"
        if isinstance(self.value, (dict, list)):
            return f"{'an object' if isinstance(self.value, dict) else 'a list'} of {len(self.value)}"
        shown = repr(self.value) if isinstance(self.value, str) else str(self.value).lower()
        return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"


def root_of(value: JsonValue, file: Path, *, schema: int, remedy: str) -> Node:
    """The root object of a file, once its schema is known to be ours and nothing in it is a `Flaw`.

    Args:
        value: as `read_json` gave it.
        file: for messages.
        schema: the newest schema that this version reads.
        remedy: for messages.

    Raises:
        DataError: a newer or malformed schema, a duplicate key, NaN or Infinity.
    """
    root = Node(value, file, "", remedy)
    if isinstance(value, dict):
        # First, because a newer file may well hold what an old reader takes for a flaw.
        found = root.member("schema")
        if isinstance(found.value, int) and found.value > schema:
            raise DataError(
                f"{file}: schema: expected at most {schema}, found {found.value}: a newer pytest-fastllm "
                "wrote this file; upgrade pytest-fastllm here"
            )
        if found.value != schema or isinstance(found.value, (bool, float)):
            found.refuse(f"the schema number {schema}")
    _refuse_flaws(root)
    root.members()
    return root


def _refuse_flaws(node: Node, depth: int = 0) -> None:
    if depth > _MAX_DEPTH:
        node.refuse(f"at most {_MAX_DEPTH} levels of nesting", "more")
    if isinstance(node.value, Flaw):
        node.refuse("each key once" if node.value.found.endswith(" twice") else "a finite number")
    if isinstance(node.value, float) and not math.isfinite(node.value):
        node.refuse("a finite number")
    if isinstance(node.value, dict):
        for member in node.members().values():
            _refuse_flaws(member, depth + 1)
    elif isinstance(node.value, list) and not all(type(item) is float for item in node.value):
        for item in node.items():
            _refuse_flaws(item, depth + 1)


def _join(entry: str, name: str) -> str:
    if not _PLAIN.match(name):
        return f"{entry}[{name!r}]"
    return f"{entry}.{name}" if entry else name
