"""What keeps the deployments of LiteLLM's routers, and under which names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

_KEPT = ("model_list", "model_group_alias", "pattern_router")


def routers(classes: dict[str, tuple[type, list[str]]]) -> dict[str, Any]:
    """What this LiteLLM has; see accel/src/py/limiter/routers.rs.

    Args:
        classes: by name, those that are there and their methods that are guarded.
    """
    if "PythonCore" not in classes:
        return {"core": classes["Router"], "registry": None, **{name: name for name in _KEPT}}
    # Since 1.109 a router only passes on what it is asked, and is asked for its registry.
    return {
        "core": classes["PythonCore"],
        "registry": classes["RouterRegistry"],
        **{name: f"_core_{name}" for name in _KEPT},
    }
