"""What the memory measurement is given: how to build one instance, and how many keys it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class MemoryWorkload:
    """One side's state at a stated key count.

    Args:
        build: ``build(keys)`` returns one instance that holds ``keys`` keys; the measurer keeps it
            alive. It makes its keys itself, so that their memory counts. Every call builds an equal
            instance.
        keys: how many keys an instance holds.
        instances: how many instances are alive at each reading, rising; those before the first reading
            fill what the imports left free. Empty: found by a first child that is not counted.
        warmup: called once before the first instance; its answer is dropped. What it leaves behind
            belongs to the fixed cost.

    Raises:
        UsageError: keys or instances cannot be measured.
    """

    build: Callable[[int], object]
    keys: int
    instances: tuple[int, ...] = ()
    warmup: Callable[[], object] | None = None

    def __post_init__(self) -> None:
        """Refuse what no line can be drawn through."""
        if not callable(self.build):
            raise UsageError(f"memory: build is {self.build!r}; expected a function build(keys)")
        if type(self.keys) is not int or self.keys < 1:
            raise UsageError(f"memory: keys is {self.keys!r}; expected a whole number of at least 1")
        object.__setattr__(self, "instances", tuple(self.instances))
        counts = self.instances
        rising = all(type(n) is int and n >= 1 for n in counts) and list(counts) == sorted(set(counts))
        if counts and (len(counts) < 2 or not rising):
            raise UsageError(
                f"memory: instances is {counts!r}; expected at least two rising counts as in (1, 2, 3), "
                "or nothing to have them found"
            )

    @property
    def name(self) -> str:
        """The builder's name, for messages."""
        return str(getattr(self.build, "__qualname__", None) or repr(self.build))
