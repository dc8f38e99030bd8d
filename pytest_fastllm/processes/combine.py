"""One row out of several processes' rows."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from math import exp, log
from statistics import median
from typing import TYPE_CHECKING

from ..model import Interval, Metric, Row, SideValue
from ..stats.pooling import PooledSpread, is_process_dependent, pool_processes, process_interval

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

UNEVEN_PROCESSES = "uneven-processes"


def combine(rows_by_key: Mapping[str, Sequence[Row]], alpha: float, corrected_alpha: float) -> dict[str, Row]:
    """Combine each comparison's rows, one of each process, into one row with a between-process interval.

    Args:
        rows_by_key: measured rows by ``component/workload``; at least two rows of at least one key.
        alpha, corrected_alpha: error rates of the two intervals.
    """
    logs = {
        key: [log(row.interval.estimate) for row in rows if row.interval is not None]
        for key, rows in rows_by_key.items()
    }
    spread = pool_processes(list(logs.values()))
    return {
        key: _combined(rows, logs[key], spread, alpha, corrected_alpha) for key, rows in rows_by_key.items()
    }


def _combined(
    rows: Sequence[Row], logs: Sequence[float], spread: PooledSpread, alpha: float, corrected_alpha: float
) -> Row:
    first = rows[0]
    warnings = dict.fromkeys(warning for row in rows for warning in row.warnings)
    if is_process_dependent(logs, spread):
        warnings[UNEVEN_PROCESSES] = None
    intervals = [process_interval(logs, spread, each) for each in (alpha, corrected_alpha)]
    if first.metric is Metric.MEMORY_RATIO:
        # Helpers read pages, all of them as coarsely: their agreement does not make a reading finer.
        own = [[row.interval for row in rows], [row.corrected for row in rows]]
        intervals = [
            _at_least(each, _typical_half(own_ones)) for each, own_ones in zip(intervals, own, strict=True)
        ]
    native = [row.native_calls for row in rows if row.native_calls is not None]
    return replace(
        first,
        interval=intervals[0],
        corrected=intervals[1],
        warnings=tuple(warnings),
        reference=_median_side([row.reference for row in rows]),
        accelerated=_median_side([row.accelerated for row in rows]),
        total_ratio=_median([row.total_ratio for row in rows]),
        pairs=sum(row.pairs for row in rows),
        looks=1,
        stopped="processes" if first.metric is Metric.SPEEDUP else first.stopped,  # what the ratio is of
        processes=len(rows),
        between_sd=spread.sd,
        native_calls=sum(native) if native else None,
        seconds=sum(row.seconds for row in rows),
        calibration=_medians([row.calibration for row in rows]),
        noise=_medians([row.noise for row in rows]),
        samples=_samples(rows),
    )


def _typical_half(intervals: Sequence[Interval | None]) -> float:
    return median(log(each.high / each.low) / 2 for each in intervals if each is not None and each.low > 0)


def _at_least(interval: Interval, half: float) -> Interval:
    return replace(
        interval,
        low=min(interval.low, interval.estimate * exp(-half)),
        high=max(interval.high, interval.estimate * exp(half)),
    )


def _samples(rows: Sequence[Row]) -> dict[str, tuple[float, ...]] | None:
    """The samples of all processes one after another; ``process`` numbers them, from 0."""
    kept = [row.samples for row in rows if row.samples is not None]
    if len(kept) < len(rows):
        return None
    joined = {name: tuple(chain.from_iterable(each[name] for each in kept)) for name in kept[0]}
    lengths = [len(each["reference_s"]) for each in kept]
    return joined | {"process": tuple(float(n) for n, length in enumerate(lengths) for _ in range(length))}


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _medians(figures: Sequence[Mapping[str, float]]) -> dict[str, float]:
    names = dict.fromkeys(name for each in figures for name in each)
    return {name: median(each[name] for each in figures if name in each) for name in names}


def _median_side(values: Sequence[SideValue | None]) -> SideValue | None:
    known = [value for value in values if value is not None]
    return SideValue(median(value.value for value in known), known[0].unit) if known else None
