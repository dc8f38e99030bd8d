"""The same question of LiteLLM, whose definitions are fingerprinted one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import code_fingerprint
from .installed import package_path, version
from .known_code import why_unknown

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class KnownLitellm:
    """The releases of LiteLLM in which what a component reproduces is known to be equal.

    Args:
        what: is reproduced, for the message.
        parts: file and name of the definitions that are fingerprinted.
        releases: fingerprint by release, see `by_release`.
        extra: of this package's that installs what the component needs.
    """

    what: str
    parts: tuple[tuple[str, str], ...]
    releases: dict[str, str]
    extra: str

    def why_unknown(self) -> str | None:
        """None, or why this part of the installed LiteLLM is not known to be equal."""
        package = package_path("litellm")
        if package is None:
            return f"litellm is not installed; run pip install 'pytest-fastllm[{self.extra}]'"
        names = [f"{file}:{name}" for file, name in self.parts]
        return why_unknown("litellm", self.what, names, self.fingerprint(package), self.releases)

    def fingerprint(self, package: Path) -> str:
        """The code of the parts in a litellm package."""
        return code_fingerprint.fingerprint(package, self.parts)

    def print_installed(self) -> None:
        """Print the line for the installed LiteLLM."""
        package = package_path("litellm")
        print(version("litellm"), self.fingerprint(package) if package is not None else "not installed")
