"""Reads which part of the package imports which, from the sources."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "pytest_fastllm"
ROOT = Path(__file__).parents[2] / PACKAGE


@dataclass(frozen=True)
class Import:
    """One import of a module of the package by another."""

    importer: str
    imported: str
    line: int
    for_types: bool

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.imported}"


def modules(root: Path = ROOT) -> dict[str, Path]:
    """All modules of the package by dotted name without the package's; compiled ones by their stub."""
    found = {}
    for path in sorted(root.rglob("*.py*")):
        if path.suffix in (".py", ".pyi"):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(part for part in parts if part != "__init__")] = path
    return found


def imports(root: Path = ROOT) -> list[Import]:
    """Every import inside the package, also those inside functions."""
    known = modules(root)
    return [
        each
        for name, path in known.items()
        for each in _of_module(name, path, ast.parse(path.read_text(encoding="utf-8")), known)
    ]


def _of_module(name, path, tree, known):
    package = name if path.stem == "__init__" else name.rpartition(".")[0]
    for_types = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for target in _targets(node, package, known):
                yield Import(name, target, node.lineno, node in for_types)


def _targets(node, package, known):
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
        return [_inside(name) for name in names if name == PACKAGE or name.startswith(PACKAGE + ".")]
    if node.level:
        parts = package.split(".") if package else []
        base = ".".join(parts[: len(parts) - node.level + 1])
        base = ".".join(part for part in (base, node.module) if part)
    elif node.module == PACKAGE or (node.module or "").startswith(PACKAGE + "."):
        base = _inside(node.module)
    else:
        return []
    # `from .a import b` names the module a.b where there is one, else something inside a.
    candidates = (".".join(part for part in (base, alias.name) if part) for alias in node.names)
    return [candidate if candidate in known else base for candidate in candidates]


def _inside(dotted):
    return dotted.partition(".")[2]
