"""httpcore's connection pool, which LiteLLM's sync clients send every request through.

One operation is what one request asks of the pool's bookkeeping: a connection before it is sent, and the next
one's turn after its response is closed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .loopback_server import WITHOUT_PROXY, serving
from .pools import PoolOfEachSide, operate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_fastllm.fixture import Accelerated

pytestmark = pytest.mark.fastllm("connection_pool")


@pytest.fixture
def compare(accelerated: Accelerated) -> Iterator[Callable[..., None]]:
    """Compares the two sides on pools with so many connections."""
    made: list[PoolOfEachSide] = []

    def compare(idle: int, active: int = 0, *, iterations: int) -> None:
        pools = PoolOfEachSide(idle, active)
        made.append(pools)
        accelerated.pedantic(operate, setup=pools, state=pools.state, iterations=iterations)

    yield compare
    for each in made:
        each.close()


@pytest.mark.fastllm(workload="idle-1")
def test_idle_1(compare: Callable[..., None]) -> None:
    """One idle connection: what a pass costs when there is nothing to choose."""
    compare(1, iterations=40)


@pytest.mark.fastllm(workload="idle-20")
def test_idle_20(compare: Callable[..., None]) -> None:
    """As many idle connections as httpx keeps by default."""
    compare(20, iterations=40)


@pytest.mark.fastllm(workload="idle-100")
def test_idle_100(compare: Callable[..., None]) -> None:
    """A client that is allowed to keep 100 idle connections."""
    compare(100, iterations=8)


@pytest.mark.fastllm(workload="idle-20-active-50")
def test_idle_20_active_50(compare: Callable[..., None]) -> None:
    """Fifty requests on their way, twenty connections idle."""
    compare(20, 50, iterations=20)


@pytest.mark.fastllm(workload="concurrent", threads=8)
def test_concurrent(compare: Callable[..., None]) -> None:
    """Twenty idle connections, used by eight threads."""
    compare(20, iterations=64)


@pytest.fixture
def post(accelerated: Accelerated, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:  # noqa: ARG001
    """Makes functions that post to servers through one of LiteLLM's clients, each in turn."""
    pytest.importorskip("litellm")
    from litellm.llms.custom_httpx.http_handler import HTTPHandler

    for name, hosts in WITHOUT_PROXY.items():
        monkeypatch.setenv(name, hosts)
    handler = HTTPHandler()
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "What is the capital of France?"}]}

    def make(urls: list[str]) -> Callable[[], Any]:
        def post_to_each() -> Any:
            return [handler.post(url, json=body).json() for url in urls]

        return post_to_each

    yield make
    handler.close()


@pytest.mark.fastllm(workload="loopback")
@pytest.mark.parametrize("servers", [1, 20])
def test_loopback(accelerated: Accelerated, post: Callable[..., Any], servers: int) -> None:
    """Real requests through LiteLLM's `HTTPHandler` to a server on this machine: all that a request costs."""
    with serving(servers) as urls:
        answers = accelerated(post(urls))
        assert [answer["choices"][0]["message"]["content"] for answer in answers] == ["Paris."] * servers
