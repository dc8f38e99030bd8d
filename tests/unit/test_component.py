"""A declaration that could not be used is refused where it is written."""

from __future__ import annotations

import contextlib

import pytest

from pytest_fastllm import Component
from pytest_fastllm.errors import UsageError

SIDES = {"reference": "app.codec:dumps", "accelerated": "fast:dumps"}


def test_a_name_in_the_public_interface():
    component = Component("codec", **SIDES, patch=["app.codec:dumps", "app:Codec.dumps"])
    assert component.patch == ("app.codec:dumps", "app:Codec.dumps")


def test_declaring_imports_nothing():
    Component("codec", reference="absent.a:f", accelerated="absent.b:f", patch=("absent.a:f",))


def test_availability_is_asked_for_late():
    reasons = iter([None, "no such library"])
    component = Component("codec", **SIDES, patch=("app:f",), available=lambda: next(reasons))
    assert component.why_unavailable() is None
    assert component.why_unavailable() == "no such library"
    assert Component("codec", **SIDES, patch=("app:f",)).why_unavailable() is None


@pytest.mark.parametrize("name", ["", "Codec", "my codec", "my-codec", "1st", "a/b", "codec\n", 3, None])
def test_malformed_names(name):
    with pytest.raises(UsageError, match="lower-case"):
        Component(name, **SIDES, patch=("app:f",))


@pytest.mark.parametrize("patch", ["app:f", 3, [3]])
def test_patch_is_a_tuple_of_names(patch):
    with pytest.raises(UsageError, match=r"'codec'.*patch"):
        Component("codec", **SIDES, patch=patch)


@pytest.mark.parametrize("dotted", ["app.codec", "app:", ":f", "app:f()", "app:a b", "app..b:f", "app:f\n"])
@pytest.mark.parametrize("field", ["reference", "accelerated"])
def test_malformed_dotted_names(field, dotted):
    with pytest.raises(UsageError, match=r"'codec'.*'package\.module:attribute'"):
        Component("codec", **{**SIDES, field: dotted}, patch=("app:f",))


PART = Component("part", **SIDES, patch=("app:f",))


@pytest.mark.parametrize(
    ("ways", "found"),
    [
        ({"patch": ("app:f",), "switch": contextlib.nullcontext}, "patch= and switch="),
        ({"patch": ("app:f",), "together": (PART,)}, "patch= and together="),
        ({"switch": contextlib.nullcontext, "together": (PART,)}, "switch= and together="),
        ({}, "none"),
    ],
)
def test_there_is_one_way_to_switch(ways, found):
    with pytest.raises(UsageError, match=f"found {found}$"):
        Component("codec", **SIDES, **ways)


def test_parts_are_switched_together():
    assert Component("all", together=[PART]).together == (PART,)


@pytest.mark.parametrize("missing", ["reference", "accelerated"])
def test_patch_needs_both_sides(missing):
    with pytest.raises(UsageError, match=r"reference= and accelerated="):
        Component("codec", **{**SIDES, missing: None}, patch=("app:f",))
