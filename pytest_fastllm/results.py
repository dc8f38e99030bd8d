"""The results file: a whole run as JSON, schema 1."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from .baselines.baseline import PORTABLE
from .errors import DataError
from .files import Node, read_json, root_of
from .files.reading import MIB
from .model import AppliedBound, Bound, Environment, Interval, Metric, Results, Row, SideValue, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SCHEMA = 1
_MAX_BYTES = 64 * MIB
_LONG = 10**18
_REMEDY = (
    "a results file is written whole by pytest --fastllm-json: write it again (without "
    "--fastllm-json-samples if it is too large)"
)


def dump_results(results: Results) -> str:
    """The text of a results file, one row a line.

    What JSON cannot say is left out: an interval's end at infinity (or at 0) is null, a side's value, a
    calibration, or a series of samples that is not finite is absent, and a parameter that is not finite, or
    longer than readers take, is written as text.

    Args:
        results: a whole run.
    """
    environments = {name: _environment(each) for name, each in sorted(results.environments.items())}
    head = {
        "schema": SCHEMA,
        "created": results.created,
        "command": list(results.command),
        "comparisons": results.comparisons,
        "environments": environments,
    }
    rows = ",\n".join(f"    {_json(_row(row))}" for row in results.rows)
    return f'{_json(head, indent=2)[:-2]},\n  "rows": [' + (f"\n{rows}\n  ]\n}}\n" if rows else "]\n}\n")


def load_results(path: Path) -> Results:
    """Read a results file. Names that this version does not know are passed over.

    Args:
        path: as written by ``--fastllm-json``.

    Raises:
        DataError: missing, unreadable, of a newer schema or malformed; names the file, entry and remedy.
    """
    try:
        value = read_json(path, remedy=_REMEDY, max_bytes=_MAX_BYTES)
    except FileNotFoundError:
        raise DataError(
            f"{path}: expected a results file, found no such file; write one with "
            f"pytest --fastllm-compare --fastllm-json={path}"
        ) from None
    root = root_of(value, path, schema=SCHEMA, remedy=_REMEDY)
    environments = {
        name: _load_environment(name, node) for name, node in root.member("environments").members().items()
    }
    rows = tuple(_load_row(node, environments) for node in root.member("rows").items())
    comparisons = root.optional("comparisons")
    return Results(
        created=root.member("created").text(),
        command=tuple(word.text() for word in root.member("command").items()),
        environments=environments,
        comparisons=comparisons.count() if comparisons else len(rows),
        rows=rows,
    )


def _json(value: object, indent: int | None = None) -> str:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
    # A mismatch may quote a lone surrogate; escaped it means the same and can be stored.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _environment(environment: Environment) -> dict[str, object]:
    return {
        "cpu": environment.cpu,
        "python": environment.python,
        "platform": environment.platform,
        "packages": dict(sorted(environment.packages.items())),
        "details": dict(sorted(environment.details.items())),
    }


def _row(row: Row) -> dict[str, object]:
    interval = _measured(row.interval)
    corrected = _measured(row.corrected) if interval else None
    entry: dict[str, object] = {
        "component": row.component,
        "workload": row.workload,
        "metric": row.metric.value,
        "environment": row.environment,
        "estimate": interval.estimate if interval else None,
        "low": _low(interval) if interval else None,
        "high": _finite(interval.high) if interval else None,
        "alpha": interval.alpha if interval else None,
        "corrected": corrected
        and {"low": _low(corrected), "high": _finite(corrected.high), "alpha": corrected.alpha},
        "total_ratio": _finite(row.total_ratio),
        "bound": row.bound
        and {"low": row.bound.bound.low, "high": row.bound.bound.high, "from": row.bound.source},
        "verdict": row.verdict.value,
        "message": row.message,
        "warnings": list(row.warnings),
        "reference": _side(row.reference),
        "accelerated": _side(row.accelerated),
        "pairs": row.pairs,
        "batch": row.batch,
        "looks": row.looks,
        "stopped": row.stopped,
        "processes": row.processes,
        "between_sd": _finite(row.between_sd),
        "threads": row.threads,
        "tasks": row.tasks,
        "native_calls": row.native_calls,
        "seconds": _finite(row.seconds) or 0.0,
        "calibration": _finite_numbers(row.calibration),
        "noise": _finite_numbers(row.noise),
        "params": {name: _param(value) for name, value in row.params.items()},
        "sweep": row.sweep,
        "nodeid": row.nodeid,
    }
    if row.samples is not None:
        entry["samples"] = {
            name: list(series) for name, series in row.samples.items() if all(map(math.isfinite, series))
        }
    return entry


def _measured(interval: Interval | None) -> Interval | None:
    """An interval without an estimate tells nothing, so it counts as not measured."""
    if interval is None or not math.isfinite(interval.estimate) or interval.estimate <= 0:
        return None
    return interval


def _low(interval: Interval) -> float | None:
    return interval.low if math.isfinite(interval.low) and interval.low > 0 else None


def _finite_numbers(values: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in values.items() if math.isfinite(value)}


def _side(side: SideValue | None) -> dict[str, object] | None:
    if side is None or not math.isfinite(side.value):
        return None
    return {"value": side.value, "unit": side.unit}


def _param(value: str | int | float | bool | None) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return str(value) if isinstance(value, int) and abs(value) >= _LONG else value


def _load_environment(name: str, node: Node) -> Environment:
    if name == PORTABLE:
        node.refuse(f"the id of a machine ({PORTABLE!r} is the portable entry of baselines.json)")
    details = node.optional("details")
    return Environment(
        id=name,
        cpu=node.member("cpu").text(),
        python=node.member("python").text(),
        platform=node.member("platform").text(),
        details=details.texts() if details else {},
        packages=node.member("packages").texts(),
    )


def _load_row(node: Node, environments: Mapping[str, Environment]) -> Row:
    def text(name: str) -> str | None:
        found = node.optional(name)
        return found.text() if found else None

    def count(name: str, otherwise: int) -> int:
        found = node.optional(name)
        return found.count() if found else otherwise

    def number(name: str) -> float | None:
        found = node.optional(name)
        return found.number() if found else None

    interval = _load_interval(node)
    samples = node.optional("samples")
    native_calls = node.optional("native_calls")
    calibration = node.optional("calibration")
    noise = node.optional("noise")
    warnings = node.optional("warnings")
    return Row(
        component=_name(node.member("component")),
        workload=_name(node.member("workload")),
        metric=Metric(node.member("metric").choice([each.value for each in Metric])),
        nodeid=node.member("nodeid").text(),
        environment=_known(node.member("environment"), environments),
        verdict=Verdict(node.member("verdict").choice([each.value for each in Verdict])),
        message=text("message"),
        interval=interval,
        corrected=_load_corrected(node, interval),
        bound=_load_bound(node),
        warnings=tuple(each.text() for each in warnings.items()) if warnings else (),
        reference=_load_side(node, "reference"),
        accelerated=_load_side(node, "accelerated"),
        total_ratio=number("total_ratio"),
        pairs=count("pairs", 0),
        batch=count("batch", 0),
        looks=count("looks", 0),
        stopped=text("stopped"),
        processes=count("processes", 1),
        between_sd=number("between_sd"),
        threads=count("threads", 1),
        tasks=count("tasks", 1),
        native_calls=native_calls.count() if native_calls else None,
        seconds=number("seconds") or 0.0,
        calibration=calibration.numbers() if calibration else {},
        noise=noise.numbers() if noise else {},
        params=_load_params(node),
        sweep=text("sweep"),
        samples=_load_samples(samples) if samples else None,
    )


def _name(node: Node) -> str:
    return node.text() or node.refuse("a name", "an empty string")


def _known(node: Node, environments: Mapping[str, Environment]) -> str:
    if node.text() not in environments:
        node.refuse("the id of one of this file's environments")
    return node.text()


def _load_interval(node: Node) -> Interval | None:
    estimate = node.optional("estimate")
    if estimate is None:
        for name in ("low", "high"):
            end = node.optional(name)
            if end:
                end.refuse("null, as there is no estimate")
        return None
    low, high = _load_ends(node)
    return Interval(estimate.positive(), low, high, _load_alpha(node))


def _load_corrected(node: Node, interval: Interval | None) -> Interval | None:
    corrected = node.optional("corrected")
    if corrected is None:
        return None
    if interval is None:
        corrected.refuse("null, as there is no estimate")
    low, high = _load_ends(corrected)
    return Interval(interval.estimate, low, high, _load_alpha(corrected))


def _load_ends(node: Node) -> tuple[float, float]:
    low, high = node.optional("low"), node.optional("high")
    ends = (low.positive() if low else 0.0, high.positive() if high else math.inf)
    if ends[0] > ends[1]:
        node.refuse("low at or below high", f"low {ends[0]} above high {ends[1]}")
    return ends


def _load_alpha(node: Node) -> float:
    alpha = node.member("alpha")
    if not 0 < alpha.number() < 1:
        alpha.refuse("a probability between 0 and 1")
    return alpha.number()


def _load_bound(node: Node) -> AppliedBound | None:
    bound = node.optional("bound")
    if bound is None:
        return None
    low, high = bound.optional("low"), bound.optional("high")
    _load_ends(bound)
    return AppliedBound(
        Bound(low.number() if low else None, high.number() if high else None), bound.member("from").text()
    )


def _load_side(node: Node, name: str) -> SideValue | None:
    side = node.optional(name)
    return SideValue(side.member("value").number(), side.member("unit").text()) if side else None


def _load_params(node: Node) -> dict[str, str | int | float | bool | None]:
    params = node.optional("params")
    result: dict[str, str | int | float | bool | None] = {}
    for name, each in (params.members() if params else {}).items():
        if not (each.value is None or isinstance(each.value, (str, int, float))):
            each.refuse("a string, a number, true, false or null")
        result[name] = each.value
    return result


def _load_samples(node: Node) -> dict[str, tuple[float, ...]]:
    return {name: tuple(item.number() for item in series.items()) for name, series in node.members().items()}
