"""The fields of LiteLLM's stash, its record of a request, that a plain request needs, sets or leaves alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .examined import LIMITER
from .looked_up import module

if TYPE_CHECKING:
    from typing import Any

_ABSENT = ("parallel_slot", "ptu_ceiling")
_OF_REQUEST: dict[str, object] = {"tpm_limited_tags": frozenset(), "socket_agent_windows": ()}
_RESERVED = ("reserved_tokens", "ptu_reserved_tokens")
_OF_RESERVATION: dict[str, object] = {"ptu_reserved_window_identities": frozenset()}


def fields() -> dict[str, Any]:
    """Those that this LiteLLM has; see accel/src/py/limiter/stash_fields.rs."""
    from dataclasses import fields

    known = {field.name for field in fields(module(LIMITER).RequestRateLimiterStash)}
    return {
        "absent": [name for name in _ABSENT if name in known],
        "of_request": [(name, value) for name, value in _OF_REQUEST.items() if name in known],
        "reserved": [name for name in _RESERVED if name in known],
        "of_reservation": [(name, value) for name, value in _OF_RESERVATION.items() if name in known],
    }
