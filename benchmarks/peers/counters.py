"""The one table of counters: how each is installed, loaded and called.

Each is called in the fastest way that it has for one text on the calling thread, its undocumented ones included,
and with special tokens as ordinary text where it can do that.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from pytest_fastllm.components._token_counter.vocabularies import vocabulary_path

if TYPE_CHECKING:
    from collections.abc import Callable

ENCODINGS = ("cl100k_base", "o200k_base")
OURS = "pytest-fastllm"
ORACLE = "tiktoken"
_MODELS = {"cl100k_base": "gpt-4", "o200k_base": "gpt-4o"}


@dataclass(frozen=True)
class Counter:
    """One way of counting tokens.

    Args:
        name: as the page shows it.
        package: the distribution whose version is shown.
        modules: imported before loading, for their own time.
        load: ``load(encoding)`` gives what ``call`` uses by its keys.
        call: an expression in ``text``; it is compiled into the timed loop, so that no adapter is timed.
        own_process: it changes other packages when it is imported.
    """

    name: str
    package: str
    modules: tuple[str, ...]
    load: Callable[[str], dict[str, Any]]
    call: str
    own_process: bool = False

    def version(self) -> str | None:
        """The installed version, None without one."""
        try:
            return version(self.package)
        except PackageNotFoundError:
            return None


def _ours(encoding: str) -> dict[str, Any]:
    from pytest_fastllm._accel import Encoding

    return {"count": Encoding(encoding).count}


def _tiktoken(encoding: str) -> dict[str, Any]:
    import tiktoken

    # The vocabularies that LiteLLM ships, under the names of tiktoken's cache: nothing is downloaded.
    os.environ["TIKTOKEN_CACHE_DIR"] = str(vocabulary_path(encoding).parent)
    return {"encode": tiktoken.get_encoding(encoding).encode_ordinary}


def _quicktok(encoding: str) -> dict[str, Any]:
    import quicktok

    return {"count": quicktok.get_encoding(encoding).count}


def _gigatoken(encoding: str) -> dict[str, Any]:
    import gigatoken

    scheme = encoding.removesuffix("_base")
    # With its special tokens it would take them out of every text.
    loaded = gigatoken.Tokenizer.from_tiktoken(vocabulary_path(encoding), scheme, {})
    return {"encode": loaded.backend.encode}


def _toktok(encoding: str) -> dict[str, Any]:
    import toktok

    return {"count": toktok._encoding(encoding).count}


def _bpe_openai(encoding: str) -> dict[str, Any]:
    from bpe_openai import _bindings

    return {"count": _bindings.tokenizer_for_encoding(encoding).count}


def _fastokens(encoding: str) -> dict[str, Any]:
    import fastokens

    loaded = fastokens.Tokenizer.from_tiktoken(str(vocabulary_path(encoding)), encoding=encoding)
    return {"encode": loaded.encode_ordinary}


def _litellm(encoding: str) -> dict[str, Any]:
    from litellm.rust_bridge import tokenizer

    native = tokenizer.native_encoding(encoding)
    if native is None:
        raise ImportError("this litellm was installed without its native extension")
    return {"count": native.count}


def _fast_litellm(encoding: str) -> dict[str, Any]:
    from fast_litellm import _rust

    return {"count": _rust.SimpleTokenCounter(sys.maxsize).count_tokens, "model": _MODELS[encoding]}


COUNTERS = (
    Counter(OURS, "pytest-fastllm", ("pytest_fastllm._accel",), _ours, "count(text)"),
    Counter(ORACLE, "tiktoken", ("tiktoken",), _tiktoken, "len(encode(text))"),
    Counter("quicktok", "quicktok-v1", ("quicktok",), _quicktok, "count(text)"),
    Counter("gigatoken", "gigatoken", ("gigatoken",), _gigatoken, "len(encode(text))"),
    Counter("toktok", "toktok-rs", ("toktok",), _toktok, "count(text)"),
    Counter("bpe-openai", "bpe-openai", ("bpe_openai._bindings",), _bpe_openai, "count(text)"),
    Counter("fastokens", "fastokens", ("fastokens",), _fastokens, "len(encode(text))"),
    Counter(
        "litellm native",
        "litellm",
        ("litellm", "litellm.rust_bridge.tokenizer"),
        _litellm,
        "count(text, True)",
    ),
    Counter("fast-litellm", "fast-litellm", ("fast_litellm",), _fast_litellm, "count(text, model)", True),
)
BY_NAME = {counter.name: counter for counter in COUNTERS}


def import_modules(counter: Counter) -> None:
    """Import what a counter lies in."""
    for module in counter.modules:
        import_module(module)
