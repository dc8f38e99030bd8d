"""The verdict on an interval: pure, so that stored results can be judged again to the same end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .baselines.baseline import PORTABLE, Baselines, RowName
from .explain import explain
from .model import AppliedBound, Metric, Row, Verdict

if TYPE_CHECKING:
    from .model import Interval

PROCESS_DEPENDENT = "process-dependent"
_UNMEASURED = (Verdict.MISMATCH, Verdict.ERROR, Verdict.UNAVAILABLE)


def applied_bound(baselines: Baselines, environment_id: str, key: str, metric: Metric) -> AppliedBound | None:
    """The bound for a row: its own environment's, else the portable one, else None.

    Args:
        baselines: the stored bounds.
        environment_id: where the row is measured.
        key: ``component/workload``.
        metric: of the row.
    """
    for source in (environment_id, PORTABLE):
        found = baselines.find(source, RowName(key, metric))
        if found:
            return AppliedBound(found.bound, source)
    return None


def judge(
    interval: Interval, corrected: Interval | None, bound: AppliedBound | None, *, final: bool
) -> Verdict | None:
    """What an interval says about a bound.

    Args:
        interval: at 1 % error for this row; decides `within`.
        corrected: at 1 % error over all comparisons of the run; decides `below` and `above`. Without it
            nothing can fail.
        bound: what the ratio must stay in.
        final: whether time is up.

    Returns:
        The verdict, or None: keep measuring.
    """
    if bound is None:
        # Nothing to decide on: the precision of the estimate says when to stop, not the verdict.
        return Verdict.UNJUDGED if final else None
    low, high = bound.bound.low, bound.bound.high
    if bound.bound.holds(interval.low, interval.high):
        return Verdict.WITHIN
    if corrected is not None and low is not None and corrected.high < low:
        return Verdict.BELOW
    if corrected is not None and high is not None and corrected.low > high:
        return Verdict.ABOVE
    return Verdict.INCONCLUSIVE if final else None


def rejudge(row: Row, baselines: Baselines) -> Row:
    """A stored row with the verdict and message that these baselines give it.

    Under the baselines that it was measured with, the verdict is the stored one: a failure that fresh
    interpreters did not confirm (warning ``process-dependent``) does not become one here.

    Args:
        row: from a results file.
        baselines: to judge by.
    """
    if row.interval is None or row.verdict in _UNMEASURED:
        return row
    bound = applied_bound(baselines, row.environment, row.key, row.metric)
    verdict = judge(row.interval, row.corrected, bound, final=True)
    assert verdict is not None
    if verdict.fails and any(each.partition(":")[0].strip() == PROCESS_DEPENDENT for each in row.warnings):
        verdict = Verdict.INCONCLUSIVE
    judged = replace(row, bound=bound, verdict=verdict)
    return replace(judged, message=explain(judged))
