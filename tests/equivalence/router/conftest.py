"""Routers for the tests, closed when they end."""

from __future__ import annotations

import pytest

from pytest_fastllm.components import router as seam

from .routers import Twins


@pytest.fixture(scope="session", autouse=True)
def _the_seam_is_known():
    reason = seam.available()
    if reason is not None:
        pytest.fail(f"nothing is compared: {reason}", pytrace=False)


@pytest.fixture
def twins():
    """Makes pairs of routers."""
    made = []

    def make(*args, **kwargs):
        made.append(Twins(*args, **kwargs))
        return made[-1]

    yield make
    for each in made:
        each.close()
