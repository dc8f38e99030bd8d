"""How well the memory measurement does: writes the tables of docs/memory.md.

python -m benchmarks.memory_accuracy            known allocations, and each decision of the design
python -m benchmarks.memory_accuracy --litellm  LiteLLM's own InMemoryCache (needs litellm)
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import json
import mmap
import os
import random
import statistics
import subprocess
import sys
import time

from tabulate import tabulate

from pytest_fastllm.memory import forked, growth, process_settings
from pytest_fastllm.memory.forked import MemoryWorkload, measure_side
from pytest_fastllm.memory.ratio import memory_interval
from pytest_fastllm.memory.resident import RollupReader

from .pages import replace_block

REPEATS = 5
_MODULE = "benchmarks.memory_accuracy"
PAGE = mmap.PAGESIZE
HEADER = sys.getsizeof(b"")
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.malloc_usable_size.argtypes = [ctypes.c_void_p]
libc.malloc_usable_size.restype = ctypes.c_size_t


def block(size):
    return lambda keys: b"x" * (size * keys - HEADER)


def singles(size):
    def build(keys):
        instance = [None] * keys
        for key in range(keys):
            instance[key] = bytes(size - HEADER)
        return instance

    return build


def native(size):
    def build(keys):
        head = 0
        for _ in range(keys):
            memory = libc.malloc(size)
            ctypes.memset(memory, 1, size)
            ctypes.c_void_p.from_address(memory).value = head
            head = memory
        return head

    return build


SHARED = [str(number) * 10 for number in range(200_000)]


def touches_shared(keys):
    instance = [None] * keys
    for key in range(keys):
        instance[key] = (random.choice(SHARED), bytes(1000 - HEADER))
    return instance


def huge_page(keys):
    memory = mmap.mmap(-1, 4 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    memory.madvise(mmap.MADV_HUGEPAGE)
    for page in range(keys):
        memory[(2 << 20) + page * PAGE] = 1
    return memory


def transient(keys):
    garbage = [bytes(1000 - HEADER) for _ in range(keys * 5)]
    return singles(1000)(keys) if garbage else None


def fixed_small_objects(keys, table=[]):  # noqa: B006 - a table that the first call loads
    if not table:
        table.append([bytes(304 - HEADER) for _ in range(1000)])
    return keys


def malloc_takes(size):
    return libc.malloc_usable_size(libc.malloc(size)) + 8


def pool_share(size):
    return 16384 / ((16384 - 48) // (-(-size // 16) * 16))


def measured(build, keys, **options):
    return measure_side(MemoryWorkload(build, keys, **options), repeats=REPEATS, timeout_s=120)


def spread(values):
    return f"{(max(values) - min(values)) / statistics.fmean(values):.2%}" if all(values) else "-"


def known_allocations():
    rows = []
    for keys in (1_000, 100_000):
        for name, build, truth in (
            ("one block, 1,000 B a key", block(1000), 1000),
            ("one block, 100 B a key", block(100), 100),
            ("Python objects of 1,000 B", singles(1000), malloc_takes(1000) + 8),
            ("Python objects of 100 B", singles(100), pool_share(100) + 8),
            ("C blocks of 1,000 B", native(1000), malloc_takes(1000)),
            ("C blocks of 100 B", native(100), malloc_takes(100)),
        ):
            began = time.perf_counter()
            side = measured(build, keys)
            mean = statistics.fmean(side.bytes_per_key)
            rows.append(
                (f"{keys:,}", name, f"{truth:.1f}", f"{mean:.1f}", f"{mean / truth - 1:+.1%}",
                 spread(side.bytes_per_key), side.instances, f"{time.perf_counter() - began:.1f}")
            )  # fmt: skip
    table(
        "memory-known",
        ("keys", "instance", "truth, B a key", "measured", "off by", "range of 5", "instances", "s"),
        rows,
    )


@contextlib.contextmanager
def replaced(owner, name, value):
    kept = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, kept)


class PrivateOnly(RollupReader):
    """What most tools count: private dirty + swap."""

    def resident_bytes(self):
        fields = dict(line.split(b":") for line in self._text(self._rollup).splitlines()[1:])
        return 1024 * sum(int(fields[name].split()[0]) for name in (b"Private_Dirty", b"Swap"))


def settle_then(call):
    kept = growth._settle

    def settle():
        kept()
        call()

    return replaced(growth, "_settle", settle)


def child_then(call):
    from pytest_fastllm.memory import fork_child

    kept = fork_child.settle_child

    def settle_child(parent):
        kept(parent)
        call()

    return replaced(fork_child, "settle_child", settle_child)


def decisions():
    shared_truth = malloc_takes(1000) + pool_share(sys.getsizeof((1, 2))) + 8
    transient_truth = malloc_takes(1000) + 8
    rows = []

    def row(decision, setting, context, build, keys, truth, fixed=False, **options):
        with context:
            side = measured(build, keys, **options)
        values = side.fixed_bytes if fixed else side.bytes_per_key
        unit = "fixed" if fixed else "a key"
        mean = statistics.fmean(values)
        fixed_kb = f"{statistics.fmean(side.fixed_bytes) / 1024:.0f}"
        rows.append((decision, setting, f"{truth:,.0f} {unit}", f"{mean:,.0f}", spread(values), fixed_kb))

    as_is = contextlib.nullcontext
    what = "keys refer to objects of the helper"
    row(what, "all anonymous pages", as_is(), touches_shared, 1000, shared_truth)
    private = replaced(growth, "open_reader", PrivateOnly)
    row(what, "private dirty only", private, touches_shared, 1000, shared_truth)
    what = "huge pages asked for"
    row(what, "off in the child", as_is(), huge_page, 100, PAGE)
    no_prctl = replaced(process_settings, "_PR_SET_THP_DISABLE", 0)
    row(what, "as they are", no_prctl, huge_page, 100, PAGE, instances=(2, 4, 6, 8))
    what = "a table of 1,000 small objects"
    row(what, "free blocks filled", as_is(), fixed_small_objects, 1000, pool_share(304) * 1000, fixed=True)
    empty = replaced(forked, "fill_free_blocks", lambda _: [])
    row(what, "free blocks left", empty, fixed_small_objects, 1000, pool_share(304) * 1000, fixed=True)
    what = "five times the keys as garbage"
    row(what, "heap as it is", as_is(), transient, 1000, transient_truth)
    row(
        what,
        "trimmed before readings",
        settle_then(process_settings.trim_heap),
        transient,
        1000,
        transient_truth,
    )
    m_arena_max, m_mmap_threshold = -8, -3
    row(
        what,
        "one malloc arena",
        child_then(lambda: libc.mallopt(m_arena_max, 1)),
        transient,
        1000,
        transient_truth,
    )
    fixed_threshold = child_then(lambda: libc.mallopt(m_mmap_threshold, 128 << 10))
    row(what, "mmap threshold fixed", fixed_threshold, transient, 1000, transient_truth)
    table("memory-settings", ("case", "setting", "truth, B", "measured", "range of 5", "fixed, KiB"), rows)


def python_cache(keys):
    from litellm.caching.in_memory_cache import InMemoryCache

    cache = InMemoryCache(max_size_in_memory=keys + 1, default_ttl=3600)
    for number in range(keys):
        cache.set_cache(f"key-{number}", number * 1000)
    return cache


def two_dictionaries(keys):
    values, expiry = {}, {}
    for number in range(keys):
        key = f"key-{number}"
        values[key], expiry[key] = number * 1000, number * 0.5
    return values, expiry


def litellm_sides():
    import litellm  # noqa: F401 - imported once, as a helper does

    result = []
    for keys in (1, 100, 1_000, 20_000, 100_000):
        began = time.perf_counter()
        sides = [measured(build, keys) for build in (python_cache, two_dictionaries)]
        interval = memory_interval(*sides, 0.001)
        result.append(
            {
                "keys": keys,
                "cache": sides[0].bytes_per_key,
                "fixed": sides[0].fixed_bytes,
                "instances": sides[0].instances,
                "ratio": [interval.estimate, interval.low, interval.high],
                "seconds": time.perf_counter() - began,
            }
        )
    return result


def litellm_table(interpreters):
    command = [sys.executable, "-m", _MODULE, "--litellm-json"]
    environment = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    runs = []
    for _ in range(interpreters):
        output = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE).stdout
        runs.append(json.loads(output.splitlines()[-1]))
    rows = []
    for same_keys in zip(*runs, strict=True):
        first = same_keys[0]
        means = [statistics.fmean(run["cache"]) for run in same_keys]
        ratios = [run["ratio"][0] for run in same_keys]
        ratio, low, high = first["ratio"]
        rows.append(
            (f"{first['keys']:,}", f"{means[0]:.1f}", spread(first["cache"]), spread(means),
             f"{statistics.fmean(first['fixed']) / 1024:.0f}", first["instances"],
             f"{ratio:.3f} ({low:.3f}–{high:.3f})", spread(ratios), f"{first['seconds']:.1f}")
        )  # fmt: skip
    table(
        "memory-litellm",
        ("keys", "B a key", "range of 5 children", f"range of {interpreters} interpreters", "fixed, KiB",
         "instances", "cache / two dicts (99.9 %)", "its range", "s"),
        rows,
    )  # fmt: skip


def table(block, headers, rows):
    text = tabulate(rows, headers, tablefmt="github", disable_numparse=True)
    print(text, "\n", flush=True)
    replace_block("docs/memory.md", block, text)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--litellm", action="store_true")
    parser.add_argument("--litellm-json", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--interpreters", type=int, default=6)
    options = parser.parse_args()
    if options.litellm_json:
        print(json.dumps(litellm_sides()))
    elif options.litellm:
        litellm_table(options.interpreters)
    else:
        known_allocations()
        decisions()


if __name__ == "__main__":
    main()
