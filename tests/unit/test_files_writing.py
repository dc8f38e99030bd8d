"""A file is written whole or not at all, and whether it can be is known beforehand."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from pytest_fastllm.errors import DataError
from pytest_fastllm.files import check_writable, write_atomically

BOTH = pytest.mark.parametrize(
    "act", [check_writable, lambda path: write_atomically(path, "new")], ids=["check", "write"]
)


def listing(folder):
    return {name: (folder / name).lstat().st_ino for name in os.listdir(folder)}


def test_new_file_has_the_permissions_of_the_umask(tmp_path):
    old = os.umask(0o027)
    try:
        write_atomically(tmp_path / "a.json", "text\n")
    finally:
        os.umask(old)
    assert (tmp_path / "a.json").read_bytes() == b"text\n"
    assert stat.S_IMODE((tmp_path / "a.json").stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["a.json"]


@pytest.mark.parametrize("mode", [0o600, 0o664, 0o755])
def test_permissions_are_kept(tmp_path, mode):
    path = tmp_path / "a.json"
    path.write_text("old")
    path.chmod(mode)
    write_atomically(path, "new")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "real.json").write_text("old")
    (tmp_path / "a.json").symlink_to("shared/real.json")
    write_atomically(tmp_path / "a.json", "new")
    assert os.readlink(tmp_path / "a.json") == "shared/real.json"
    assert (tmp_path / "shared" / "real.json").read_text() == "new"
    assert os.listdir(tmp_path / "shared") == ["real.json"]


@pytest.mark.parametrize("call", ["replace", "fsync", "open"])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, call):
    path = tmp_path / "a.json"
    path.write_text("old")

    def full(*args):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, call, full)
        with pytest.raises(
            DataError, match=r"a\.json: expected a path that can be written, found: No space left"
        ):
            write_atomically(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.json"]


def test_an_interrupt_leaves_nothing_behind(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    path.write_text("old")

    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.json"]


def test_the_old_file_is_whole_until_the_new_one_is(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    path.write_text("old")
    seen = []
    replace = os.replace

    def watched(source, target):
        seen.append((path.read_text(), Path(source).read_text(), Path(source).parent))
        replace(source, target)

    monkeypatch.setattr(os, "replace", watched)
    write_atomically(path, "new")
    assert seen == [("old", "new", tmp_path)]


def test_lone_surrogates_are_written_as_escapes(tmp_path):
    write_atomically(tmp_path / "a.json", '"\ud800×"')
    assert (tmp_path / "a.json").read_bytes() == b'"\\ud800\xc3\x97"'


def test_long_names_leave_room_for_the_temporary(tmp_path):
    path = tmp_path / ("x" * 250 + ".json")
    write_atomically(path, "new")
    assert path.read_text() == "new"


def test_check_leaves_no_trace(tmp_path):
    check_writable(tmp_path / "new.json")
    assert os.listdir(tmp_path) == []
    path = tmp_path / "old.json"
    path.write_text("old")
    before = (listing(tmp_path), path.stat())
    check_writable(path)
    assert (listing(tmp_path), path.stat()) == before
    assert path.read_text() == "old"


@BOTH
def test_a_missing_folder_is_refused(tmp_path, act):
    with pytest.raises(DataError, match=r"new/a\.json: expected a path.*new does not exist; name a file"):
        act(tmp_path / "new" / "a.json")
    assert os.listdir(tmp_path) == []


@BOTH
def test_a_folder_is_refused(tmp_path, act):
    (tmp_path / "a.json").mkdir()
    with pytest.raises(DataError, match="found: it is a folder"):
        act(tmp_path / "a.json")


@BOTH
def test_a_file_as_folder_is_refused(tmp_path, act):
    (tmp_path / "file").write_text("x")
    with pytest.raises(DataError, match=r"file/a\.json: expected a path that can be written"):
        act(tmp_path / "file" / "a.json")
    assert (tmp_path / "file").read_text() == "x"


@BOTH
def test_links_in_a_circle_are_refused(tmp_path, act):
    (tmp_path / "a.json").symlink_to("b.json")
    (tmp_path / "b.json").symlink_to("a.json")
    with pytest.raises(DataError, match=r"a\.json: expected a path that can be written"):
        act(tmp_path / "a.json")
    assert sorted(os.listdir(tmp_path)) == ["a.json", "b.json"]


@BOTH
def test_a_read_only_file_is_left_alone(tmp_path, act):
    path = tmp_path / "a.json"
    path.write_text("old")
    path.chmod(0o444)
    with pytest.raises(DataError, match="found: the file is read-only"):
        act(path)
    assert path.read_text() == "old"


@BOTH
@pytest.mark.skipif(sys.platform != "linux", reason="a folder in which not even root may create a file")
def test_a_read_only_folder_is_refused(act):
    with pytest.raises(DataError, match=r"/proc/self/a\.json: expected a path that can be written"):
        act(Path("/proc/self/a.json"))


@BOTH
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are POSIX")
def test_a_named_pipe_is_refused(tmp_path, act):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="it is not a regular file"):
        act(tmp_path / "pipe")


@BOTH
def test_a_null_byte_is_refused(tmp_path, act):
    with pytest.raises(DataError, match="expected a path that can be written"):
        act(tmp_path / "a\0b")
