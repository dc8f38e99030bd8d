"""``python -m pytest_fastllm.suite.proxy accelerated CONFIG.yaml``: LiteLLM's proxy on a free port of 127.0.0.1.

It prints its port once it answers and serves until its standard input ends: it cannot outlive the process that
started it. ``reference`` instead of ``accelerated`` leaves LiteLLM as it is.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
from typing import TYPE_CHECKING, Any

from pytest_fastllm.components import bundled
from pytest_fastllm.model import Side

from .pair import NATIVE_CALLS_PATH

if TYPE_CHECKING:
    from pytest_fastllm.acceleration import Acceleration

_COMPONENT = "end_to_end"


def _main() -> None:
    side, config = Side(sys.argv[1]), sys.argv[2]
    # What LiteLLM prints is for whoever looks why it does not start; the first line is ours.
    ours = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    os.environ["CONFIG_FILE_PATH"] = config
    acceleration = _accelerate() if side is Side.ACCELERATED else None
    # The protocol is named, because asyncio turns Nagle's algorithm off only where it reads that it is TCP; otherwise
    # every answer waits 40 ms for an acknowledgement.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        _serve(listening, ours, acceleration)


def _end_with_the_parent() -> None:
    sys.stdin.read()
    os._exit(0)  # nothing here is to be kept, and LiteLLM takes seconds to say goodbye


def _accelerate() -> Acceleration:
    """Put the components in place, before the proxy's modules copy functions out of others."""
    from pytest_fastllm import accelerate

    return accelerate(*(component.name for component in bundled() if component.name != _COMPONENT))


def _serve(listening: socket.socket, ours: Any, acceleration: Acceleration | None) -> None:
    import uvicorn
    from litellm.proxy.proxy_server import app

    @app.get(NATIVE_CALLS_PATH)  # type: ignore[untyped-decorator, unused-ignore]  # FastAPI may be absent
    async def native_calls() -> dict[str, int]:
        active = acceleration.active if acceleration is not None else ()
        return {
            component.name: component.native_calls()
            for component in bundled()
            if component.native_calls is not None and (component.name in active or acceleration is None)
            if component.name != _COMPONENT
        }

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            print(listening.getsockname()[1], file=ours, flush=True)

    Server(uvicorn.Config(app, log_level="warning", access_log=False)).run(sockets=[listening])


if __name__ == "__main__":
    _main()
