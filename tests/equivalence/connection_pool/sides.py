"""The three ways of doing a pool's bookkeeping, and what is seen of a pool afterwards."""

from __future__ import annotations

import contextlib
import time

import httpcore
import pytest

from pytest_fastllm.components import connection_pool as seam
from pytest_fastllm.components._connection_pool import rewrite
from pytest_fastllm.components.extension import missing_extension

if reason := missing_extension("PoolBookkeeper"):
    pytest.skip(reason, allow_module_level=True)

POOL_CLASS = httpcore.ConnectionPool


def reference(pool):
    return POOL_CLASS._assign_requests_to_connections(pool)


def native(pool):
    return seam.assign_requests_to_connections(pool)


SIDES = {"reference": reference, "native": native, "rewrite": rewrite.assign_requests_to_connections}


def use(pool, side):
    """Have this pool alone, whose class stays as it is, do its bookkeeping on one side."""
    pool._assign_requests_to_connections = lambda: SIDES[side](pool)
    return pool


@contextlib.contextmanager
def clock_at(now):
    """`time.monotonic` as httpcore looks it up; `now()` tells the time."""
    before = time.monotonic
    time.monotonic = now
    try:
        yield
    finally:
        time.monotonic = before


def outcome(function, *args):
    """What a call returns, or the type and text of what it raises."""
    try:
        return "returned", function(*args)
    except Exception as error:
        return "raised", type(error), str(error)


@contextlib.contextmanager
def served_natively(expected=True):
    """All passes inside are done natively, or none of them."""
    before = seam.native_calls()
    yield
    assert (seam.native_calls() > before) is expected
