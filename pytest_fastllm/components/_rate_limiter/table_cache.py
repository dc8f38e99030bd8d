"""A cache whose counters are in a table of our own: bounded by keys, not by entries.

Only imported once LiteLLM is: the class is made from LiteLLM's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from litellm.caching.in_memory_cache import InMemoryCache

from ..._accel import LimitTable

if TYPE_CHECKING:
    from typing import Any


class TableCache(InMemoryCache):  # type: ignore[misc]  # LiteLLM has no types here
    """LiteLLM's `InMemoryCache`; windows, requests and tokens of limits are in ``table``, all else is as it was.

    A cache becomes one by `adopt`, so that everybody who holds it sees the same counters.
    """

    table: LimitTable

    def get_cache(self, key: Any, **kwargs: Any) -> Any:
        """A counter of the table as a whole number; everything else as LiteLLM keeps it."""
        if LimitTable.holds(key):
            return self.table.get(key, self._clock())
        return super().get_cache(key, **kwargs)

    def set_cache(self, key: Any, value: Any, **kwargs: Any) -> None:
        """Store a counter in the table, where it stays until its window is over; ``ttl`` is for everything else."""
        if LimitTable.holds(key):
            self.table.set(key, value, self._clock())
            return
        super().set_cache(key, value, **kwargs)

    def _remove_key(self, key: Any) -> None:
        if LimitTable.holds(key):
            self.table.remove(key)
        super()._remove_key(key)

    def flush_cache(self) -> None:
        """Forget everything."""
        self.table.clear()
        super().flush_cache()


def adopt(cache: Any, max_keys: int, window_s: int) -> None:
    """Give an `InMemoryCache` a table; counters that it holds move there.

    Args:
        cache: becomes a `TableCache`, in place.
        max_keys: how many keys, users, teams ... may have counters at a time.
        window_s: how long a window lasts, in seconds.
    """
    values = {key: cache.get_cache(key) for key in list(cache.cache_dict) if LimitTable.holds(key)}
    cache.table = LimitTable(max_keys, window_s)
    # A window's start comes last: it is what makes counters current.
    for key in sorted(values, key=lambda key: key.endswith(":window")):
        InMemoryCache.delete_cache(cache, key)
        if isinstance(values[key], int):
            cache.table.set(key, values[key], cache._clock())
    cache.__class__ = TableCache


def release(cache: Any) -> None:
    """Make it LiteLLM's own again. The table's windows begin anew: it does not know its keys by name."""
    cache.__class__ = InMemoryCache
    del cache.table
