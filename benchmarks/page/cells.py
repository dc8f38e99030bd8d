"""What stands in a cell: ranges with their intervals, or why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_fastllm import quantities
from pytest_fastllm.model import Metric

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_fastllm.model import Interval, Row

_REASON_CHARS = 160
_SAID = {
    Metric.SPEEDUP: quantities.ratio_with_interval,
    Metric.MEMORY_RATIO: quantities.memory_with_interval,
}


def ratio(row: Row) -> str:
    """One row's ratio with its interval, or its verdict and the reason."""
    return reason(row) if row.interval is None else _SAID[row.metric](row.interval)


def ratios(rows: Sequence[Row], metric: Metric) -> str:
    """The lowest and the highest ratio, each with its own interval; never an average of ratios.

    Rows that were not measured are counted, or give the reason where none was measured.
    """
    rows = [
        row for row in rows if row.metric is metric or (row.interval is None and metric is Metric.SPEEDUP)
    ]
    intervals = [row.interval for row in rows if row.interval is not None]
    if not intervals:
        return "; ".join(dict.fromkeys(map(reason, rows))) or "not measured: no such row in this run"
    text = _range(intervals, _SAID[metric])
    missing = len(rows) - len(intervals)
    return f"{text}; {missing} of {len(rows)} not measured" if missing else text


def reason(row: Row) -> str:
    """Why a row has no ratio, on one line that a table can hold."""
    said = (row.message or "no reason given").strip().splitlines()[0].replace("|", "\\|")
    if len(said) > _REASON_CHARS:
        said = said[: _REASON_CHARS - 1] + "…"
    return f"not measured: {row.verdict.value}: {said}"


def _range(intervals: Sequence[Interval], said: Callable[[Interval], str]) -> str:
    by_estimate = sorted(intervals, key=lambda interval: interval.estimate)
    least, most = said(by_estimate[0]), said(by_estimate[-1])
    return least if len(by_estimate) == 1 else f"{least} … {most}"
