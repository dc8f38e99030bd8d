"""Long lives of a `TableCache` beside a naive dict of windows, step by step, with a clock of ours."""

from __future__ import annotations

import os
from typing import ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from pytest_fastllm.components._rate_limiter.table_cache import TableCache, adopt

from .naive_table import NaiveTable
from .sides import Clock, InMemoryCache, outcome

SEQUENCES = int(os.environ.get("FASTLLM_TABLE_SEQUENCES", "80"))
STEPS = 60
WINDOW_S = 60

SCOPES = st.sampled_from(
    [
        f"{kind}:{name}"
        for kind in ("api_key", "team")
        for name in ("", "a", "ключ", "\ud800", "{a}:window", "k" * 99)
    ]
)
FIELDS = st.sampled_from(["window", "requests", "tokens"])
VALUES = st.one_of(
    st.integers(0, 9), st.sampled_from([-1, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**61, -(2**61)])
)
FULL = "the table was full of windows that were not over"


class Machine(RuleBasedStateMachine):
    """What the model does the table does as well; the model is told only which of the oldest went."""

    seen: ClassVar[set[str]] = set()

    @initialize(max_keys=st.sampled_from([1, 2, 5, 16, 17, 40]), now_s=st.sampled_from([1.8e9, 61.5, 0.0]))
    def start(self, max_keys, now_s):
        self.clock = Clock(now_s)
        self.cache = InMemoryCache(clock=self.clock.time)
        adopt(self.cache, max_keys, WINDOW_S)
        assert type(self.cache) is TableCache
        self.model = NaiveTable(max_keys, WINDOW_S)
        self.others = {}
        self.fresh = 0

    @property
    def now_s(self):
        return int(self.clock.now_s)

    def get(self, scope, field):
        return self.cache.get_cache(f"{{{scope}}}:{field}")

    def is_gone(self, scope):
        self.seen.add(FULL)
        return self.get(scope, "tokens") is None

    def store(self, scope, field, value):
        told = outcome(lambda: self.cache.set_cache(f"{{{scope}}}:{field}", value, ttl=5))
        expected = outcome(lambda: self.model.set(scope, field, value, self.now_s, self.is_gone))
        assert told[:2] == expected[:2]
        self.seen.add(told[0])

    @rule(scope=SCOPES, field=FIELDS, value=VALUES)
    def write(self, scope, field, value):
        self.store(scope, field, value)

    @rule(scope=SCOPES, requests=st.integers(0, 5))
    def begin_a_window(self, scope, requests):
        self.begin(scope, requests)

    def begin(self, scope, requests):
        for field, value in (("requests", 0), ("tokens", 0), ("window", self.now_s), ("requests", requests)):
            self.store(scope, field, value)

    @rule(count=st.integers(1, 45), seconds=st.sampled_from([0, 0, 0.5, 1, 7]))
    def many_new_ones_come(self, count, seconds):
        for _ in range(count):
            self.fresh += 1
            self.begin(f"user:{self.fresh}", 1)
            self.clock.now_s += seconds

    @rule(scope=SCOPES, field=FIELDS, amount=st.sampled_from([1, 40, -3]))
    def increment(self, scope, field, amount):
        value = (self.get(scope, field) or 0) + amount
        told = outcome(lambda: self.cache.increment_cache(f"{{{scope}}}:{field}", amount))
        expected = outcome(lambda: self.model.set(scope, field, value, self.now_s, self.is_gone))
        assert told[0] == expected[0]
        assert told[0] == "raised" or told[1] == value

    @rule(scope=SCOPES, field=FIELDS)
    def delete(self, scope, field):
        self.cache.delete_cache(f"{{{scope}}}:{field}")
        self.model.windows.pop(scope, None)

    @rule(name=st.sampled_from(["plain", "{a}:other", "a}:tokens", "{open:tokens"]), value=st.integers())
    def somebody_else_writes(self, name, value):
        self.cache.set_cache(name, value, ttl=10**9)
        self.others[name] = value

    @rule(seconds=st.sampled_from([0.5, 1, 30, 59, 60, 61, 3600, -1, -30]))
    def wait(self, seconds):
        self.clock.now_s = max(0.0, self.clock.now_s + seconds)

    @rule(sure=st.sampled_from([False] * 9 + [True]))
    def flush(self, sure):
        if sure:
            self.cache.flush_cache()
            self.model.windows.clear()
            self.others.clear()

    @invariant()
    def every_counter_is_the_same(self):
        if not hasattr(self, "cache"):
            return
        assert len(self.cache.table) == len(self.model.windows) <= self.model.max_keys
        for scope in [*self.model.windows, "nobody"]:
            for field in ("window", "requests", "tokens"):
                assert self.get(scope, field) == self.model.get(scope, field, self.now_s)
        for name, value in self.others.items():
            assert self.cache.get_cache(name) == value


def test_each_step_is_the_models():
    Machine.seen.clear()
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=SEQUENCES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        ),
    )
    assert Machine.seen == {"returned", "raised", FULL}
