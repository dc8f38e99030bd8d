"""`baselines.json` to and from `Baselines`, schema 1."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ..files import Node, read_json, root_of
from ..model import Bound, Interval, Metric, SideValue
from .baseline import Baseline, Baselines, EnvironmentBaselines, RowName

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SCHEMA = 1
_REMEDY = (
    "mend the entry by hand or restore the file from version control, then run again "
    "(the file was left as it was)"
)
_FIELDS = (
    "accelerated",
    "between_sd",
    "calibration",
    "date",
    "environments",
    "estimate",
    "first_estimate",
    "high",
    "interval",
    "low",
    "margin",
    "processes",
    "reason",
    "reference",
    "versions",
)


def dump_baselines(baselines: Baselines) -> str:
    """The text of the file: sorted, two-space indent, so that ``jq -S .`` changes nothing.

    What is not known is left out; only an open end of a bound is written, as null.

    Args:
        baselines: the whole file.
    """
    environments = {
        name: {"description": dict(each.description), "workloads": _workloads(each.entries)}
        for name, each in baselines.environments.items()
    }
    text = json.dumps(
        {"schema": SCHEMA, "environments": environments},
        ensure_ascii=False,
        allow_nan=False,
        indent=2,
        sort_keys=True,
    )
    return text.encode("utf-8", "backslashreplace").decode("utf-8") + "\n"


def load_baselines(path: Path) -> Baselines:
    """Read the baselines file; a missing one is an empty one.

    Args:
        path: usually ``baselines.json`` in pytest's rootdir.

    Raises:
        DataError: unreadable, of a newer schema or malformed; names the file, entry and remedy.
    """
    try:
        value = read_json(path, remedy=_REMEDY)
    except FileNotFoundError:
        return Baselines()
    root = root_of(value, path, schema=SCHEMA, remedy=_REMEDY)
    root.members(("schema", "environments"))
    return Baselines(
        {name: _load_environment(node) for name, node in root.member("environments").members().items()}
    )


def _workloads(entries: Mapping[RowName, Baseline]) -> dict[str, dict[str, object]]:
    result: dict[str, dict[str, object]] = {}
    for name, entry in entries.items():
        result.setdefault(name.key, {})[name.metric.value] = _entry(entry)
    return result


def _entry(entry: Baseline) -> dict[str, object]:
    known = {
        "estimate": entry.estimate,
        "first_estimate": entry.first_estimate,
        "interval": entry.interval
        and {
            "low": entry.interval.low,
            "high": entry.interval.high,
            "alpha": entry.interval.alpha,
        },
        "margin": entry.margin,
        "between_sd": entry.between_sd,
        "processes": entry.processes,
        "reference": _side(entry.reference),
        "accelerated": _side(entry.accelerated),
        "calibration": dict(entry.calibration) or None,
        "versions": dict(entry.versions) or None,
        "date": entry.date or None,
        "reason": entry.reason,
        "environments": sorted(entry.environments) or None,
    }
    # An open end is written: left out, it could be one that was forgotten.
    return {
        "low": entry.bound.low,
        "high": entry.bound.high,
        **{name: value for name, value in known.items() if value is not None},
    }


def _side(side: SideValue | None) -> dict[str, object] | None:
    return {"value": side.value, "unit": side.unit} if side else None


def _load_environment(node: Node) -> EnvironmentBaselines:
    parts = node.members(("description", "workloads"))
    entries: dict[RowName, Baseline] = {}
    for key, metrics in node.member("workloads").members().items():
        component, _, workload = key.partition("/")
        if not (component and workload):
            metrics.refuse("a name of the form component/workload", repr(key))
        for metric, entry in metrics.members([each.value for each in Metric]).items():
            entries[RowName(key, Metric(metric))] = _load_entry(entry)
    return EnvironmentBaselines(parts["description"].texts() if "description" in parts else {}, entries)


def _load_entry(node: Node) -> Baseline:
    found = {name: part for name, part in node.members(_FIELDS).items() if not part.null}
    estimate = node.member("estimate").positive()

    def number(name: str) -> float | None:
        return found[name].not_negative() if name in found else None

    return Baseline(
        bound=_load_bound(node),
        estimate=estimate,
        first_estimate=found["first_estimate"].positive() if "first_estimate" in found else estimate,
        interval=_load_interval(found["interval"], estimate) if "interval" in found else None,
        margin=number("margin"),
        between_sd=number("between_sd"),
        processes=found["processes"].count() if "processes" in found else 1,
        reference=_load_side(found.get("reference")),
        accelerated=_load_side(found.get("accelerated")),
        calibration=found["calibration"].numbers() if "calibration" in found else {},
        versions=found["versions"].texts() if "versions" in found else {},
        date=found["date"].text() if "date" in found else "",
        reason=found["reason"].text() if "reason" in found else None,
        environments=tuple(each.text() for each in found["environments"].items())
        if "environments" in found
        else (),
    )


def _load_bound(node: Node) -> Bound:
    # Both must be written: a forgotten end would silently be an open one.
    low, high = node.member("low"), node.member("high")
    bound = Bound(None if low.null else low.positive(), None if high.null else high.positive())
    if bound.low is not None and bound.high is not None and bound.low > bound.high:
        node.refuse("low at or below high", f"low {bound.low} above high {bound.high}")
    return bound


def _load_interval(node: Node, estimate: float) -> Interval:
    node.members(("low", "high", "alpha"))
    low, high, alpha = (node.member(name).positive() for name in ("low", "high", "alpha"))
    if low > high:
        node.refuse("low at or below high", f"low {low} above high {high}")
    if alpha >= 1:
        node.member("alpha").refuse("a probability between 0 and 1")
    return Interval(estimate, low, high, alpha)


def _load_side(node: Node | None) -> SideValue | None:
    if node is None:
        return None
    node.members(("value", "unit"))
    return SideValue(node.member("value").not_negative(), node.member("unit").text())
