"""Small modules made from source, for components to live in."""

from __future__ import annotations

import sys
import textwrap
from types import ModuleType


def module(monkeypatch, source, name="toy"):
    """A module of that source, importable until the test is over."""
    made = ModuleType(name)
    exec(compile(textwrap.dedent(source), f"<{name}>", "exec"), made.__dict__)
    monkeypatch.setitem(sys.modules, name, made)
    return made
