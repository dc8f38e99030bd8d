"""The marker ``@pytest.mark.fastllm``: its keywords, checked when the tests are collected."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from .errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pytest


@dataclass(frozen=True)
class Marker:
    """What the marker says; None or the default where it says nothing.

    Args:
        component: name of the component whose sides are compared.
        workload: name of the workload, instead of the test's own.
        threads: number of threads that drive the workload.
        tasks: number of coroutines that drive it at the same time.
        equal: rule of equality, ``equal(reference_answer, accelerated_answer)``.
        state: returns the visible state after a call.
        raises: exceptions that are the workload's point.
        memory: key count at which a memory comparison is stated.
        sweep: parameter along which the break-even point is sought.
        gc: ``"keep"`` where collection is part of the cost.
        seconds: time budget of this comparison, where it is less than the run's.
    """

    component: str | None = None
    workload: str | None = None
    threads: int = 1
    tasks: int = 1
    equal: Callable[[Any, Any], bool] | None = None
    state: Callable[[], Any] | None = None
    raises: tuple[type[BaseException], ...] = ()
    memory: int | None = None
    sweep: str | None = None
    gc: str | None = None
    seconds: float | None = None


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_seconds(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < float("inf")


def _is_exceptions(value: object) -> bool:
    kinds = value if isinstance(value, tuple) else (value,)
    return bool(kinds) and all(isinstance(kind, type) and issubclass(kind, BaseException) for kind in kinds)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and "/" not in value


_CHECKS: Mapping[str, tuple[str, Callable[[object], bool]]] = {
    "component": ("a component's name", lambda value: isinstance(value, str)),
    "workload": ("a name without '/'", _is_name),
    "threads": ("a whole number above 0", _is_count),
    "tasks": ("a whole number above 0", _is_count),
    "equal": ("a function of (reference answer, accelerated answer)", callable),
    "state": ("a function without arguments", callable),
    "raises": ("an exception class, or a tuple of them", _is_exceptions),
    "memory": ("a key count above 0", _is_count),
    "sweep": ("the name of a parameter of the test", _is_name),
    "gc": ("'keep'", lambda value: value == "keep"),
    "seconds": ("a time above 0", _is_seconds),
}


def read_marker(item: pytest.Item) -> Marker:
    """The item's marker; the closest one wins for each keyword.

    Raises:
        UsageError: an unknown keyword or a value of the wrong kind, naming the test.
    """
    values: dict[str, Any] = {}
    for mark in item.iter_markers("fastllm"):
        given = dict(mark.kwargs)
        if len(mark.args) > 1:
            raise UsageError(
                f"{item.nodeid}: @pytest.mark.fastllm takes one component, found {mark.args!r}; "
                "compare one component per test"
            )
        if mark.args:
            if "component" in given:
                raise UsageError(
                    f"{item.nodeid}: @pytest.mark.fastllm names its component twice; drop component="
                )
            given["component"] = mark.args[0]
        for name, value in given.items():
            _check(item.nodeid, name, value)
            values.setdefault(name, value)
    if "raises" in values and not isinstance(values["raises"], tuple):
        values["raises"] = (values["raises"],)
    marker = Marker(**values)
    if marker.threads > 1 and marker.tasks > 1:
        raise UsageError(
            f"{item.nodeid}: threads= and tasks= are two ways to drive a workload; give one of them"
        )
    return marker


def _check(nodeid: str, name: str, value: object) -> None:
    if name not in _CHECKS:
        known = [field.name for field in fields(Marker)]
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]}=?" if close else f"known keywords: {', '.join(known)}"
        raise UsageError(f"{nodeid}: @pytest.mark.fastllm has no keyword {name!r}; {hint}")
    expected, fits = _CHECKS[name]
    if not fits(value):
        raise UsageError(f"{nodeid}: @pytest.mark.fastllm({name}={value!r}): expected {expected}")
