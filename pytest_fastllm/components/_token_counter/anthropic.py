"""Anthropic's published tokenizer: which models LiteLLM counts with it, and whether it is the one that is known.

LiteLLM ships it as `anthropic_tokenizer.json` and has Hugging Face's `tokenizers` count with it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from ..installed import package_path, version
from .vocabularies import encoding

if TYPE_CHECKING:
    from pathlib import Path

ENCODING = "anthropic"

FILE = "anthropic_tokenizer.json"
FILE_SHA256 = "c241737df24b4e7f7c9af4fdcee29a0ca903dcb288a8b753bc346a3092911767"
"""Of the file in LiteLLM's package."""

TESTED_TOKENIZERS = ("0.23.3",)
"""Versions whose normalisation and character classes the tests have compared; any other one is asked here."""


def tokenizer_path() -> Path:
    """The tokenizer's file inside the installed litellm."""
    package = package_path("litellm")
    if package is None:
        raise ModuleNotFoundError("No module named 'litellm'")
    return package / "litellm_core_utils" / "tokenizers" / FILE


@lru_cache(maxsize=1)
def differs() -> str | None:
    """None, or why models with this tokenizer stay on LiteLLM's Python."""
    from hashlib import sha256

    path = tokenizer_path()
    if not path.is_file() or sha256(path.read_bytes()).hexdigest() != FILE_SHA256:
        return f"the {FILE} in litellm {version('litellm')} is not the published one"
    if package_path("tokenizers") is None:
        return "tokenizers is not installed, so litellm counts with tiktoken and warns"
    release = version("tokenizers")
    if release in TESTED_TOKENIZERS or agrees_with_tokenizers():
        return None
    return f"tokenizers {release} counts {FILE} differently: its character classes are not known"


def agrees_with_tokenizers() -> bool:
    """Whether both give the same count for texts of all characters, each beside letters and beside marks.

    This takes a second or two. Planes that Unicode has nothing in are left out.
    """
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(tokenizer_path()))
    codes = (*range(0xD800), *range(0xE000, 0x40000), *range(0xE0000, 0xE1000))
    characters = [chr(code) for code in codes]
    blocks = [characters[start : start + 512] for start in range(0, len(characters), 512)]
    # A letter on both sides tells the classes; marks of low and high combining class tell the order and what composes.
    texts = (between.join(block) for block in blocks for between in ("a", "\u0334\u0345a", "a\u0301"))
    ours = encoding(ENCODING)
    return all(ours.count(text, len(text)) == len(tokenizer.encode_batch_fast([text])[0]) for text in texts)
