"""Two proxies side by side: started together, asked through the OpenAI client, ended by their own handles."""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_fastllm.model import Side

from ..loopback_server import WITHOUT_PROXY, serving
from ..server_process import ServerProcess, server_process

if TYPE_CHECKING:
    from collections.abc import Iterator

NATIVE_CALLS_PATH = "/pytest-fastllm/native-calls"
MODEL = "gpt-4o"
DEPLOYMENTS = 20
_START_S = 120.0
_ASK_S = 30.0


class Proxy:
    """One running proxy and an OpenAI client of it."""

    def __init__(self, port: int, key: str) -> None:
        """Nothing is sent yet."""
        import httpx
        import openai

        self._http = httpx.Client(trust_env=False, timeout=_ASK_S)
        self._root = f"http://127.0.0.1:{port}"
        self._client = openai.OpenAI(
            base_url=f"{self._root}/v1", api_key=key, max_retries=0, http_client=self._http
        )

    def ask(self, text: str) -> dict[str, Any]:
        """The answer to one chat message."""
        answer = self._client.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": text}]
        )
        return answer.model_dump()

    def ask_stream(self, text: str) -> str:
        """The answer to one chat message, as it comes in pieces."""
        pieces = self._client.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": text}], stream=True
        )
        return "".join(piece.choices[0].delta.content or "" for piece in pieces if piece.choices)

    def native_calls(self) -> dict[str, int]:
        """What each of the proxy's components has served natively since it started."""
        counts: dict[str, int] = self._http.get(self._root + NATIVE_CALLS_PATH).raise_for_status().json()
        return counts

    def close(self) -> None:
        """Close the client's connections."""
        self._http.close()


@contextmanager
def serving_both() -> Iterator[dict[Side, Proxy]]:
    """A proxy without and one with all bundled components, in front of one server, until the end of the block.

    Raises:
        RuntimeError: one does not start; ends with what it printed.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fastllm-proxy-")))
        (upstream,) = stack.enter_context(serving(1))
        key = f"sk-{secrets.token_hex(32)}"
        config = folder / "config.yaml"
        config.write_text(
            json.dumps(_config(upstream.removesuffix("/chat/completions"), key))
        )  # JSON is YAML
        starting = {
            side: stack.enter_context(_starting(side, config, folder / f"{side.value}.log")) for side in Side
        }
        proxies = {side: Proxy(int(process.ready()), key) for side, process in starting.items()}
        for proxy in proxies.values():
            stack.callback(proxy.close)
        yield proxies


def _config(upstream: str, key: str) -> dict[str, Any]:
    """Deployments of one model, all on the same server, and limits for each key."""
    deployment = {"model": f"openai/{MODEL}", "api_base": upstream, "api_key": "none"}
    return {
        "model_list": [
            {"model_name": MODEL, "litellm_params": deployment, "model_info": {"id": f"deployment-{number}"}}
            for number in range(DEPLOYMENTS)
        ],
        "general_settings": {
            "master_key": key,
            "custom_auth": f"{__package__}.keys.check_key",
        },
    }


def _starting(side: Side, config: Path, log: Path) -> AbstractContextManager[ServerProcess]:
    environment = {**os.environ, **WITHOUT_PROXY, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    return server_process(
        __package__ or "", [side.value, str(config)], log, start_s=_START_S, environment=environment
    )
