"""The words for a verdict: the bound, then the measured value, then the flag that mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .baselines.baseline import PORTABLE
from .baselines.bounds import combine, looser_than_needed, why_unusable
from .baselines.diff import range_text
from .model import Bound, Metric, Verdict
from .quantities import side_value

if TYPE_CHECKING:
    from .model import Row

OUT_OF_RUN = "run-time"
"""Why a row stopped that had no more time because the whole run had none."""
_UPDATE = "pytest --fastllm-compare --fastllm-update --fastllm-update-only"


def explain(row: Row) -> str | None:
    """The message of a judged row, or None where its verdict needs no words or was explained elsewhere.

    Args:
        row: with interval, bound and verdict set.
    """
    if row.interval is None:
        return None
    if row.verdict is Verdict.WITHIN:
        return f"{_found(row)}; the bound is looser than needed: {_UPDATE}=trim" if _improved(row) else None
    if row.verdict in (Verdict.BELOW, Verdict.ABOVE):
        return f"{_found(row)}{_both_sides(row)}; {_mend(row)}"
    if row.verdict is Verdict.INCONCLUSIVE:
        return f"{_found(row)}{_both_sides(row)}; {_undecided(row)}"
    if row.verdict is Verdict.UNJUDGED:
        return f"no bound applies here; {_measured(row)}; store one with {_UPDATE}=create"
    return None


def _found(row: Row) -> str:
    assert row.bound is not None
    source = "every environment" if row.bound.source == PORTABLE else f"environment {row.bound.source}"
    return f"bound {range_text(row.bound.bound)} ({source}), {_measured(row)}"


def _measured(row: Row) -> str:
    assert row.interval is not None
    what = "speedup" if row.metric is Metric.SPEEDUP else "memory ratio"
    processes = "1 process" if row.processes == 1 else f"{row.processes} processes"
    return (
        f"measured {what} {row.interval.estimate:.4g} "
        f"({row.interval.low:.4g} to {row.interval.high:.4g}) in {processes}"
    )


def _both_sides(row: Row) -> str:
    if row.reference is None or row.accelerated is None:
        return ""
    return f"; reference {side_value(row.reference)}, accelerated {side_value(row.accelerated)}"


def _mend(row: Row) -> str:
    if row.verdict is Verdict.ABOVE:
        return (
            f"too good is often a broken workload: check it, then accept the improvement with {_UPDATE}=fix"
        )
    return f"find out which side moved, then mend it or accept it with {_UPDATE}=fix"


def _undecided(row: Row) -> str:
    assert row.bound is not None
    if row.corrected is not None and not _straddles(row):
        return "fresh interpreters did not confirm it; measure more of them with --fastllm-processes"
    return f"the interval straddles the bound; {_narrower(row)}"


def _narrower(row: Row) -> str:
    """What makes this row's interval narrower: not what it was told to do without."""
    if row.metric is Metric.MEMORY_RATIO:
        return f"more time does not narrow it: if the ratio is right, move the bound with {_UPDATE}=fix"
    if row.stopped == "processes":
        return f"measure more than {row.processes} interpreters with --fastllm-processes"
    if row.stopped == "iterations":
        return (
            "the number of pairs is fixed: take more with --fastllm-iterations (rounds= in the test), or leave it "
            "to the stopping rule"
        )
    if row.stopped == OUT_OF_RUN:
        return "the run was over: give it more time with --fastllm-max-run-seconds"
    return "give it more time with --fastllm-max-seconds"


def _straddles(row: Row) -> bool:
    assert row.bound is not None
    assert row.corrected is not None
    low, high = row.bound.bound.low, row.bound.bound.high
    return not (
        (low is not None and row.corrected.high < low) or (high is not None and row.corrected.low > high)
    )


def _improved(row: Row) -> bool:
    if row.bound is None or row.bound.source == PORTABLE or why_unusable(row) is not None:
        return False
    measured = combine([row])
    low = row.bound.bound.low
    needed = measured.bound.low
    if low is None or needed is None:
        return False
    return looser_than_needed(Bound(low, None), measured.bound, measured.margin)
