"""What a `TableCache` promises of counters, as plainly as it can be said: a dict of windows."""

from __future__ import annotations

from dataclasses import dataclass

MOST_REQUESTS = 2**31 - 1
LOOKED_AT = 16


@dataclass
class Window:
    """The counters of one scope."""

    begun_s: int
    has_begun: bool = False
    requests: int = 0
    tokens: int = 0


class NaiveTable:
    """Windows by scope, at most ``max_keys`` of them; which of the oldest goes is seen, not foretold."""

    def __init__(self, max_keys, window_s):
        self.max_keys = max_keys
        self.window_s = window_s
        self.windows = {}

    def is_over(self, window, now_s):
        return now_s - window.begun_s >= self.window_s

    def get(self, scope, field, now_s):
        window = self.windows.get(scope)
        if window is None or self.is_over(window, now_s):
            return None
        if field == "window":
            return window.begun_s if window.has_begun else None
        if field == "requests":
            return window.requests if window.has_begun or window.requests else None
        return window.tokens

    def set(self, scope, field, value, now_s, is_gone):
        """``is_gone(scope)`` tells whether the table has forgotten one that was there before."""
        begun_s = value if field == "window" else now_s
        if not 0 <= begun_s < 2**32 or (field == "requests" and value < 0):
            raise ValueError("cannot hold")
        window = self.windows.get(scope)
        if window is None:
            self.make_room(now_s, is_gone)
        if window is None or self.is_over(window, now_s):
            window = self.windows[scope] = Window(begun_s)
        if field == "window":
            window.begun_s, window.has_begun = begun_s, True
        elif field == "requests":
            window.requests = min(value, MOST_REQUESTS)
        else:
            window.tokens = value

    def make_room(self, now_s, is_gone):
        if len(self.windows) < self.max_keys:
            return
        self.windows = {
            scope: window for scope, window in self.windows.items() if not self.is_over(window, now_s)
        }
        if len(self.windows) < self.max_keys:
            return
        (gone,) = (scope for scope in self.windows if is_gone(scope))
        begun_s = self.windows[gone].begun_s
        younger = sum(window.begun_s >= begun_s for window in self.windows.values())
        assert younger >= min(LOOKED_AT, len(self.windows)), "one that is not among the oldest of 16 went"
        del self.windows[gone]
