"""Long lives of a pool: the same requests, failures, hang-ups and hours on each side, step by step.

Whole requests go through httpcore's own code, over real sockets whose other ends answer as told. Waiting ones are
taken apart into the steps of `ConnectionPool.handle_request`, so that one thread can be many.
"""

from __future__ import annotations

import contextlib
import os
import socket

import httpcore
import pytest
from httpcore._backends.sync import SyncStream
from httpcore._exceptions import ConnectionNotAvailable
from httpcore._sync.connection_pool import PoolByteStream, PoolRequest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from pytest_fastllm.components import connection_pool as seam

from .sides import clock_at, outcome, use

SEQUENCES = int(os.environ.get("FASTLLM_POOL_SEQUENCES", "2000"))
HOSTS = 5

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
ANSWERS = {
    "ok": OK,
    "ok, and more than was asked for": OK + b"!",
    "ok, then closes": b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi",
    "nonsense": b"what?\r\n\r\n",
    "hangs up": None,
    "half an answer": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi",
}


class Cancelled(BaseException):
    """As a signal handler raises it in the middle of a request."""


class Scripted(SyncStream):
    """A stream that is not httpcore's own, so that it is asked itself."""


class World:
    """One pool on one side, its servers, and all that is seen of them."""

    def __init__(self, side, settings):
        self.clock = [1000.0]
        self.closings = []
        self.answers = {}
        self.peers = {}
        self.made = []
        self.open = []
        self.waiting = []
        self.refuse = False
        self.stream = settings.pop("stream")
        self.pool = use(httpcore.ConnectionPool(network_backend=self, **settings), side)
        make, close = self.pool.create_connection, self.pool._close_connections

        def create_connection(origin):
            self.made.append(make(origin))
            return self.made[-1]

        def close_connections(closing):
            self.closings.append([self.made.index(each) for each in closing])
            close(closing)

        self.pool.create_connection = create_connection
        self.pool._close_connections = close_connections

    # The network

    def connect_tcp(self, **_):
        if self.refuse:
            raise httpcore.ConnectError("refused")
        ours, peer = socket.socketpair()
        self.peers[ours.fileno()] = peer
        return self.stream(ours)

    def peer_of(self, connection):
        stream = connection._connection and connection._connection._network_stream
        return self.peers.get(stream._sock.fileno()) if stream else None

    def answer(self, request, answer):
        """Runs while the request's body is sent, when the server has a connection to answer on."""
        if answer == "cancelled":
            raise Cancelled
        [connection] = [each.connection for each in self.pool._requests if each.request is request]
        peer = self.peer_of(connection)
        if ANSWERS[answer] is None:
            peer.close()
        else:
            peer.send(ANSWERS[answer])
        yield b""

    # What callers do

    def request(self, host, answer, waits=None):
        extensions = {"timeout": {"pool": 0, "read": 0.002}}
        request = httpcore.Request("POST", f"http://host-{host}/", extensions=extensions)
        request.headers = [(b"Host", b"x"), (b"Transfer-Encoding", b"chunked")]
        request.stream = self.answer(request, answer)
        return request

    def send(self, host, answer, refuse):
        self.refuse = refuse
        response = self.pool.handle_request(self.request(host, answer))
        self.open.append(response)
        return response.status

    def round_trip(self, host):
        self.send(host, "ok", False)
        return self.finish(-1, True)

    def enqueue(self, host, answer):
        waiting = PoolRequest(self.request(host, answer))
        self.pool._requests.append(waiting)
        self.waiting.append(waiting)
        self.do_pass()

    def do_pass(self):
        self.pool._close_connections(self.pool._assign_requests_to_connections())

    def go_on(self, index):
        """What a thread does when it wakes up, or when its time is over."""
        if not self.waiting:
            return None
        waiting = self.waiting[index % len(self.waiting)]
        self.refuse = False
        try:
            connection = waiting.wait_for_connection(timeout=0)
            response = connection.handle_request(waiting.request)
        except ConnectionNotAvailable:
            waiting.clear_connection()
            self.do_pass()
            return "again"
        except BaseException:
            self.waiting.remove(waiting)
            self.pool._requests.remove(waiting)
            self.do_pass()
            raise
        self.waiting.remove(waiting)
        stream = PoolByteStream(response.stream, waiting, self.pool)
        self.open.append(httpcore.Response(response.status, content=stream))
        return response.status

    def finish(self, index, read):
        if self.open:
            response = self.open.pop(index % len(self.open))
            try:
                return response.read() if read else None
            finally:
                response.close()
        return None

    def hang_up(self, index):
        if self.pool._connections:
            peer = self.peer_of(self.pool._connections[index % len(self.pool._connections)])
            if peer:
                peer.close()

    def seen(self):
        pool = self.pool
        return (
            repr(pool),
            [repr(each) for each in self.made],
            [self.made.index(each) for each in pool._connections],
            [each.connection and self.made.index(each.connection) for each in pool._requests],
            self.closings,
        )

    def end(self):
        for response in self.open:
            with contextlib.suppress(Exception):
                response.close()
        self.pool.close()
        for peer in self.peers.values():
            peer.close()
        for connection in self.made:
            connection.close()


indexes = st.integers(0, 5)
hosts = st.integers(0, HOSTS - 1)
answers = st.sampled_from(["ok"] * 6 + [*ANSWERS, "cancelled"])


class Lives(RuleBasedStateMachine):
    """Two lives of a pool, one on each side."""

    natively = 0

    @initialize(
        stream=st.sampled_from([SyncStream, SyncStream, SyncStream, Scripted]),
        max_connections=st.integers(1, 6),
        max_keepalive=st.sampled_from([0, 1, 2, 3, 4, 5, 6, 6, 6]),
        keepalive_expiry=st.sampled_from([None, 0.0, 5.0, 5.0]),
        warm=st.lists(hosts, max_size=6),
    )
    def start(self, stream, max_connections, max_keepalive, keepalive_expiry, warm):
        settings = {
            "stream": stream,
            "max_connections": max_connections,
            "max_keepalive_connections": max_keepalive,
            "keepalive_expiry": keepalive_expiry,
        }
        self.worlds = [World(side, dict(settings)) for side in ("reference", "native")]
        for host in warm:
            self.both("round_trip", host)

    def both(self, step, *args):
        results = []
        for world in self.worlds:
            before = seam.native_calls()
            with clock_at(lambda: world.clock[0]):  # noqa: B023  # used up inside the loop
                try:
                    results.append(outcome(getattr(world, step), *args))
                except Cancelled:
                    results.append("cancelled")
            Lives.natively += seam.native_calls() - before
        assert results[0] == results[1]

    @rule(host=hosts, answer=answers)
    def send(self, host, answer):
        self.both("send", host, answer, False)

    @rule(host=hosts)
    def round_trip(self, host):
        self.both("round_trip", host)

    @rule(host=hosts)
    def connecting_fails(self, host):
        self.both("send", host, "ok", True)

    @rule(host=hosts, answer=answers)
    def enqueue(self, host, answer):
        self.both("enqueue", host, answer)

    @rule(index=indexes)
    def go_on(self, index):
        self.both("go_on", index)

    @rule(index=indexes, read=st.booleans())
    def finish(self, index, read):
        self.both("finish", index, read)

    @rule(index=indexes)
    def hang_up(self, index):
        self.both("hang_up", index)

    @rule(seconds=st.sampled_from([0.1, 4.9, 5.0, 5.1]))
    def time_goes_by(self, seconds):
        for world in self.worlds:
            world.clock[0] += seconds

    @rule()
    def do_pass(self):
        self.both("do_pass")

    @invariant()
    def same(self):
        if hasattr(self, "worlds"):
            reference, native = (world.seen() for world in self.worlds)
            assert native == reference

    def teardown(self):
        for world in getattr(self, "worlds", ()):
            world.end()


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # of connections that httpcore forgets without closing
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_lives_are_the_same():
    thorough = settings(
        max_examples=SEQUENCES,
        stateful_step_count=25,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Lives, settings=thorough)
    assert Lives.natively > SEQUENCES
