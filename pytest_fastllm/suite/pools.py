"""Connection pools as a busy client has them, with nothing on the network.

httpcore's own mock backend has no sockets, and without sockets nobody would pay for asking whether one was hung up
on. So the connections here are httpcore's own HTTP/1.1 connections over httpcore's own `SyncStream`, each with a real
socket: one end of a pair whose other end stays open and silent.
"""

from __future__ import annotations

import socket
import time
from itertools import count
from typing import Any

KEEPALIVE_S = 3600.0
"""No connection is kept for so long here: each workload finds the pool as it was."""


class QuietBackend:
    """Connects to nothing: one end of a socket pair, whose other end it keeps."""

    def __init__(self) -> None:
        """No connection yet."""
        self._others: list[socket.socket] = []

    def connect_tcp(self, *_args: object, **_kwargs: object) -> Any:
        """A stream of httpcore's own over a socket that is never readable."""
        from httpcore._backends.sync import SyncStream

        ours, other = socket.socketpair()
        self._others.append(other)
        return SyncStream(ours)

    def close(self) -> None:
        """Close the other ends."""
        for other in self._others:
            other.close()


class OneSocketBackend(QuietBackend):
    """Every connection over the same socket: where thousands are alive there are not as many file descriptors."""

    def __init__(self) -> None:
        """One pair for all."""
        super().__init__()
        self._ours, other = socket.socketpair()
        self._others.append(other)

    def connect_tcp(self, *_args: object, **_kwargs: object) -> Any:
        """A stream of httpcore's own; what it reads from is everybody's, and never readable."""
        from httpcore._backends.sync import SyncStream

        return SyncStream(self._ours)

    def close(self) -> None:
        """Close both ends."""
        self._ours.close()
        super().close()


class FilledPool:
    """A pool with idle and active connections, each of an origin of its own.

    Args:
        idle, active: how many of each.
        limit: the most connections that it may keep alive; httpx, and so LiteLLM, sets 20 of 100.
        backend: what connects them; without it each has a socket of its own.
    """

    def __init__(
        self, idle: int, active: int = 0, limit: int = 20, backend: QuietBackend | None = None
    ) -> None:
        """Connect and set the states that a request and its response leave behind."""
        import httpcore
        from httpcore._sync import connection_pool, http11

        self._pool_request = connection_pool.PoolRequest
        self._http11 = http11
        self._backend = backend or QuietBackend()
        self.pool: Any = httpcore.ConnectionPool(
            max_connections=max(100, idle + active),
            max_keepalive_connections=max(limit, idle + active),
            keepalive_expiry=KEEPALIVE_S,
            network_backend=self._backend,  # type: ignore[arg-type]
        )
        requests = [
            httpcore.Request("POST", f"https://host-{index}.example/v1/chat/completions")
            for index in range(idle + active)
        ]
        # Active ones are older: that is how a pool looks whose clients never stop.
        self._held = [self._take(request) for request in requests[idle:]]
        for taken in [self._take(request) for request in requests[:idle]]:
            self._give_back(taken)
        self.requests = requests[:idle]
        self.turns = count()

    def acquire_release(self, request: Any) -> None:
        """All that a request asks of the pool: before it is sent, and after its response is closed."""
        self._give_back(self._take(request))

    def state(self) -> list[str]:
        """The pool and its connections, each with the number of requests that it has had."""
        return [repr(self.pool), *map(repr, self.pool.connections)]

    def _take(self, request: Any) -> Any:
        """What `ConnectionPool.handle_request` does before it sends a request."""
        pool = self.pool
        timeout = request.extensions.get("timeout", {}).get("pool", None)
        with pool._optional_thread_lock:
            taken = self._pool_request(request)
            pool._requests.append(taken)
        while True:
            with pool._optional_thread_lock:
                closing = pool._assign_requests_to_connections()
            pool._close_connections(closing)
            connection = taken.wait_for_connection(timeout=timeout)
            if self._start(connection):
                return taken
            taken.clear_connection()

    def _start(self, connection: Any) -> bool:
        """What a connection does to its state when it gets a request; False if another one was faster."""
        states = self._http11.HTTPConnectionState
        with connection._request_lock:
            if connection._connection is None:
                stream = self._backend.connect_tcp()
                connection._connection = self._http11.HTTP11Connection(
                    connection._origin, stream, KEEPALIVE_S
                )
        inner = connection._connection
        with inner._state_lock:
            if inner._state not in (states.NEW, states.IDLE):
                return False
            inner._request_count += 1
            inner._state = states.ACTIVE
            inner._expire_at = None
        return True

    def _give_back(self, taken: Any) -> None:
        """What closing a response does: the connection's part, then the pool's."""
        inner = taken.connection._connection
        with inner._state_lock:
            inner._state = self._http11.HTTPConnectionState.IDLE
            inner._expire_at = time.monotonic() + inner._keepalive_expiry
        pool = self.pool
        with pool._optional_thread_lock:
            pool._requests.remove(taken)
            closing = pool._assign_requests_to_connections()
        pool._close_connections(closing)

    def close(self) -> None:
        """Close both ends of every connection."""
        self.pool.close()
        self._backend.close()


class PoolOfEachSide:
    """Two pools made alike, one for each side of a comparison.

    The native side makes CPython 3.11 and 3.12 keep the attributes of the connections it has seen in real dicts,
    which slows httpcore's own code on them. In a program they would never meet; nor do they here.

    Args:
        idle, active: how many connections of each kind.
    """

    def __init__(self, idle: int, active: int = 0) -> None:
        """Make both, and one without connections to see by which side is in place."""
        self._pools = {native: FilledPool(idle, active) for native in (False, True)}
        self._probe = FilledPool(0)
        self._last = self._probe

    def __call__(self) -> tuple[tuple[FilledPool], dict[str, object]]:
        """The arguments of `operate` on the side that is in place."""
        from ..components.connection_pool import native_calls

        before = native_calls()
        self._probe.pool._assign_requests_to_connections()
        self._last = self._pools[native_calls() > before]
        return (self._last,), {}

    def state(self) -> list[str]:
        """The state of the pool that was given last."""
        return self._last.state()

    def close(self) -> None:
        """Close all connections."""
        for filled in (*self._pools.values(), self._probe):
            filled.close()


def operate(filled: FilledPool) -> None:
    """One request's worth of bookkeeping, for each idle connection in turn."""
    filled.acquire_release(filled.requests[next(filled.turns) % len(filled.requests)])
