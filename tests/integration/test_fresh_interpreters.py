"""Fresh interpreters: `--fastllm-processes`, and the confirmation of rows out of their bounds."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest


def test_a_row_below_its_bound_is_confirmed_by_two_more(project):
    project.one_test()
    project.bounds(1000, None)
    row, result = project.row_apart()
    assert (row["verdict"], row["processes"]) == ("below", 3)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*codec/small: below: bound 1000*"])


def test_a_row_that_only_this_process_finds_below_is_inconclusive(project):
    # The slow side is slow here and nowhere else: children know that they are somebody's job.
    project.one_test(
        "import os\n"
        "spins = 4000 if 'PYTEST_FASTLLM_JOB' in os.environ else 400\n"
        "def spin(turns):\n    for _ in range(turns): pass\n"
        "accelerated.versus(lambda: spin(spins), lambda: spin(400))",
        marker='workload="small", component="codec"',
    )
    project.bounds(3, None)
    row, result = project.row_apart()
    assert (row["verdict"], row["processes"]) == ("inconclusive", 3)
    assert "process-dependent" in row["warnings"]
    assert result.ret == pytest.ExitCode.OK
    assert "fresh interpreters did not confirm it" in row["message"]


def test_only_failing_rows_are_run_again(project):
    project.tests(
        "import pytest, codec, pathlib\n"
        "@pytest.mark.fastllm('codec')\n"
        "def test_small(accelerated):\n"
        "    accelerated(codec.call, 'x')\n"
        "@pytest.mark.fastllm('codec')\n"
        "def test_other(accelerated):\n"
        "    with open('visits', 'a') as file: file.write('other\\n')\n"
        "    accelerated(codec.call, 'y')\n"
    )
    project.bounds(1000, None)
    row, _ = project.row_apart()
    assert row["verdict"] == "below"
    assert (project.path / "visits").read_text() == "other\n"


INSTALLED = """
def call(text):
    return text.upper()
"""
CHECKOUT = "raise ImportError('the checkout')"


def compares_what_is_installed(project):
    """A test of a module that is installed, whose checkout is the current folder, as in a CI job with a wheel."""
    site = project.pytester.mkdir("site packages")
    (site / "shipped.py").write_text(INSTALLED)
    (project.path / "conftest.py").unlink()
    project.pytester.mkdir("tests")
    (project.path / "tests" / "test_shipped.py").write_text(
        "import shipped\n"
        "def test_small(accelerated):\n"
        "    accelerated.versus(shipped.call, lambda text: text.upper(), 'x')\n"
    )
    (project.path / "shipped.py").write_text(CHECKOUT)
    project.ini()
    project.monkeypatch.setenv("PYTHONPATH", str(site))


AS_PROGRAM = "import sys; sys.path.remove(''); import pytest; sys.exit(pytest.main())"


def test_fresh_interpreters_import_what_this_one_does(project):
    compares_what_is_installed(project)
    # Not through pytester, which would put the current folder on the path.
    command = [sys.executable, "-c", AS_PROGRAM, *project.plugins, "--fastllm-compare"]
    done = subprocess.run(
        [*command, "--fastllm-iterations=20", "--fastllm-processes=2"],
        cwd=project.path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == pytest.ExitCode.OK, done.stdout


def test_the_current_folder_is_importable_where_it_is_in_this_process(project):
    compares_what_is_installed(project)
    (project.path / "shipped.py").write_text(INSTALLED)
    project.monkeypatch.delenv("PYTHONPATH")
    result = project.run_flagged("--fastllm-compare", "--fastllm-iterations=20", "--fastllm-processes=2")
    assert result.ret == pytest.ExitCode.OK


def test_every_process_measures_every_row_once(project):
    project.tests(
        "import pytest, codec\n"
        "@pytest.mark.fastllm('codec')\n"
        "@pytest.mark.parametrize('text', ['x', 'yy'])\n"
        "def test_small(accelerated, text):\n"
        "    with open('visits', 'a') as file: file.write(text + '\\n')\n"
        "    accelerated(codec.call, text)\n"
    )
    row, _ = project.row_apart("--fastllm-processes=3")
    assert (row["processes"], row["pairs"], row["stopped"]) == (3, 60, "processes")
    assert row["between_sd"] > 0
    # Here once for the check of equality, then once in each fresh interpreter.
    assert (project.path / "visits").read_text().split() == ["x", "yy"] * 4


def test_the_number_of_processes_has_an_ini_key(project):
    project.ini(fastllm_processes=2)
    project.one_test()
    assert project.row_apart()[0]["processes"] == 2


@pytest.mark.parametrize("value", ["0", "-1", "two", ""])
def test_what_is_no_number_of_processes(project, value):
    project.one_test()
    result = project.run("--fastllm-compare", f"--fastllm-processes={value}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert f"--fastllm-processes={value!r}" in project.said(result)


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        ("if child: pytest.skip('not here')", "did not run this test"),
        ("assert not child", "did not run this test"),
        ("if child: import os; os._exit(3)", "ended with status 3 and no result"),
    ],
)
def test_a_child_that_does_something_else_is_an_error_with_its_output(project, body, cause):
    project.one_test(
        "import os\nchild = 'PYTEST_FASTLLM_JOB' in os.environ\n"
        f"print('seen in the child')\n{body}\naccelerated(codec.call, 'x')"
    )
    row, result = project.row_apart("--fastllm-processes=2")
    assert row["verdict"] == "error"
    assert cause in row["message"]
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_the_child_has_the_parents_ini_plugins_and_paths_but_not_its_reports(project, monkeypatch):
    (project.path / "helper").mkdir()
    (project.path / "helper" / "myplugin.py").write_text(
        "import pytest\n@pytest.fixture\ndef greeting(pytestconfig): return pytestconfig.getini('greeting')\n"
        "def pytest_addoption(parser): parser.addini('greeting', 'x')\n"
    )
    project.ini(
        pythonpath="helper",
        addopts="--junitxml=report.xml --strict-markers",
        greeting="from the ini file",
    )
    project.tests(
        "import pytest, codec, os\n"
        "@pytest.mark.fastllm('codec')\n"
        "def test_small(accelerated, greeting, tmp_path, pytestconfig):\n"
        "    accelerated(codec.call, 'x')\n"
        "    with open('seen', 'a') as file:\n"
        "        print(greeting, tmp_path, pytestconfig.option.xmlpath, os.environ['KEPT'], sep='|', file=file)\n"
    )
    monkeypatch.setenv("KEPT", "kept")
    monkeypatch.setenv("PYTEST_ADDOPTS", "--junitxml=other.xml")
    result = project.run_apart(
        *("-p", "myplugin", "-o", "greeting=from the command line"),
        *("--fastllm-compare", "--fastllm-iterations=20", "--fastllm-processes=2"),
    )
    assert result.ret == pytest.ExitCode.OK
    parent, *children = [line.split("|") for line in (project.path / "seen").read_text().splitlines()]
    assert len(children) == 2
    assert parent[2] == "other.xml"
    for greeting, tmp_path, report, kept in children:
        assert (greeting, report, kept) == ("from the command line", "None", "kept")
        assert tmp_path != parent[1]


def test_an_update_measures_in_five_processes(project):
    project.one_test()
    result = project.run_apart("--fastllm-compare", "--fastllm-iterations=20", "--fastllm-update")
    assert result.ret == pytest.ExitCode.OK
    stored = json.loads((project.path / "baselines.json").read_text())["environments"]
    own = next(entry for name, entry in stored.items() if name != "any")
    assert own["workloads"]["codec/small"]["speedup"]["processes"] == 5


def test_what_was_just_stored_is_not_missed(project):
    project.one_test()
    project.run_apart("--fastllm-compare", "--fastllm-processes=2", "--fastllm-update")
    row, _ = project.row_apart()
    # A busy machine may leave it undecided. That the same results are within: test_baselines_propose.py.
    assert row["verdict"] in ("within", "inconclusive")


def test_a_job_that_is_none_is_refused(project, monkeypatch):
    monkeypatch.setenv("PYTEST_FASTLLM_JOB", str(project.path / "none.json"))
    project.one_test()
    result = project.run("--fastllm-compare")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "unset it" in project.said(result)


@pytest.mark.parametrize("option", ["-x", "--stepwise"])
def test_who_stops_at_a_failure_stops_at_the_first_row_out_of_its_bounds(project, option):
    project.tests(
        "import pytest, codec\n"
        "@pytest.mark.fastllm('codec')\ndef test_small(accelerated): accelerated(codec.call, 'x')\n"
        "@pytest.mark.fastllm('codec')\ndef test_later(accelerated): accelerated(codec.call, 'y')\n"
    )
    project.bounds(1000, None)
    # A process of its own, as stepwise keeps where it stopped in the cache.
    options = ("-p", "pytest_fastllm.plugin", "--fastllm-compare", "--fastllm-iterations=20", option)
    result = project.pytester.runpytest_subprocess(*options)
    assert result.ret in (pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED)
    result.assert_outcomes(failed=1)
    assert "stopping after 1 failures" in project.said(result) or "Test failed, continuing" in project.said(
        result
    )


@pytest.mark.parametrize("strict", [False, True])
def test_an_expected_failure_may_be_a_row_out_of_its_bounds(project, strict):
    project.tests(
        "import pytest, codec\n"
        f"@pytest.mark.xfail(strict={strict})\n"
        "@pytest.mark.fastllm('codec')\ndef test_small(accelerated): accelerated(codec.call, 'x')\n"
    )
    project.bounds(1000, None)
    row, result = project.row_apart()
    assert row["verdict"] == "below"
    result.assert_outcomes(xfailed=1)


def test_options_of_the_users_own_reach_the_child(project):
    conftest = project.path / "conftest.py"
    conftest.write_text(
        conftest.read_text()
        + "\ndef pytest_addoption(parser): parser.addoption('--dataset', default='small')\n"
    )
    project.tests(
        "import pytest, codec\n"
        "@pytest.mark.fastllm('codec')\n"
        "def test_small(accelerated, pytestconfig):\n"
        "    with open('seen', 'a') as file: print(pytestconfig.getoption('--dataset'), file=file)\n"
        "    accelerated(codec.call, 'x')\n"
    )
    project.row_apart("--dataset=large", "--fastllm-processes=2")
    assert (project.path / "seen").read_text().split() == ["large"] * 3


def test_one_row_that_ends_its_interpreter_does_not_take_the_others_along(project):
    project.tests(
        "import pytest, codec, os\n"
        "@pytest.mark.fastllm('codec')\ndef test_small(accelerated): accelerated(codec.call, 'x')\n"
        "@pytest.mark.fastllm('codec')\n"
        "def test_deadly(accelerated):\n"
        "    if 'PYTEST_FASTLLM_JOB' in os.environ: os._exit(3)\n"
        "    accelerated(codec.call, 'y')\n"
    )
    rows, _ = project.measured(
        project.run_apart, "--fastllm-compare", "--fastllm-iterations=20", "--fastllm-processes=2"
    )
    verdicts = {row["workload"]: row["verdict"] for row in rows}
    assert verdicts == {"small": "unjudged", "deadly": "error"}


def test_options_that_decide_how_tests_run_reach_fresh_interpreters(project):
    project.with_installed_plugins()
    project.ini(addopts="--asyncio-mode=auto", asyncio_default_fixture_loop_scope="function")
    project.tests(
        "import pytest, codec\n"
        "async def work(): return codec.call('x')\n"
        "@pytest.mark.fastllm('codec')\n"
        "async def test_small(accelerated):\n"
        "    await accelerated.acall(work)\n"
    )
    row, result = project.row_apart("--fastllm-processes=2")
    assert (row["processes"], row["verdict"]) == (2, "unjudged")
    assert result.ret == pytest.ExitCode.OK
