"""The rate limiter of LiteLLM's proxy, v3, without Redis: the hook before each request, the event after its call."""

from __future__ import annotations

import threading
import warnings
from functools import cache, partial
from itertools import cycle
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip(
    "fastapi", reason="LiteLLM's proxy is not installed; run pip install 'pytest-fastllm[proxy]'"
)

from .limiters import PLENTY, Limiter, ManyKeys, counts_in_threads, fill, is_native, keep_all

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_fastllm.fixture import Accelerated

pytestmark = pytest.mark.fastllm("rate_limiter")

REQUESTS = 75
"""So many in one call of a thread: waking it is not the limiter's cost, and the native side's sample, one call of
each thread, is longer than a switch interval; more would leave time for too few pairs."""
RPM = {"rpm_limit": PLENTY}
RPM_TPM = {"rpm_limit": PLENTY, "tpm_limit": PLENTY}
KEY_USER_TEAM = {"rpm_limit": PLENTY, "user_rpm_limit": PLENTY, "team_rpm_limit": PLENTY}


class _Fresh:
    """A new limiter for each sample: both sides start from nothing and do the same number of requests."""

    def __init__(self, keys: int, limits: dict[str, Any]) -> None:
        self._make = partial(Limiter, range(keys), limits)
        self._last = self._make()

    def __call__(self) -> tuple[tuple[Limiter], dict[str, object]]:
        self._last = self._make()
        return (self._last,), {}

    def state(self) -> list[tuple[str, Any]]:
        return self._last.state()


@pytest.fixture
def compare(accelerated: Accelerated) -> Callable[..., None]:
    """Compares the two sides on limiters with so many keys of such limits."""

    def compare(
        limits: dict[str, Any], keys: int, request: Callable[..., Any] = Limiter.request, **options: Any
    ) -> None:
        fresh = _Fresh(keys, limits)
        accelerated.pedantic(request, setup=fresh, state=fresh.state, iterations=60, **options)

    return compare


@pytest.mark.fastllm(workload="one-key")
def test_one_key(compare: Callable[..., None]) -> None:
    """One key with a limit of requests: the smallest that there is to limit."""
    compare(RPM, keys=1)


@pytest.mark.fastllm(workload="rpm")
def test_rpm(compare: Callable[..., None]) -> None:
    """Fifty keys with a limit of requests."""
    compare(RPM, keys=50)


@pytest.mark.fastllm(workload="rpm-tpm")
def test_rpm_tpm(compare: Callable[..., None]) -> None:
    """Fifty keys with limits of requests and of tokens, which are reserved in advance."""
    compare(RPM_TPM, keys=50, request=Limiter.asking())


@pytest.mark.fastllm(workload="key-user-team")
def test_key_user_team(compare: Callable[..., None]) -> None:
    """Fifty keys, five users and a team, each with a limit of requests."""
    compare(KEY_USER_TEAM, keys=50)


@pytest.mark.fastllm(workload="no-limits")
def test_no_limits(compare: Callable[..., None]) -> None:
    """A key without any limit: what it costs to see that there is nothing to do."""
    compare({}, keys=1)


@pytest.mark.fastllm(workload="rejected")
def test_rejected(compare: Callable[..., None]) -> None:
    """A key at its limit. Making the error is LiteLLM's own work on both sides, and most of it."""
    compare({"rpm_limit": 0}, keys=1, request=_rejected)


def _rejected(limiter: Limiter) -> tuple[type, str]:
    try:
        limiter.request()
    except Exception as error:
        # When it may ask again is the clock's.
        return type(error), str(error).partition("Limit resets at")[0]
    raise AssertionError("a request beyond its limit was admitted")


@pytest.mark.fastllm(workload="post-call")
def test_post_call(accelerated: Accelerated) -> None:
    """After the calls of fifty keys with both limits: what each used is charged, less what was reserved."""
    ended = _Ended(RPM_TPM)
    accelerated.pedantic(ended.next, setup=ended, state=ended.state, iterations=60)


class _Ended:
    """Calls that have succeeded, of a limiter that has just admitted them at each sample's start."""

    def __init__(self, limits: dict[str, Any]) -> None:
        from litellm.types.utils import ModelResponse, Usage

        self._limiter = Limiter(range(50), limits)
        self._admitted = self._limiter.admitted()
        self._entries = self._limiter.entries()
        with warnings.catch_warnings():
            # What pydantic thinks of LiteLLM's types when they are first used.
            warnings.simplefilter("ignore")
            self._response = ModelResponse(usage=Usage(31, 11, 42))
        self()

    def __call__(self) -> tuple[tuple[()], dict[str, object]]:
        self._limiter.restore(self._entries)
        self._calls = cycle(self._admitted)
        return (), {}

    def next(self) -> None:
        self._limiter.succeeded(*next(self._calls), self._response)

    def state(self) -> list[tuple[str, Any]]:
        return self._limiter.state()


@pytest.mark.fastllm(workload="tasks", tasks=8)
def test_tasks(compare: Callable[..., None]) -> None:
    """Fifty keys with both limits, asked by eight tasks in one loop."""
    compare(RPM_TPM, keys=50, request=_awaited)


async def _awaited(limiter: Limiter) -> Any:
    return await limiter.arequest()


_own = threading.local()


@pytest.mark.fastllm(workload="threads", threads=8, seconds=4)
def test_threads(accelerated: Accelerated) -> None:
    """Eight threads with a limiter each: LiteLLM's lock is of one event loop, so that none can be shared."""
    if counts_in_threads():
        pytest.skip("LiteLLM's hook needs an event loop here; these threads have none. See tasks")
    accelerated.pedantic(
        _in_own_thread,
        equal=lambda one, other: one["overall_code"] == other["overall_code"],
        iterations=1,
    )


def _in_own_thread() -> Any:
    if not hasattr(_own, "limiter"):
        _own.limiter = Limiter(range(50), RPM_TPM)
    for _ in range(REQUESTS):
        told = _own.limiter.request()
    return told


@pytest.mark.fastllm(workload="high-cardinality")
@pytest.mark.parametrize("keys", [1_000, 10_000, 100_000])
def test_high_cardinality(accelerated: Accelerated, keys: int) -> None:
    """So many active keys with both limits; LiteLLM with its cap lifted, the native side with `max_keys`."""
    many = ManyKeys(keys)
    accelerated.pedantic(Limiter.asking(), setup=many, state=many.state, iterations=60)


# Found by a trial otherwise, which builds twice as many in all as it takes to measure.
INSTANCES = {10_000: (4, 6, 8, 10), 100_000: (1, 2, 3)}


@pytest.mark.fastllm(workload="high-cardinality-memory")
@pytest.mark.parametrize("keys", [10_000, 100_000])
def test_high_cardinality_memory(accelerated: Accelerated, keys: int) -> None:
    """What the counters of a key need when there are so many."""
    _probe()  # imports the proxy here, once; in each measuring child it would take longer than the measuring
    accelerated.memory(_filled, keys=keys, instances=INSTANCES[keys])


def _filled(keys: int) -> Any:
    from litellm.caching.in_memory_cache import InMemoryCache

    memory = InMemoryCache()
    keep_all(memory, keys, native=is_native(_probe()))
    fill(memory, keys)
    return memory


@cache
def _probe() -> Limiter:
    return Limiter([0], RPM)
