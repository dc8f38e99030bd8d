"""Token counting through `litellm.token_counter`, the call that LiteLLM's own code makes.

gpt-4 counts with cl100k_base, gpt-4o with o200k_base.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from . import texts
from .fresh import FreshTexts

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_fastllm.fixture import Accelerated

LARGE_CHARS = 100_000
LARGE_PAIRS = 80
"""Of the texts that are quick to make. Within wide bounds a verdict would come after two dozen pairs, with an interval
three times as wide as is worth publishing."""

pytestmark = [
    pytest.mark.fastllm("token_counter", seconds=3),
    pytest.mark.parametrize("model", ["gpt-4", "gpt-4o"]),
]


@pytest.fixture
def count(accelerated: Accelerated) -> Callable[..., int]:  # noqa: ARG001  # asked for so that it comes first
    """`litellm.token_counter`; imported once `accelerated` knows that there is a LiteLLM that it knows."""
    import litellm

    counter: Callable[..., int] = litellm.token_counter
    return counter


def _fresh(make: Callable[[int], str], model: str) -> Callable[[], tuple[tuple[()], dict[str, Any]]]:
    fresh = FreshTexts(make, LARGE_CHARS)
    return lambda: ((), {"model": model, "text": fresh()})


@pytest.mark.fastllm(workload="small-text")
def test_small_text(accelerated: Accelerated, count: Callable[..., int], model: str) -> None:
    """A greeting: what a call costs when there is nearly nothing to count."""
    assert accelerated(count, model=model, text="Hello, world!") == 4


@pytest.mark.fastllm(workload="small-message")
def test_small_message(accelerated: Accelerated, count: Callable[..., int], model: str) -> None:
    """A one-line chat message, as every completion counts it."""
    messages = [{"role": "user", "content": "What is the capital of France?"}]
    assert accelerated(count, model=model, messages=messages) == 14


@pytest.mark.fastllm(workload="large-prose")
def test_large_prose(accelerated: Accelerated, count: Callable[..., int], model: str) -> None:
    """A long document, new for every pair."""
    assert accelerated.pedantic(count, setup=_fresh(texts.prose, model), rounds=LARGE_PAIRS) > 0


@pytest.mark.fastllm(workload="large-typographic")
def test_large_typographic(accelerated: Accelerated, count: Callable[..., int], model: str) -> None:
    """A long document with a character beyond ASCII here and there, new for every pair."""
    assert accelerated.pedantic(count, setup=_fresh(texts.typographic, model), rounds=LARGE_PAIRS // 2) > 0


@pytest.mark.fastllm(workload="large-code")
def test_large_code(accelerated: Accelerated, count: Callable[..., int], model: str) -> None:
    """A long source file, new for every pair."""
    assert accelerated.pedantic(count, setup=_fresh(texts.code, model), rounds=LARGE_PAIRS) > 0


@pytest.mark.fastllm(workload="large-json")
def test_large_json(accelerated: Accelerated, count: Callable[..., int], model: str) -> None:
    """Long tool results, new for every pair."""
    assert accelerated.pedantic(count, setup=_fresh(texts.json, model), rounds=LARGE_PAIRS) > 0


@pytest.mark.fastllm(workload="large-chinese")
def test_large_chinese(accelerated: Accelerated, count: Callable[..., int], model: str) -> None:
    """A long document in a script without blanks between words, new for every pair."""
    assert accelerated.pedantic(count, setup=_fresh(texts.chinese, model)) > 0
