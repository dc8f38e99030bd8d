"""One pass over any pool that can be made: all three ways of doing it end the same."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_fastllm.components import connection_pool as seam

from .pools import Connection, Made, Pool, http2, socks_proxy

EXAMPLES = int(os.environ.get("FASTLLM_POOL_EXAMPLES", "1500"))

hosts = st.integers(0, 2)
ports = st.sampled_from([443, 443, 8443])
protocols = ["http11"] * 5 + ["connecting", "failed"] + (["http2"] if http2 else [])
wraps = ["plain"] * 4 + ["forward", "tunnel", "bare"] + (["socks"] if socks_proxy else [])
known_streams = ["quiet"] * 4 + ["hung up", "closed", "none"]
other_streams = ["says yes", "says nothing", "says an odd yes", "breaks"]


def connections(streams, protocols=protocols):
    return st.builds(
        Connection,
        wrapped=st.sampled_from(wraps),
        protocol=st.sampled_from(protocols),
        state=st.sampled_from(["IDLE", "IDLE", "ACTIVE", "NEW", "CLOSED"]),
        expires=st.sampled_from([None, 5.0, 5.0, 0.0, -0.001]),
        stream=st.sampled_from(streams),
        host=hosts,
        scheme=st.sampled_from([1, 1, 1, 0, 2]),
        port=ports,
        http1=st.booleans(),
        http2=st.booleans(),
        terminated=st.sampled_from([None, None, None, "error", "ids", "machine"]),
    )


def pools(connections):
    return st.builds(
        Pool,
        connections=st.lists(connections, max_size=8),
        requests=st.lists(
            st.tuples(
                hosts,
                st.sampled_from([1, 1, 1, 0, 2]),
                st.sampled_from([None, 443, 8443, 0]),
                st.sampled_from([None, None, 0, 1, 2, 5]),
            ),
            max_size=6,
        ),
        max_connections=st.integers(0, 9),
        max_keepalive=st.integers(0, 9),
        create=st.sampled_from(["real"] * 6 + ["breaks", "foreign"]),
        http2=st.booleans(),
    )


def check(described, native=True):
    wanted, ours, rewritten = Made(described), Made(described), Made(described)
    expected = wanted.do_pass("reference")
    before = seam.native_calls()
    assert ours.do_pass("native") == expected
    assert seam.native_calls() - before == native
    assert ours.log == wanted.log
    assert rewritten.do_pass("rewrite") == expected


thorough = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)


@thorough
@given(pools(connections(known_streams)))
def test_httpcores_own(described):
    check(described)


@thorough
@given(pools(connections(known_streams + other_streams)))
def test_streams_of_somebody_else(described):
    check(described)


@settings(thorough, max_examples=EXAMPLES // 5)
@given(pools(connections(known_streams, ["http11", "http11", "foreign"])))
def test_connections_of_somebody_else(described):
    check(described, native=all(each.protocol != "foreign" for each in described.connections))


def test_a_known_defect_is_kept():
    """25 active and 1 idle with a limit of 20 idle ones: httpcore closes the idle one."""
    described = Pool(
        connections=[Connection(state="ACTIVE") for _ in range(25)] + [Connection()],
        requests=[],
        max_connections=100,
        max_keepalive=20,
    )
    results = [Made(described).do_pass(side) for side in ("reference", "native", "rewrite")]
    assert results[0] == results[1] == results[2]
    assert results[0][0] == ("returned", ["given 25"])


@pytest.mark.parametrize("create", ["real", "foreign"])
def test_long_queues(create):
    described = Pool(
        connections=[
            Connection(host=place % 7, state="IDLE" if place % 3 else "ACTIVE") for place in range(60)
        ],
        requests=[(place % 11, 1, None, None) for place in range(150)],
        max_connections=75,
        max_keepalive=60,
        create=create,
    )
    results = [Made(described).do_pass(side) for side in ("reference", "native", "rewrite")]
    assert results[0] == results[1] == results[2]
