"""A small project with a component of its own, in which the plugin runs."""

from __future__ import annotations

import json
import sys

# Loaded here once, or every run in this process would load them anew: pytester forgets what a run imported.
import hypothesis.strategies  # noqa: F401
import pytest

import pytest_fastllm.components.token_counter
import pytest_fastllm.run.second_pass
import pytest_fastllm.run.session  # noqa: F401

# Either side does enough in one call to be timed at once, and the ratio is far from 1.
CODEC = """
import random

calls = []

def encode(text, *, level=1):
    calls.append("python")
    total = 0
    for _ in range(400):
        total += level
    return f"{text}:{total}"

def fast_encode(text, *, level=1):
    calls.append("rust")
    total = 0
    for _ in range(40):
        total += 10 * level
    return f"{text}:{total}"

def call(text, **kwargs):
    return encode(text, **kwargs)

class Codec:
    def encode(self, text):
        return encode(text)

def fast_method(self, text):
    return fast_encode(text)
"""
CONFTEST = """
import pytest
from pytest_fastllm import Component

@pytest.hookimpl(optionalhook=True)
def pytest_fastllm_components():
    return [
        Component("codec", reference="codec:encode", accelerated="codec:fast_encode", patch=("codec:encode",)),
        Component(
            "method", reference="codec:Codec.encode", accelerated="codec:fast_method", patch=("codec:Codec.encode",)
        ),
    ]
"""
QUICK = ("--fastllm-iterations=20", "--fastllm-max-seconds=0.3")


class Project:
    """A folder with the module `codec`, the component `codec`, and tests to write and run."""

    def __init__(self, pytester, monkeypatch):
        self.pytester = pytester
        self.monkeypatch = monkeypatch
        self.path = pytester.path
        pytester.makepyfile(codec=CODEC)
        pytester.makeconftest(CONFTEST)
        monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
        # No plugin but this one, here and in fresh interpreters: they start in a sixth of the time.
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        self.plugins = ("-p", "pytest_fastllm.plugin", "-p", "no:cacheprovider")

    def with_installed_plugins(self):
        """Run with every pytest plugin that is installed, as users do; for tests beside one of them."""
        self.monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
        self.plugins = ("-p", "no:cacheprovider", "-o", "asyncio_default_fixture_loop_scope=function")
        return self

    def tests(self, source, name="test_codec"):
        """Write a test module."""
        self.pytester.makepyfile(**{name: source})

    def one_test(self, body="accelerated(codec.call, 'x')", marker='"codec"', name="test_small"):
        """Write a test module with one test."""
        lines = "\n    ".join(body.splitlines())
        self.tests(
            f"import pytest, codec\n@pytest.mark.fastllm({marker})\ndef {name}(accelerated):\n    {lines}\n"
        )

    def run(self, *args):
        """Run pytest here, in this process."""
        return self.pytester.runpytest_inprocess(*self.plugins, *args)

    def run_apart(self, *args):
        """Run pytest in a process of its own."""
        return self.pytester.runpytest_subprocess(*self.plugins, *args)

    def run_flagged(self, *args, flags=()):
        """Run pytest in a process of its own, with flags of the interpreter."""
        return self.pytester.run(sys.executable, *flags, "-m", "pytest", *self.plugins, *args)

    def compare(self, *args):
        """Measure, as quickly as possible."""
        return self.run("--fastllm-compare", *QUICK, *args)

    def measured(self, run, *args):
        """Measure by ``run``, a method of this project, and return the rows of the results file with the run."""
        path = self.path / "results.json"
        result = run(f"--fastllm-json={path}", *args)
        return json.loads(path.read_text())["rows"], result

    def rows(self, *args):
        """Measure, and return the rows by name."""
        rows, _ = self.measured(self.compare, *args)
        return {f"{row['component']}/{row['workload']}": row for row in rows}

    def row_apart(self, *args):
        """Measure in a process of its own, and return the first row with the run."""
        rows, result = self.measured(self.run_apart, "--fastllm-compare", "--fastllm-iterations=20", *args)
        return rows[0], result

    def ini(self, **keys):
        """Write an ini file."""
        self.pytester.makeini("[pytest]\n" + "".join(f"{name} = {value}\n" for name, value in keys.items()))

    def bounds(self, low, high, key="codec/small", path="baselines.json"):
        """Store a portable bound."""
        entry = {"speedup": {"low": low, "high": high, "estimate": 10.0}}
        environments = {"any": {"description": {}, "workloads": {key: entry}}}
        (self.path / path).write_text(json.dumps({"schema": 1, "environments": environments}))

    def said(self, result):
        """Everything a run printed, each run of blanks as one: where lines were wrapped does not matter."""
        return " ".join(" ".join([*result.outlines, *result.errlines]).split())


@pytest.fixture
def project(pytester, monkeypatch):
    """A project with the component `codec`."""
    return Project(pytester, monkeypatch)
