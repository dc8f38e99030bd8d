"""Work whose amount is known by count, so that a planted slowdown is true by construction.

``range(int(n * 1.05))`` would not be 5 % more work once the integers grow; an iterator that yields the same
object n times is.
"""

from __future__ import annotations

from itertools import repeat
from types import FunctionType

SPINS = 2_000


def spin(spins: int) -> None:
    """Interpreter-bound: an empty loop of ``spins`` turns."""
    for _ in repeat(None, spins):
        pass


spin_twin = FunctionType(spin.__code__, globals(), "spin_twin")
"""The other side of an A/A comparison: another function of the same code object. The same text compiled twice can
differ for as long as a process lives, because it matters where code lies (docs/methodology.md has the figure)."""


spinner = spin
"""What an A/A comparison through the switch looks up."""


def through_the_switch(spins: int) -> None:
    """Call whichever side is in place."""
    spinner(spins)


def planted(percent: float) -> int:
    """The number of turns that is ``percent`` more work than `SPINS`."""
    return round(SPINS * (1 + percent / 100))
