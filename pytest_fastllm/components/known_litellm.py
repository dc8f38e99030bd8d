"""The same question of LiteLLM, whose definitions are fingerprinted one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .code_fingerprint import fingerprint
from .installed import package_path, version
from .known_code import by_release, why_unknown

if TYPE_CHECKING:
    from pathlib import Path


def why_unknown_litellm(
    package: Path | None, what: str, parts: tuple[tuple[str, str], ...], lines: str, extra: str
) -> str | None:
    """None, or why a part of LiteLLM is not known to be equal here.

    Args:
        package: the installed litellm's folder; None if there is none.
        what: is reproduced, for the message.
        parts: file and name of the definitions that are fingerprinted.
        lines: the known releases, see `by_release`.
        extra: of this package's that installs what the component needs.
    """
    if package is None:
        return f"litellm is not installed; run pip install 'pytest-fastllm[{extra}]'"
    names = [f"{file}:{name}" for file, name in parts]
    return why_unknown("litellm", what, names, fingerprint(package, parts), by_release(lines))


def print_installed(parts: tuple[tuple[str, str], ...]) -> None:
    """Print the line for the installed LiteLLM."""
    package = package_path("litellm")
    print(version("litellm"), fingerprint(package, parts) if package is not None else "not installed")
