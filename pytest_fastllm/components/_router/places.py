"""Where the installed LiteLLM has what it had in `router.py` before 1.109: a router's core, and files besides.

Asked of what lies in the package, not of its version.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING

from ..installed import package_path

if TYPE_CHECKING:
    from types import ModuleType

ROUTER = "router.py"
CORE = "router_python_core.py"

_MOVED = {
    "router_utils/common_utils.py": "litellm_core_utils/routing_common_utils.py",
    "router_utils/access_windows.py": "litellm_core_utils/access_windows.py",
    "router_utils/ptu_shares.py": "litellm_core_utils/ptu_shares.py",
    "router_utils/deployment_pricing.py": "litellm_core_utils/deployment_pricing.py",
    "router_utils/auto_router_model_naming.py": "router_strategy/auto_router/auto_router_model_naming.py",
}
_RENAMED = {
    "_as_retry_skipped_deployment_ids": (
        "litellm_core_utils/routing_common_utils.py",
        "as_retry_skipped_deployment_ids",
    ),
}
_KEPT_IN_CORE = frozenset(
    "async_get_available_deployment async_get_healthy_deployments async_pre_routing_hook get_all_deployments "
    "get_model_from_alias get_model_ids should_include_deployment "
    "auto_routers complexity_routers adaptive_routers quality_routers cooldown_cache enable_health_check_routing "
    "enable_pre_call_checks enable_tag_filtering model_group_alias model_list model_name_to_deployment_indices "
    "model_names routing_groups routing_plugins routing_strategy team_model_to_deployment_indices".split()
)
"""Methods and attributes whose names say in a core that they are not for others."""


@lru_cache(maxsize=1)
def has_core() -> bool:
    """Whether a `Router` hands everything on to a core."""
    package = package_path("litellm")
    return package is not None and (package / CORE).is_file()


def router_class() -> tuple[str, str]:
    """The file and the name of the class whose methods choose."""
    return (CORE, "PythonCore") if has_core() else (ROUTER, "Router")


def member(name: str) -> str:
    """What a router's method or attribute is called where it is."""
    return f"_core_{name}" if name in _KEPT_IN_CORE and has_core() else name


def methods() -> tuple[str, str]:
    """The sync and the async method that are replaced."""
    return member("get_available_deployment"), member("async_get_available_deployment")


def place(file: str, name: str) -> tuple[str, str]:
    """The file and the name of a part that was in this file under this name before 1.109."""
    if not has_core():
        return file, name
    if file != ROUTER:
        return _MOVED.get(file, file), name
    owner, _, last = name.rpartition(".")
    return (CORE, f"PythonCore.{member(last)}") if owner else _RENAMED.get(name, (CORE, name))


def module(file: str) -> ModuleType | None:
    """A file of LiteLLM's as a module; None where this version does not have it."""
    try:
        return import_module("litellm." + file.removesuffix(".py").replace("/", "."))
    except ModuleNotFoundError:
        return None


def router_module() -> ModuleType:
    """The module of the class whose methods choose."""
    file, _ = router_class()
    return import_module("litellm." + file.removesuffix(".py"))
