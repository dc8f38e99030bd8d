"""The check before any timing: each side is really entered, and both answer the same."""

from __future__ import annotations

import random
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import SwitchError, WorkloadError
from ..model import Side
from ..timing.sides import Sides
from ..toggle.proof import EntryCounts, NativeCalls, explain, proving_switch
from ..toggle.switch import NoSwitch, Switch, switch_for
from ..verify.answers import Answer, difference
from ..verify.copies import plain_difference

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from ..component import Component
    from ..timing.steps import CallOnce, TimeCalls
    from ..workload import Workload


@dataclass(frozen=True)
class Checked:
    """Outcome of the check: the accelerated side's answer, and the difference if there is one."""

    answer: Answer
    mismatch: str | None
    draws_random: bool


class _NativeEntries(EntryCounts):
    """The same counts, from a component's own counter."""

    def __init__(self, native: NativeCalls) -> None:
        super().__init__()
        self._native = native

    def take(self) -> dict[Side, int]:
        served = self._native.since_mark()
        self._native.mark()
        return {Side.REFERENCE: 0, Side.ACCELERATED: served}


@contextmanager
def watched_switch(component: Component | None) -> Iterator[tuple[Switch, EntryCounts | None]]:
    """A component's switch, and what counts the calls of each side: its own counter if it has one.

    Args:
        component: None for two callables side by side, of which nothing is counted.
    """
    if component is None:
        with NoSwitch() as switch:
            yield switch, None
    elif component.native_calls is not None:
        with switch_for(component) as switch:
            yield switch, _NativeEntries(NativeCalls(component.native_calls))
    else:
        with proving_switch(component) as (switch, counts):
            yield switch, counts


def check(
    component: Component | None, workload: Workload, seed: int
) -> Generator[CallOnce | TimeCalls, Any, Checked]:
    """Call both sides once from equal state and compare their answers.

    Args:
        component: whose switch makes the difference; None for two callables side by side.
        workload: what to call.
        seed: start of the comparison's random values.

    Raises:
        SwitchError: a side that was switched on was not the one that ran.
        WorkloadError: the workload changes its arguments, or its setup is not the same for both sides.
    """
    random_state = random.getstate()
    try:
        with watched_switch(component) as (switch, counts):
            sides = Sides(workload, switch, None, seed)
            answers: dict[Side, Answer] = {}
            arguments: dict[Side, Any] = {}
            for side in Side:
                if counts is not None:
                    counts.take()
                answers[side], arguments[side] = yield from sides.answer(side, random_state)
                problem = explain(side, counts.take()) if counts is not None else None
                if problem and answers[side].error is not None:
                    problem += f"\n  the call itself {answers[side].describe()}"
                if problem:
                    raise SwitchError(problem)
            unequal = plain_difference(arguments[Side.REFERENCE], arguments[Side.ACCELERATED], "setup()")
            if unequal:
                raise WorkloadError(
                    f"setup gave the two sides different work: {unequal}; draw what varies from `random`, whose "
                    "state is the same for both sides of a pair and new for each pair"
                )
            mismatch = difference(
                answers[Side.REFERENCE], answers[Side.ACCELERATED], workload.equal, workload.state is not None
            )
            if mismatch is not None:
                again, _ = yield from sides.answer(Side.REFERENCE, random_state)
                if difference(answers[Side.REFERENCE], again, workload.equal, False) is not None:
                    mismatch += (
                        "\n  note: the reference also answers differently from call to call; give equal= a rule "
                        "that leaves out what varies, or renew its state in setup="
                    )
            return Checked(answers[Side.ACCELERATED], mismatch, sides.draws_random)
    finally:
        random.setstate(random_state)
