"""How a component is driven: what is called, with which arguments, from which state."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .model import Side


@dataclass(frozen=True)
class Workload:
    """One way of driving both sides.

    Args:
        functions: what to call on each side; the same function where a switch makes the difference.
        args, kwargs: each side gets its own copy of the plain data in them.
        setup: runs untimed before each sample with that side in place and may return ``(args, kwargs)``.
            What it draws from ``random`` is new for every pair and the same for both sides of one.
        teardown: runs untimed after each sample, with the arguments of the call.
        equal: rule of equality of two answers; None for same type and ``==``.
        state: the visible state after a call, compared like an answer.
        raises: exceptions that are the workload's point and are timed like an answer.
        calls: calls in one sample; None to calibrate (1 with ``setup``).
        pairs: number of pairs; None for the stopping rule.
        keep_gc: whether collection is part of the cost and stays on.
        threads: how many threads drive it.
    """

    functions: Mapping[Side, Callable[..., Any]]
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    setup: Callable[[], Any] | None = None
    teardown: Callable[..., Any] | None = None
    equal: Callable[[Any, Any], bool] | None = None
    state: Callable[[], Any] | None = None
    raises: tuple[type[BaseException], ...] = ()
    calls: int | None = None
    pairs: int | None = None
    keep_gc: bool = False
    threads: int = 1
