"""Which definition of a name is fingerprinted: the one that Python runs."""

from __future__ import annotations

from pytest_fastllm.components.code_fingerprint import normal_form

METHOD = """
class C:
    def f(self, one):
        return one
"""
OVERLOADED = """
class C:
    @overload
    def f(self, one: int) -> int: ...

    @overload
    def f(self, one: str) -> str: ...

    def f(self, one):
        return one
"""


def test_overloads_tell_only_types():
    assert normal_form(OVERLOADED, "C.f") == normal_form(METHOD, "C.f") != ""


def test_other_decorators_count():
    decorated = METHOD.replace("    def", "    @cached\n    def")
    assert normal_form(decorated, "C.f") != normal_form(METHOD, "C.f")
