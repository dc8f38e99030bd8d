"""LiteLLM's choice of a deployment, which every request through its `Router` and its proxy waits for.

One operation is one choice: `get_available_deployment`, or `async_get_available_deployment` in a running loop.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from .routers import GROUP, cool_down, proxy_request, routing, use

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_fastllm.fixture import Accelerated

pytestmark = [
    pytest.mark.fastllm("router", seconds=1),
    pytest.mark.filterwarnings("ignore"),  # what LiteLLM's imports warn of is not what is tested here
]

DEPLOYMENTS = 20
METRICS = {"user_api_key": "hash"}


@pytest.fixture(scope="module")
def router() -> Iterator[Callable[..., Any]]:
    """Makes routers, each kind once for all tests of this file."""
    made: dict[tuple[Any, ...], Any] = {}
    with ExitStack() as stack:

        def make(deployments: int, strategy: str = "simple-shuffle", kind: str = "plain") -> Any:
            key = (deployments, strategy, kind)
            if key not in made:
                params = (lambda number: {"weight": 1 + number % 5}) if kind == "weighted" else None
                made[key] = stack.enter_context(routing(deployments, strategy, params))
                if kind == "cooling":
                    cool_down(made[key], range(0, deployments, 4))
                use(made[key], strategy, deployments)
            return made[key]

        yield make


@pytest.fixture
def choose(accelerated: Accelerated) -> Callable[..., None]:
    """Compares the sides on a router."""

    def choose(router: Any, request: dict[str, Any] | None = None) -> None:
        kwargs = {"metadata": METRICS} if request is None else request

        def pick() -> Any:
            return router.get_available_deployment(GROUP, request_kwargs=kwargs)

        accelerated(pick)

    return choose


@pytest.fixture
def achoose(accelerated: Accelerated) -> Callable[..., None]:
    """The same for the async method."""

    def achoose(router: Any, request: dict[str, Any] | None = None) -> None:
        kwargs = {"metadata": METRICS} if request is None else request

        async def pick() -> Any:
            return await router.async_get_available_deployment(GROUP, kwargs)

        accelerated(pick)

    return achoose


@pytest.mark.fastllm(workload="simple-shuffle")
@pytest.mark.parametrize("deployments", [1, 4, 20, 100, 500])
def test_simple_shuffle(choose: Callable[..., None], router: Callable[..., Any], deployments: int) -> None:
    """LiteLLM's default strategy, all deployments equally likely."""
    choose(router(deployments))


@pytest.mark.fastllm(workload="simple-shuffle-async")
@pytest.mark.parametrize("deployments", [4, 100])
def test_simple_shuffle_async(
    achoose: Callable[..., None], router: Callable[..., Any], deployments: int
) -> None:
    """The same, awaited."""
    achoose(router(deployments))


@pytest.mark.fastllm(workload="weighted")
def test_weighted(choose: Callable[..., None], router: Callable[..., Any]) -> None:
    """Deployments with weights."""
    choose(router(DEPLOYMENTS, kind="weighted"))


@pytest.mark.fastllm(workload="cooling-down")
def test_cooling_down(choose: Callable[..., None], router: Callable[..., Any]) -> None:
    """Every fourth deployment is cooling down."""
    choose(router(DEPLOYMENTS, kind="cooling"))


@pytest.mark.fastllm(workload="proxy-request")
def test_proxy_request(choose: Callable[..., None], router: Callable[..., Any]) -> None:
    """With the keywords and the metadata that LiteLLM's proxy sends along."""
    pytest.importorskip("litellm.proxy._types", reason="needs pip install 'pytest-fastllm[proxy]'")
    choose(router(DEPLOYMENTS), proxy_request())


@pytest.mark.fastllm(workload="proxy-request-async")
def test_proxy_request_async(achoose: Callable[..., None], router: Callable[..., Any]) -> None:
    """The same on the method that the proxy calls."""
    pytest.importorskip("litellm.proxy._types", reason="needs pip install 'pytest-fastllm[proxy]'")
    achoose(router(DEPLOYMENTS), proxy_request())


@pytest.mark.fastllm(workload="strategy")
@pytest.mark.parametrize("strategy", ["least-busy", "latency-based-routing", "usage-based-routing-v2"])
def test_strategy(choose: Callable[..., None], router: Callable[..., Any], strategy: str) -> None:
    """LiteLLM's other strategies; its sync method has no cost-based one."""
    choose(router(DEPLOYMENTS, strategy))


@pytest.mark.fastllm(workload="strategy-async")
@pytest.mark.parametrize(
    "strategy", ["least-busy", "latency-based-routing", "usage-based-routing-v2", "cost-based-routing"]
)
def test_strategy_async(achoose: Callable[..., None], router: Callable[..., Any], strategy: str) -> None:
    """All of LiteLLM's other strategies, awaited."""
    achoose(router(DEPLOYMENTS, strategy))
