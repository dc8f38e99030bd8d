"""HTTP/2 and proxies through httpcore's own mock backends: whole requests, the same on both sides."""

from __future__ import annotations

import httpcore
import pytest

from pytest_fastllm.components import connection_pool as seam

from .sides import outcome, use

HTTP11 = [
    b"HTTP/1.1 200 OK\r\n",
    b"Content-Length: 2\r\n",
    b"\r\n",
    b"hi",
] * 3


def http2_frames(streams, max_streams=None):
    hpack = pytest.importorskip("hpack", reason="HTTP/2 needs the package h2, which is not installed")
    frame = pytest.importorskip("hyperframe.frame")
    settings = {} if max_streams is None else {frame.SettingsFrame.MAX_CONCURRENT_STREAMS: max_streams}
    frames = [frame.SettingsFrame(settings=settings).serialize()]
    encoder = hpack.Encoder()
    for stream in range(1, 2 * streams, 2):
        headers = encoder.encode([(b":status", b"200"), (b"content-type", b"text/plain")])
        frames += [
            frame.HeadersFrame(stream_id=stream, data=headers, flags=["END_HEADERS"]).serialize(),
            frame.DataFrame(stream_id=stream, data=b"hi", flags=["END_STREAM"]).serialize(),
        ]
    return frames


def script(pool, hosts, scheme):
    """Overlapping requests, a failure and the end of the pool: all that is seen on the way."""
    seen = []
    open_responses = []

    def step(function, *args):
        seen.append((outcome(function, *args), repr(pool), [repr(each) for each in pool.connections]))

    def send(host):
        request = httpcore.Request(
            "GET", f"{scheme}://host-{host}/", headers={"Host": "x"}, extensions={"timeout": {"pool": 0}}
        )
        open_responses.append(pool.handle_request(request))
        return open_responses[-1].status

    def read():
        response = open_responses.pop(0)
        try:
            return response.read()
        finally:
            response.close()

    for host in hosts:
        step(send, host)
    while open_responses:
        step(read)
    for host in reversed(hosts):
        step(send, host)
        while open_responses:
            step(read)
    step(pool.close)
    return seen


def both_sides(make, hosts=(0, 0, 1, 2, 0), scheme="https"):
    wanted = script(use(make(), "reference"), hosts, scheme)
    before = seam.native_calls()
    assert script(use(make(), "native"), hosts, scheme) == wanted
    assert seam.native_calls() > before
    return wanted


@pytest.mark.parametrize("max_connections", [1, 2, 10])
def test_http11(max_connections):
    backend = httpcore.MockBackend(HTTP11)
    both_sides(lambda: httpcore.ConnectionPool(network_backend=backend, max_connections=max_connections))


@pytest.mark.parametrize("max_connections", [1, 2, 10])
@pytest.mark.parametrize("http1", [True, False])
@pytest.mark.parametrize("max_streams", [None, 100])
def test_http2(max_connections, http1, max_streams):
    frames = http2_frames(8, max_streams)
    # A server that does not say how many gets one stream at a time, and this thread would wait for itself.
    hosts = (0,) if max_streams is None else (0, 0, 1, 2, 0)
    backend = httpcore.MockBackend(frames, http2=True)
    seen = both_sides(
        lambda: httpcore.ConnectionPool(
            network_backend=backend, max_connections=max_connections, http1=http1, http2=True
        ),
        hosts,
    )
    assert "HTTP/2" in str(seen)


def test_http2_that_turns_out_to_be_http11():
    backend = httpcore.MockBackend(HTTP11, http2=False)
    both_sides(lambda: httpcore.ConnectionPool(network_backend=backend, http2=True))


@pytest.mark.parametrize("max_connections", [1, 2, 10])
def test_forwarding_proxy(max_connections):
    backend = httpcore.MockBackend(HTTP11)
    both_sides(
        lambda: httpcore.HTTPProxy(
            "http://proxy:8080", network_backend=backend, max_connections=max_connections
        ),
        scheme="http",
    )


@pytest.mark.parametrize("proxy", ["class", "argument"])
@pytest.mark.parametrize("answer", [b"200 OK", b"403 Permission Denied"])
def test_tunnelling_proxy(proxy, answer):
    backend = httpcore.MockBackend([b"HTTP/1.1 " + answer + b"\r\n\r\n", *HTTP11])

    def make():
        if proxy == "class":
            return httpcore.HTTPProxy("http://proxy:8080", network_backend=backend, max_connections=2)
        return httpcore.ConnectionPool(
            proxy=httpcore.Proxy("http://proxy:8080"), network_backend=backend, max_connections=2
        )

    seen = both_sides(make)
    assert ("403 Permission Denied" in str(seen)) is (answer != b"200 OK")


def test_tunnelling_http2():
    frames = http2_frames(8, 100)
    backend = httpcore.MockBackend([b"HTTP/1.1 200 OK\r\n\r\n", *frames], http2=True)
    make = lambda: httpcore.HTTPProxy(  # noqa: E731  # made afresh for each side
        "http://proxy:8080", network_backend=backend, max_connections=2, http2=True
    )
    assert "HTTP/2" in str(both_sides(make))


@pytest.mark.parametrize("proxy", ["class", "argument"])
def test_socks_proxy(proxy):
    pytest.importorskip("socksio", reason="SOCKS needs the package socksio, which is not installed")
    backend = httpcore.MockBackend([b"\x05\x00", b"\x05\x00\x00\x01\xff\x7f\x00\x00\x01\x00P"[:11], *HTTP11])

    def make():
        if proxy == "class":
            return httpcore.SOCKSProxy("socks5://proxy:1080", network_backend=backend, max_connections=2)
        return httpcore.ConnectionPool(
            proxy=httpcore.Proxy("socks5://proxy:1080"), network_backend=backend, max_connections=2
        )

    both_sides(make)
