"""A comparison with its switch entered, ready to be measured."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..toggle.proof import NativeCalls
from ..toggle.switch import NoSwitch, switch_for
from .measure import Budget, Comparison, Decide

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..component import Component
    from ..timing.calibration import Calibration
    from ..timing.steps import Measures
    from ..workload import Workload


@contextmanager
def entered(
    component: Component | None,
    workload: Workload,
    *,
    draws_random: bool,
    seed: int,
    budget: Budget,
    decide: Decide,
    executor: Measures,
    calibration: Calibration,
) -> Iterator[Comparison]:
    """Enter the component's switch for one visit to a row.

    Args:
        component: whose switch makes the difference; None for two callables side by side.
        workload, draws_random, seed, budget, decide, executor, calibration: see `Comparison`.
    """
    native = NativeCalls(component.native_calls) if component and component.native_calls else None
    with switch_for(component) if component is not None else NoSwitch() as switch:
        yield Comparison(
            workload=workload,
            switch=switch,
            native=native,
            draws_random=draws_random,
            seed=seed,
            budget=budget,
            decide=decide,
            executor=executor,
            calibration=calibration,
        )
