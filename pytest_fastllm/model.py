"""The words of the product as immutable data: verdicts, bounds, intervals and rows.

Nothing here measures, judges, reads or prints.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Side(str, Enum):
    """One of the two implementations of a component."""

    REFERENCE = "reference"
    ACCELERATED = "accelerated"


class Metric(str, Enum):
    """What a row's ratio is a ratio of; above 1 the accelerated side is better."""

    SPEEDUP = "speedup"
    MEMORY_RATIO = "memory_ratio"


class Verdict(str, Enum):
    """What a comparison came to."""

    WITHIN = "within"
    BELOW = "below"
    ABOVE = "above"
    MISMATCH = "mismatch"
    ERROR = "error"
    INCONCLUSIVE = "inconclusive"
    UNJUDGED = "unjudged"
    UNAVAILABLE = "unavailable"

    @property
    def fails(self) -> bool:
        """Whether the test item fails, strict or not."""
        return self in (Verdict.BELOW, Verdict.ABOVE, Verdict.MISMATCH, Verdict.ERROR)

    @property
    def fails_under_strict(self) -> bool:
        """Whether the test item fails under ``--fastllm-strict``."""
        return self is not Verdict.WITHIN


@dataclass(frozen=True)
class Bound:
    """The stored range a ratio must stay in; an open end is None."""

    low: float | None
    high: float | None

    def holds(self, low: float, high: float) -> bool:
        """Whether the whole interval ``[low, high]`` lies inside."""
        return (self.low is None or low >= self.low) and (self.high is None or high <= self.high)


@dataclass(frozen=True)
class AppliedBound:
    """A bound together with the environment it was stored for (``"any"``: the portable one)."""

    bound: Bound
    source: str


@dataclass(frozen=True)
class Interval:
    """A confidence interval of a ratio; ``alpha`` is the probability of missing it, both ends together."""

    estimate: float
    low: float
    high: float
    alpha: float

    @property
    def half_width(self) -> float:
        """Half the interval's width relative to the estimate."""
        return (self.high - self.low) / (2 * self.estimate)


@dataclass(frozen=True)
class SideValue:
    """One side's own typical value: seconds per call (``"s"``) or bytes per key (``"B"``)."""

    value: float
    unit: str


@dataclass(frozen=True)
class Row:
    """One comparison of a run: a line of the table and an entry of the results file.

    ``interval`` (error 1 % a row) decides `within`; ``corrected`` (1 % over all comparisons that the run
    collected) decides `below` and `above`. Both are None where nothing was measured.
    """

    component: str
    workload: str
    metric: Metric
    nodeid: str
    environment: str
    verdict: Verdict
    message: str | None = None
    interval: Interval | None = None
    corrected: Interval | None = None
    bound: AppliedBound | None = None
    warnings: tuple[str, ...] = ()
    reference: SideValue | None = None
    accelerated: SideValue | None = None
    total_ratio: float | None = None
    pairs: int = 0
    batch: int = 0
    looks: int = 0
    stopped: str | None = None
    processes: int = 1
    between_sd: float | None = None
    threads: int = 1
    tasks: int = 1
    native_calls: int | None = None
    seconds: float = 0.0
    calibration: Mapping[str, float] = field(default_factory=dict)
    noise: Mapping[str, float] = field(default_factory=dict)
    params: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    sweep: str | None = None
    samples: Mapping[str, tuple[float, ...]] | None = None

    @property
    def key(self) -> str:
        """``component/workload``, the name in `baselines.json`."""
        return f"{self.component}/{self.workload}"


@dataclass(frozen=True)
class Environment:
    """What a ratio depends on. ``id`` is a hash over all fields but ``packages``, which may move."""

    id: str
    cpu: str
    python: str
    platform: str
    details: Mapping[str, str]
    packages: Mapping[str, str]


@dataclass(frozen=True)
class Results:
    """A whole run: what the results file holds."""

    created: str
    command: tuple[str, ...]
    environments: Mapping[str, Environment]
    comparisons: int
    rows: tuple[Row, ...]
