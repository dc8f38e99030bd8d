"""What counting tokens needs: nothing that grows with the texts, so what is compared is the fixed cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from . import texts

if TYPE_CHECKING:
    from pytest_fastllm.fixture import Accelerated

CHARS = 1_000
WARM_TEXTS = 200


@pytest.mark.fastllm("token_counter", workload="memory", memory=CHARS)
def test_memory(accelerated: Accelerated) -> None:
    """Fresh texts of so many characters: tables, caches, and all that LiteLLM loads for the first of them."""
    import litellm

    def build(characters: int) -> object:
        return litellm.token_counter(model="gpt-4", text=texts.prose(characters))

    def fill_caches() -> None:
        for _ in range(WARM_TEXTS):
            build(CHARS)

    accelerated.memory(build, warmup=fill_caches)
