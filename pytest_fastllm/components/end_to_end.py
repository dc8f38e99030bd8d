"""`end_to_end`: every other bundled component at once, against none of them.

It answers what a user gains in all. A component that steps aside here stays on its reference, as it would for
that user. See docs/components/end_to_end.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..component import Component


def component(parts: Sequence[Component]) -> Component:
    """The component, declared without importing what it is about.

    Args:
        parts: the other bundled components.
    """
    from ..component import Component

    def available() -> str | None:
        """None, or why there is nothing to accelerate here."""
        reasons = {part.name: part.why_unavailable() for part in parts}
        if None in reasons.values():
            return None
        return "no component is available: " + "; ".join(f"{name}: {why}" for name, why in reasons.items())

    def native_calls() -> int:
        """Calls that any of them has served natively in this process."""
        return sum(part.native_calls() for part in parts if part.native_calls is not None)

    return Component(name="end_to_end", together=tuple(parts), available=available, native_calls=native_calls)
