"""Rows, runs and strategies for the tests of data files and the judge."""

from __future__ import annotations

import math

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from pytest_fastllm.baselines import Baseline, Baselines, EnvironmentBaselines, RowName
from pytest_fastllm.model import (
    AppliedBound,
    Bound,
    Environment,
    Interval,
    Metric,
    Results,
    Row,
    SideValue,
    Verdict,
)

# How long an example takes depends on who else uses the machine.
untimed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

NAME = RowName("tc/small", Metric.SPEEDUP)


def row(estimate=2.0, half=0.01, environment="m1", verdict=Verdict.UNJUDGED, **changes):
    """A measured row; ``half`` is the relative half-width of its interval."""
    fields = {
        "component": "tc",
        "workload": "small",
        "metric": Metric.SPEEDUP,
        "nodeid": f"test_a.py::test_{changes.get('workload', 'small')}",
        "environment": environment,
        "verdict": verdict,
        "interval": Interval(estimate, estimate * (1 - half), estimate * (1 + half), 0.01),
        "corrected": Interval(estimate, estimate * (1 - 2 * half), estimate * (1 + 2 * half), 0.001),
        "reference": SideValue(1e-5 * estimate, "s"),
        "accelerated": SideValue(1e-5, "s"),
        "pairs": 200,
    }
    return Row(**{**fields, **changes})


def run(*rows, created="2026-11-22T10:00:00Z", comparisons=None):
    """A run that holds these rows."""
    return Results(
        created=created,
        command=("pytest", "--fastllm-compare"),
        environments={each.environment: environment(each.environment) for each in rows},
        comparisons=len({each.nodeid for each in rows}) if comparisons is None else comparisons,
        rows=rows,
    )


def environment(name):
    return Environment(
        name, f"cpu of {name}", "CPython 3.11", "linux-x86_64", {"libc": "glibc"}, {"p": "1.0"}
    )


def stored(low, high, estimate=2.0, environment="m1", **more):
    """Baselines with one entry."""
    entry = Baseline(Bound(low, high), estimate, estimate, **more)
    return Baselines({environment: EnvironmentBaselines({"cpu": "x"}, {NAME: entry})})


# Strategies.

ratios = st.floats(1e-4, 1e4)
finite = st.floats(allow_nan=False, allow_infinity=False)
words = st.text(max_size=12)
names = st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1, max_size=8)


@st.composite
def intervals(draw, estimates=ratios):
    estimate = draw(estimates)
    down, up = draw(st.floats(0, 0.5)), draw(st.floats(0, 0.5))
    return Interval(estimate, estimate * math.exp(-down), estimate * math.exp(up), draw(st.floats(1e-6, 0.5)))


@st.composite
def bounds(draw):
    low, high = sorted((draw(ratios), draw(ratios)))
    return Bound(draw(st.sampled_from((low, None))), draw(st.sampled_from((high, None))))


sides = st.builds(SideValue, st.floats(0, 1e9), st.sampled_from(("s", "B")))


@st.composite
def rows(draw, environments=("m1", "m2")):
    interval = draw(st.none() | intervals())
    corrected = None
    if interval is not None and draw(st.booleans()):
        corrected = Interval(
            interval.estimate, interval.low * 0.9, draw(st.just(interval.high) | st.just(math.inf)), 1e-4
        )
    return Row(
        component=draw(names),
        workload=draw(names),
        metric=draw(st.sampled_from(Metric)),
        nodeid=draw(words),
        environment=draw(st.sampled_from(environments)),
        verdict=draw(st.sampled_from(Verdict)),
        message=draw(st.none() | words),
        interval=interval,
        corrected=corrected,
        bound=draw(st.none() | st.builds(AppliedBound, bounds(), names)),
        warnings=tuple(draw(st.lists(words, max_size=2))),
        reference=draw(st.none() | sides),
        accelerated=draw(st.none() | sides),
        total_ratio=draw(st.none() | ratios),
        pairs=draw(st.integers(0, 10**9)),
        batch=draw(st.integers(0, 10**9)),
        looks=draw(st.integers(0, 99)),
        stopped=draw(st.none() | words),
        processes=draw(st.integers(0, 9)),
        between_sd=draw(st.none() | st.floats(0, 1)),
        threads=draw(st.integers(1, 9)),
        native_calls=draw(st.none() | st.integers(0, 10**9)),
        seconds=draw(st.floats(0, 1e6)),
        calibration=draw(st.dictionaries(words, finite, max_size=2)),
        params=draw(
            st.dictionaries(
                words, st.none() | st.booleans() | words | finite | st.integers(-(10**9), 10**9), max_size=2
            )
        ),
        samples=draw(st.none() | st.dictionaries(words, st.lists(finite, max_size=3).map(tuple), max_size=2)),
    )


@st.composite
def runs(draw):
    texts = st.dictionaries(words, words, max_size=2)
    environments = {
        name: Environment(name, draw(words), draw(words), draw(words), draw(texts), draw(texts))
        for name in ("m1", "m2")
    }
    return Results(
        draw(words),
        tuple(draw(st.lists(words, max_size=3))),
        environments,
        draw(st.integers(0, 99)),
        tuple(draw(st.lists(rows(), max_size=3))),
    )


@st.composite
def stored_entries(draw):
    estimate = draw(ratios)
    return Baseline(
        bound=draw(bounds()),
        estimate=estimate,
        first_estimate=draw(ratios),
        interval=draw(st.none() | intervals(st.just(estimate))),
        margin=draw(st.none() | st.floats(0, 2)),
        between_sd=draw(st.none() | st.floats(0, 1)),
        processes=draw(st.integers(0, 9)),
        reference=draw(st.none() | sides),
        accelerated=draw(st.none() | sides),
        calibration=draw(st.dictionaries(words, finite, max_size=2)),
        versions=draw(st.dictionaries(words, words, max_size=2)),
        date=draw(words),
        reason=draw(st.none() | words),
        environments=tuple(sorted(draw(st.lists(words, max_size=2)))),
    )


row_names = st.builds(RowName, st.builds("{}/{}".format, names, names), st.sampled_from(Metric))
baselines = st.builds(
    Baselines,
    st.dictionaries(
        names,
        st.builds(
            EnvironmentBaselines,
            st.dictionaries(words, words, max_size=2),
            st.dictionaries(row_names, stored_entries(), max_size=3),
        ),
        max_size=3,
    ),
)
