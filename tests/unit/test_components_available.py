"""What every bundled component promises before it is used: it costs no import, and says what it needs."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

from pytest_fastllm.components.extension import missing_extension

if reason := missing_extension("TokenCounter"):
    pytest.skip(reason, allow_module_level=True)

NEEDS = {
    "connection_pool": "PoolBookkeeper",
    "rate_limiter": "RateLimiter",
    "router": "DeploymentPicker",
    "token_counter": "TokenCounter",
}
HEAVY = ("litellm", "httpcore", "httpx", "tiktoken", "pytest_fastllm._accel")


def available(name):
    return import_module(f"pytest_fastllm.components.{name}").available()


@pytest.mark.parametrize("name", NEEDS)
def test_without_the_extension(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "pytest_fastllm._accel", None)
    monkeypatch.delattr("pytest_fastllm._accel")
    assert "run `make build`" in available(name)


@pytest.mark.parametrize(("name", "needed"), NEEDS.items())
def test_with_an_older_extension(name, needed, monkeypatch):
    monkeypatch.delattr(f"pytest_fastllm._accel.{needed}")
    assert f"without {needed}; run `make build`" in available(name)


def test_declaring_them_imports_nothing_heavy():
    code = (
        "import sys; from pytest_fastllm.components import bundled; bundled(); "
        f"sys.exit(' '.join(m for m in sys.modules if m in {HEAVY}) or 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
