"""What one API key with limits needs in the cache of the proxy, which the native limiter reads and writes too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.importorskip(
    "fastapi", reason="LiteLLM's proxy is not installed; run pip install 'pytest-fastllm[proxy]'"
)

from .limiters import PLENTY, Limiter

if TYPE_CHECKING:
    from pytest_fastllm.fixture import Accelerated

KEYS = 50  # LiteLLM's cache holds the counters of 66
CACHES = tuple(range(40, 101, 20))  # 48 KiB each


@pytest.mark.fastllm("rate_limiter", workload="memory", memory=KEYS)
def test_memory(accelerated: Accelerated) -> None:
    """Bytes per key of a limiter's cache, each key having made a request."""
    Limiter([0], {})  # imports the proxy: once here, not in every child

    def build(keys: int) -> object:
        limiter = Limiter(range(keys), {"rpm_limit": PLENTY})
        for _ in range(keys):
            limiter.request()
        return limiter.cache

    accelerated.memory(build, instances=CACHES)
