"""Where a run measures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import environment

if TYPE_CHECKING:
    from ..model import Environment
    from .collection import Collection

_WATCHED_PACKAGES = ("litellm", "pytest-fastllm")


class Environments:
    """The environments of a run's rows, each described once.

    Args:
        tests: whose components' packages belong to the description.
    """

    def __init__(self, tests: Collection) -> None:
        """None is described yet."""
        self._tests = tests
        self._described: dict[bool, Environment] = {}

    def of(self, *, with_cores: bool) -> Environment:
        """The environment of rows whose threads make the number of cores count, or of the others."""
        if with_cores not in self._described:
            packages = {*_WATCHED_PACKAGES, *self._tests.packages()}
            self._described[with_cores] = environment.describe(sorted(packages), with_cores)
        return self._described[with_cores]

    def forget(self) -> None:
        """Describe them anew: the components in use, and so their packages, have become known."""
        self._described.clear()

    def described(self) -> dict[str, Environment]:
        """By id, those that were asked for."""
        return {each.id: each for each in self._described.values()}
