"""Who may ask the proxy: LiteLLM's `custom_auth`, which gives keys their limits without a database.

The limits are never reached. That they are there is what puts the rate limiter on the path of each request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.requests import Request

LIMIT_PER_MINUTE = 1_000_000_000


async def check_key(request: Request, api_key: str) -> Any:  # noqa: ARG001  # LiteLLM's signature
    """Any key is good; it, its user and its team each have a limit of requests and of tokens a minute."""
    from litellm.proxy._types import UserAPIKeyAuth

    return UserAPIKeyAuth(
        api_key=api_key,
        user_id="user",
        team_id="team",
        rpm_limit=LIMIT_PER_MINUTE,
        tpm_limit=LIMIT_PER_MINUTE,
        user_rpm_limit=LIMIT_PER_MINUTE,
        user_tpm_limit=LIMIT_PER_MINUTE,
        team_rpm_limit=LIMIT_PER_MINUTE,
        team_tpm_limit=LIMIT_PER_MINUTE,
    )
