from __future__ import annotations

import mmap
import os
import sys

import pytest

from pytest_fastllm.errors import WorkloadError
from pytest_fastllm.memory import resident
from pytest_fastllm.memory.resident import PsutilReader, RollupReader, open_reader

PAGE = mmap.PAGESIZE
PAGES = 2000

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def _anonymous(pages: int) -> mmap.mmap:
    return mmap.mmap(-1, pages * PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)


def _touch(memory: mmap.mmap, pages: int) -> None:
    for page in range(pages):
        memory[page * PAGE] = 1


@linux
def test_touched_pages_count_to_the_byte_and_reserved_ones_do_not():
    reader = RollupReader()
    before, reserved_before = reader.resident_bytes(), reader.reserved_bytes()
    with _anonymous(PAGES) as memory:
        reserved = reader.resident_bytes()
        _touch(memory, PAGES // 2)
        touched = reader.resident_bytes()
        assert reader.reserved_bytes() - reserved_before == pytest.approx(PAGES * PAGE, abs=64 * PAGE)
    reader.close()
    assert reserved - before == pytest.approx(0, abs=16 * PAGE)
    assert touched - reserved == pytest.approx(PAGES // 2 * PAGE, abs=16 * PAGE)


@linux
def test_shared_memory_of_this_process_counts():
    reader = RollupReader()
    with mmap.mmap(-1, PAGES * PAGE) as memory:
        before = reader.resident_bytes()
        _touch(memory, PAGES)
        after = reader.resident_bytes()
    reader.close()
    assert after - before == pytest.approx(PAGES * PAGE, abs=16 * PAGE)


@linux
def test_a_file_does_not_count_before_the_kernel_has_written_it_nor_after(tmp_path):
    # So does an extension module that was just installed: writing it to disk is no memory given back.
    reader = RollupReader()
    with (tmp_path / "module.so").open("w+b") as file:
        file.write(b"x" * PAGES * PAGE)
        file.flush()
        with mmap.mmap(file.fileno(), 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ) as mapped:
            assert mapped[::PAGE] == b"x" * PAGES
            unwritten = reader.resident_bytes()
            os.fsync(file.fileno())
            written = reader.resident_bytes()
    reader.close()
    assert written - unwritten == pytest.approx(0, abs=16 * PAGE)


@linux
@pytest.mark.skipif(not hasattr(mmap, "MADV_FREE"), reason="this kernel has no MADV_FREE")
def test_memory_given_back_does_not_count():
    reader = RollupReader()
    with _anonymous(PAGES) as memory:
        before = reader.resident_bytes()
        _touch(memory, PAGES)
        memory.madvise(mmap.MADV_FREE)
        after = reader.resident_bytes()
    reader.close()
    assert after - before == pytest.approx(0, abs=16 * PAGE)


@linux
def test_reading_needs_no_memory():
    reader = RollupReader()
    first = reader.resident_bytes()
    for _ in range(200):
        reader.resident_bytes()
    last = reader.resident_bytes()
    reader.close()
    assert last - first <= 4 * PAGE


@linux
def test_closing_gives_the_files_back():
    before = os.listdir("/proc/self/fd")
    open_reader().close()
    assert os.listdir("/proc/self/fd") == before


@linux
def test_a_file_without_the_expected_lines_is_refused_and_closed(tmp_path):
    strange = tmp_path / "rollup"
    strange.write_text("Rss: 12 kB\n")
    before = os.listdir("/proc/self/fd")
    with pytest.raises(OSError, match="lacks the lines"):
        RollupReader(str(strange))
    assert os.listdir("/proc/self/fd") == before


def test_without_proc_it_is_psutil(monkeypatch):
    psutil = pytest.importorskip("psutil")
    monkeypatch.setattr(resident, "RollupReader", _no_such_file)
    reader = open_reader()
    assert isinstance(reader, PsutilReader)
    assert reader.resident_bytes() == pytest.approx(psutil.Process().memory_full_info().uss, rel=0.2)
    assert reader.reserved_bytes() is None
    reader.close()


def test_without_either_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setattr(resident, "RollupReader", _no_such_file)
    monkeypatch.setitem(sys.modules, "psutil", None)
    with pytest.raises(WorkloadError, match="install psutil to measure memory"):
        open_reader()


def _no_such_file() -> RollupReader:
    raise FileNotFoundError("/proc/self/smaps_rollup")
