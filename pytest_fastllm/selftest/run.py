"""Running the trials within a stated time, and the report on them."""

from __future__ import annotations

import itertools
import os
import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..stats.quantiles import rate_lower_limit, rate_upper_limit
from ..timing.refusal import why_timing_is_refused
from .load import busy_processes
from .trials import (
    Case,
    Trial,
    against_native,
    at_the_bound,
    bundled_row,
    planted_slowdown,
    same_side_twice,
)
from .whole_runs import INTERPRETED_AGAINST_NATIVE, project

if TYPE_CHECKING:
    from collections.abc import Callable

    from .whole_runs import Project

SEEN_SURELY = 0.8
"""A change counts as visible where the lower limit of the rate at which it is seen reaches this."""
BOUNDS_SECONDS = 1.0
"""What each of the update's processes may take: more would make the bounds hardly better, and trials fewer."""
PLANTED_PERCENT = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True)
class Tally:
    """All trials of one case."""

    case: Case
    trials: tuple[Trial, ...]

    @property
    def hits(self) -> int:
        """Trials that went wrong, or that saw what was planted."""
        return sum(trial.verdict in (self.case.seen or self.case.wrong) for trial in self.trials)

    def line(self) -> str:
        """One line, with the exact 95 % limit of the rate and the time a trial took."""
        count, hits = len(self.trials), self.hits
        seconds = median(trial.seconds for trial in self.trials)
        if self.case.seen:
            limit = rate_lower_limit(hits, count)
            told = f"seen {hits} of {count}: above {limit:.1%}"
        else:
            limit = rate_upper_limit(hits, count)
            told = f"false alarms {hits} of {count}: below {limit:.1%}"
        return f"{self.case.name:<55} {told:<36} {seconds:.2f} s each"


def cases(against: Project) -> list[Case]:
    """All kinds of trials that this machine can make.

    Args:
        against: the project of the A/B trials.
    """
    found = [
        same_side_twice(0.05),
        at_the_bound(),
        against_native(against),
        *(planted_slowdown(percent, percent / 100 * 0.4) for percent in PLANTED_PERCENT),
    ]
    row = bundled_row()
    return found if row is None else [*found, row]


def tally(chosen: list[Case], end_s: float, first_seed: int) -> list[Tally]:
    """Run the cases in turn until the time is over: each is spread over the whole of it.

    Args:
        chosen: each is tried at least once.
        end_s: when, by ``time.monotonic()``.
        first_seed: of the first trials; the next ones count on.
    """
    trials: dict[str, list[Trial]] = {case.name: [] for case in chosen}
    for seed in itertools.count(first_seed):
        for case in chosen:
            if time.monotonic() > end_s and all(trials.values()):
                return [Tally(each, tuple(trials[each.name])) for each in chosen]
            trials[case.name].append(case.compare(seed))
    raise AssertionError("the counter of seeds has no end")


def smallest_visible(tallies: list[Tally]) -> str:
    """The closing line: the smallest planted change that was surely seen."""
    planted = [each for each in tallies if each.case.seen]
    visible = [
        each.case.percent for each in planted if rate_lower_limit(each.hits, len(each.trials)) >= SEEN_SURELY
    ]
    always = [each for each in planted if each.hits == len(each.trials)]
    if not visible and always:
        smallest = min(always, key=lambda each: each.case.percent)
        return (
            f"Planted {smallest.case.percent:g} % was seen each time, but {smallest.hits} of {smallest.hits} is too "
            "little to be sure; give the selftest more time with --seconds"
        )
    if not visible:
        return (
            f"No planted change up to {max(PLANTED_PERCENT):g} % was surely seen; give the selftest more time "
            "with --seconds, or look for what else this machine does"
        )
    return f"The smallest change that this machine surely sees: {min(visible):g} %"


def selftest(seconds: float, load: int, say: Callable[[str], None]) -> int:
    """Run the selftest.

    Args:
        seconds: how long.
        load: number of busy background processes.
        say: prints a line.

    Returns:
        Exit status: 0 where no false alarm was raised, 1 otherwise.

    Raises:
        UsageError: timing would be wrong here; names cause and remedy.
    """
    refused = why_timing_is_refused()
    if refused is not None:
        raise UsageError(f"timing is refused: {refused}")
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    say(f"selftest for {seconds:.0f} s on {os.cpu_count()} cores, {load} busy background processes")
    end_s = time.monotonic() + seconds
    bounds_in = f"--fastllm-max-seconds={BOUNDS_SECONDS:g}"
    with busy_processes(load), project(INTERPRETED_AGAINST_NATIVE, bounds_in) as against:
        tallies = tally(cases(against), end_s, int(time.time()))
    for each in tallies:
        say(each.line())
    say("Limits are exact (Clopper-Pearson), one-sided, at 95 %. Whole runs ask two fresh interpreters")
    say("before a row fails; the other trials are one measurement each.")
    say(smallest_visible(tallies))
    return 1 if any(each.case.wrong and each.hits for each in tallies) else 0
