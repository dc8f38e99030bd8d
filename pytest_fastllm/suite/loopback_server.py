"""A chat-completions server on 127.0.0.1, in a process of its own so that it does not share the client's interpreter.

``python -m pytest_fastllm.suite.loopback_server 20`` listens on 20 free ports, prints them on one line and serves until
its standard input ends: it cannot outlive the process that started it.
"""

from __future__ import annotations

import json
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from .server_process import server_process

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = {"id": "chatcmpl-1", "created": 1_700_000_000, "model": "gpt-4o"}
ANSWER = json.dumps(
    {
        **_HEAD,
        "object": "chat.completion",
        "choices": [
            {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Paris."}}
        ],
        "usage": {"prompt_tokens": 14, "completion_tokens": 2, "total_tokens": 16},
    }
).encode()
STREAM = b"".join(
    b"data: %s\n\n" % json.dumps({**_HEAD, "object": "chat.completion.chunk", "choices": [choice]}).encode()
    for choice in (
        {"index": 0, "finish_reason": None, "delta": {"role": "assistant", "content": "Par"}},
        {"index": 0, "finish_reason": None, "delta": {"content": "is."}},
        {"index": 0, "finish_reason": "stop", "delta": {}},
    )
)
STREAM += b"data: [DONE]\n\n"
WITHOUT_PROXY = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
"""For a client's environment: what is asked here is on this machine. The small name wins where both are set."""
_START_S = 30.0


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections stay open
    wbufsize = -1  # an answer in one packet, as Nagle's algorithm would otherwise make it wait
    disable_nagle_algorithm = True

    def do_POST(self) -> None:  # the standard library's name
        """Read the request, give the answer, as a stream where one is asked for."""
        request = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        kind, answer = (
            ("text/event-stream", STREAM) if request.get("stream") else ("application/json", ANSWER)
        )
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@contextmanager
def serving(ports: int) -> Iterator[list[str]]:
    """The URLs of a server that runs until the end of the block.

    Raises:
        RuntimeError: it does not start.
    """
    with (
        TemporaryDirectory(prefix="fastllm-server-") as folder,
        server_process(__name__, [str(ports)], Path(folder) / "log", start_s=_START_S) as server,
    ):
        yield [f"http://127.0.0.1:{port}/v1/chat/completions" for port in server.ready().split()]


def _main() -> None:
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), _Handler) for _ in range(int(sys.argv[1]))]
    for server in servers:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
    print(*(server.server_address[1] for server in servers), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    _main()
