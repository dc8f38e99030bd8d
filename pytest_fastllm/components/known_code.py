"""Whether an installed package's code is one of those that a component knows to be equal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .code_fingerprint import DIGITS
from .installed import version

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


_NAMED = 5
"""Of the parts that differ: a release that was reorganised differs in dozens."""


def by_release(lines: str) -> dict[str, str]:
    """Fingerprint by release.

    Args:
        lines: in each a release, or several with commas between them, and the fingerprint that they share.
    """
    return {
        release: digits
        for releases, digits in (line.split() for line in lines.splitlines() if line)
        for release in releases.split(",")
    }


def why_unknown(
    distribution: str, what: str, parts: Sequence[str], here: str, known: Mapping[str, str]
) -> str | None:
    """None where the code is known; else the message, with the parts that differ from the nearest release.

    Args:
        distribution: name of the installed package.
        what: of it is reproduced, for the message.
        parts: names of what a fingerprint's digits stand for, `DIGITS` each.
        here: fingerprint of what is installed.
        known: see `by_release`.
    """
    if here in known.values():
        return None
    different = {release: _differences(here, digits, parts) for release, digits in known.items()}
    nearest = min(different, key=lambda release: len(different[release]))
    named, more = different[nearest][:_NAMED], len(different[nearest]) - _NAMED
    told = ", ".join(named) + (f" and {more} more parts" if more > 0 else "")
    return (
        f"{distribution} {version(distribution)} is not a version whose {what} is known to be equal: "
        f"{told}: other than in {nearest}; known are {', '.join(known)}"
    )


def _differences(one: str, other: str, parts: Sequence[str]) -> list[str]:
    starts = range(0, len(parts) * DIGITS, DIGITS)
    return [
        part
        for part, at in zip(parts, starts, strict=True)
        if one[at : at + DIGITS] != other[at : at + DIGITS]
    ]
