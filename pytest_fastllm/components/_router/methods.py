"""The native methods, with the faces of those that they stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .native import picker
from .places import methods as names_of_methods
from .places import router_class, router_module

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def methods() -> dict[str, Callable[..., Any]]:
    """The native methods by the names of those that they stand for."""
    from functools import wraps

    _, router = router_class()
    sync_name, async_name = names_of_methods()
    sync_original = _own(getattr(router_module(), router), sync_name)
    async_original = _own(getattr(router_module(), router), async_name)
    pick = picker().pick

    @wraps(sync_original)
    def get_available_deployment(
        self: Any,
        model: Any,
        messages: Any = None,
        input: Any = None,
        specific_deployment: Any = False,
        request_kwargs: Any = None,
    ) -> Any:
        found = pick(self, model, messages, input, specific_deployment, request_kwargs, False)
        if found is not None:
            return found
        return sync_original(self, model, messages, input, specific_deployment, request_kwargs)

    @wraps(async_original)
    async def async_get_available_deployment(
        self: Any,
        model: Any,
        request_kwargs: Any,
        messages: Any = None,
        input: Any = None,
        specific_deployment: Any = False,
    ) -> Any:
        found = pick(self, model, messages, input, specific_deployment, request_kwargs, True)
        if found is not None:
            return found
        return await async_original(self, model, request_kwargs, messages, input, specific_deployment)

    return {sync_name: get_available_deployment, async_name: async_get_available_deployment}


def _own(cls: type, name: str) -> Any:
    """What stands in a class, looked at through our own dispatcher while a switch is on."""
    from inspect import getattr_static

    from .replaced import behind_dispatcher

    return behind_dispatcher(getattr_static(cls, name))
