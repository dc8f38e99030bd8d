"""Turning acceleration on in a program of your own, once its gain has been measured."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from .model import Side
from .registry import bundled_and_installed
from .toggle.switch import switch_for

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from .component import Component


class Acceleration:
    """Accelerated components, in place until `stop` or the end of a ``with`` block.

    ``active`` names them; ``stepped_aside`` says of the others why they stayed on their reference.
    """

    def __init__(self, stack: ExitStack, active: tuple[str, ...], stepped_aside: Mapping[str, str]) -> None:
        """``stack`` puts back what was there."""
        self.active = active
        self.stepped_aside = stepped_aside
        self._stack = stack

    def stop(self) -> None:
        """Put the references back."""
        self._stack.close()

    def __enter__(self) -> Acceleration:
        """The components are in place already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Put the references back."""
        self.stop()


def accelerate(*components: str | Component) -> Acceleration:
    """Put the accelerated side of components in place, in this process.

    Args:
        components: bundled or of installed packages, by name as in ``accelerate("token_counter")``; or declared, as in
            ``accelerate(rate_limiter.component(max_keys=100_000))``.

    Returns:
        What is in place now; a component that does not find its reference as it knows it steps aside.

    Raises:
        UsageError: a name that no component has.
    """
    registry = bundled_and_installed()
    active: list[str] = []
    stepped_aside: dict[str, str] = {}
    with ExitStack() as stack:
        for wanted in components:
            component = registry.find(wanted, wanted_by="accelerate()") if isinstance(wanted, str) else wanted
            name = component.name
            reason = component.why_unavailable()
            if reason is not None:
                stepped_aside[name] = reason
                continue
            stack.enter_context(switch_for(component)).select(Side.ACCELERATED)
            active.append(name)
        return Acceleration(stack.pop_all(), tuple(active), stepped_aside)
