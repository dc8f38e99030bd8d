"""Whole requests, with every bundled component at once against none: what a user gains in all.

In this process a `Router` with a mock response; LiteLLM's proxy as two processes, asked by the OpenAI client over
loopback, with a server on this machine as the model.
"""

from __future__ import annotations

from contextlib import ExitStack
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

from pytest_fastllm.components import bundled
from pytest_fastllm.model import Side

from . import texts
from .proxy.pair import DEPLOYMENTS, MODEL, Proxy, serving_both

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_fastllm.fixture import Accelerated

pytestmark = [
    pytest.mark.fastllm("end_to_end", seconds=2),
    pytest.mark.filterwarnings("ignore"),  # what LiteLLM's imports warn of is not what is tested here
]

MESSAGES = [{"role": "user", "content": "What is the capital of France?"}]
DOCUMENT_CHARS = 100_000
_DIFFERENT_EACH_TIME = ("id", "created")


def same_answer(reference: Any, accelerated: Any) -> bool:
    """The same but for ids and times; from a Router also by the same deployment."""
    return bool(_lasting(reference) == _lasting(accelerated))


def _lasting(answer: Any) -> Any:
    if isinstance(answer, list):
        return [_lasting(piece) for piece in answer]
    if isinstance(answer, str):
        return answer
    fields = answer if isinstance(answer, dict) else answer.model_dump()
    deployment = getattr(answer, "_hidden_params", {}).get("model_id")
    return deployment, {name: value for name, value in fields.items() if name not in _DIFFERENT_EACH_TIME}


def _need_one_of(*names: str) -> None:
    """Skip where none of the components that this path runs through can be accelerated."""
    reasons = {part.name: part.why_unavailable() for part in bundled() if part.name in names}
    if None not in reasons.values():
        told = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
        pytest.skip(f"nothing on this path can be accelerated: {told or ', '.join(names)}")


# ---- in this process -----------------------------------------------------------------------------------------------


@pytest.fixture
def router(accelerated: Accelerated) -> Iterator[Any]:  # noqa: ARG001  # asked for so that it comes first
    """A router of one model with many deployments, and LiteLLM's defaults otherwise."""
    from litellm import Router

    made = Router(
        model_list=[
            {
                "model_name": MODEL,
                "litellm_params": {"model": f"openai/{MODEL}", "api_key": "none"},
                "model_info": {"id": f"deployment-{number}"},
            }
            for number in range(DEPLOYMENTS)
        ]
    )
    yield made
    made.discard()


@pytest.mark.fastllm(workload="router-completion")
def test_router_completion(accelerated: Accelerated, router: Any) -> None:
    """A completion through `Router`."""
    _need_one_of("router")

    def complete() -> Any:
        return router.completion(model=MODEL, messages=MESSAGES, mock_response="Paris.")

    accelerated.pedantic(complete, equal=same_answer)


@pytest.mark.fastllm(workload="router-acompletion")
def test_router_acompletion(accelerated: Accelerated, router: Any) -> None:
    """The same, awaited."""
    _need_one_of("router")

    async def complete() -> Any:
        return await router.acompletion(model=MODEL, messages=MESSAGES, mock_response="Paris.")

    accelerated.pedantic(complete, equal=same_answer)


@pytest.mark.fastllm(workload="router-stream")
def test_router_stream(accelerated: Accelerated, router: Any) -> None:
    """A streamed completion, whose tokens LiteLLM counts at the end."""
    _need_one_of("router", "token_counter")

    def complete() -> list[Any]:
        pieces = router.completion(model=MODEL, messages=MESSAGES, mock_response="Paris.", stream=True)
        return list(pieces)

    accelerated.pedantic(complete, equal=same_answer)


# ---- through the proxy ---------------------------------------------------------------------------------------------


class LazyProxies:
    """The two proxies, started when they are first asked for: that takes seconds."""

    def __init__(self, stack: ExitStack) -> None:
        """``stack`` ends them."""
        self._stack = stack
        self._proxies: dict[Side, Proxy] = {}

    def get(self) -> dict[Side, Proxy]:
        """Both."""
        if not self._proxies:
            self._proxies = self._stack.enter_context(serving_both())
        return self._proxies


@pytest.fixture(scope="module")
def lazy_proxies() -> Iterator[LazyProxies]:
    """One pair for all tests of this module."""
    with ExitStack() as stack:
        yield LazyProxies(stack)


@pytest.fixture
def compare_proxies(accelerated: Accelerated, lazy_proxies: LazyProxies) -> Callable[..., Any]:
    """Compares one way of asking on both proxies, and proves which components served it."""
    missing = [name for name in ("fastapi", "openai", "uvicorn") if find_spec(name) is None]
    if missing:
        pytest.skip(f"LiteLLM's proxy needs {', '.join(missing)}; pip install 'pytest-fastllm[proxy]'")

    def compare(ask: Callable[[Proxy, str], Any], text: str) -> Any:
        proxies = lazy_proxies.get()
        _prove(proxies, ask, text)
        before = proxies[Side.ACCELERATED].native_calls()
        functions = [lambda text, proxy=proxies[side]: ask(proxy, text) for side in Side]
        answer = accelerated.versus(*functions, text, equal=same_answer)
        served = proxies[Side.ACCELERATED].native_calls()
        assert sum(served.values()) > sum(before.values()), "the accelerated proxy stopped serving natively"
        assert not any(proxies[Side.REFERENCE].native_calls().values()), "the reference proxy served natively"
        return answer

    return compare


def _prove(proxies: dict[Side, Proxy], ask: Callable[[Proxy, str], Any], text: str) -> None:
    """Before anything is timed: the accelerated proxy serves this request natively, the reference does not."""
    for side, proxy in proxies.items():
        before = sum(proxy.native_calls().values())
        ask(proxy, text)
        served = sum(proxy.native_calls().values()) - before
        assert (served > 0) == (side is Side.ACCELERATED), (
            f"the {side.value} proxy served one request with {served} native calls"
        )


@pytest.mark.fastllm(workload="proxy")
def test_proxy(compare_proxies: Callable[..., Any]) -> None:
    """A chat message, of a key, a user and a team that have limits, to a model with many deployments."""
    _need_one_of("rate_limiter", "router")
    answer = compare_proxies(Proxy.ask, "What is the capital of France?")
    assert answer["choices"][0]["message"]["content"] == "Paris."


@pytest.mark.fastllm(workload="proxy-concurrent", threads=8, seconds=4)
def test_proxy_concurrent(compare_proxies: Callable[..., Any]) -> None:
    """The same from eight clients at a time."""
    _need_one_of("rate_limiter", "router")
    compare_proxies(Proxy.ask, "What is the capital of France?")


@pytest.mark.fastllm(workload="proxy-stream")
@pytest.mark.parametrize("length", [30, DOCUMENT_CHARS])
def test_proxy_stream(compare_proxies: Callable[..., Any], length: int) -> None:
    """A streamed answer to a short question and to a long document; LiteLLM counts the tokens at the end."""
    _need_one_of("rate_limiter", "router", "token_counter")
    assert compare_proxies(Proxy.ask_stream, texts.prose(length)) == "Paris."
