"""The native function's knowledge of the LiteLLM in this process."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from .fingerprint import BRIDGE, COUNTER, PARTS, TEMPLATES, UTILS
from .models import DOWNLOAD_FLAG, REGISTRIES, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FunctionType, ModuleType
    from typing import Any

    from ..._accel import TokenCounter

_DEBUG = 10


@lru_cache(maxsize=1)
def counter() -> TokenCounter:
    """The native function's knowledge of the LiteLLM in this process."""
    import inspect
    import logging
    from types import FunctionType

    import litellm
    from litellm import utils
    from litellm.litellm_core_utils import token_counter as module

    from ..._accel import TokenCounter
    from ...errors import SwitchError

    original = module.token_counter
    if not isinstance(original, FunctionType) or original.__module__ != module.__name__:
        raise SwitchError(
            f"litellm's token_counter is {original!r}, not LiteLLM's own function; something else replaced it"
        )
    parameters = inspect.signature(original).parameters
    logger = litellm.verbose_logger
    return TokenCounter(
        original=original,
        signature=", ".join(f"{name}={parameter.default!r}" for name, parameter in parameters.items()),
        names=list(parameters),
        defaults=tuple(parameter.default for parameter in parameters.values()),
        namespace=vars(litellm),
        guards=[
            (vars(litellm), "set_verbose", False),
            (vars(module), "litellm", litellm),
            (vars(module), "verbose_logger", logger),
            (vars(logger), "debug"),
            (vars(logger), "isEnabledFor"),
            *_unpatched(module, COUNTER),
            *_unpatched(module, TEMPLATES),
            *_unpatched(utils, UTILS),
            *_python_route(module),
        ],
        # `logging` keeps which levels are enabled in this dict, and empties it when anything is configured.
        logging=(vars(logger)["_cache"], _DEBUG, False),
        refresh_logging=lambda: logging.Logger.isEnabledFor(logger, _DEBUG),
        format_tools=module._format_function_definitions,
        registries=list(REGISTRIES),
        registry_flag=DOWNLOAD_FLAG,
        resolve=resolve,
        chunk_size=default(module, "_get_tiktoken_count_function"),
        max_exact_chars=default(module, "_get_extrapolating_count_function"),
    )


def _unpatched(module: ModuleType, file: str) -> Iterator[tuple[dict[str, Any], str, object]]:
    """Each function of `PARTS` that lies in a module: while all are in place, LiteLLM does what was fingerprinted."""
    namespace = vars(module)
    for place, name in PARTS:
        if place == file and name in namespace and name != "token_counter":
            yield namespace, name, namespace[name]


def _python_route(counter: ModuleType) -> list[tuple[Any, ...]]:
    """What has to stay as it is for LiteLLM to count with tiktoken and tokenizers, not with its own native route."""
    import os

    try:
        from litellm.rust_bridge import catalog, configuration, tokenizer
    except ImportError:  # before litellm 1.104 there was no other route
        return []
    guards: list[tuple[Any, ...]] = [
        (vars(catalog), "RULES", catalog.RULES),
        *_unpatched(tokenizer, BRIDGE),
        (vars(counter), "get_encoding", tokenizer.get_encoding),
    ]
    contexts = (tokenizer.TIKTOKEN_CONTEXT, tokenizer.HUGGINGFACE_CONTEXT)
    if any(catalog.rollout(context) is not configuration.Rollout.PYTHON_ONLY for context in contexts):
        guards += [
            (vars(os.environ)["_data"], os.environ.encodekey("LITELLM_RUST")),
            (vars(configuration._CONFIGURATION), "override", None),
        ]
    return guards


def default(module: ModuleType, name: str) -> int | None:
    """The default of a function's last parameter: LiteLLM reads these settings once, when it is imported."""
    function: FunctionType | None = getattr(module, name, None)
    defaults = function.__defaults__ if function is not None else None
    return int(defaults[-1]) if defaults else None
