"""Hostile files: each is refused with the file, what was found and what to do, and is never touched."""

from __future__ import annotations

import os
import sys

import data_makers as make
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_fastllm.errors import DataError
from pytest_fastllm.files import Flaw, read_json, root_of
from pytest_fastllm.files.reading import MIB

REMEDY = "restore it"


def refusal(path, **options):
    with pytest.raises(DataError) as caught:
        root_of(read_json(path, remedy=REMEDY, **options), path, schema=1, remedy=REMEDY)
    assert str(path) in str(caught.value)
    return str(caught.value)


BROKEN = {
    "empty": (b"", "found an empty file; restore it"),
    "blank": (b" \n\t", "found an empty file"),
    "not JSON": (b"low: 3", "expected JSON, found Expecting value (line 1, column 1); restore it"),
    "cut short": (b'{"schema": 1, "a": [', "line 1, column 21"),
    "trailing comma": (b'{"schema": 1,}', "expected JSON"),
    "two values": (b'{"schema": 1} {}', "Extra data (line 1, column 15)"),
    "a merge": (
        b'{\n<<<<<<< ours\n"schema": 1\n=======\n>>>>>>> theirs\n}',
        "unfinished merge (line 2, column 1)",
    ),
    "not UTF-8": (b'{"schema": 1, "a": "\xff"}', "expected UTF-8, found byte 0xff at offset 20"),
    "UTF-16": ('{"schema": 1}'.encode("utf-16"), "byte order mark"),
    "UTF-8 with a mark": (b'\xef\xbb\xbf{"schema": 1}', "byte order mark"),
    "a list": (b"[1]", "expected an object, found a list of 1"),
    "no schema": (b"{}", "schema: expected a value, found nothing"),
    "newer": (b'{"schema": 2}', "schema: expected at most 1, found 2: a newer pytest-fastllm wrote this"),
    "newer, with a flaw": (b'{"schema": 2, "x": NaN}', "upgrade pytest-fastllm"),
    "schema 0": (b'{"schema": 0}', "schema: expected the schema number 1, found 0"),
    "schema true": (b'{"schema": true}', "expected the schema number 1, found true"),
    "schema 1.0": (b'{"schema": 1.0}', "expected the schema number 1, found 1.0"),
    "schema in words": (b'{"schema": "1"}', "expected the schema number 1, found '1'"),
    "NaN": (b'{"schema": 1, "a": {"b/c": [0, NaN]}}', "a['b/c'][1]: expected a finite number, found NaN"),
    "Infinity": (b'{"schema": 1, "low": -Infinity}', "low: expected a finite number, found -Infinity"),
    "overflow": (b'{"schema": 1, "low": 1e999}', "low: expected a finite number, found 1e999"),
    "a flaw among floats": (b'{"schema": 1, "s": [0.5, 1e999]}', "s[1]: expected a finite number"),
    "endless integer": (
        b'{"schema": 1, "n": ' + b"9" * 5000 + b"}",
        "n: expected a finite number, found 99999999… (5000",
    ),
    "duplicate": (
        b'{"schema": 1, "any": {"a": 1, "a": 2}}',
        "any: expected each key once, found the key 'a' twice",
    ),
    "duplicate on top": (
        b'{"schema": 1, "schema": 1}',
        "expected each key once, found the key 'schema' twice",
    ),
    "deep": (b'{"schema": 1, "a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nest"),
    "rather deep": (b'{"schema": 1, "a": ' + b"[" * 60 + b"]" * 60 + b"}", "at most 20 levels of nesting"),
    "a pickle": (b"cos\nsystem\n(S'touch owned'\ntR.", "expected JSON"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_content_is_refused_and_left_alone(tmp_path, case):
    content, expected = BROKEN[case]
    path = tmp_path / "file.json"
    path.write_bytes(content)
    message = refusal(path)
    assert expected in message
    assert path.read_bytes() == content
    assert os.listdir(tmp_path) == ["file.json"]


def test_nesting_as_deep_as_our_files_is_read(tmp_path):
    path = tmp_path / "file.json"
    path.write_text('{"schema": 1, "a": ' + "[" * 15 + "]" * 15 + "}")
    assert root_of(read_json(path, remedy=REMEDY), path, schema=1, remedy=REMEDY).member("a").items()


def test_too_large_is_refused_and_the_limit_itself_is_not(tmp_path):
    path = tmp_path / "file.json"
    path.write_text('"' + "x" * 98 + '"')
    assert read_json(path, remedy=REMEDY, max_bytes=100) == "x" * 98
    assert "expected at most" in refusal(path, max_bytes=99)


def test_default_limit_is_16_mib(tmp_path):
    path = tmp_path / "file.json"
    with path.open("wb") as file:
        file.truncate(16 * MIB + 1)
    assert "expected at most 16 MiB, found 16.0; restore it" in refusal(path)


def test_a_folder_is_refused(tmp_path):
    assert "expected a regular file, found a folder" in refusal(tmp_path)


def test_a_link_to_nowhere_is_not_a_missing_file(tmp_path):
    path = tmp_path / "file.json"
    path.symlink_to("nowhere.json")
    assert "a link that leads nowhere (nowhere.json)" in refusal(path)
    assert os.readlink(path) == "nowhere.json"


def test_links_in_a_circle_are_refused(tmp_path):
    path = tmp_path / "file.json"
    path.symlink_to("file.json")
    assert "expected a readable file" in refusal(path)


def test_a_link_to_a_file_is_read(tmp_path):
    (tmp_path / "real.json").write_text("[1, 2.5]")
    (tmp_path / "file.json").symlink_to("real.json")
    assert read_json(tmp_path / "file.json", remedy=REMEDY) == [1, 2.5]


def test_a_missing_file_is_for_the_caller_to_judge(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_json(tmp_path / "file.json", remedy=REMEDY)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are POSIX")
def test_a_named_pipe_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert "expected a regular file, found something else" in refusal(tmp_path / "pipe")


@pytest.mark.skipif(sys.platform != "linux", reason="a device that is always there")
def test_an_endless_device_is_refused():
    from pathlib import Path

    assert "expected a regular file" in refusal(Path("/dev/zero"))


def test_no_permission_is_refused(tmp_path, monkeypatch):
    # By failing the call, as root may read everything.
    path = tmp_path / "file.json"
    path.write_text("{}")

    def denied(*args):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", denied)
        message = refusal(path)
    assert (
        "expected a readable file, found: Permission denied; correct the path or its permissions" in message
    )


@pytest.mark.parametrize("name", ["x" * 300, "a\0b"], ids=["too long", "null byte"])
def test_impossible_names_are_refused(tmp_path, name):
    with pytest.raises(DataError, match="expected a readable file"):
        read_json(tmp_path / name, remedy=REMEDY)


@make.untimed
@given(
    st.binary(max_size=200)
    | st.text(alphabet='{}[]",:\\ \n0123456789eE+-.truefalsnNI', max_size=60).map(str.encode)
)
def test_any_bytes_are_read_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("any") / "file.json"
    path.write_bytes(content)
    try:
        value = read_json(path, remedy=REMEDY)
    except DataError as refused:
        value = str(refused)
        assert str(path) in value
    assert isinstance(value, (type(None), bool, int, float, str, list, dict, Flaw))
    assert path.read_bytes() == content
