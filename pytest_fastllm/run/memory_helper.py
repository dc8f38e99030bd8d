"""What a helper interpreter does for one test: put one side in place and measure it by forked children."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..errors import FastllmError
from ..memory.forked import measure_side
from ..toggle.switch import switch_for

if TYPE_CHECKING:
    from ..component import Component
    from ..memory.workload import MemoryWorkload
    from ..model import Side

REPEATS = 5


def measure_here(
    component: Component, side: Side, workload: MemoryWorkload, max_seconds: float
) -> dict[str, object]:
    """Measure one side.

    Args:
        component: whose side is put in place.
        side: which.
        workload: what to build.
        max_seconds: the time budget of a comparison; a memory comparison may take six times as much, because
            a child that builds 100,000 keys has to build them several times over.

    Returns:
        ``{"side": ...}``, or ``{"error": message}``: other tests of this helper go on.
    """
    if not hasattr(os, "fork"):
        # A spawned child would import the workload anew and find the reference in place.
        return {"error": "memory is measured in forked children, which this system does not have"}
    try:
        with switch_for(component) as switch:
            switch.select(side)
            measured = measure_side(workload, repeats=REPEATS, timeout_s=6 * max_seconds)
    except FastllmError as error:
        return {"error": str(error)}
    return {"side": measured.to_json()}
