"""The fingerprint of functions in a package's sources: what they do, not how they are written.

Docstrings, comments, layout and annotations do not count, and the result is the same on every Python.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

DIGITS = 8
"""Hexadecimal digits for each part."""


@lru_cache(maxsize=8)
def fingerprint(package: Path, parts: tuple[tuple[str, str], ...]) -> str:
    """The code of definitions in a package, `DIGITS` each.

    Args:
        package: the package's folder.
        parts: file in it and name of the definition, ``Class.method`` for one in a class; one that is not there is
            fingerprinted as absent.
    """
    from hashlib import sha256

    sources: dict[str, str] = {}
    digits = []
    for file, name in parts:
        if file not in sources:
            path = package / file
            sources[file] = path.read_text(encoding="utf-8") if path.is_file() else ""
        digits.append(sha256(normal_form(sources[file], name).encode()).hexdigest()[:DIGITS])
    return "".join(digits)


def normal_form(source: str, name: str) -> str:
    """The syntax tree of a definition in a form that no Python version changes; "" without it."""
    import ast

    owner, _, name = name.rpartition(".")
    text = _cut(_cut(source, owner, ""), name, " " * 4) if owner else _cut(source, name, "")
    if not text:
        return ""
    try:
        # A method is indented; below an `if` it may stay so.
        definition = ast.parse(f"if True:\n{text}").body[0].body[0] if owner else ast.parse(text).body[0]  # type: ignore[attr-defined]
    except (
        SyntaxError
    ):  # cut in the middle, or newer syntax than this Python's, which shows as different code
        return f"unreadable {name} {text}"
    return _serialised(definition)


def _cut(source: str, name: str, indent: str) -> str:
    """A definition's own lines, up to the next one that starts something new: parsing a 400 kB file takes 0.2 s."""
    starts = re.finditer(
        rf"^(?:(?:{indent}@.*\n)*{indent}(?:async )?(?:def|class) {name}\b|{indent}{name}\b[^=\n]*=)",
        source,
        re.MULTILINE,
    )
    # An overload only tells types.
    start = next((start for start in starts if not start[0].startswith(f"{indent}@overload")), None)
    if start is None:
        return ""
    end = re.compile(rf"^{indent}(?:[A-Za-z_@])", re.MULTILINE).search(source, start.end())
    return source[start.start() : end.start() if end else None]


def _serialised(value: object) -> str:
    import ast

    if isinstance(value, list):
        return "[" + ",".join(_serialised(item) for item in value) + "]"
    if not isinstance(value, ast.AST):
        return repr(value)
    if isinstance(value, ast.AnnAssign):
        return f"Assign(targets={_serialised([value.target])},value={_serialised(value.value)})"
    fields = []
    for field, content in ast.iter_fields(value):
        # Not in every Python, or without effect on what the code does.
        if content in (None, []) or field in {"annotation", "returns", "type_comment", "kind", "type_params"}:
            continue
        fields.append(f"{field}={_serialised(_without_docstring(content) if field == 'body' else content)}")
    return f"{type(value).__name__}({','.join(fields)})"


def _without_docstring(body: Any) -> Any:
    import ast

    if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
        value = body[0].value
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            return body[1:]
    return body
