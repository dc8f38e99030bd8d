"""Which encoding a model has: LiteLLM's own answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import anthropic, tiktoken_names
from .vocabularies import encoding

if TYPE_CHECKING:
    from ..._accel import Encoding

REGISTRIES = ("azure_llms", "open_ai_chat_completion_models", "anthropic_models", "cohere_models")
"""LiteLLM's sets of models that its answer depends on."""

DOWNLOAD_FLAG = "disable_hf_tokenizer_download"
"""LiteLLM's setting that its answer depends on."""


def resolve(model: str) -> tuple[Encoding, int, int] | None:
    """LiteLLM's own answer for a model: encoding, tokens per message and per name; None if not native."""
    from litellm.litellm_core_utils import token_counter as counter

    if uses_anthropic(model):
        name: str | None = None if anthropic.differs() else anthropic.ENCODING
    elif may_be_huggingface(model):
        name = None
    else:
        name = tiktoken_names.native_name(model)
    if name is None:
        return None
    # The tokenizer is chosen by now: without one to take, LiteLLM would load Anthropic's, for a quarter of a second.
    chosen = {"type": "huggingface_tokenizer", "tokenizer": None}
    params = counter._MessageCountParams(model, chosen, *_further_defaults(counter._MessageCountParams))
    return encoding(name), params.tokens_per_message, params.tokens_per_name


def uses_anthropic(model: str) -> bool:
    """Whether LiteLLM counts with Anthropic's tokenizer; before 1.102 there is no asking without loading it."""
    import litellm
    from litellm import utils

    kind = getattr(utils, "huggingface_tokenizer_kind", None)
    if kind is None or litellm.disable_hf_tokenizer_download is True:
        return False
    return bool(kind(model) == "anthropic")


def may_be_huggingface(model: str) -> bool:
    """Whether asking LiteLLM could make it download a tokenizer: the call itself shall decide that."""
    import litellm
    from litellm import utils

    if litellm.disable_hf_tokenizer_download is True:
        return False
    if hasattr(utils, "huggingface_tokenizer_kind"):
        return utils.huggingface_tokenizer_kind(model) is not None
    # litellm before 1.102 chooses and loads in one function; its code is known by the fingerprint.
    lower = model.lower()
    return (
        model in litellm.cohere_models
        or model in litellm.anthropic_models
        or any(family in lower for family in ("llama-2", "llama-3", "replicate"))
    )


def _further_defaults(params: type) -> list[object]:
    """False for each parameter after (self, model, custom_tokenizer): the default of `token_counter`'s own."""
    import inspect

    return [False] * (len(inspect.signature(params).parameters) - 2)
