"""`pytest-fastllm baselines`: what it prints, what it writes and how it exits; never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import data_makers as make
import pytest

from pytest_fastllm.baselines import PORTABLE, load_baselines
from pytest_fastllm.cli import main
from pytest_fastllm.model import Verdict
from pytest_fastllm.results import dump_results


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Each test in its own folder, that is the top one of a project."""
    (tmp_path / "pyproject.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def results(name, *rows, **options):
    with open(name, "w", encoding="utf-8") as file:
        file.write(dump_results(make.run(*rows, **options)))
    return name


def run(capsys, *argv):
    status = main([*argv])
    out, err = capsys.readouterr()
    return status, out, err


def test_update_writes_the_file_and_prints_the_diff(capsys, folder):
    status, out, err = run(
        capsys, "baselines", "update", results("r.json", make.row(2.0)), "--reason", "first"
    )
    assert (status, err) == (0, "")
    assert "+ tc/small speedup in m1: 1.83 to 3 (new: measured 2, 1.98 to 2.02)" in out
    assert out.endswith("baselines.json: 2 changed\n")
    assert load_baselines(folder / "baselines.json").find("m1", make.NAME).reason == "first"


def test_update_takes_several_machines_at_once(capsys, folder):
    one, two = results("1.json", make.row(8.0)), results("2.json", make.row(6.0, environment="m2"))
    assert run(capsys, "baselines", "update", one, two)[0] == 0
    stored = load_baselines(folder / "baselines.json")
    assert set(stored.environments) == {"m1", "m2", PORTABLE}
    assert stored.find(PORTABLE, make.NAME).bound.low == 3.0


def test_update_without_any(capsys, folder):
    run(capsys, "baselines", "update", results("r.json", make.row()), "--no-any")
    assert set(load_baselines(folder / "baselines.json").environments) == {"m1"}


def test_update_only_fix_creates_nothing(capsys, folder):
    status, out, _ = run(capsys, "baselines", "update", results("r.json", make.row()), "--only=fix")
    assert (status, "nothing to change" in out) == (0, True)
    assert not (folder / "baselines.json").exists()


def test_update_dry_run(capsys, folder):
    status, out, _ = run(capsys, "baselines", "update", results("r.json", make.row()), "--dry-run")
    assert (status, out.endswith("2 would change\n")) == (0, True)
    assert sorted(os.listdir(folder)) == ["pyproject.toml", "r.json"]


def test_update_tells_what_it_passed_over(capsys):
    row = make.row(verdict=Verdict.ERROR)
    status, _, err = run(capsys, "baselines", "update", results("r.json", row))
    assert (status, err) == (0, "! tc/small speedup: error, no bound written from it\n")


def test_check_after_update_is_fine_and_says_so(capsys):
    r = results("r.json", make.row(2.0), make.row(5.0, workload="large"))
    run(capsys, "baselines", "update", r)
    status, out, _ = run(capsys, "baselines", "check", r, "--strict")
    assert status == 0
    assert out.count("within ") == 2
    assert "2 rows judged by" in out


def test_check_out_of_bounds_is_1(capsys):
    run(capsys, "baselines", "update", results("r.json", make.row(2.0)))
    status, out, _ = run(capsys, "baselines", "check", results("s.json", make.row(1.0)))
    assert status == 1
    assert (
        "below        tc/small speedup in m1: bound 1.83 to 3 (environment m1), measured speedup 1 (" in out
    )
    assert "1 row judged by" in out


@pytest.mark.parametrize(
    ("row", "status", "strict"),
    [
        (make.row(2.0), 0, 0),
        (make.row(1.83), 0, 1),
        (make.row(2.0, workload="large"), 0, 1),
        (make.row(verdict=Verdict.UNAVAILABLE), 0, 1),
        (make.row(verdict=Verdict.MISMATCH), 1, 1),
        (make.row(verdict=Verdict.ERROR), 1, 1),
        (make.row(9.0), 1, 1),
    ],
    ids=["within", "inconclusive", "unjudged", "unavailable", "mismatch", "error", "above"],
)
def test_exit_status_of_check(capsys, row, status, strict):
    run(capsys, "baselines", "update", results("r.json", make.row(2.0)))
    name = results("s.json", row)
    assert run(capsys, "baselines", "check", name)[0] == status
    assert run(capsys, "baselines", "check", name, "--strict")[0] == strict


def test_check_without_rows_proves_nothing(capsys):
    run(capsys, "baselines", "update", results("r.json", make.row(2.0)))
    for beside in ([], ["r.json"]):
        status, _, err = run(capsys, "baselines", "check", *beside, results("s.json"))
        assert (status, "s.json: expected measured rows, found none" in err) == (2, True)


def test_show(capsys):
    run(capsys, "baselines", "update", results("r.json", make.row(2.0)))
    status, out, _ = run(capsys, "baselines", "show")
    assert status == 0
    assert "m1 · cpu of m1 · CPython 3.11 · linux-x86_64" in out
    assert ["tc/small", "speedup", "1.83", "to", "3", "2", "2026-11-22"] in [
        line.split() for line in out.splitlines()
    ]


def test_show_json_is_the_file(capsys, folder):
    run(capsys, "baselines", "update", results("r.json", make.row(2.0)))
    _, out, _ = run(capsys, "baselines", "show", "--json")
    assert out == (folder / "baselines.json").read_text()


def test_prune(capsys, folder):
    run(capsys, "baselines", "update", results("r.json", make.row(), make.row(workload="gone")))
    now = results("s.json", make.row(), make.row(workload="new"))
    before = (folder / "baselines.json").read_bytes()
    status, out, _ = run(capsys, "baselines", "prune", now, "--dry-run")
    assert (status, (folder / "baselines.json").read_bytes()) == (0, before)
    assert "2 would change" in out
    status, out, _ = run(capsys, "baselines", "prune", now)
    assert status == 0
    assert "- tc/gone speedup in m1: 1.83 to 3 (dropped)" in out
    assert "! tc/new speedup in m1: no bound applies" in out
    assert [name.key for name in load_baselines(folder / "baselines.json").environments["m1"].entries] == [
        "tc/small"
    ]


def test_prune_by_a_partial_run_is_refused(capsys, folder):
    run(capsys, "baselines", "update", results("r.json", make.row(), make.row(workload="large")))
    before = (folder / "baselines.json").read_bytes()
    status, _, err = run(capsys, "baselines", "prune", results("s.json", make.row(), comparisons=2))
    assert (status, "expected all 2 comparisons" in err) == (2, True)
    assert (folder / "baselines.json").read_bytes() == before


# Bad input: status 2, one line that names the thing, nothing written.

BROKEN_BASELINES = (
    '{"schema": 1, "environments": {"any": {"workloads": {"a/b": {"speedup": {"low": 3, "low": 2}}}}}}'
)


@pytest.mark.parametrize("action", ["update", "check", "prune"])
def test_broken_baselines_are_refused_and_kept(capsys, folder, action):
    (folder / "baselines.json").write_text(BROKEN_BASELINES)
    status, _, err = run(capsys, "baselines", action, results("r.json", make.row()))
    assert status == 2
    assert (
        "baselines.json: environments.any.workloads['a/b'].speedup: expected each key once, found the key 'low'"
        in err
    )
    assert len(err.splitlines()) == 1
    assert (folder / "baselines.json").read_text() == BROKEN_BASELINES


@pytest.mark.parametrize("action", ["update", "check", "prune"])
@pytest.mark.parametrize(
    "content", [None, "", "{}", '{"schema": 2}', "[NaN]"], ids=["missing", "empty", "{}", "new", "NaN"]
)
def test_broken_results_are_refused(capsys, folder, action, content):
    run(capsys, "baselines", "update", results("r.json", make.row(2.0)))
    before = (folder / "baselines.json").read_bytes()
    if content is not None:
        (folder / "s.json").write_text(content)
    status, out, err = run(capsys, "baselines", action, "r.json", "s.json")
    assert (status, out) == (2, "")
    assert err.startswith("pytest-fastllm: s.json: ")
    assert (folder / "baselines.json").read_bytes() == before


@pytest.mark.parametrize(
    "argv", [("show",), ("check", "r.json"), ("prune", "r.json")], ids=lambda argv: argv[0]
)
def test_missing_baselines_are_not_silently_empty(capsys, folder, argv):
    results("r.json", make.row())
    status, _, err = run(capsys, "baselines", *argv, "--baselines", "nope.json")
    assert (status, "nope.json: expected a baselines file, found none" in err) == (2, True)
    assert not (folder / "nope.json").exists()


def test_an_unwritable_path_is_refused(capsys, folder):
    status, _, err = run(
        capsys, "baselines", "update", results("r.json", make.row()), "--baselines", "no/b.json"
    )
    assert (status, "no/b.json: expected a path that can be written" in err) == (2, True)


def test_unknown_modes_are_refused(capsys, folder):
    status, _, err = run(capsys, "baselines", "update", results("r.json", make.row()), "--only=all")
    assert (status, "expected a comma-separated list of create, fix and trim, found 'all'" in err) == (
        2,
        True,
    )
    assert not (folder / "baselines.json").exists()


@pytest.mark.parametrize(
    "argv",
    [
        (),
        ("baselines",),
        ("baselines", "update"),
        ("baselines", "bogus"),
        ("bogus",),
        ("baselines", "show", "--bogus"),
        ("baselines", "show", "extra"),
    ],
    ids=" ".join,
)
def test_usage_errors_are_2(capsys, argv):
    status, out, err = run(capsys, *argv)
    assert status == 2
    assert "usage: pytest-fastllm" in out + err


def test_help_is_0(capsys):
    assert run(capsys, "--help")[0] == 0
    assert run(capsys, "baselines", "update", "--help")[0] == 0


# The process.


def python(*argv, **options):
    return subprocess.run([sys.executable, *argv], capture_output=True, text=True, check=False, **options)


def test_a_terminal_that_knows_ascii_only_and_a_reader_that_leaves():
    results("r.json", make.row(2.0))
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    command = ("-m", "pytest_fastllm.cli", "baselines")
    assert python(*command, "update", "r.json", env=environment).returncode == 0
    shown = python(*command, "show", env=environment)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "m1 \\xb7 cpu of m1" in shown.stdout
    reader, writer = os.pipe()
    os.close(reader)
    left = subprocess.run(
        [sys.executable, *command, "show"], stdout=writer, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writer)
    assert left.stderr == ""


def test_nothing_heavy_is_imported_for_the_command_line():
    code = (
        "import sys, json\n"
        "from pytest_fastllm.cli import main\n"
        "main(['--help'])\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    modules = set(json.loads(python("-c", code).stdout.splitlines()[-1]))
    assert modules & {"pytest", "_pytest", "litellm", "tabulate", "hypothesis", "numpy"} == set()
    assert "argparse" in modules
