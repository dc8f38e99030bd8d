"""How LiteLLM's cache in memory behaves: tried, on caches of our own."""

from __future__ import annotations

from .examined import MEMORY_CACHE
from .looked_up import module


def asks_of_any() -> bool:
    """Whether it asks the time also of a value that never expires, as since 1.109."""
    asked: list[None] = []

    def clock() -> float:
        asked.append(None)
        return 0.0

    module(MEMORY_CACHE).InMemoryCache(clock=clock)._is_key_expired("never")
    return bool(asked)


def stays_for_window() -> bool:
    """Whether a counter that a charge begins stays as long as the charge says, as since 1.109."""
    cache = module(MEMORY_CACHE).InMemoryCache(clock=lambda: 0.0)
    charging = cache.async_increment_pipeline([{"key": "tokens", "increment_value": 1, "ttl": 7}])
    try:
        charging.send(None)
    except StopIteration:
        return bool(cache.ttl_dict == {"tokens": 7.0})
    charging.close()
    raise RuntimeError("LiteLLM's cache in memory waited for something; expected it to count at once")
