"""What an answer of LiteLLM's depends on in its registries, learnt by letting LiteLLM read in watched ones.

Until 1.108 it is the model's own place in them. From 1.109 on, it is also what the price list says of the model, of the
same name at Azure and of what the name begins with. LiteLLM's own code says which: its functions are run once more, and
what they find where they look for `litellm` notes what is asked of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TypeAlias

    Guard: TypeAlias = tuple[Any, ...]
    Reads: TypeAlias = tuple[list[tuple[str, str, bool]], list[tuple[str, frozenset[str]]], list[Guard]]
    """Registry, key and whether it was in there; registry and all that was in it; then dict, key and, unless it was
    absent, what was there."""

_REGISTRIES = (dict, set, frozenset, list, tuple)
_PLAIN = (str, bool, int, float, type(None))


class UnwatchedReadError(Exception):
    """LiteLLM read what is too much to look at on every call: the whole price list, or an object with code."""

    until_then: Reads | None = None
    """What it read before; while that is the same, it would read the same again."""


def reads_of(module: Any, question: str, model: str, own: Sequence[str]) -> Reads | None:
    """What LiteLLM reads to answer a question about a model; None if nothing beside the model's own places.

    Args:
        module: of LiteLLM's, with the question in it.
        question: name of a function of the model; one that this LiteLLM does not have reads nothing.
        model: its argument.
        own: registries in which the model itself is looked up on every call anyhow.

    Raises:
        UnwatchedReadError: the answer depends on more than can be looked at on every call.
    """
    if not hasattr(module, question):
        return None
    notes = _Notes()
    namespace = _with_watched(vars(module), _Litellm(vars(module.litellm), notes))
    try:
        namespace[question](model)
    except UnwatchedReadError as error:
        error.until_then = notes.reads()
        raise
    finally:
        namespace.clear()  # its functions refer to it
    for name in own:
        notes.members.pop((name, model), None)
    return notes.reads()


def _with_watched(namespace: dict[str, Any], litellm: _Litellm) -> dict[str, Any]:
    """A module's namespace whose own functions find something else where they look for `litellm`."""
    twins = {**namespace, "litellm": litellm}
    for name, function in namespace.items():
        if isinstance(function, FunctionType) and function.__globals__ is namespace:
            twin = FunctionType(function.__code__, twins, name, function.__defaults__, function.__closure__)
            twin.__kwdefaults__ = function.__kwdefaults__
            twins[name] = twin
    return twins


@dataclass
class _Notes:
    """What was read: membership by registry and key, whole registries, guards by the dict's identity and the key."""

    members: dict[tuple[str, str], bool] = field(default_factory=dict)
    wholes: dict[str, frozenset[str]] = field(default_factory=dict)
    guards: dict[tuple[int, str], Guard] = field(default_factory=dict)

    def reads(self) -> Reads | None:
        """All of it."""
        members = [(registry, key, held) for (registry, key), held in self.members.items()]
        reads = (members, list(self.wholes.items()), list(self.guards.values()))
        return reads if any(reads) else None

    def read(self, content: dict[str, Any], key: str) -> Any:
        """The entry of a dict, noted; KeyError without it."""
        if type(content) is not dict or type(key) is not str:
            raise UnwatchedReadError
        try:
            found = content[key]
        except KeyError:
            self.guards[id(content), key] = (content, key)
            raise
        self.guards[id(content), key] = (content, key, found)
        return found


class _Litellm:
    """Stands for the module `litellm`."""

    def __init__(self, namespace: dict[str, Any], notes: _Notes) -> None:
        self.__namespace = namespace
        self.__notes = notes

    def __getattr__(self, name: str) -> Any:
        if type(self.__namespace.get(name)) in _REGISTRIES:
            return _Registry(self.__namespace, name, self.__notes)
        self.__notes.read(self.__namespace, name)
        raise UnwatchedReadError


class _Watched(Mapping[str, Any]):
    """A dict, or what has keys at all, read under watch."""

    def __init__(self, content: Any, notes: _Notes) -> None:
        self._content = content
        self._notes = notes

    def __getitem__(self, key: str) -> Any:
        found = self._notes.read(self._content, key)
        if type(found) is dict:
            return _Watched(found, self._notes)
        if type(found) in _PLAIN:
            return found
        raise UnwatchedReadError

    def __bool__(self) -> bool:
        """True: what is read of an empty one is absent, as it is of whatever stands in for it."""
        return True

    def __contains__(self, key: object) -> bool:
        raise UnwatchedReadError

    def __iter__(self) -> Iterator[str]:
        raise UnwatchedReadError

    def __len__(self) -> int:
        raise UnwatchedReadError


class _Registry(_Watched):
    """A registry of `litellm`'s: of its keys it is noted which were in there, of a set also which it has."""

    def __init__(self, namespace: dict[str, Any], name: str, notes: _Notes) -> None:
        super().__init__(namespace[name], notes)
        self._namespace = namespace
        self._name = name

    def __getitem__(self, key: str) -> Any:
        self._notes.read(self._namespace, self._name)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        if type(key) is not str:
            raise UnwatchedReadError
        held = key in self._content
        self._notes.members[self._name, key] = held
        return held

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole())

    def __len__(self) -> int:
        return len(self._whole())

    def _whole(self) -> frozenset[str]:
        if type(self._content) is not set:
            raise UnwatchedReadError
        self._notes.wholes[self._name] = whole = frozenset(self._content)
        return whole
