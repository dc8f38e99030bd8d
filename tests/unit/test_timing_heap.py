"""The heap between rows: frozen once, looked at again when it has grown, and given back."""

from __future__ import annotations

import gc
import sys

import pytest

from pytest_fastllm.timing.heap import FrozenHeap
from pytest_fastllm.timing.quiet import quiet_garbage


@pytest.fixture
def heap():
    made = FrozenHeap()
    yield made
    made.thaw()
    assert gc.get_freeze_count() == 0


@pytest.fixture
def collections():
    """Full collections, each with the number of objects that it looked at."""
    seen = []

    def note(phase, info):
        if phase == "start" and info["generation"] == 2:
            seen.append(len(gc.get_objects()))

    gc.callbacks.append(note)
    yield seen
    gc.callbacks.remove(note)


def test_a_row_looks_only_at_what_is_new(heap, collections):
    heap.settle()
    everything = collections[-1]
    with quiet_garbage(keep=False):
        pass
    heap.settle()
    assert len(collections) == 2
    assert collections[-1] < everything / 4


def test_no_row_counts_a_heap_that_is_known_to_be_frozen(heap, monkeypatch):
    heap.settle()
    with monkeypatch.context() as patched:
        patched.delattr(gc, "get_freeze_count")  # it would walk along all that is frozen
        heap.settle()
        with quiet_garbage(keep=False):
            pass
    assert gc.get_freeze_count() > 0


def test_everything_is_looked_at_again_after_growth(heap, collections):
    heap.settle()
    before = gc.get_freeze_count()
    with quiet_garbage(keep=False):
        grown = [[] for _ in range(sys.getallocatedblocks() // 2)]
    with quiet_garbage(keep=False):  # freezes what the first one left
        pass
    heap.settle()
    assert len(collections) == 4
    assert collections[-1] >= before + len(grown)


def test_garbage_of_a_frozen_heap_is_found_when_it_is_thawed(heap):
    class Node:
        pass

    node = Node()
    node.itself = node
    heap.settle()
    del node
    gc.collect()
    assert any(type(each) is Node for each in gc.get_objects()) is False  # out of sight, not gone
    heap.thaw()
    assert any(type(each) is Node for each in gc.get_objects())
    gc.collect()
    assert not any(type(each) is Node for each in gc.get_objects())


def test_what_others_froze_stays_frozen_after_a_row():
    gc.freeze()
    try:
        with quiet_garbage(keep=False):
            pass
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
