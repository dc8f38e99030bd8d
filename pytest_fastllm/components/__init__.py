"""The components that ship with this package: LiteLLM's hot paths, one file each."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..component import Component


def bundled() -> list[Component]:
    """Declare them; nothing of LiteLLM is imported before a test needs it."""
    from . import connection_pool, end_to_end, rate_limiter, router, token_counter

    parts = [
        token_counter.component(),
        connection_pool.component(),
        rate_limiter.component(),
        router.component(),
    ]
    return [*parts, end_to_end.component(parts)]
