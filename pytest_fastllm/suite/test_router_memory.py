"""What a router needs for each of its deployments, once it has chosen among them."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from .routers import GROUP, routing

if TYPE_CHECKING:
    from pytest_fastllm.fixture import Accelerated

DEPLOYMENTS = 20
PICKS = 100  # of each router
REPLACED = 50  # times all deployments
# 120 KiB each. Over fewer, what the pages leave open reaches across the bound.
ROUTERS = tuple(range(4, 23, 3))


@pytest.mark.fastllm("router", workload="memory", memory=DEPLOYMENTS)
@pytest.mark.filterwarnings("ignore")  # what LiteLLM's imports warn of is not what is tested here
def test_memory(accelerated: Accelerated) -> None:
    """Bytes per deployment of a router, what the choice remembers of them included."""
    with ExitStack() as stack:

        def build(deployments: int) -> object:
            router = stack.enter_context(routing(deployments))
            _pick(router, PICKS)
            return router

        kept: list[list[dict[str, Any]]] = []

        def fill_tables() -> None:
            """The native choice remembers deployments in a table of fixed size, which is not the next one's cost."""
            router = stack.enter_context(routing(DEPLOYMENTS))
            for _ in range(REPLACED):
                kept.append(list(router.model_list))  # or the next ones would take their places in memory
                router.model_list[:] = [dict(each) for each in router.model_list]
                _pick(router, 1)

        stack.enter_context(routing(1))  # what LiteLLM imports for its first router: once, not in every child
        accelerated.memory(build, instances=ROUTERS, warmup=fill_tables)


def _pick(router: Any, times: int) -> None:
    for _ in range(times):
        router.get_available_deployment(GROUP, request_kwargs={})
