"""Eight threads hammering one pool: what must never happen, on either side and while sides are switched."""

from __future__ import annotations

import random
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import httpcore
import pytest
from httpcore._backends.sync import SyncStream

import pytest_fastllm
from pytest_fastllm.components import connection_pool as seam

from .sides import POOL_CLASS

THREADS = 8
REQUESTS = 60
MAX_CONNECTIONS = 5
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
CLOSES = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi"


class Servers:
    """Answers on sockets, and sees who speaks on them at the same time."""

    def __init__(self, pool):
        self.pool = pool
        self.sockets = []
        self.peers = {}
        self.mistakes = []

    def connect_tcp(self, **_):
        ours, peer = socket.socketpair()
        self.sockets.append(ours)
        self.peers[ours] = peer, threading.Lock()
        return SyncStream(ours)

    def speak(self, request, answer):
        """Runs while the request is sent: nobody else may be on that connection."""
        [mine] = [each.connection for each in list(self.pool._requests) if each.request is request]
        peer, lock = self.peers[mine._connection._network_stream._sock]
        if not lock.acquire(blocking=False):
            self.mistakes.append(f"{mine} was given to two requests")
        request.extensions["lock"] = lock
        peer.send(answer)
        yield b""

    def work(self, seed):
        rng = random.Random(seed)
        for _ in range(REQUESTS):
            request = httpcore.Request("POST", f"http://host-{rng.randrange(8)}/")
            request.headers = [(b"Host", b"x"), (b"Transfer-Encoding", b"chunked")]
            request.stream = self.speak(request, rng.choice([OK, OK, OK, CLOSES]))
            request.extensions = {"timeout": {"pool": 20.0}}
            response = self.pool.handle_request(request)
            body = response.read() if rng.random() < 0.9 else b"hi"
            request.extensions["lock"].release()
            response.close()
            if body != b"hi":
                self.mistakes.append(f"a request got {body!r}")


def hammer(beside=lambda over: None):
    """All threads on one pool; `beside(over)` runs next to them."""
    pool = httpcore.ConnectionPool(max_connections=MAX_CONNECTIONS, max_keepalive_connections=4)
    servers = Servers(pool)
    pool._network_backend = servers
    close = pool._close_connections

    def close_and_count(closing):
        # The pool's lock is not held here, but never are there more, not for a moment.
        if len(pool._connections) > MAX_CONNECTIONS:
            servers.mistakes.append(f"{len(pool._connections)} connections")
        close(closing)

    pool._close_connections = close_and_count
    over = threading.Event()
    other = threading.Thread(target=beside, args=(over,))
    other.start()
    try:
        with ThreadPoolExecutor(THREADS) as threads:
            for done in [threads.submit(servers.work, seed) for seed in range(THREADS)]:
                done.result(60)
    finally:
        over.set()
        other.join()
    assert not servers.mistakes
    assert not pool._requests
    held = {each._connection._network_stream._sock for each in pool._connections}
    leaked = [each for each in servers.sockets if each.fileno() >= 0 and each not in held]
    assert not leaked
    assert all(each.is_idle() for each in pool._connections)
    pool.close()
    for peer, _ in servers.peers.values():
        peer.close()


@pytest.mark.parametrize("native", [False, True])
def test_nothing_is_given_twice_nothing_exceeded_nothing_lost(native):
    before = seam.native_calls()
    if not native:
        hammer()
        assert seam.native_calls() == before
        return
    with pytest_fastllm.accelerate("connection_pool") as acceleration:
        assert acceleration.active
        hammer()
    # Two passes for each request, and one more for each that was beaten to its connection.
    assert seam.native_calls() - before >= 2 * THREADS * REQUESTS


def test_switching_under_load():
    switched = []
    method = POOL_CLASS._assign_requests_to_connections

    def switch(over):
        while not over.wait(0.005):
            with pytest_fastllm.accelerate("connection_pool"):
                over.wait(0.005)
            switched.append(1)

    before = seam.native_calls()
    for _ in range(10):
        hammer(beside=switch)
        if len(switched) >= 3:
            break
    assert len(switched) >= 3
    assert seam.native_calls() > before
    assert POOL_CLASS._assign_requests_to_connections is method
