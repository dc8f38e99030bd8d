"""`connection_pool`: the bookkeeping of httpcore's sync connection pools and its native replacement.

LiteLLM's sync clients are httpx, whose transports are httpcore's `ConnectionPool`, `HTTPProxy` and `SOCKSProxy`.
What is replaced is one method that all three share, ``ConnectionPool._assign_requests_to_connections``: it runs
when a request comes, is done or fails, with the pool's lock held. The native one keeps no state: it looks at the
pool's own lists and at the connections' own attributes each time, and where anything is not as it was examined it
calls the method that it replaces. Async pools are not touched. See docs/components/connection_pool.md.

Importing this module imports neither httpcore nor the extension: both happen when they are first needed.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from .extension import missing_extension

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType
    from typing import Any

    from .._accel import PoolBookkeeper
    from ..component import Component

_METHOD = "_assign_requests_to_connections"
_PLACE = f"httpcore._sync.connection_pool:ConnectionPool.{_METHOD}"

_CONNECTION_METHODS = ("can_handle_request", "is_available", "has_expired", "is_idle", "is_closed")
"""What the pool asks a connection; answered from its attributes while these are httpcore's own."""


def component() -> Component:
    """The component, declared without importing what it is about."""
    from ..component import Component

    return Component(
        name="connection_pool",
        reference=_PLACE,
        accelerated="pytest_fastllm.components.connection_pool:assign_requests_to_connections",
        patch=(_PLACE,),
        available=available,
        native_calls=native_calls,
    )


def available() -> str | None:
    """None, or why httpcore's pools stay on Python here."""
    from ._connection_pool.fingerprint import unknown_httpcore

    return missing_extension("PoolBookkeeper") or unknown_httpcore() or _no_poll() or _replaced()


def native_calls() -> int:
    """Passes that the native method has done itself in this process."""
    return _keeper().native_calls if _keeper.cache_info().currsize else 0


def __getattr__(name: str) -> Callable[[object], list[Any]]:
    """`assign_requests_to_connections`, made when it is first asked for."""
    if name != "assign_requests_to_connections":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    function = _keeper().assign
    globals()[name] = function
    return function


# ---- when to step aside --------------------------------------------------------------------------------------------


def _no_poll() -> str | None:
    import select
    from types import BuiltinFunctionType

    # gevent and eventlet replace it or take it away, and their sockets wait elsewhere.
    if not isinstance(getattr(select, "poll", None), BuiltinFunctionType):
        return "select.poll is not Python's own; the native bookkeeping asks the system for idle sockets with poll"
    return None


def _replaced() -> str | None:
    """Whether something else got at httpcore's functions before."""
    for module, owner, name in _examined():
        function = _stored(owner, name)
        code = getattr(getattr(function, "fget", function), "__code__", None)
        if code is None or code.co_filename != module.__file__:
            return (
                f"httpcore's {owner.__name__}.{name} is {function!r}, not its own; something else replaced it"
            )
    return None


def _examined() -> Iterator[tuple[ModuleType, Any, str]]:
    """Module, owner and name of each function whose work is done natively."""
    from httpcore import _models, _utils
    from httpcore._backends import sync
    from httpcore._sync import connection_pool

    yield connection_pool, connection_pool.ConnectionPool, _METHOD
    yield connection_pool, connection_pool.PoolRequest, "is_queued"
    yield _models, _models.URL, "origin"
    yield _models, _models.Origin, "__eq__"
    yield sync, sync.SyncStream, "get_extra_info"
    yield _utils, sync, "is_socket_readable"
    for module, owner, *_ in _connection_classes():
        for name in _CONNECTION_METHODS:
            yield module, owner, name


def _stored(owner: Any, name: str) -> Any:
    """What stands in a class or module, looked at through our own dispatcher while a switch is on."""
    from inspect import getattr_static

    from ..toggle import dispatcher

    function = getattr_static(owner, name)
    code = getattr(function, "__code__", None)
    if code is not None and code.co_filename == dispatcher.__file__:
        return function.__wrapped__
    return function


# ---- what the native method knows of httpcore ----------------------------------------------------------------------


def _connection_classes() -> Iterator[tuple[ModuleType, type, str, str, int | None]]:
    """Module, class, how it answers, which attribute tells whom it serves, how many attributes it sets.

    A connection with just as many attributes has no method of its own; None where the number varies.
    """
    from httpcore._sync import connection, http11, http_proxy

    yield connection, connection.HTTPConnection, "connecting", "_origin", 13
    yield http11, http11.HTTP11Connection, "http11", "_origin", 8
    yield http_proxy, http_proxy.ForwardHTTPConnection, "wrapping", "_remote_origin", 4
    yield http_proxy, http_proxy.TunnelHTTPConnection, "wrapping", "_remote_origin", 11
    http2, socks_proxy = _optional("http2"), _optional("socks_proxy")
    if http2 is not None:
        yield http2, http2.HTTP2Connection, "http2", "_origin", None
    if socks_proxy is not None:
        yield socks_proxy, socks_proxy.Socks5Connection, "connecting", "_remote_origin", 11


def _optional(name: str) -> Any:
    """A module of httpcore's that needs a package of its own (h2, socksio), or None."""
    from importlib import import_module

    try:
        return import_module(f"httpcore._sync.{name}")
    except ImportError:
        return None


@lru_cache(maxsize=1)
def _keeper() -> PoolBookkeeper:
    """The native method's knowledge of the httpcore in this process."""
    import select
    import socket
    import ssl

    from httpcore import _models, _utils
    from httpcore._backends import sync
    from httpcore._sync import connection_pool, http_proxy

    from .._accel import PoolBookkeeper
    from ._connection_pool.rewrite import serve_rest

    socks_proxy = _optional("socks_proxy")
    return PoolBookkeeper(
        original=_stored(connection_pool.ConnectionPool, _METHOD),
        serve_rest=serve_rest,
        pools=[
            connection_pool.ConnectionPool,
            http_proxy.HTTPProxy,
            *([] if socks_proxy is None else [socks_proxy.SOCKSProxy]),
        ],
        connections=_connections(),
        requests={
            "pool_request": connection_pool.PoolRequest,
            "pool_request_methods": ["is_queued"],
            "request": _models.Request,
            "url": _models.URL,
            "url_methods": ["origin"],
            "origin": _models.Origin,
            "origin_methods": ["__eq__"],
        },
        sockets={
            "stream": sync.SyncStream,
            "methods": ["get_extra_info"],
            "attributes": 1,
            "classes": [socket.socket, ssl.SSLSocket],
            "fileno": socket.socket.fileno,
            "guards": [
                (vars(sync), "is_socket_readable", _utils.is_socket_readable),
                (vars(_utils), "select", select),
                (vars(select), "poll", select.poll),
            ],
        },
    )


def _connections() -> dict[str, Any]:
    import time

    from httpcore._sync import http11

    http2: Any = _optional("http2")
    states = http11.HTTPConnectionState
    http2_guards: list[tuple[Any, ...]] = []
    http2_states: tuple[object, ...] = (object(), object())
    h2_closed = None
    if http2 is not None:
        from h2 import connection as h2_connection

        two = http2.HTTPConnectionState
        http2_states = (two.IDLE, two.CLOSED, two.ACTIVE)
        h2_closed = (h2_connection.ConnectionState.CLOSED, h2_connection.ConnectionState)
        http2_guards += [
            (vars(http2), "time", time),
            (vars(http2), "HTTPConnectionState", two),
            (vars(h2_connection), "ConnectionState", h2_connection.ConnectionState),
        ]
    return {
        "methods": list(_CONNECTION_METHODS),
        "kinds": [kind[1:] for kind in _connection_classes()],
        "http11_states": (states.IDLE, states.CLOSED, states.ACTIVE, states.NEW),
        "http2_states": http2_states,
        "h2_closed": h2_closed,
        "guards": [(vars(http11), "time", time), (vars(http11), "HTTPConnectionState", states)],
        "http2_guards": http2_guards,
        "clock": (vars(time), "monotonic"),
    }
