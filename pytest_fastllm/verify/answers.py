"""What a call answered (a value or an exception), and whether two answers are the same."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_SHOWN_CHARS = 400


@dataclass(frozen=True)
class Answer:
    """The value a call returned or the exception it raised, and the visible state afterwards."""

    value: Any = None
    error: BaseException | None = None
    state: Any = None

    def describe(self) -> str:
        """One line for a message."""
        if self.error is not None:
            return f"raised {shortened(type(self.error).__name__ + ': ' + str(self.error))}"
        return f"{type(self.value).__name__} {shortened(_safe_repr(self.value))}"


def _safe_repr(value: Any) -> str:
    try:
        return repr(value)
    except Exception as error:
        return f"<{type(value).__name__} whose repr raised {type(error).__name__}>"


def shortened(text: str, limit: int = MAX_SHOWN_CHARS) -> str:
    """``text`` with its middle left out where it is longer than ``limit`` characters."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]} … [{len(text) - 2 * half} characters] … {text[-half:]}"


def _first_difference(reference: str, accelerated: str) -> str:
    """Long texts that differ late look the same when shortened: show them around the difference."""
    if max(len(reference), len(accelerated)) <= MAX_SHOWN_CHARS:
        return ""
    pairs = zip(reference, accelerated, strict=False)
    at = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(reference), len(accelerated)))
    window = slice(max(0, at - 20), at + 40)
    return f"\n  first difference at character {at}: {reference[window]!r} against {accelerated[window]!r}"


def same_type_and_equal(reference: Any, accelerated: Any) -> bool:
    """The default rule of equality."""
    return type(reference) is type(accelerated) and bool(reference == accelerated)


def difference(
    reference: Answer, accelerated: Answer, equal: Callable[[Any, Any], bool] | None, compare_state: bool
) -> str | None:
    """None where the two answers are the same, else a message that shows both.

    Exceptions are answers: they are the same if type and text are. ``equal`` replaces the rule for values.
    """
    if reference.error is not None or accelerated.error is not None:
        same = type(reference.error) is type(accelerated.error) and str(reference.error) == str(
            accelerated.error
        )
        what = "the sides answered differently"
    else:
        rule = equal or same_type_and_equal
        try:
            same = bool(rule(reference.value, accelerated.value))
        except Exception as error:
            return (
                f"comparing the two answers raised {type(error).__name__}: {error}; give equal= a function of "
                f"(reference answer, accelerated answer)\n  reference:   {reference.describe()}\n"
                f"  accelerated: {accelerated.describe()}"
            )
        what = "the sides answered differently"
    if not same:
        return (
            f"{what}\n  reference:   {reference.describe()}\n  accelerated: {accelerated.describe()}"
            + _first_difference(_safe_repr(reference.value), _safe_repr(accelerated.value))
            + "\n  mend the accelerated side, or give equal= the rule by which these answers are the same"
        )
    if compare_state and not same_type_and_equal(reference.state, accelerated.state):
        before, after = _safe_repr(reference.state), _safe_repr(accelerated.state)
        return (
            f"the answers are the same, but the state afterwards differs\n  reference:   {shortened(before)}\n"
            f"  accelerated: {shortened(after)}" + _first_difference(before, after)
        )
    return None


def brief_traceback(error: BaseException) -> str:
    """The last lines of an exception's traceback, for a row's message."""
    lines = "".join(traceback.format_exception(type(error), error, error.__traceback__)).strip().splitlines()
    return "\n".join(lines[-6:])
