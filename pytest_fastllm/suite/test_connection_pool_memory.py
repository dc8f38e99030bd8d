"""What one idle connection of a pool needs, once it has served a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .pools import FilledPool, OneSocketBackend

if TYPE_CHECKING:
    from pytest_fastllm.fixture import Accelerated

CONNECTIONS = 20  # as many as httpx keeps by default
POOLS = tuple(range(60, 121, 20))  # 50 KiB each


@pytest.mark.fastllm("connection_pool", workload="memory", memory=CONNECTIONS)
def test_memory(accelerated: Accelerated) -> None:
    """Bytes per connection of a pool, what the pass leaves behind in them included."""
    backend = OneSocketBackend()
    try:
        accelerated.memory(lambda connections: FilledPool(connections, backend=backend), instances=POOLS)
    finally:
        backend.close()
