"""From which text length on the native counter wins, new text for every pair: the report's break-even lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from . import texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_fastllm.fixture import Accelerated


@pytest.fixture
def count(accelerated: Accelerated) -> Callable[..., int]:  # noqa: ARG001  # asked for so that it comes first
    """`litellm.token_counter`; imported once `accelerated` knows that there is a LiteLLM that it knows."""
    import litellm

    counter: Callable[..., int] = litellm.token_counter
    return counter


@pytest.mark.fastllm("token_counter", workload="length", sweep="length", seconds=2)
@pytest.mark.parametrize("length", [0, 1, 10, 100, 1_000, 10_000])
@pytest.mark.parametrize("model", ["gpt-4", "gpt-4o"])
def test_length(accelerated: Accelerated, count: Callable[..., int], model: str, length: int) -> None:
    """Prose of so many characters."""
    # Short ones, many in a sample: otherwise the clock is too coarse.
    calls = max(1, 1_000 // max(length, 20))

    def fresh() -> tuple[tuple[list[str]], dict[str, object]]:
        return ([texts.prose(length) for _ in range(calls)],), {}

    def count_next(unread: list[str]) -> int:
        return count(model=model, text=unread.pop())

    assert (accelerated.pedantic(count_next, setup=fresh, iterations=calls) > 0) == (length > 0)
