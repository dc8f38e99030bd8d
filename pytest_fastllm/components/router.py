"""`router`: LiteLLM's choice of a deployment for a request, and its native replacement.

What is replaced are two methods of ``litellm.Router``: ``get_available_deployment`` and its async sibling; from LiteLLM
1.109 on, those of the router's core. The native ones walk over the router's own live dicts, so that whatever is
changed there counts at once. Where anything is not at its default or not as it was examined, they call the method
that they replace before they have changed anything.
See docs/components/router.md.

Importing this module imports neither litellm nor the extension: both happen when they are first needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .extension import missing_extension
from .methods import each_method

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..component import Component


def component() -> Component:
    """The component, declared without importing what it is about."""
    from ..component import Component
    from ._router import places

    file, router = places.router_class()
    return Component(
        name="router",
        together=each_method("router", f"litellm.{file.removesuffix('.py')}:{router}", places.methods()),
        available=available,
        native_calls=native_calls,
    )


def available() -> str | None:
    """None, or why LiteLLM's routers choose on Python here."""
    from ._router.fingerprint import LITELLM
    from ._router.replaced import replaced_part

    return missing_extension("DeploymentPicker") or LITELLM.why_unknown() or replaced_part()


def native_calls() -> int:
    """Choices that the native methods have made themselves in this process."""
    from ._router.native import picker

    return picker().native_calls if picker.cache_info().currsize else 0


def __getattr__(name: str) -> Callable[..., Any]:
    """The two methods under the names of those that they stand for, made when they are first asked for."""
    from ._router import places

    if name not in places.methods():
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ._router.methods import methods

    globals().update(methods())
    method: Callable[..., Any] = globals()[name]
    return method
