"""The fingerprint says what a ratio depends on, and nothing else changes it."""

from __future__ import annotations

import platform
import re
import sys

import pytest

from pytest_fastllm import environment

INTEL = """processor\t: 0
vendor_id\t: GenuineIntel
cpu family\t: 6
model\t\t: 85
model name\t: {name}
stepping\t: 7
flags\t\t: {flags}

processor\t: 1
vendor_id\t: SomebodyElse
"""
V2 = "cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3"
V3 = V2 + " avx avx2 bmi1 bmi2 f16c fma abm movbe xsave"
V4 = V3 + " avx512f avx512bw avx512cd avx512dq avx512vl"
ARM = """processor\t: 0
CPU implementer\t: 0x41
CPU architecture: 8
CPU part\t: 0xd0c
CPU revision\t: 1
"""


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """Describes a Linux machine whose /proc/cpuinfo is the given text."""

    class Text:
        def __init__(self, path):
            assert path == "/proc/cpuinfo"

        def read_text(self, **_):
            if machine.text is None:
                raise FileNotFoundError
            return machine.text

    monkeypatch.setattr(environment, "Path", Text)
    monkeypatch.setattr(environment.sys, "platform", "linux")
    environment._details.cache_clear()

    def machine(text, **kwargs):
        machine.text = text
        environment._details.cache_clear()
        return environment.describe(**kwargs)

    yield machine
    environment._details.cache_clear()


def intel(flags=V3, name="Xeon"):
    return INTEL.format(flags=flags, name=name)


def test_the_same_machine_has_the_same_id(machine):
    assert machine(intel()).id == machine(intel()).id


def test_the_id_can_be_read_and_stands_in_a_file_name(machine):
    found = machine(intel())
    minor = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert re.fullmatch(r"[a-z0-9._-]+", found.id)
    assert f"cpython{minor}" in found.id
    assert found.python == f"CPython {minor}"
    assert found.cpu == "GenuineIntel 6 85 7 x86-64-v3"


def test_the_marketing_name_is_no_part_of_it(machine):
    assert machine(intel(name="Xeon Gold")).id == machine(intel(name="Xeon Platinum")).id


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("GenuineIntel", "AuthenticAMD"),
        ("cpu family\t: 6", "cpu family\t: 7"),
        ("model\t\t: 85", "model\t\t: 106"),
        ("stepping\t: 7", "stepping\t: 8"),
        ("avx2", "avx_other"),
    ],
)
def test_another_processor_is_another_environment(machine, was, now):
    assert machine(intel()).id != machine(intel().replace(was, now)).id


@pytest.mark.parametrize(
    ("flags", "level"),
    [("sse", "x86-64-v1"), (V2, "x86-64-v2"), (V3, "x86-64-v3"), (V4, "x86-64-v4")],
)
def test_the_level_of_the_instruction_set(machine, flags, level):
    assert machine(intel(flags)).details["cpu level"] == level


def test_a_processor_that_is_no_x86(machine):
    found = machine(ARM)
    assert found.cpu == "0x41 8 0xd0c 1"
    assert "cpu level" not in found.details


@pytest.mark.parametrize("text", [None, "", "nonsense without a colon"])
def test_where_the_system_does_not_tell_the_fallback_is_stated(machine, text):
    found = machine(text)
    assert found.details["cpu fallback"]
    assert "fallback" in found.cpu


@pytest.mark.parametrize(
    ("function", "value", "detail"),
    [
        ("platform.python_implementation", "PyPy", "python implementation"),
        ("platform.python_compiler", "Clang 99", "python compiler"),
        ("platform.machine", "riscv64", "architecture"),
        ("platform.libc_ver", ("musl", "1.2"), "libc"),
    ],
)
def test_another_interpreter_or_system_is_another_environment(machine, monkeypatch, function, value, detail):
    before = machine(intel())
    monkeypatch.setattr(platform, function.partition(".")[2], lambda: value)
    after = machine(intel())
    assert after.id != before.id
    assert after.details[detail] != before.details[detail]


@pytest.mark.parametrize(
    ("variable", "value", "flags"),
    [
        ("CONFIG_ARGS", "'--enable-optimizations' '--with-lto'", "pgo lto"),
        ("CONFIG_ARGS", "", "none"),
        ("Py_GIL_DISABLED", 1, "free-threaded"),
    ],
)
def test_how_the_interpreter_was_built(machine, monkeypatch, variable, value, flags):
    monkeypatch.setattr(
        environment.sysconfig, "get_config_var", lambda name: value if name == variable else None
    )
    assert machine(intel()).details["python flags"] == flags


def test_cores_count_for_rows_with_threads_only(machine, monkeypatch):
    ids = {}
    for cores in (2, 64):
        monkeypatch.setattr(environment.os, "cpu_count", lambda cores=cores: cores)
        ids[cores] = machine(intel()).id, machine(intel(), with_cores=True).id
    assert ids[2][0] == ids[64][0]
    assert ids[2][1] != ids[64][1]
    assert "2cores" in ids[2][1]


def test_versions_are_recorded_and_do_not_change_the_id(machine):
    found = machine(intel(), packages=["pytest", "no-such-package"])
    assert found.packages["pytest"] == pytest.__version__
    assert found.packages["python"] == platform.python_version()
    assert "no-such-package" not in found.packages
    assert found.id == machine(intel()).id


def test_this_machine():
    found = environment.describe()
    assert found == environment.describe()
    assert found.platform == f"{platform.system()}-{platform.machine()}".lower()
