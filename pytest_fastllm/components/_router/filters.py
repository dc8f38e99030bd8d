"""Filters of callbacks that let every deployment pass: LiteLLM's proxy registers one with its first import."""

from __future__ import annotations

from functools import lru_cache
from inspect import getattr_static
from typing import TYPE_CHECKING

from .. import code_fingerprint
from ..installed import package_path

if TYPE_CHECKING:
    from typing import Any

_MODULE = "proxy/hooks/model_max_budget_limiter.py"
_CLASS = "_PROXY_VirtualKeyModelMaxBudgetLimiter"
_NAME = "async_filter_deployments"
_PARTS = (
    (_MODULE, f"{_CLASS}.{_NAME}"),
    ("_internal_context.py", "with_service_target"),
    ("_internal_context.py", "service_target"),
)
# It returns what it is given; the decorator names a service for what is called inside, which is nothing.
# LiteLLM 1.105 has no decorator.
_KNOWN = frozenset({"1c21529b0dac4dbcbe2bfb5e", "4c6719f4e3b0c442e3b0c442"})


@lru_cache(maxsize=64)
def lets_all_pass(filter_of_class: Any) -> bool:
    """Whether a callback's filter is the one that LiteLLM's proxy comes with, whose code is known to do nothing.

    Args:
        filter_of_class: the function ``async_filter_deployments`` as the callback's class has it.
    """
    import sys

    module = sys.modules.get("litellm.proxy.hooks.model_max_budget_limiter")
    package = package_path("litellm")
    if module is None or package is None:
        return False
    inner = getattr(filter_of_class, "__wrapped__", filter_of_class)
    code, inner_code = getattr(filter_of_class, "__code__", None), getattr(inner, "__code__", None)
    if code is None or inner_code is None:
        return False
    return (
        filter_of_class is getattr_static(getattr(module, _CLASS, None), _NAME, None)
        and inner_code.co_filename == module.__file__ == str(package / _MODULE)
        and (code is inner_code or code.co_filename == str(package / "_internal_context.py"))
        and code_fingerprint.fingerprint(package, _PARTS) in _KNOWN
    )
