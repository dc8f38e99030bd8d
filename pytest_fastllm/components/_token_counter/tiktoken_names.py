"""Which of tiktoken's encodings LiteLLM counts a model with, learnt without loading it where LiteLLM can say so.

Loading one takes a third of a second and 40 MB. From 1.104 on, LiteLLM has a function that answers with the name.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from .vocabularies import VOCABULARIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tiktoken import Encoding

_SAME_VOCABULARY = {"o200k_harmony": "o200k_base"}
"""Encodings that differ from another one in their special tokens only, which LiteLLM counts as ordinary text."""

_OWN_ENCODINGS = "tiktoken_ext.openai_public"
"""The module of tiktoken that makes its own encodings, each from a file with a known hash."""

_OTHER_FILES = "CUSTOM_TIKTOKEN_CACHE_DIR"
"""With this environment variable LiteLLM takes other files than its own, which tiktoken may have to download."""


def native_name(model: str) -> str | None:
    """The native encoding for a model that LiteLLM counts with tiktoken, None if there is none."""
    from litellm.litellm_core_utils import token_counter as counter

    ask = getattr(counter, "openai_tokenizer_encoding_name", None)
    if ask is None or os.environ.get(_OTHER_FILES):
        return _name_of_loaded(_loaded_for(model))
    name: str = ask(model)
    from tiktoken import registry

    if name in registry.ENCODINGS:
        return _name_of_loaded(registry.ENCODINGS[name])
    return _SAME_VOCABULARY.get(name, name) if _would_be_tiktokens_own(name) else None


def _loaded_for(model: str) -> Encoding | None:
    """The encoding that LiteLLM's counting function for a model carries, loaded by LiteLLM for that."""
    import tiktoken
    from litellm.litellm_core_utils import token_counter as counter

    found = list(_closed_over(counter._get_count_function(model), tiktoken.Encoding))
    return found[0] if len(found) == 1 else None


def _name_of_loaded(encoding: Encoding | None) -> str | None:
    """The native encoding that a loaded one is, None if it is another or does not have as many tokens."""
    if encoding is None:
        return None
    name = _SAME_VOCABULARY.get(encoding.name, encoding.name)
    same = name in VOCABULARIES and len(encoding._mergeable_ranks) == VOCABULARIES[name][2]
    return name if same else None


def _would_be_tiktokens_own(name: str) -> bool:
    """Whether an encoding is one of `VOCABULARIES`, and tiktoken itself would make it, not a plugin of tiktoken's."""
    import tiktoken
    from tiktoken import registry

    if _SAME_VOCABULARY.get(name, name) not in VOCABULARIES or name not in tiktoken.list_encoding_names():
        return False
    maker = (registry.ENCODING_CONSTRUCTORS or {}).get(name)
    return getattr(maker, "__module__", None) == _OWN_ENCODINGS


def _closed_over(function: object, kind: type[Encoding], depth: int = 4) -> Iterator[Encoding]:
    """Objects of a kind that a function carries in its closure, or the functions in it do."""
    for cell in getattr(function, "__closure__", None) or ():
        content = cell.cell_contents
        if isinstance(content, kind):
            yield content
        elif depth and callable(content):
            yield from _closed_over(content, kind, depth - 1)
