"""The routers of the suite: nothing of one is left behind, also where it cannot be made."""

from __future__ import annotations

import asyncio

import pytest

from pytest_fastllm.suite import routers

pytestmark = pytest.mark.filterwarnings("ignore")  # what LiteLLM's imports warn of is not what is tested here


def test_a_router_that_cannot_be_made_leaves_no_loop_open(monkeypatch):
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # or its import would fetch prices
    pytest.importorskip("litellm")
    loops = []
    new = asyncio.new_event_loop
    monkeypatch.setattr(asyncio, "new_event_loop", lambda: loops.append(new()) or loops[-1])

    async def fail(*_):
        raise ValueError("no such strategy")

    monkeypatch.setattr(routers, "_make", fail)
    with pytest.raises(ValueError, match="no such strategy"), routers.routing(1):
        pass
    assert [loop.is_closed() for loop in loops] == [True]
