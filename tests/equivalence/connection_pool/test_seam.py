"""When the native bookkeeping steps aside, and what it leaves alone."""

from __future__ import annotations

import asyncio
import shutil
import signal
import socket
import ssl
import sys
import time

import httpcore
import pytest
from httpcore._backends import sync
from httpcore._sync import connection_pool as reference_module
from httpcore._sync import http11
from httpcore._sync.connection import HTTPConnection

import pytest_fastllm
from pytest_fastllm.components import connection_pool as seam
from pytest_fastllm.components._connection_pool import fingerprint

from .pools import NOW, SCRIPTS, SOCKETS, Connection, Made, Pool
from .sides import POOL_CLASS, native, outcome, reference

IDLE = Connection(host=0, stream="quiet")
WAITING = (0, 1, None, None)


def compare(change=lambda made: None, connections=(IDLE, IDLE), natively=True, **more):
    """Both sides on the same pool, changed in the same way."""
    results = []
    for side in ("reference", "native"):
        made = Made(Pool(list(connections), [WAITING, (2, 1, None, None)], **more))
        change(made)
        before = seam.native_calls()
        results.append((made.do_pass(side), made.log))
        if side == "native":
            assert (seam.native_calls() > before) is natively
    assert results[0] == results[1]
    return results[0]


def test_here_it_is_native():
    compare()


class TestStepsAside:
    """Each of these runs httpcore's own method, with what was changed."""

    def test_a_subclass_of_the_pool(self):
        class Own(httpcore.ConnectionPool):
            pass

        def change(made):
            made.pool.__class__ = Own

        compare(change, natively=False)

    @pytest.mark.parametrize("method", seam._CONNECTION_METHODS)
    @pytest.mark.parametrize("owner", [HTTPConnection, http11.HTTP11Connection])
    def test_a_method_replaced_in_a_class(self, monkeypatch, owner, method):
        monkeypatch.setattr(owner, method, lambda self, *_: False)
        compare(natively=False)
        monkeypatch.undo()
        compare()

    @pytest.mark.parametrize("owner", [HTTPConnection, http11.HTTP11Connection, sync.SyncStream])
    def test_a_class_that_was_as_known_before(self, monkeypatch, owner):
        method = "get_extra_info" if owner is sync.SyncStream else "is_closed"
        stored = vars(owner)[method]
        asked = []

        def ask(*arguments):
            asked.append(arguments)
            return stored(*arguments)

        for _ in range(2):
            compare()
            with monkeypatch.context() as patch:
                patch.setattr(owner, method, ask)
                Made(Pool([IDLE, IDLE], [WAITING])).do_pass("native")
            assert asked
            asked.clear()
        compare()

    @pytest.mark.parametrize("method", seam._CONNECTION_METHODS)
    @pytest.mark.parametrize("inner", [False, True])
    def test_a_method_replaced_in_an_instance(self, method, inner):
        def change(made):
            connection = made.pool._connections[0]
            setattr(connection._connection if inner else connection, method, lambda *_: False)

        compare(change, natively=False)

    def test_a_subclass_of_a_connection(self):
        class Own(HTTPConnection):
            def is_idle(self):
                return False

        def change(made):
            made.pool._connections[1].__class__ = Own

        compare(change, natively=False)

    @pytest.mark.parametrize(
        ("owner", "name"),
        [
            (reference_module.PoolRequest, "is_queued"),
            (httpcore.URL, "origin"),
            (httpcore.Origin, "__eq__"),
        ],
    )
    def test_what_requests_are_asked(self, monkeypatch, owner, name):
        stored = vars(owner)[name]
        same = property(lambda self: stored.fget(self)) if name == "origin" else lambda *a: stored(*a)
        monkeypatch.setattr(owner, name, same)
        compare(natively=False)

    def test_something_added_to_a_class(self, monkeypatch):
        monkeypatch.setattr(http11.HTTP11Connection, "__eq__", object.__eq__)
        compare(natively=False)
        monkeypatch.undo()
        monkeypatch.setattr(http11.HTTP11Connection, "_anything", 1, raising=False)
        compare(natively=False)

    def test_a_clock_of_the_module_alone(self, monkeypatch):
        class Time:
            monotonic = staticmethod(lambda: NOW + 1e6)

        monkeypatch.setattr(http11, "time", Time)
        compare(connections=[Connection(expires=5.0)], natively=False)

    def test_a_clock_that_tells_something_else(self):
        def change(made):
            made.pool._connections[0]._connection._expire_at = 5

        compare(change, natively=False)

    @pytest.mark.parametrize(
        "change",
        [
            lambda made: setattr(made.pool, "_max_connections", 1.5),
            lambda made: setattr(made.pool, "_max_keepalive_connections", True),
            lambda made: setattr(made.pool, "_connections", type("L", (list,), {})(made.pool._connections)),
            lambda made: setattr(made.pool._connections[0]._connection, "_state", signal.SIGINT),  # 2 as well
            lambda made: setattr(made.pool._requests[0].request.url, "port", "443"),
        ],
    )
    def test_values_of_other_types(self, change):
        compare(change, natively=False)

    def test_a_url_without_a_usual_port(self):
        def change(made):
            made.pool._requests[0].request.url.scheme = b"ftp"

        result = compare(change, natively=False)
        assert result[0][0] == ("raised", KeyError, "b'ftp'")

    def test_a_clock_that_breaks(self, monkeypatch):
        pools = [Made(Pool([Connection(state="CLOSED"), Connection(expires=5.0)], [])) for _ in range(2)]

        def broken():
            raise OSError("no time")

        monkeypatch.setattr(time, "monotonic", broken)
        results = [outcome(side, made.pool) for made, side in zip(pools, (reference, native), strict=True)]
        monkeypatch.undo()
        assert results[0] == results[1] == ("raised", OSError, "no time")
        assert pools[0].seen() == pools[1].seen()

    def test_something_that_is_no_pool(self):
        assert outcome(native, 1) == outcome(reference, 1)
        with pytest.raises(TypeError):
            seam.assign_requests_to_connections()


class TestStreams:
    """What is asked of the system at once, and what is asked of the stream itself."""

    @pytest.mark.parametrize("stream", [*SOCKETS, *SCRIPTS])
    def test_each_kind(self, stream):
        compare(connections=[IDLE, Connection(stream=stream), IDLE])

    def test_a_replaced_question_is_asked(self, monkeypatch):
        for owner, name in [(sync, "is_socket_readable"), (sync.SyncStream, "get_extra_info")]:
            monkeypatch.setattr(owner, name, lambda *_: True)
            [(result, _), _] = compare()
            assert result == ("returned", ["given 0", "given 1"])
            monkeypatch.undo()

    def test_a_stream_with_a_method_of_its_own_is_asked(self):
        def change(made):
            stream = made.pool._connections[0]._connection._network_stream
            stream.get_extra_info = lambda info: info == "is_readable"

        [(result, _), _] = compare(change)
        assert result == ("returned", ["given 0"])

    @pytest.mark.parametrize("place", [0, 1, 2])
    def test_a_stream_that_changes_the_pool_when_it_is_asked(self, place):
        def change(made):
            listed = made.pool._connections
            leaving = listed[place]

            def leave(info):
                if leaving in listed:
                    listed.remove(leaving)

            listed[1]._connection._network_stream.get_extra_info = leave

        # By itself the pass takes none out, and a request would get the one that left.
        connections = [IDLE, Connection(stream="says nothing", host=2), Connection(host=1)]
        compare(change, connections, natively=False)

    def test_a_stream_that_adds_to_the_pool_when_it_is_asked(self):
        def change(made):
            listed = made.pool._connections
            late = HTTPConnection(httpcore.Origin(b"https", b"host-0", 443), http2=True)
            made.names[id(late)] = "late"
            made.kept.append(late)

            def join(info):
                if late not in listed:
                    listed.append(late)

            listed[0]._connection._network_stream.get_extra_info = join

        [(_, seen), _] = compare(change, [Connection(stream="says nothing", host=2)], natively=False)
        assert seen[1][0] == "late"

    def test_a_stream_that_gives_the_pool_another_list_when_it_is_asked(self):
        def change(made):
            kept = made.pool._connections[1:]
            stream = made.pool._connections[1]._connection._network_stream
            stream.get_extra_info = lambda info: setattr(made.pool, "_connections", kept)

        compare(change, [IDLE, Connection(stream="says nothing", host=2)], natively=False)

    def test_tls(self):
        ours, other = socket.socketpair()
        secure = ssl.create_default_context().wrap_socket(
            ours, server_hostname="x", do_handshake_on_connect=False
        )
        try:
            for closes in ([], ["given 0"]):
                change = lambda made: setattr(  # noqa: E731
                    made.pool._connections[0]._connection._network_stream, "_sock", secure
                )
                [(result, _), _] = compare(change)
                assert result == ("returned", closes)
                other.send(b"x")
        finally:
            secure.close()
            other.close()

    def test_two_thousand_idle_sockets(self):
        compare(connections=[IDLE] * 2000, max_connections=2000, max_keepalive=2000)


def test_looking_at_annotations_changes_nothing():
    for _, owner, *_ in seam._connection_classes():
        assert isinstance(owner.__annotations__, dict)
    compare()


def test_each_class_sets_as_many_attributes_as_is_said():
    made = {
        described.wrapped: Made(Pool([described], [])).pool._connections[0]
        for described in [
            Connection(wrapped=each) for each in ("plain", "bare", "forward", "tunnel", "socks")
        ]
    }
    known = {owner: attributes for _, owner, _, _, attributes in seam._connection_classes()}
    for connection in made.values():
        assert known[type(connection)] == len(vars(connection))


def test_nothing_is_kept_alive():
    made = Made(Pool([IDLE, Connection(stream="hung up")], [WAITING]))
    watched = [made.pool, made.pool._connections[0], made.pool._requests[0], made.pool._connections]
    before = [sys.getrefcount(each) for each in watched]
    native(made.pool)
    made.pool._requests[0].clear_connection()
    for _ in range(100):
        native(made.pool)
        made.pool._requests[0].clear_connection()
    assert [sys.getrefcount(each) for each in watched] == before


def test_switched_on_it_serves_httpcore_and_switched_off_it_does_not():
    def get():
        backend = httpcore.MockBackend([b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"])
        with httpcore.ConnectionPool(network_backend=backend) as pool:
            before = seam.native_calls()
            assert pool.request("GET", "http://host/").content == b"hi"
            return seam.native_calls() - before

    assert get() == 0
    with pytest_fastllm.accelerate("connection_pool") as acceleration:
        assert acceleration.active == ("connection_pool",)
        assert get() == 2
        assert seam.available() is None  # also while it is on
    assert get() == 0


def test_async_pools_are_left_alone():
    async def get():
        backend = httpcore.AsyncMockBackend([b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"])
        async with httpcore.AsyncConnectionPool(network_backend=backend) as pool:
            return (await pool.request("GET", "http://host/")).content

    method = httpcore.AsyncConnectionPool._assign_requests_to_connections
    with pytest_fastllm.accelerate("connection_pool"):
        before = seam.native_calls()
        assert asyncio.run(get()) == b"hi"
        assert seam.native_calls() == before
        assert httpcore.AsyncConnectionPool._assign_requests_to_connections is method


class TestAvailable:
    """Each reason names the thing and the remedy."""

    def test_here(self):
        assert seam.available() is None

    def test_without_httpcore(self, monkeypatch):
        monkeypatch.setattr(fingerprint, "package_path", lambda name: None)
        assert "pip install 'pytest-fastllm[litellm]'" in seam.available()

    def test_with_another_httpcore(self, monkeypatch, tmp_path):
        here = fingerprint.package_path("httpcore")
        shutil.copytree(here, tmp_path / "httpcore")
        monkeypatch.setattr(fingerprint, "package_path", lambda name: tmp_path / "httpcore")
        assert seam.available() is None
        changed = tmp_path / "httpcore" / "_sync" / "http11.py"
        changed.write_text(changed.read_text().replace("now > self", "now >= self"))
        reason = seam.available()
        assert "_sync/http11.py: other than in 1.0." in reason
        assert fingerprint.version("httpcore") in reason
        changed.unlink()
        assert "_sync/http11.py" in seam.available()

    @pytest.mark.parametrize("owner", [POOL_CLASS, http11.HTTP11Connection, sync])
    def test_with_something_replaced_before(self, monkeypatch, owner):
        name = {POOL_CLASS: seam._METHOD, sync: "is_socket_readable"}.get(owner, "is_idle")
        monkeypatch.setattr(owner, name, lambda *_: True)
        reason = seam.available()
        assert name in reason
        assert "something else replaced it" in reason

    def test_without_poll(self, monkeypatch):
        monkeypatch.setattr("select.poll", lambda: None)
        assert "select.poll is not Python's own" in seam.available()
        monkeypatch.delattr("select.poll")
        assert "select.poll is not Python's own" in seam.available()


def test_an_argument_that_is_not_understood_is_refused():
    from pytest_fastllm import _accel

    with pytest.raises(ValueError, match="methods is missing"):
        _accel.PoolBookkeeper(
            original=None, serve_rest=None, pools=[], connections={}, requests={}, sockets={}
        )
