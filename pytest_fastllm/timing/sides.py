"""One side at a time: put it in place, give it equal state, call it, and check that it was the one that ran."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from ..errors import FastllmError, SwitchError, WorkloadError
from ..model import Side
from ..verify.answers import Answer
from ..verify.copies import own_copy, plain_difference
from .steps import CallOnce, Steps, TimeCalls

if TYPE_CHECKING:
    from collections.abc import Generator

    from ..toggle.proof import NativeCalls
    from ..toggle.switch import Switch
    from ..workload import Workload

# The first call after a module attribute changed is 10-25 % slower, after a class changed 75-95 %, and a side
# finds its caches as the other one left them. That matters to calls of microseconds; a call of milliseconds is
# its own warm-up, which it would double.
WARM_CALLS = 3
WARM_SHARE = 4
WARM_BELOW_S = 1e-3


class Sides:
    """Runs single calls and samples of either side of a workload.

    Args:
        workload: what to drive.
        switch: entered by the caller.
        native: the component's own counter of calls, or None.
        seed: start of this comparison's random values.
    """

    def __init__(self, workload: Workload, switch: Switch, native: NativeCalls | None, seed: int) -> None:
        """Copy the arguments for each side; nothing is called yet."""
        self._workload = workload
        self._switch = switch
        self._native = native
        self._seed = seed
        self._copies = {side: (own_copy(workload.args), own_copy(dict(workload.kwargs))) for side in Side}
        self._call_s = dict.fromkeys(Side, 0.0)
        self.native_calls = 0
        self.draws_random = workload.setup is not None

    def _begin(self, side: Side, pair: int, purpose: str) -> None:
        self._switch.select(side)
        if self.draws_random:
            # Not the pair's number alone: warm-up values must not come back as timed ones.
            random.seed(f"{self._seed}:{purpose}:{pair}")

    def _arguments(self, side: Side) -> tuple[tuple[Any, ...], dict[str, Any]]:
        setup = self._workload.setup
        prepared = setup() if setup is not None else None
        if prepared is None:
            args, kwargs = self._copies[side]
            return args, kwargs
        if (
            not isinstance(prepared, tuple)
            or len(prepared) != 2
            or not isinstance(prepared[0], tuple)
            or not isinstance(prepared[1], dict)
        ):
            raise WorkloadError(
                f"setup returned {type(prepared).__name__}; expected None or (args, kwargs), a tuple and a dict"
            )
        return prepared

    def _finish(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if self._workload.teardown is not None:
            self._workload.teardown(*args, **kwargs)

    def answer(
        self, side: Side, random_state: Any
    ) -> Generator[CallOnce | TimeCalls, Any, tuple[Answer, Any]]:
        """Call one side once, untimed.

        Returns:
            The answer with the visible state afterwards, and a copy of the arguments as they were.

        Raises:
            WorkloadError: the call changed its arguments and there is no ``setup`` to renew them.
        """
        workload = self._workload
        self._switch.select(side)
        random.setstate(random_state)
        args, kwargs = self._arguments(side)
        before = own_copy((args, kwargs))
        value: Any = None
        caught: Exception | None = None
        try:
            value = yield CallOnce(workload.functions[side], args, kwargs)
        except FastllmError:
            raise
        except Exception as error:
            caught = error
        if random.getstate() != random_state:
            self.draws_random = True
        state = own_copy(workload.state()) if workload.state is not None else None
        if workload.setup is None:
            changed = plain_difference(before[0], args, "args") or plain_difference(
                before[1], kwargs, "kwargs"
            )
            if changed:
                raise WorkloadError(
                    f"the {side.value} side changed its arguments ({changed}), so later calls would do other work; "
                    "use accelerated.pedantic(..., setup=...) and return new arguments from setup"
                )
        self._finish(args, kwargs)
        return Answer(value, caught, state), before

    def sample(self, side: Side, calls: int, pair: int, purpose: str = "pair") -> Steps[float]:
        """Time one sample of one side.

        Returns:
            Seconds per call.

        Raises:
            SwitchError: the component's own counter says that the other side ran.
        """
        workload = self._workload
        function = workload.functions[side]
        call_s = min(self._call_s.values())  # of both sides: they make the same number of calls
        warm_calls = max(WARM_CALLS, calls // WARM_SHARE) if workload.setup is None else 1
        if call_s == 0.0:  # not known yet: it may last long
            warm_calls = 1
        elif call_s > WARM_BELOW_S:
            warm_calls = 0
        if warm_calls:
            self._begin(side, pair, "warm" + purpose)
            args, kwargs = self._arguments(side)
            yield TimeCalls(function, args, kwargs, warm_calls, workload.raises)
            self._finish(args, kwargs)
        self._begin(side, pair, purpose)
        args, kwargs = self._arguments(side)
        if self._native is not None:
            self._native.mark()
        nanoseconds: float = yield TimeCalls(function, args, kwargs, calls, workload.raises)
        if self._native is not None:
            self._check_native(side, self._native.since_mark())
        self._finish(args, kwargs)
        seconds = nanoseconds * 1e-9
        # Threads take turns, so that a call lasts as long as one of each of them.
        self._call_s[side] = seconds * workload.threads
        return seconds

    def _check_native(self, side: Side, served: int) -> None:
        if side is Side.ACCELERATED:
            self.native_calls += served
            if served == 0:
                raise SwitchError(
                    "an accelerated sample was served by 0 native calls; it timed the reference"
                )
        elif served:
            raise SwitchError(
                f"a reference sample was served by {served} native calls; it timed the accelerated side"
            )
