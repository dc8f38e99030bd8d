"""Which encoding a model has: LiteLLM's own answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import anthropic, tiktoken_names
from .reads import UnwatchedReadError, reads_of
from .vocabularies import encoding

if TYPE_CHECKING:
    from ..._accel import Encoding
    from .reads import Reads

REGISTRIES = ("azure_llms", "open_ai_chat_completion_models", "anthropic_models", "cohere_models")
"""LiteLLM's sets of models that its answer depends on."""

DOWNLOAD_FLAG = "disable_hf_tokenizer_download"
"""LiteLLM's setting that its answer depends on."""


ENCODING_OF = "openai_tokenizer_encoding_name"
PRICING_OF = "pdf_page_pricing"
"""Questions of LiteLLM's own about a model. The second it asks as soon as a message has parts; all that matters is
whether it raises."""


def resolve(model: str) -> tuple[Encoding | None, int, int, bool, Reads | None, Reads | None] | None:
    """LiteLLM's own answer for a model; None, or no encoding, if not native.

    Returns: encoding; tokens per message and per name; whether the model's chat template says how tools are counted;
    what the answer depends on beside the model's own places in `REGISTRIES`, and what that for parts of messages does.
    """
    from litellm.litellm_core_utils import token_counter as counter

    by_anthropic = uses_anthropic(model)
    if not by_anthropic and may_be_huggingface(model):
        return None
    try:
        # Before the answer: what changes in between shows on the next call.
        reads = None if by_anthropic else reads_of(counter, ENCODING_OF, model, REGISTRIES)
        part_reads = reads_of(counter, PRICING_OF, model, REGISTRIES)
    except UnwatchedReadError as error:
        return None, 0, 0, False, error.until_then, None
    if by_anthropic:
        name: str | None = None if anthropic.differs() else anthropic.ENCODING
    else:
        name = tiktoken_names.native_name(model)
    if name is None:
        return None
    # The tokenizer is chosen by now: without one to take, LiteLLM would load Anthropic's, for a quarter of a second.
    chosen = {"type": "huggingface_tokenizer", "tokenizer": None}
    params = counter._MessageCountParams(model, chosen, *_further_defaults(counter._MessageCountParams))
    by_template = getattr(params, "tool_section", None) is not None
    return encoding(name), params.tokens_per_message, params.tokens_per_name, by_template, reads, part_reads


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
