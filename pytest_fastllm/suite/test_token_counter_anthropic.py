"""Token counting for Claude models, which LiteLLM does with Anthropic's published tokenizer and not with tiktoken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from . import texts
from .fresh import FreshTexts

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_fastllm.fixture import Accelerated

LARGE_CHARS = 100_000

pytestmark = [
    pytest.mark.fastllm("token_counter"),
    pytest.mark.parametrize("model", ["claude-sonnet-4-5"]),
]


@pytest.fixture
def count(accelerated: Accelerated, model: str) -> Callable[..., int]:  # noqa: ARG001  # asked for so that it comes first
    """`litellm.token_counter`; skips where Claude models are not counted natively."""
    import litellm

    from pytest_fastllm.components._token_counter import anthropic, models

    if not models.uses_anthropic(model):
        pytest.skip("this litellm does not tell whether it counts with Anthropic's tokenizer")
    if reason := anthropic.differs():
        pytest.skip(reason)
    counter: Callable[..., int] = litellm.token_counter
    return counter


@pytest.mark.fastllm(workload="small-text")
def test_small_text(accelerated: Accelerated, count: Callable[..., int], model: str) -> None:
    """A greeting: what a call costs when there is nearly nothing to count."""
    assert accelerated(count, model=model, text="Hello, world!") == 4


@pytest.mark.fastllm(workload="large-prose")
def test_large_prose(accelerated: Accelerated, count: Callable[..., int], model: str) -> None:
    """A long document, new for every pair."""
    fresh = FreshTexts(texts.prose, LARGE_CHARS)
    assert accelerated.pedantic(count, setup=lambda: ((), {"model": model, "text": fresh()})) > 0
