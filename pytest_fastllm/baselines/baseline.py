"""What a baseline is: bounds, the estimate they came from, and what it was measured with."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..model import Bound, Interval, Metric, SideValue

PORTABLE = "any"


class RowName(NamedTuple):
    """What names a row within one environment: ``component/workload`` and the metric."""

    key: str
    metric: Metric


@dataclass(frozen=True)
class Baseline:
    """The stored record of one workload and metric in one environment.

    Args:
        bound: what the ratio must stay in.
        estimate: the ratio that the bound came from.
        first_estimate: the ratio when the entry was first written.
        interval: the confidence interval of the estimate.
        margin: how far, in log units, the low end lies under the estimate.
        between_sd: the spread between processes, as the sd of log ratios.
        processes: how many processes the estimate came from.
        reference: the reference side's own value.
        accelerated: the accelerated side's own value.
        calibration: the calibration kernels' times in the same run, to tell which side moves.
        versions: of the packages that were measured.
        date: of the measurement, ``YYYY-MM-DD``.
        reason: why the entry was last written, in the words of who did it.
        environments: of the portable entry only: the environments it speaks for.
    """

    bound: Bound
    estimate: float
    first_estimate: float
    interval: Interval | None = None
    margin: float | None = None
    between_sd: float | None = None
    processes: int = 1
    reference: SideValue | None = None
    accelerated: SideValue | None = None
    calibration: Mapping[str, float] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    date: str = ""
    reason: str | None = None
    environments: tuple[str, ...] = ()


@dataclass(frozen=True)
class EnvironmentBaselines:
    """All baselines of one environment, and what it is in words."""

    description: Mapping[str, str]
    entries: Mapping[RowName, Baseline]


@dataclass(frozen=True)
class Baselines:
    """The whole file: environments by id; ``"any"`` holds the portable bounds."""

    environments: Mapping[str, EnvironmentBaselines] = field(default_factory=dict)

    def find(self, environment: str, name: RowName) -> Baseline | None:
        """The entry of exactly this environment, or None."""
        found = self.environments.get(environment)
        return found.entries.get(name) if found else None

    def with_entry(
        self, environment: str, description: Mapping[str, str], name: RowName, entry: Baseline
    ) -> Baselines:
        """A copy with one entry set and its environment described anew."""
        old = self.environments.get(environment)
        entries = {**(old.entries if old else {}), name: entry}
        return replace(
            self, environments={**self.environments, environment: EnvironmentBaselines(description, entries)}
        )
