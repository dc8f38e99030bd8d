"""The encodings that are counted natively, and whether LiteLLM and tiktoken hold the same ones."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from ..installed import package_path, version

if TYPE_CHECKING:
    from pathlib import Path

    from ..._accel import Encoding

VOCABULARIES = {
    "cl100k_base": (
        "9b5ad71b2ce5302211f9c61530b329a4922fc6a4",
        "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
        100_256,
    ),
    "o200k_base": (
        "fb374d419588a4632f3f557e76b4b70aebbca790",
        "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
        199_998,
    ),
}
"""Encoding: its file under `litellm_core_utils/tokenizers` (the name in tiktoken's cache), SHA-256, tokens."""

TESTED_TIKTOKEN = ("0.13.0", "0.14.0")
"""Versions whose character classes the tests have compared; any other one is asked here."""


@lru_cache(maxsize=4)
def encoding(name: str) -> Encoding:
    """The native encoding of this name, one per process."""
    from ..._accel import Encoding

    return Encoding(name)


def vocabulary_path(name: str) -> Path:
    """The vocabulary file of an encoding inside the installed litellm."""
    package = package_path("litellm")
    if package is None:
        raise ModuleNotFoundError("No module named 'litellm'")
    return package / "litellm_core_utils" / "tokenizers" / VOCABULARIES[name][0]


def other_vocabulary() -> str | None:
    """None, or which vocabulary LiteLLM does not hold as it was published."""
    for name in VOCABULARIES:
        path = vocabulary_path(name)
        if not path.is_file():
            return f"litellm {version('litellm')} does not hold the vocabulary of {name} ({path.name})"
        if not _is_genuine(name):
            return f"the vocabulary of {name} in litellm {version('litellm')} is not the published one"
    return None


@lru_cache(maxsize=4)
def _is_genuine(name: str) -> bool:
    from hashlib import sha256

    return sha256(vocabulary_path(name).read_bytes()).hexdigest() == VOCABULARIES[name][1]


def other_tiktoken() -> str | None:
    """None, or which encodings the installed tiktoken counts in another way."""
    release = version("tiktoken")
    if release in TESTED_TIKTOKEN:
        return None
    different = [name for name in VOCABULARIES if not agrees_with_tiktoken(name)]
    if different:
        return f"tiktoken {release} counts {' and '.join(different)} differently: its character classes are not known"
    return None


def agrees_with_tiktoken(name: str) -> bool:
    """Whether both give the same count for a text of all code points, each beside a letter."""
    from sys import maxunicode

    import litellm.litellm_core_utils.default_encoding  # noqa: F401  (points tiktoken at the files in the package)
    import tiktoken

    text = "a".join(chr(code) for code in range(maxunicode + 1) if not 0xD800 <= code < 0xE000)
    wanted = len(tiktoken.get_encoding(name).encode_ordinary(text))
    return encoding(name).count(text, len(text)) == wanted
