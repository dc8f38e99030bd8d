"""`token_counter`: LiteLLM's token counter and its native replacement.

What is replaced is the outer seam, ``litellm.litellm_core_utils.token_counter.token_counter``, which LiteLLM keeps
a second reference to in ``litellm._lazy_imports``. The native function answers what it can answer exactly and
passes every other call on, as it came, to the function that it replaces. See docs/components/token_counter.md.

Importing this module imports neither litellm nor the extension: both happen when they are first needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .extension import missing_extension

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..component import Component


def component() -> Component:
    """The component, declared without importing what it is about."""
    from ..component import Component

    return Component(
        name="token_counter",
        reference="litellm.litellm_core_utils.token_counter:token_counter",
        accelerated="pytest_fastllm.components.token_counter:token_counter",
        patch=(
            "litellm.litellm_core_utils.token_counter:token_counter",
            "litellm._lazy_imports:_token_counter_new_func",
        ),
        available=available,
        native_calls=native_calls,
    )


def available() -> str | None:
    """None, or why LiteLLM's token counter stays on Python here."""
    from ._token_counter.fingerprint import LITELLM
    from ._token_counter.vocabularies import other_tiktoken, other_vocabulary

    return (
        missing_extension("TokenCounter") or LITELLM.why_unknown() or other_vocabulary() or other_tiktoken()
    )


def native_calls() -> int:
    """Calls that the native function has answered itself in this process."""
    from ._token_counter.native import counter

    return counter().native_calls if counter.cache_info().currsize else 0


def __getattr__(name: str) -> Callable[..., int]:
    """`token_counter`, made when it is first asked for."""
    if name != "token_counter":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ._token_counter.native import counter

    function = counter().function()
    globals()[name] = function
    return function
