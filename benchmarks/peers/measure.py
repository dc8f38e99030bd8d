"""Cells: first every count is checked, then all counters are timed in turn, in a new random order each round."""

from __future__ import annotations

import gc
import random
import time
from dataclasses import dataclass, field
from math import log
from statistics import median
from typing import TYPE_CHECKING, Any

from .counters import ORACLE
from .ranks import LEAST_ROUNDS, ranks, throughputs
from .runners import TookTooLong
from .texts import KINDS, REPEATED_TEXTS, fresh, repeated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .runners import Runner

MOST_ROUNDS = 60
SLOW_CALL_S = 2.0
"""A call that takes longer is reported from one call, and its larger sizes are left out."""
_CHECKED = 64
_WEIGHTS = {1_000_000: 6.2, 100_000: 1.7}
"""Of the time, by size: large texts take it for their fewest rounds."""
Key = tuple[str, str]
"""Counter and encoding."""


@dataclass
class Plan:
    """Which cells, and how long they may take together, seconds."""

    kinds: Sequence[str]
    sizes: Sequence[int]
    seconds: float
    rounds: int = MOST_ROUNDS
    started: float = field(default_factory=time.perf_counter)

    def left(self) -> float:
        """Seconds until the time is up."""
        return self.seconds - (time.perf_counter() - self.started)


@dataclass
class _History:
    """What a counter took for one call, by size: what a next size will take is told from it."""

    seconds: dict[int, float] = field(default_factory=dict)

    def expected(self, size: int) -> float:
        known = sorted(self.seconds.items())
        if not known:
            return 0.0
        (last, took) = known[-1]
        growth = 1.0
        if len(known) > 1:
            before, took_before = known[-2]
            growth = log(took / took_before) / log(last / before)
        return took * (size / last) ** min(2.2, max(1.0, growth))


def measure(runners: Mapping[Key, Runner], plan: Plan) -> list[dict[str, Any]]:
    """All cells of a plan; a cell that there is no time for says so."""
    cells = []
    histories: dict[tuple[Key, str], _History] = {}
    groups = [
        (kind, size, table) for size in plan.sizes for kind in plan.kinds for table in ("fresh", "repeated")
    ]
    weights = [_WEIGHTS.get(size, 1.0) for _, size, _ in groups]
    for at, (kind, size, table) in enumerate(groups):
        budget_s = plan.left() * weights[at] / sum(weights[at:])
        cells += _Group(runners, histories, kind, size, table).measure(budget_s, plan)
    return cells


class _Group:
    """The cells of one kind, size and table: all encodings together, so that one text serves them all."""

    def __init__(
        self,
        runners: Mapping[Key, Runner],
        histories: dict[tuple[Key, str], _History],
        kind: str,
        size: int,
        table: str,
    ) -> None:
        self.runners = runners
        self.histories = histories
        self.kind, self.size, self.table = kind, size, table
        self.results: dict[Key, dict[str, Any]] = {}
        self.times: dict[Key, list[float]] = {}
        self.texts = repeated(kind, size) if table == "repeated" else []

    def measure(self, budget_s: float, plan: Plan) -> list[dict[str, Any]]:
        began = time.perf_counter()
        if plan.left() > 0:
            self._check()
        rounds = 0
        while self.times and rounds < plan.rounds:
            spent = time.perf_counter() - began
            # The fewest rounds that give an interval are taken over the budget, but not over the plan's own end.
            if plan.left() < 0 or (
                rounds >= LEAST_ROUNDS and spent * (rounds + 1) / max(1, rounds) > budget_s
            ):
                break
            self._round()
            rounds += 1
        return [self._cell(encoding, rounds) for encoding in sorted({key[1] for key in self.runners})]

    def _check(self) -> None:
        """Count before timing; only counters that are right take part."""
        texts = (self.texts[:REPEATED_TEXTS] if self.table == "repeated" else fresh(self.kind, self.size))[
            :_CHECKED
        ]
        wanted = {
            encoding: self.runners[ORACLE, encoding].each(texts)
            for encoding in {encoding for _, encoding in self.runners}
        }
        for key, runner in self.runners.items():
            if refusal := next((right for _, right in wanted[key[1]] if isinstance(right, str)), None):
                self.results[key] = self._unjudged(refusal)
                continue
            history = self.histories.setdefault((key, self.kind), _History())
            expected = history.expected(self.size)
            if expected > SLOW_CALL_S:
                self.results[key] = {"status": "slow", "expected_s": expected}
                continue
            try:
                got = runner.each(runner.copies(texts))
            except TookTooLong as error:
                history.seconds[self.size] = 100 * SLOW_CALL_S
                self.results[key] = {"status": "slow", "message": str(error)}
                continue
            call_s = median(seconds for seconds, _ in got)
            history.seconds[self.size] = call_s
            wrong = [
                {"text": ascii(text[:40]), "got": answer, "wanted": right}
                for text, (_, answer), (_, right) in zip(texts, got, wanted[key[1]], strict=True)
                if answer != right
            ]
            if wrong:
                self.results[key] = {"status": "wrong", "texts": len(texts), "wrong": len(wrong), **wrong[0]}
            elif call_s > SLOW_CALL_S:
                self.results[key] = {"status": "slow", "call_s": call_s}
            else:
                self.times[key] = []

    def _round(self) -> None:
        """Time every counter once, on equal texts of its own."""
        texts = self.texts or fresh(self.kind, self.size)
        length = sum(len(text.encode()) for text in texts)
        keys = list(self.times)
        random.shuffle(keys)
        totals = {}
        gc.disable()
        try:
            for key in keys:
                runner = self.runners[key]
                copies = runner.copies(texts)
                try:
                    seconds, totals[key] = runner.timed(copies)
                except TookTooLong as error:
                    self._drop(key, {"status": "slow", "message": str(error)})
                    continue
                except (KeyboardInterrupt, SystemExit):
                    raise
                except BaseException as error:  # a panic of PyO3 is no Exception
                    self._drop(key, {"status": "failed", "message": f"{type(error).__name__}: {error}"[:200]})
                    continue
                self.times[key].append(seconds / length)
        finally:
            gc.enable()
        for key in [key for key in keys if key in totals]:
            right = totals.get((ORACLE, key[1]))
            if right is None:
                self._drop(key, self._unjudged("it failed in a timed round"))
            elif totals[key] != right:
                self._drop(
                    key, {"status": "wrong", "got": totals[key], "wanted": right, "text": "of a timed round"}
                )

    @staticmethod
    def _unjudged(refusal: str) -> dict[str, Any]:
        """Without a right answer nobody can be first."""
        return {"status": f"{ORACLE} fails, no judge", "message": refusal}

    def _drop(self, key: Key, result: dict[str, Any]) -> None:
        del self.times[key]
        self.results[key] = result

    def _cell(self, encoding: str, rounds: int) -> dict[str, Any]:
        times = {name: series for (name, each), series in self.times.items() if each == encoding}
        results = {name: result for (name, each), result in self.results.items() if each == encoding}
        if rounds >= LEAST_ROUNDS:
            intervals = throughputs(times)
            found = ranks(intervals)
            for name, interval in intervals.items():
                results[name] = {
                    "status": "measured",
                    "mb_per_s": interval.estimate,
                    "low": interval.low,
                    "high": interval.high,
                    "rank": found[name],
                }
        else:
            results |= {name: {"status": "no time"} for name in times}
        return {
            "table": self.table,
            "encoding": encoding,
            "kind": self.kind,
            "size": self.size,
            "rounds": rounds,
            "results": results,
        }


def wrong_counts(runners: Mapping[Key, Runner], texts: Sequence[str]) -> dict[str, dict[str, Any]]:
    """For each counter and encoding how many of these texts it counts differently from tiktoken."""
    found: dict[str, dict[str, Any]] = {}
    for (name, encoding), runner in runners.items():
        wanted = [answer for _, answer in runners[ORACLE, encoding].each(list(texts))]
        try:
            got = [answer for _, answer in runner.each(runner.copies(list(texts)))]
        except TookTooLong as error:
            found.setdefault(name, {})[encoding] = {"message": str(error)}
            continue
        wrong = [
            (text, answer, right)
            for text, answer, right in zip(texts, got, wanted, strict=True)
            if answer != right
        ]
        found.setdefault(name, {})[encoding] = {
            "texts": len(texts),
            "wrong": len(wrong),
            "examples": [[ascii(text[:24]), answer, right] for text, answer, right in wrong[:3]],
        }
    return found


def kinds() -> list[str]:
    """All kinds of text."""
    return list(KINDS)
