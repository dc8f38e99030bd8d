"""The rate limiter of LiteLLM's proxy, v3, without Redis: the hook that runs before each request."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip(
    "fastapi", reason="LiteLLM's proxy is not installed; run pip install 'pytest-fastllm[proxy]'"
)

from .limiters import PLENTY, Limiter

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_fastllm.fixture import Accelerated

pytestmark = pytest.mark.fastllm("rate_limiter")

RPM = {"rpm_limit": PLENTY}
RPM_TPM = {"rpm_limit": PLENTY, "tpm_limit": PLENTY}
KEY_USER_TEAM = {"rpm_limit": PLENTY, "user_rpm_limit": PLENTY, "team_rpm_limit": PLENTY}


class _Fresh:
    """A new limiter for each sample: both sides start from nothing and do the same number of requests."""

    def __init__(self, keys: int, limits: dict[str, Any]) -> None:
        self._make = partial(Limiter, keys, limits)
        self._last = self._make()

    def __call__(self) -> tuple[tuple[Limiter], dict[str, object]]:
        self._last = self._make()
        return (self._last,), {}

    def state(self) -> list[tuple[str, Any]]:
        return self._last.state()


@pytest.fixture
def compare(accelerated: Accelerated) -> Callable[..., None]:
    """Compares the two sides on limiters with so many keys of such limits."""

    def compare(limits: dict[str, Any], keys: int, **options: Any) -> None:
        fresh = _Fresh(keys, limits)
        accelerated.pedantic(Limiter.request, setup=fresh, state=fresh.state, iterations=60, **options)

    return compare


@pytest.mark.fastllm(workload="one-key")
def test_one_key(compare: Callable[..., None]) -> None:
    """One key with a limit of requests: the smallest that there is to limit."""
    compare(RPM, keys=1)


@pytest.mark.fastllm(workload="rpm")
def test_rpm(compare: Callable[..., None]) -> None:
    """Fifty keys with a limit of requests."""
    compare(RPM, keys=50)


@pytest.mark.fastllm(workload="rpm-tpm")
def test_rpm_tpm(compare: Callable[..., None]) -> None:
    """Fifty keys with limits of requests and of tokens, which are reserved in advance."""
    compare(RPM_TPM, keys=50)


@pytest.mark.fastllm(workload="key-user-team")
def test_key_user_team(compare: Callable[..., None]) -> None:
    """Fifty keys, five users and a team, each with a limit of requests."""
    compare(KEY_USER_TEAM, keys=50)
