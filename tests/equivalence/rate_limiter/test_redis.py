"""With Redis attached LiteLLM's own distributed path runs: two limiters, one limit, a real server."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import time
import warnings

import pytest

import pytest_fastllm

from .sides import HANDLER, DualCache, InternalUsageCache, chat, served_natively, user

STARTING_S = 60


@pytest.fixture(scope="module")
def redis_port(tmp_path_factory):
    """A server on this machine alone, ended by its process id."""
    program = shutil.which("redis-server")
    if program is None:
        reason = "redis-server is not installed (apt-get install redis-server)"
        if os.environ.get("FASTLLM_REQUIRE_REDIS") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("redis")
    options = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
    server = subprocess.Popen([program, *options, "--dir", str(folder)], stdout=subprocess.DEVNULL)
    try:
        deadline_s = time.monotonic() + STARTING_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert time.monotonic() < deadline_s, "redis-server does not answer"
                time.sleep(0.05)
        yield port
    finally:
        server.terminate()
        server.wait(STARTING_S)


def test_two_limiters_share_one_limit(redis_port):
    async def scenario():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # redis-py's own deprecations, as LiteLLM calls it
            from litellm.caching.redis_cache import RedisCache

            caches = [RedisCache(host="127.0.0.1", port=redis_port) for _ in range(2)]
            handlers = [HANDLER(InternalUsageCache(DualCache(redis_cache=cache))) for cache in caches]
            admitted, said = 0, set()
            for number in range(40):
                try:
                    await handlers[number % 2].async_pre_call_hook(
                        user(rpm_limit=15, tpm_limit=1_000_000), None, chat(), "acompletion"
                    )
                    admitted += 1
                except Exception as error:
                    said.add(str(error).partition(" for ")[0].rpartition(": ")[2])
            client = caches[0].init_async_client()
            kept = await client.get(f"{{api_key:{user().api_key}}}:requests")
            for cache in caches:
                await cache.disconnect()
        return admitted, said, int(kept)

    with pytest_fastllm.accelerate("rate_limiter") as acceleration, served_natively(False):
        assert acceleration.active == ("rate_limiter",)
        admitted, said, kept = asyncio.run(scenario())
    assert admitted == 15
    assert said == {"Rate limit exceeded"}
    assert kept > 15
