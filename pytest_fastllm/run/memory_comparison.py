"""One test's memory comparison, as far as it is made here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..comparison.check import watched_switch
from ..errors import FastllmError, SwitchError, UsageError, WorkloadError
from ..model import Metric, Side, Verdict
from ..toggle.proof import explain
from ..verify.answers import brief_traceback
from .item_rows import Pending

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from ..component import Component
    from .item_rows import ItemRows
    from .session import Session


def compare_memory(
    session: Session,
    item: pytest.Item,
    rows: ItemRows,
    component: Component,
    build: Callable[[int], object],
    keys: int | None,
    warmup: Callable[[], object] | None,
    instances: tuple[int, ...],
) -> None:
    """See that both sides build, and leave the row to the helper interpreters; in one of them, measure.

    Raises:
        UsageError: no key count is stated, or no line can be drawn through the instances.
        SwitchError, WorkloadError: a side cannot be built, or is not the one that was switched on.
    """
    from ..memory.workload import MemoryWorkload

    if keys is None:
        raise UsageError(
            f"{item.nodeid}: bytes per key hold at a stated key count; give keys= or the marker's memory="
        )
    workload = MemoryWorkload(build, keys, instances, warmup)
    if session.job is not None:
        session.measure_memory(item, component, workload)
        return
    try:
        _build_once(component, build)
    except FastllmError as error:
        rows.broken(Metric.MEMORY_RATIO, error)
    except Exception as error:
        rows.record(Metric.MEMORY_RATIO, Verdict.ERROR, f"build(1) broke: {brief_traceback(error)}")
        raise
    if session.config.compare:
        rows.keep(rows.bare(Metric.MEMORY_RATIO, Verdict.UNJUDGED), Pending.MEMORY)


def _build_once(component: Component, build: Callable[[int], object]) -> None:
    # One key is enough to see whether a side can be built, and whether it is the one that was switched on.
    with watched_switch(component) as (switch, counts):
        assert counts is not None
        for side in Side:
            switch.select(side)
            counts.take()
            built = build(1)
            problem = explain(side, counts.take())
            if problem is not None:
                raise SwitchError(problem)
            if built is None:
                raise WorkloadError(
                    f"build(1) returned None on the {side.value} side; return the object that holds the keys, "
                    "so that it is kept alive while it is measured"
                )
