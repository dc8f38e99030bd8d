"""Long texts that are new for each pair, made once for both of its sides.

Making 100 kB takes several times as long as counting it, and a setup is asked for each text twice, once a side. To keep
it for the second side would be quick and unfair: a text that was just made leaves the processor's caches full of other
things than one that was kept, and the side that came second was a fifth faster. So every setup makes half a text,
whichever side asks, and gives out what was made before.
"""

from __future__ import annotations

import random
from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_REMEMBERED = 4
"""A pair asks for two texts, one of them for calls that are not timed, before it asks for either again."""


class FreshTexts:
    """Gives a text for each state of `random`: both sides are asked in the same one, each pair in one of its own.

    Args:
        make: draws a text of so many characters from `random`.
        chars: the length of all texts; even.
    """

    def __init__(self, make: Callable[[int], str], chars: int) -> None:
        """Nothing is made yet."""
        self._make = make
        self._half_chars = chars // 2
        self._halves: deque[bytes] = deque()
        self._given: OrderedDict[Any, bytes] = OrderedDict()
        self._state: Any = None

    def __call__(self) -> str:
        """A string that nobody has used; `random` is left as it was."""
        asked = random.getstate()
        new = asked not in self._given
        if new:
            self._state = asked
        self._make_half()
        if new:
            self._given[asked] = self._text()
            if len(self._given) > _REMEMBERED:
                self._given.popitem(last=False)
        random.setstate(asked)
        # Kept as bytes: a string would carry what the first side has found out about it over to the second.
        return self._given[asked].decode()

    def _make_half(self) -> None:
        """Go on in the numbers of the last new state: in the one that is asked in, both sides would make the same."""
        random.setstate(self._state)
        self._halves.append(self._make(self._half_chars).encode())
        self._state = random.getstate()

    def _text(self) -> bytes:
        while len(self._halves) < 2:  # only the first pair's
            self._make_half()
        return self._halves.popleft() + self._halves.popleft()
