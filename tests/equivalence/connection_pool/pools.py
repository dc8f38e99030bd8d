"""Pools made from a description, as often as wanted and always the same."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field

import httpcore
from httpcore._backends.sync import SyncStream
from httpcore._models import Origin
from httpcore._sync import http11, http_proxy
from httpcore._sync.connection import HTTPConnection
from httpcore._sync.connection_pool import PoolRequest

from pytest_fastllm.components import connection_pool as seam

from . import sides

http2 = seam._optional("http2")
socks_proxy = seam._optional("socks_proxy")

NOW = 1000.0
QUIET, _OTHER = socket.socketpair()
HUNG_UP, _GONE = socket.socketpair()
_GONE.close()
CLOSED = socket.socket()
CLOSED.close()

SCHEMES = (b"http", b"https", b"ws")
SOCKETS = {"quiet": QUIET, "hung up": HUNG_UP, "closed": CLOSED, "none": None}


class Scripted(httpcore.NetworkStream):
    """A stream of somebody else's: answers as told, and writes down that it was asked."""

    def __init__(self, answer, log):
        self.answer = answer
        self.log = log

    def get_extra_info(self, info):
        self.log.append(("asked", info))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def close(self):
        self.log.append("closed")


SCRIPTS = {
    "says yes": True,
    "says nothing": None,
    "says an odd yes": [0],
    "breaks": OSError("broken stream"),
}


class Foreign(httpcore.ConnectionInterface):
    """A connection of somebody else's; how often it is asked is nobody's concern."""

    def __init__(self, origin, idle):
        self.origin = origin
        self.idle = idle

    def can_handle_request(self, origin):
        return origin == self.origin

    def is_available(self):
        return self.idle

    def has_expired(self):
        return False

    def is_idle(self):
        return self.idle

    def is_closed(self):
        return False


@dataclass
class Connection:
    """One connection: what wraps it, what it is, and whom it serves."""

    wrapped: str = "plain"  # plain, forward, tunnel, socks, bare
    protocol: str = "http11"  # http11, http2, connecting, failed, foreign
    state: str = "IDLE"
    expires: float | None = None
    stream: str = "quiet"
    host: int = 0
    scheme: int = 1
    port: int = 443
    http1: bool = True
    http2: bool = False
    terminated: str | None = None


@dataclass
class Pool:
    """A pool, its requests (origin, and the place of the connection they have or None) and its limits."""

    connections: list[Connection]
    requests: list[tuple[int, int, int | None, int | None]]
    max_connections: int = 10
    max_keepalive: int = 5
    create: str = "real"  # real, breaks, foreign
    http2: bool = False
    log: list = field(default_factory=list)


def origin_of(described):
    return Origin(SCHEMES[described.scheme], b"host-%d" % described.host, described.port)


def stream_of(described, log):
    if described.stream in SOCKETS:
        return SyncStream(SOCKETS[described.stream])
    return Scripted(SCRIPTS[described.stream], log)


def protocol_of(described, origin, log):
    """The connection that speaks, or None while there is none."""
    if described.protocol in ("connecting", "failed"):
        return None
    if described.protocol == "http2":
        connection = http2.HTTP2Connection(origin, stream_of(described, log), 5.0)
        states = http2.HTTPConnectionState
        if described.terminated == "error":
            connection._connection_error = True
        elif described.terminated == "ids":
            connection._used_all_stream_ids = True
        elif described.terminated == "machine":
            connection._h2_state.close_connection()
        state = "ACTIVE" if described.state == "NEW" else described.state
    else:
        connection = http11.HTTP11Connection(origin, stream_of(described, log), 5.0)
        states = http11.HTTPConnectionState
        state = described.state
    connection._state = states[state]
    connection._expire_at = None if described.expires is None else NOW + described.expires
    return connection


def connection_of(described, log):
    origin = origin_of(described)
    if described.protocol == "foreign":
        return Foreign(origin, described.state == "IDLE")
    inner = protocol_of(described, origin, log)
    if described.wrapped == "bare" and inner is not None:
        return inner
    proxy = Origin(b"http", b"proxy", 8080)
    more = {"http1": described.http1, "http2": described.http2}
    if described.wrapped == "forward":
        connection = http_proxy.ForwardHTTPConnection(proxy, origin)
        connection._connection._connection = inner
        connection._connection._connect_failed = described.protocol == "failed"
        return connection
    if described.wrapped == "tunnel":
        connection = http_proxy.TunnelHTTPConnection(proxy, origin, **more)
        if inner is not None:
            connection._connection = inner
        connection._connection._connect_failed = described.protocol == "failed"
        return connection
    if described.wrapped == "socks" and socks_proxy is not None:
        connection = socks_proxy.Socks5Connection(proxy, origin, **more)
    else:
        connection = HTTPConnection(origin, **more)
    connection._connection = inner
    connection._connect_failed = described.protocol == "failed"
    return connection


class Made:
    """A pool made from its description, with a name for each of its connections."""

    def __init__(self, described):
        self.log = []
        self.described = described
        self.pool = httpcore.ConnectionPool(
            max_connections=described.max_connections,
            max_keepalive_connections=described.max_keepalive,
            keepalive_expiry=5.0,
            http2=described.http2,
        )
        connections = [connection_of(each, self.log) for each in described.connections]
        self.pool._connections[:] = connections
        self.names = {id(each): f"given {place}" for place, each in enumerate(connections)}
        self.kept = list(connections)  # so that no id is used again
        for host, scheme, port, place in described.requests:
            url = httpcore.URL(scheme=SCHEMES[scheme], host=b"host-%d" % host, port=port, target=b"/")
            request = PoolRequest(httpcore.Request("GET", url))
            if place is not None and connections:
                request.assign_to_connection(connections[place % len(connections)])
            self.pool._requests.append(request)
        make = self.pool.create_connection

        def create_connection(origin):
            self.log.append(("create", str(origin)))
            if described.create == "breaks":
                raise RuntimeError("no more connections")
            connection = make(origin)
            if described.create == "foreign":
                connection = Foreign(origin, idle=len(self.kept) % 2 == 0)
            self.names[id(connection)] = f"made {len(self.kept)}"
            self.kept.append(connection)
            return connection

        self.pool.create_connection = create_connection

    def name(self, connection):
        return None if connection is None else self.names[id(connection)]

    def seen(self):
        return (
            [self.name(each) for each in self.pool._connections],
            [self.name(each.connection) for each in self.pool._requests],
            [each._connection_acquired._event.is_set() for each in self.pool._requests],
            [repr(each) for each in self.kept if not isinstance(each, Foreign)],
        )

    def do_pass(self, side):
        """One pass on one side: what came of it, and what is seen then."""
        with sides.clock_at(lambda: NOW):
            result = sides.outcome(sides.SIDES[side], self.pool)
        if result[0] == "returned":
            assert type(result[1]) is list
            result = ("returned", [self.name(each) for each in result[1]])
        return result, self.seen()
