"""The bookkeeping rewritten in Python: what is left of the gain without Rust.

It is the third column of docs/components/connection_pool.md, and it goes on where native code meets a connection
that it knows nothing of. Through httpcore's own methods, each once where httpcore asks again and again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


def assign_requests_to_connections(pool: Any) -> list[Any]:
    """What ``pool._assign_requests_to_connections()`` does: linear in idle connections, early out for requests.

    Returns:
        The connections to close, in order.
    """
    closing: list[Any] = []
    listed = pool._connections
    for connection in list(listed):
        if connection.is_closed():
            listed.remove(connection)
        elif connection.has_expired() or (
            len(listed) > pool._max_keepalive_connections and connection.is_idle()
        ):
            listed.remove(connection)
            closing.append(connection)
    serve_rest(pool, [request for request in pool._requests if request.is_queued()], closing)
    return closing


def serve_rest(pool: Any, requests: list[Any], closing: list[Any]) -> None:
    """Give each waiting request its connection, as httpcore does after it has removed what had to go.

    Args:
        pool: whose lock is held.
        requests: those that wait, in order.
        closing: gets the connections that have to be closed.
    """
    for request in requests:
        origin = request.request.url.origin
        listed = pool._connections
        for connection in listed:
            if connection.can_handle_request(origin) and connection.is_available():
                break
        else:
            if len(listed) >= pool._max_connections:
                idle = next((connection for connection in listed if connection.is_idle()), None)
                if idle is None:
                    continue
                listed.remove(idle)
                closing.append(idle)
            connection = pool.create_connection(origin)
            pool._connections.append(connection)
        request.assign_to_connection(connection)
