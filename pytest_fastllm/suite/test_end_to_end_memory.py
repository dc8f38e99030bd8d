"""What a completion through a `Router` leaves in memory while its answer is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_fastllm.timing.background import Background

from .routers import GROUP, routing

if TYPE_CHECKING:
    from pytest_fastllm.fixture import Accelerated

DEPLOYMENTS = 20
WARM_COMPLETIONS = 100  # LiteLLM's caches and threads are there then
COMPLETIONS = 20
BATCHES = (4, 7, 10, 13)
MESSAGES = [{"role": "user", "content": "What is the capital of France?"}]


@pytest.mark.fastllm("end_to_end", workload="memory", memory=COMPLETIONS)
@pytest.mark.filterwarnings("ignore")  # what LiteLLM's imports warn of is not what is tested here
def test_memory(accelerated: Accelerated) -> None:
    """Bytes per completion with a mock response, its answer and what LiteLLM and the components remember of it."""
    with routing(DEPLOYMENTS) as router:
        background = Background()

        def build(completions: int) -> object:
            answers = []
            for _ in range(completions):
                answers.append(router.completion(model=GROUP, messages=MESSAGES, mock_response="Paris."))
                background.after_call()  # or LiteLLM starts more threads to log with, as many as chance has it
            return answers

        accelerated.memory(build, instances=BATCHES, warmup=lambda: build(WARM_COMPLETIONS))
