"""Who has the package installed and does not use it pays next to nothing."""

from __future__ import annotations

import pytest

# Heavy, or of no use before a test asks for the fixture.
UNWANTED = [
    "litellm",
    "tiktoken",
    "tabulate",
    "pytest_fastllm._accel",
    "pytest_fastllm.run.session",
    "pytest_fastllm.fixture",
    "pytest_fastllm.stats",
    "pytest_fastllm.timing",
    "pytest_fastllm.memory",
    "pytest_fastllm.baselines",
    "pytest_fastllm.components",
]

SHOW = """
import sys

def pytest_unconfigure(config):
    assert config.pluginmanager.has_plugin("fastllm")
    ours = [name for name in sys.modules if name.startswith("pytest_fastllm")]
    print("LOADED", *(name for name in (*{unwanted!r}, *ours) if name in sys.modules))
"""


@pytest.fixture
def loaded(pytester):
    """Names of what a pytest run in a process of its own has loaded at its end."""
    pytester.makeconftest(SHOW.format(unwanted=UNWANTED))

    def run(*args):
        result = pytester.runpytest_subprocess(*args)
        line = next(line for line in result.outlines if line.startswith("LOADED"))
        return set(line.split()[1:])

    return run


def test_a_plain_run_loads_nothing_of_weight(pytester, loaded):
    pytester.makepyfile("def test_plain(): pass")
    names = loaded()
    assert "pytest_fastllm.plugin" in names
    assert names.isdisjoint(UNWANTED)


def test_the_help_of_the_options_loads_nothing_of_weight(pytester, loaded):
    assert loaded("--help").isdisjoint(UNWANTED)


def test_a_comparison_of_something_else_does_not_load_litellm(pytester, loaded):
    pytester.makepyfile(
        """
        def test_same(accelerated):
            accelerated.versus(abs, lambda x: x if x > 0 else -x, -3)
        """
    )
    names = loaded("--fastllm-compare", "--fastllm-iterations=4", "--fastllm-max-seconds=0.3")
    assert "pytest_fastllm.run.session" in names
    assert names.isdisjoint({"litellm", "tiktoken"})
