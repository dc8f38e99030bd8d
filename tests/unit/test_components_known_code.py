"""What is said of code that is not known: the nearest release, and not every one of dozens of parts."""

from __future__ import annotations

import pytest

from pytest_fastllm.components.code_fingerprint import DIGITS
from pytest_fastllm.components.known_code import why_unknown

PARTS = [f"router.py:part_{number}" for number in range(8)]
KNOWN = {"1.0.0": "a" * DIGITS * 8, "1.1.0": "b" * DIGITS * 8}


def here(different):
    return "c" * DIGITS * different + KNOWN["1.1.0"][different * DIGITS :]


def told(different):
    return why_unknown("pytest", "routing", PARTS, here(different), KNOWN)


def test_what_is_known_has_no_reason():
    assert told(0) is None


@pytest.mark.parametrize("different", [1, 5])
def test_few_parts_are_all_named(different):
    assert f"equal: {', '.join(PARTS[:different])}: other than in 1.1.0; known are 1.0.0, 1.1.0" in told(
        different
    )


def test_of_many_parts_the_first_are_named_and_the_others_counted():
    assert f"{', '.join(PARTS[:5])} and 2 more parts: other than in 1.1.0" in told(7)
