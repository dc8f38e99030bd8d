"""What was seen is not looked at again until its dict has another version: each change has to be noticed at once."""

from __future__ import annotations

import ctypes
import random
import sys

import pytest

from .routers import COOLDOWNS, OLD_MEMBERS, Router, deployments

pytestmark = OLD_MEMBERS

KEPT = sys.implementation.name == "cpython" and (3, 10) <= sys.version_info[:2] <= (3, 12)


def version(mapping):
    return ctypes.c_uint64.from_address(id(mapping) + 24).value


class Plain:
    pass


def store_often(mapping):
    """The interpreter has a faster way for stores that are repeated; it has to count them too."""
    instance = Plain()
    instance.__dict__ = mapping
    for number in range(100):
        before = version(mapping)
        instance.a = object() if number % 2 else None
        assert version(mapping) != before


CHANGES = {
    "set": lambda mapping: mapping.__setitem__("a", object()),
    "add": lambda mapping: mapping.__setitem__("new", 1),
    "delete": lambda mapping: mapping.__delitem__("a"),
    "pop": lambda mapping: mapping.pop("a"),
    "popitem": lambda mapping: mapping.popitem(),
    "clear": lambda mapping: mapping.clear(),
    "update": lambda mapping: mapping.update(a=object()),
    "or": lambda mapping: mapping.__ior__({"a": object()}),
    "setdefault": lambda mapping: mapping.setdefault("new", 1),
    "store": store_often,
}


@pytest.mark.skipif(not KEPT, reason="this Python's dicts have no versions; all is read anew in each call")
@pytest.mark.parametrize("change", CHANGES)
def test_every_change_gives_a_new_version(change):
    seen = set()
    for _ in range(100):
        mapping = {"a": object(), "b": 2}
        seen.add(version(mapping))
        CHANGES[change](mapping)
        assert version(mapping) not in seen
        seen.add(version(mapping))
        copy = dict(mapping)
        if copy:
            assert version(copy) not in seen
        seen.add(version(copy))


def test_instances_keep_versions_too():
    instance = Plain()
    instance.a = 1
    mapping = vars(instance)
    if not KEPT:
        pytest.skip("this Python's dicts have no versions")
    for number in range(100):
        before = version(mapping)
        instance.a = number + 1000
        assert version(mapping) != before
        before = version(mapping)
        setattr(instance, f"a{number}", 1)
        assert version(mapping) != before


def test_a_patch_is_noticed_in_the_next_call_and_so_is_its_end(twins, monkeypatch):
    pair = twins()
    for _ in range(3):
        pair.ask(native=True)
        with monkeypatch.context() as patch:
            patch.setattr(Router, "_filter_blocked_deployments", lambda self, found: found[-1:])
            assert pair.ask(native=False)[1] == [3]
        pair.ask(native=True)
        with monkeypatch.context() as patch:
            patch.setattr(COOLDOWNS, lambda **_: ["g-0", "g-1", "g-2"])
            assert pair.ask(native=False)[1] == [3]
        pair.ask(native=True)
        for router in pair.routers():
            router._filter_blocked_deployments = lambda found: found[-1:]
        assert pair.ask(native=False)[1] == [3]
        for router in pair.routers():
            del router._filter_blocked_deployments


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_deployment_altered_in_place_counts_at_once(twins, asynchronous):
    pair = twins(model_list=deployments(6))

    def ask(native=True):
        for seed in range(6):
            pair.ask(seed=seed, asynchronous=asynchronous, request_kwargs={"metadata": {}}, native=native)

    def alter(**changes):
        part = {"weight": "litellm_params", "rpm": "litellm_params", "order": "litellm_params"}
        for name, value in changes.items():
            place = part.get(name, "model_info")
            for router in pair.routers():
                router.model_list[2][place][name] = value

    ask()
    for changes in (
        {"weight": 5},
        {"weight": 5.5},
        {"weight": True},
        {"weight": None},
        {"rpm": 3},
        {"order": 2},
        {"order": None},
        {"blocked": True},
        {"blocked": False},
    ):
        alter(**changes)
        ask()
    alter(weight="5")
    pair.ask(asynchronous=asynchronous, request_kwargs={"metadata": {}}, native=False)
    alter(weight=1)
    ask()
    # Another dict in the place of one that is known.
    pair.both(
        lambda router: router.model_list[3].update(litellm_params={"model": "openai/other", "order": 1})
    )
    ask()
    pair.both(
        lambda router: router.model_list.__setitem__(4, {**router.model_list[4], "model_info": {"id": "g-4"}})
    )
    ask()
    alter(team_id="team")
    pair.ask(asynchronous=asynchronous, request_kwargs={"metadata": {}}, native=False)


@pytest.mark.parametrize("name", ["_randbelow", "getrandbits", "choice"])
def test_a_generator_with_a_method_of_its_own_is_asked(twins, monkeypatch, name):
    pair = twins()
    pair.ask(native=True)
    generator = random.choice.__self__
    replacement = {"_randbelow": lambda n: 2, "getrandbits": lambda k: 2, "choice": lambda found: found[2]}[
        name
    ]
    monkeypatch.setattr(generator, name, replacement, raising=False)
    # `random.choice` is bound already, so that a new `choice` of its generator changes nothing.
    if name != "choice":
        assert pair.ask(native=True)[1] == [2]
    else:
        pair.ask(native=True)
    monkeypatch.undo()
    if name != "getrandbits":
        monkeypatch.setattr(
            random.Random, name, lambda self, argument: 1 if name == "_randbelow" else argument[1]
        )
        pair.ask(native=True)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 8, 9, 64, 100])
def test_choices_and_what_is_left_of_the_generator_are_pythons(twins, count):
    pair = twins(model_list=deployments(count))
    for seed in range(30):
        pair.ask(seed=seed, native=True)
