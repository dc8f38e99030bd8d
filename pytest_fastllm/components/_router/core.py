"""What the native choice knows of a router's core, which there is from LiteLLM 1.109 on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .examined import EVERY_PICK
from .guards import known_class, members, same
from .places import has_core, member, router_class, router_module

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from .guards import Guard

_ATTRIBUTES = (
    "routing_plugins model_names model_group_alias model_name_to_deployment_indices "
    "team_model_to_deployment_indices model_list enable_health_check_routing enable_pre_call_checks "
    "enable_tag_filtering routing_strategy cooldown_cache auto_routers complexity_routers adaptive_routers "
    "quality_routers"
)


def attributes() -> dict[str, str]:
    """Where a router keeps its state: the name of each attribute before 1.109, and that in this version."""
    return {name: member(name) for name in _ATTRIBUTES.split()} | {"routing_groups": _routing_groups()}


def _routing_groups() -> str:
    """Under which name the router itself looks up a routing group; LiteLLM 1.105 keeps it to itself."""
    _, router = router_class()
    read = getattr(router_module(), router).get_routing_group.__code__.co_names
    return next(name for name in (member("routing_groups"), "_routing_groups") if name in read)


def core() -> dict[str, Any] | None:
    """What a core has to hold besides; None where a router has none."""
    if not has_core():
        return None
    from _thread import RLock

    from litellm import router_api, router_python_host

    return {
        "host": router_python_host.python_host,
        "context": router_api.RoutingContext,
        "views": [
            ("_registry_view", router_api.RouterRegistry),
            ("_settings_snapshot", router_api.RouterSettings),
            ("_health_view", router_api.RouterHealth),
        ],
        "pod_discovery": known_class("KubernetesPodDiscovery", EVERY_PICK),
        "lock": RLock,
        # Callbacks that are the request's alone.
        "empty": ["_request_scoped_selectors", "_request_scoped_policies"],
    }


def core_guards() -> Iterator[Guard]:
    """What has to stay as it was examined around a core."""
    if not has_core():
        return
    from litellm import router_api, router_config, router_python_core, router_python_host

    # The property that is there is the base class's.
    yield members(router_python_core.PythonCore), "kubernetes_pod_discovery"
    yield from same(router_python_core, "litellm_utils", "RoutingReadBatch")
    yield from same(router_python_host, "litellm", "live_dynamic_config")
    yield from same(router_config, "litellm")
    yield from same(router_api, "SETTING_FIELDS")


def unset_in_requests() -> list[str]:
    """Keywords of a request that have LiteLLM choose among fewer deployments."""
    if not has_core():
        return []
    from litellm.litellm_core_utils.routing_common_utils import MID_STREAM_CONTINUATION_KWARG

    return ["audio", "videos", MID_STREAM_CONTINUATION_KWARG]


def unset_in_deployments() -> tuple[list[str], list[str]]:
    """What of a deployment's information, and of its parameters, has LiteLLM keep requests from it or change it."""
    if not has_core():
        return [], []
    return ["enforce_supported_endpoints", "max_embedding_batch_size"], ["kubernetes_pod_discovery"]


def image_search() -> Callable[[Any], bool] | None:
    """What tells whether messages contain an image; None where the choice does not depend on it."""
    if not has_core():
        return None
    from litellm.litellm_core_utils.prompt_templates import common_utils

    search: Callable[[Any], bool] = common_utils.request_contains_image_content
    return search


def latency_samples() -> tuple[str, bool]:
    """The key of a deployment's latencies, and whether those that cannot be real are left out."""
    return ("latency_normalized", True) if has_core() else ("latency", False)
