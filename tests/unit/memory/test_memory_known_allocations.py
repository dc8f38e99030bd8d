"""Measured bytes per key against what the allocators are known to take."""

from __future__ import annotations

import ctypes
import gc
import mmap
import os
import sys
import threading
import time

import pytest

from pytest_fastllm.errors import UsageError, WorkloadError
from pytest_fastllm.memory.forked import MemoryWorkload, measure_side
from pytest_fastllm.memory.ratio import Compared, memory_interval, memory_ratio
from pytest_fastllm.timing.heap import FrozenHeap

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the truth is computed for Linux"),
    # Two sides are compared in one interpreter here, so neither's keys may live on in it.
    pytest.mark.filterwarnings("error"),
]

ALPHA = 0.001
PAGE = mmap.PAGESIZE
PLENTY_S = 120.0
BYTES_HEADER = sys.getsizeof(b"")

libc = ctypes.CDLL(None)
if sys.platform == "linux":
    libc.malloc.restype = ctypes.c_void_p
    libc.malloc.argtypes = [ctypes.c_size_t]
    libc.free.argtypes = [ctypes.c_void_p]
    libc.malloc_usable_size.argtypes = [ctypes.c_void_p]
    libc.malloc_usable_size.restype = ctypes.c_size_t


def measure(build, keys, *, repeats=3, timeout_s=PLENTY_S, **options):
    return measure_side(MemoryWorkload(build, keys, **options), repeats=repeats, timeout_s=timeout_s)


def malloc_takes(size: int) -> int:
    """Bytes of a block with malloc's header; whole pages where it has a mapping of its own."""
    block = libc.malloc(size)
    taken = libc.malloc_usable_size(block) + 8
    libc.free(block)
    return taken


def python_takes(size: int) -> float:
    """Bytes of an object of ``size`` bytes: a share of a pool (Objects/obmalloc.c), or malloc's block."""
    if size > 512:
        return malloc_takes(size)
    pool, header = 16384, 48
    return pool / ((pool - header) // (-(-size // 16) * 16))


def one_block(bytes_per_key: int):
    return lambda keys: b"x" * (bytes_per_key * keys - BYTES_HEADER)


def single_objects(size: int):
    def build(keys):
        instance = [None] * keys
        for key in range(keys):
            instance[key] = bytes(size - BYTES_HEADER)
        return instance

    return build


def native_chain(size: int):
    """A chain of C blocks, each pointing to the next: Python holds a number, like a Rust component would."""

    def build(keys):
        head = 0
        for _ in range(keys):
            block = libc.malloc(size)
            ctypes.memset(block, 1, size)
            ctypes.c_void_p.from_address(block).value = head
            head = block
        return head

    return build


@pytest.mark.parametrize("keys", [1_000, 100_000])
def test_one_block_of_a_tenth_is_measured_as_ten_times(keys):
    reference, accelerated = measure(one_block(1000), keys), measure(one_block(100), keys)
    interval = memory_interval(reference, accelerated, ALPHA)
    assert interval.estimate == pytest.approx(10.0, rel=0.01)
    assert 9.5 <= interval.low <= 10.0 <= interval.high <= 10.5
    assert reference.warnings == accelerated.warnings == ()


@pytest.mark.parametrize(("keys", "size"), [(1, 100), (1, 1000), (1_000, 100), (1_000, 1000), (100_000, 100)])
def test_single_objects_cost_what_pythons_allocator_takes(keys, size):
    # A list is two blocks, its head and its items; a large block's share of malloc's rounding is nothing.
    items = python_takes(8) if keys == 1 else 8 * keys
    truth = python_takes(size) + (python_takes(sys.getsizeof([])) + items) / keys
    assert measure(single_objects(size), keys).bytes_per_key == pytest.approx([truth] * 3, rel=0.02)


@pytest.mark.parametrize(("keys", "size"), [(1_000, 100), (1_000, 1000), (100_000, 100)])
def test_memory_that_only_native_code_holds_counts_in_full(keys, size):
    side = measure(native_chain(size), keys)
    assert side.bytes_per_key == pytest.approx([malloc_takes(size)] * 3, rel=0.01)


def test_the_ratio_of_single_objects_is_that_of_their_blocks():
    sides = [measure(native_chain(size), 1000) for size in (1000, 100)]
    truth = malloc_takes(1000) / malloc_takes(100)
    interval = memory_interval(*sides, ALPHA)
    assert interval.low <= truth <= interval.high
    assert interval.half_width < 0.02


def test_repeats_agree():
    side = measure(single_objects(200), 1000, repeats=5)
    assert max(side.bytes_per_key) / min(side.bytes_per_key) < 1.004


def test_the_key_count_decides_what_a_table_costs():
    # A set's table quadruples: 1,228 keys are just below a resize at 60 %, 1,300 just above.
    few, more = (measure(lambda keys: set(range(keys)), keys) for keys in (1_200, 1_300))
    for side, keys in ((few, 1_200), (more, 1_300)):
        table = sys.getsizeof(set(range(keys)))
        ints = (keys - 257) * 32 * 16384 / (510 * 32)
        assert side.bytes_per_key[0] * keys == pytest.approx(table + ints, rel=0.05)


def test_pages_are_counted_when_they_are_touched():
    def build(keys):
        memory = mmap.mmap(-1, 16 * PAGE * keys, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        for page in range(keys):
            memory[page * 16 * PAGE] = 1
        return memory

    side = measure(build, 100)
    assert side.bytes_per_key == pytest.approx([PAGE] * 3, rel=0.02)
    (warning,) = side.warnings
    assert warning.startswith("untouched-memory: 6,553,")


def test_a_huge_page_is_not_counted_for_one_touched_byte():
    def build(keys):
        memory = mmap.mmap(-1, 4 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        memory.madvise(mmap.MADV_HUGEPAGE)
        for page in range(keys):
            memory[(2 << 20) + page * PAGE] = 1
        return memory

    assert measure(build, 100).bytes_per_key == pytest.approx([PAGE] * 3, rel=0.02)


SHARED = [str(number) * 20 for number in range(100_000)]


def test_pages_shared_with_the_helper_do_not_count_when_they_are_touched():
    def build(keys):
        # Every key's reference count lies in a page of the helper, which the child then copies.
        step = len(SHARED) // keys
        instance = [None] * keys
        for key in range(keys):
            instance[key] = (SHARED[key * step + build.shift % step], bytes(1000 - BYTES_HEADER))
        build.shift += 7
        return instance

    build.shift = 0
    truth = python_takes(1000) + python_takes(sys.getsizeof((1, 2))) + 8
    assert measure(build, 1000).bytes_per_key == pytest.approx([truth] * 3, rel=0.02)


def test_freed_blocks_of_the_helper_do_not_make_the_first_keys_cheap():
    holes = [bytes(112 - BYTES_HEADER) for _ in range(50_000)]
    keep = holes[::2]
    del holes
    truth = python_takes(112) + 8
    side = measure(single_objects(112), 1000)
    assert len(keep) == 25_000
    assert side.bytes_per_key == pytest.approx([truth] * 3, rel=0.03)


def test_garbage_of_the_builder_does_not_count():
    class Knot:
        def __init__(self):
            self.itself = self
            self.load = bytes(5000)

    def build(keys):
        instance = single_objects(1000)(keys)
        for _ in range(keys // 10):
            Knot()
        return instance

    truth = python_takes(1000) + 8
    assert measure(build, 1000).bytes_per_key == pytest.approx([truth] * 3, rel=0.05)


@pytest.mark.parametrize("keys", [1, 1000])
def test_what_does_not_grow_has_only_a_fixed_cost(keys):
    def loads_a_table(number_of_bytes):
        table = []

        def build(keys):
            if not table:
                table.append(bytearray(b"x") * number_of_bytes)
            return keys

        return build

    large, small = (measure(loads_a_table(number), keys) for number in (8_000_000, 2_000_000))
    assert not large.grows
    assert large.fixed_bytes == pytest.approx([8_000_000] * 3, rel=0.01)
    ratio = memory_ratio(large, small, ALPHA)
    assert ratio.compared is Compared.FIXED_BYTES
    assert ratio.interval.low <= 4.0 <= ratio.interval.high
    assert not ratio.same
    assert memory_ratio(large, large, ALPHA).same


def test_two_sides_that_need_nothing_are_the_same():
    idle = measure(lambda keys: "shared", 1000)
    assert abs(idle.fixed_bytes[0]) < 64 << 10
    assert memory_ratio(idle, idle, ALPHA).same


def test_the_fixed_cost_stands_beside_the_slope():
    table = []

    def build(keys):
        if not table:
            table.append(bytearray(b"x") * 3_000_000)
        return one_block(500)(keys)

    side = measure(build, 1000)
    assert side.bytes_per_key == pytest.approx([500] * 3, rel=0.01)
    assert side.fixed_bytes == pytest.approx([3_000_000] * 3, rel=0.02)


def test_what_the_warm_up_leaves_behind_is_fixed_cost():
    left = []
    side = measure(one_block(500), 1000, warmup=lambda: left.append(bytearray(b"x") * 3_000_000))
    assert side.fixed_bytes == pytest.approx([3_000_000] * 3, rel=0.02)
    assert left == []  # it happened in the children


def test_a_shared_table_that_doubles_is_told():
    table = {}

    def build(keys):
        # All instances share one table, whose size leaps as it doubles.
        first = len(table)
        table.update((number, None) for number in range(first, first + keys))
        return first + 1

    side = measure(build, 1000, instances=(10, 20, 40, 60, 80, 90))
    assert [warning.partition(":")[0] for warning in side.warnings] == ["uneven-growth"]


def test_stated_instances_are_taken_as_they_are():
    side = measure(one_block(1000), 1000, instances=(4, 5, 6))
    assert side.instances == 6
    assert side.bytes_per_key == pytest.approx([1000] * 3, rel=0.01)
    # Two megabytes are 500 pages; the interval says so.
    assert side.resolution == pytest.approx(16384 / 2000)


def test_a_builder_that_starts_threads_is_measured():
    def build(keys):
        instance = []
        thread = threading.Thread(target=lambda: instance.extend(single_objects(1000)(keys)))
        thread.start()
        thread.join()
        return instance

    assert measure(build, 1000).bytes_per_key == pytest.approx([python_takes(1000) + 8] * 3, rel=0.03)


def test_a_builder_that_leaves_a_thread_running_is_measured_and_ended():
    def build(keys):
        threading.Thread(target=time.sleep, args=(PLENTY_S,)).start()
        return one_block(100_000)(keys)

    side = measure(build, 10, instances=(2, 4, 6, 8))
    # A thread's touched stack is some pages of its own.
    assert side.bytes_per_key == pytest.approx([100_000] * 3, rel=0.05)


def test_threads_of_the_helper_are_told():
    done = threading.Event()
    thread = threading.Thread(target=done.wait, name="background-refresh")
    thread.start()
    try:
        side = measure(one_block(1000), 1000)
    finally:
        done.set()
        thread.join()
    assert side.bytes_per_key == pytest.approx([1000] * 3, rel=0.01)
    assert side.warnings == (
        "threads: the helper was forked beside background-refresh; expected no other thread",
    )


def test_threads_that_end_at_a_fork_are_not_told():
    # OpenBLAS ends its own so, and NumPy brings it along.
    done = threading.Event()
    os.register_at_fork(before=done.set)
    thread = threading.Thread(target=done.wait)
    thread.start()
    side = measure(one_block(1000), 1000)
    thread.join()
    assert side.warnings == ()


def test_a_hang_beside_threads_names_them():
    lock = threading.Lock()
    holding, done = threading.Event(), threading.Event()

    def hold():
        with lock:
            holding.set()
            done.wait()

    thread = threading.Thread(target=hold, name="lock-holder")
    thread.start()
    holding.wait()
    try:
        with pytest.raises(WorkloadError, match="does not take along: lock-holder"):
            measure(lambda keys: lock.acquire(), 1, timeout_s=1.0)
    finally:
        done.set()
        thread.join()


def test_a_builder_that_raises_is_told():
    def build(keys):
        raise KeyError("model prices")

    with pytest.raises(WorkloadError, match=r"KeyError: 'model prices'(.|\n)*in build"):
        measure(build, 10)


def test_a_builder_that_hangs_is_ended():
    with pytest.raises(WorkloadError, match="still running after"):
        measure(lambda keys: time.sleep(PLENTY_S), 10, timeout_s=0.5)


def test_a_builder_that_returns_nothing_is_told():
    def build_nothing(keys):
        single_objects(100)(keys)

    with pytest.raises(WorkloadError, match=r"build_nothing\(10\) returned None; expected the instance"):
        measure(build_nothing, 10)


def test_a_builder_that_runs_out_of_memory_is_told():
    with pytest.raises(WorkloadError, match="MemoryError"):
        measure(lambda keys: bytearray(1 << 60), 10)


def test_one_repeat_is_too_few():
    with pytest.raises(UsageError, match="needs at least 2"):
        measure(one_block(100), 10, repeats=1)


def test_the_collector_is_left_as_it_was():
    frozen = gc.get_freeze_count()
    measure(one_block(10_000), 1000, instances=(1, 2, 3))
    assert gc.get_freeze_count() == frozen
    assert gc.isenabled()


def test_a_heap_that_is_frozen_between_rows_stays_so():
    heap = FrozenHeap()
    heap.settle()
    try:
        measure(one_block(10_000), 1000, instances=(1, 2, 3))
        assert gc.get_freeze_count() > 0
    finally:
        heap.thaw()
    assert gc.get_freeze_count() == 0


def big_string(keys):
    return b"x" * (10_000 * keys)


def test_without_fork_fresh_interpreters_measure_the_same():
    workload = MemoryWorkload(big_string, 100, (4, 6, 8))
    side = measure_side(workload, repeats=2, timeout_s=PLENTY_S, start="spawn")
    assert side.bytes_per_key == pytest.approx([10_000] * 2, rel=0.01)


def test_without_fork_a_closure_is_refused(monkeypatch):
    monkeypatch.delattr(os, "fork")
    with pytest.raises(WorkloadError, match="importable by name"):
        measure(one_block(100), 10)
