"""One row out of several processes' rows."""

from __future__ import annotations

from dataclasses import replace
from math import log
from statistics import median
from typing import TYPE_CHECKING

from ..model import Row, SideValue
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
    native = [row.native_calls for row in rows if row.native_calls is not None]
    return replace(
        first,
        interval=process_interval(logs, spread, alpha),
        corrected=process_interval(logs, spread, corrected_alpha),
        warnings=tuple(warnings),
        reference=_median_side([row.reference for row in rows]),
        accelerated=_median_side([row.accelerated for row in rows]),
        total_ratio=_median([row.total_ratio for row in rows]),
        pairs=sum(row.pairs for row in rows),
        looks=1,
        stopped="processes",
        processes=len(rows),
        between_sd=spread.sd,
        native_calls=sum(native) if native else None,
        seconds=sum(row.seconds for row in rows),
        calibration=_medians([row.calibration for row in rows]),
        noise=_medians([row.noise for row in rows]),
        samples=None,
    )


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _medians(figures: Sequence[Mapping[str, float]]) -> dict[str, float]:
    names = dict.fromkeys(name for each in figures for name in each)
    return {name: median(each[name] for each in figures if name in each) for name in names}


def _median_side(values: Sequence[SideValue | None]) -> SideValue | None:
    known = [value for value in values if value is not None]
    return SideValue(median(value.value for value in known), known[0].unit) if known else None
