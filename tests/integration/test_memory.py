"""`accelerated.memory(...)`: bytes per key of either side, measured in helper interpreters."""

from __future__ import annotations

import json

import pytest

COMPONENT = """
import pytest
from pytest_fastllm import Component

def pytest_fastllm_components():
    return [Component("table", reference="tables:wide", accelerated="tables:narrow", patch=("tables:make",))]
"""
TABLES = """
def wide(keys):
    return [bytearray(1000) for _ in range(keys)]

def narrow(keys):
    return [bytearray(100) for _ in range(keys)]

make = wide
"""


@pytest.fixture
def tables(project):
    project.pytester.makepyfile(tables=TABLES)
    project.pytester.makeconftest(COMPONENT)

    def write(body, marker="'table', memory=2000"):
        project.tests(
            "import pytest, tables\n"
            "with open('imports', 'a') as file: file.write('import\\n')\n"
            f"@pytest.mark.fastllm({marker})\n"
            f"def test_growth(accelerated):\n    {body}\n"
        )

    project.write = write
    return project


def measured(project, *args):
    return project.measured(project.run_apart, "--fastllm-compare", *args)


def test_bytes_per_key_of_both_sides_and_their_ratio(tables):
    tables.write("accelerated.memory(lambda keys: tables.make(keys))")
    (row,), result = measured(tables)
    assert (row["metric"], row["verdict"]) == ("memory_ratio", "unjudged")
    # A bytearray is its header, its bytes, and what the allocator rounds them up to.
    assert 1000 < row["reference"]["value"] < 1200
    assert 100 < row["accelerated"]["value"] < 250
    assert row["low"] < row["estimate"] < row["high"]
    assert row["reference"]["unit"] == row["accelerated"]["unit"] == "B"
    result.stdout.fnmatch_lines(["table*growth*memory *× *less*"])


def test_each_side_is_imported_once(tables):
    tables.write("accelerated.memory(lambda keys: tables.make(keys))")
    measured(tables)
    assert (tables.path / "imports").read_text().split() == [
        "import"
    ] * 3  # here, and one helper for each side


def test_stated_instances_are_what_is_built(tables):
    tables.write("accelerated.memory(lambda keys: built(keys), instances=(8, 16, 24))")
    path = tables.path / "test_codec.py"
    path.write_text(
        path.read_text() + "\ndef built(keys):\n"
        "    if keys > 1:\n"
        "        with open('instances', 'a') as file: file.write('built\\n')\n"
        "    return tables.make(keys)\n"
    )
    (row,), _ = measured(tables)
    assert 1000 < row["reference"]["value"] < 1200
    children, sides = 5, 2
    assert len((tables.path / "instances").read_text().split()) == 24 * children * sides


def test_instances_that_make_no_line_are_refused(tables):
    tables.write("accelerated.memory(lambda keys: tables.make(keys), instances=(8,))")
    result = tables.run()
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "at least two rising counts" in tables.said(result)


def test_the_two_helpers_run_at_the_same_time(tables):
    # Each waits for the other one: one after the other, the first would wait in vain.
    wait = """
import os, pathlib, time
if 'PYTEST_FASTLLM_JOB' in os.environ:
    pathlib.Path(f'helper-{os.getpid()}').touch()
    deadline = time.monotonic() + 30
    while len(list(pathlib.Path().glob('helper-*'))) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    met = len(list(pathlib.Path().glob('helper-*'))) == 2
"""
    tables.write(
        "assert 'PYTEST_FASTLLM_JOB' not in os.environ or met\n"
        "    accelerated.memory(lambda keys: tables.make(keys))"
    )
    path = tables.path / "test_codec.py"
    path.write_text(wait + path.read_text())
    (row,), _ = measured(tables)
    assert row["verdict"] == "unjudged"


def test_a_bound_on_memory_is_judged(tables):
    tables.write("accelerated.memory(lambda keys: tables.make(keys))")
    entry = {"memory_ratio": {"low": 50.0, "high": None, "estimate": 60.0}}
    environments = {"any": {"description": {}, "workloads": {"table/growth": entry}}}
    (tables.path / "baselines.json").write_text(json.dumps({"schema": 1, "environments": environments}))
    (row,), result = measured(tables)
    assert row["verdict"] == "below"
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_without_comparing_each_side_builds_one_key(tables):
    tables.write(
        "accelerated.memory(lambda keys: built.append(keys) or tables.make(keys)); assert built == [1, 1]"
    )
    text = (tables.path / "test_codec.py").read_text()
    (tables.path / "test_codec.py").write_text(
        text.replace("import pytest, tables\n", "import pytest, tables\nbuilt = []\n")
    )
    tables.run().assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        ("accelerated.memory(lambda keys: None)", "returned None"),
        ("accelerated.memory(lambda keys: tables.make(keys) if keys < 2000 else 1 / 0)", "ZeroDivisionError"),
    ],
)
def test_a_builder_that_cannot_be_measured_is_an_error(tables, body, cause):
    tables.write(body)
    (row,), result = measured(tables)
    assert row["verdict"] == "error"
    assert cause in row["message"]
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_a_key_count_is_needed(tables):
    tables.write("accelerated.memory(lambda keys: tables.make(keys))", marker="'table'")
    result = tables.run()
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "memory=" in tables.said(result)


def test_speed_and_memory_of_one_test_are_two_rows(tables):
    tables.write(
        "accelerated.memory(lambda keys: tables.make(keys))\n    accelerated(lambda n: tables.make(n), 50)",
        marker="'table', memory=2000, equal=lambda a, b: len(a) == len(b)",
    )
    found, result = measured(tables, "--fastllm-iterations=20")
    assert sorted(row["metric"] for row in found) == ["memory_ratio", "speedup"]
    assert "1 unjudged" in result.outlines[-1]


def test_a_builder_that_the_switch_does_not_reach_is_an_error(tables):
    tables.write("accelerated.memory(make)")
    path = tables.path / "test_codec.py"
    path.write_text(
        path.read_text().replace(
            "import pytest, tables\n", "import pytest, tables\nfrom tables import make\n"
        )
    )
    (row,), result = measured(tables)
    assert row["verdict"] == "error"
    assert "never entered it" in row["message"]
    assert result.ret == pytest.ExitCode.TESTS_FAILED


@pytest.mark.parametrize("end", ["pytest.skip('not here')", "os._exit(3)"], ids=["skips", "ends it"])
def test_a_test_that_the_helper_cannot_run_does_not_break_the_others(tables, end):
    tables.write("accelerated.memory(lambda keys: tables.make(keys))")
    path = tables.path / "test_codec.py"
    path.write_text(
        path.read_text() + "\nimport os\n"
        "@pytest.mark.fastllm('table', memory=2000)\n"
        "def test_absent(accelerated):\n"
        f"    if 'PYTEST_FASTLLM_JOB' in os.environ: {end}\n"
        "    accelerated.memory(lambda keys: tables.make(keys))\n"
    )
    found, _ = measured(tables)
    assert {row["workload"]: row["verdict"] for row in found} == {"growth": "unjudged", "absent": "error"}


def test_an_update_measures_memory_in_several_helpers_a_side(tables):
    tables.write("accelerated.memory(lambda keys: tables.make(keys))")
    (row,), result = measured(tables, "--fastllm-update", "--fastllm-processes=2")
    assert result.ret == pytest.ExitCode.OK
    assert (row["processes"], row["stopped"]) == (2, "bytes per key")
    assert row["between_sd"] >= 0
    assert row["low"] < row["estimate"] < row["high"]
    # Here, and two helpers for each side.
    assert len((tables.path / "imports").read_text().split()) == 5
    stored = json.loads((tables.path / "baselines.json").read_text())["environments"]
    own = next(entry for name, entry in stored.items() if name != "any")
    assert own["workloads"]["table/growth"]["memory_ratio"]["processes"] == 2
