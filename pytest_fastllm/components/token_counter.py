"""`token_counter`: LiteLLM's token counter and its native replacement.

What is replaced is the outer seam, ``litellm.litellm_core_utils.token_counter.token_counter``, which LiteLLM keeps
a second reference to in ``litellm._lazy_imports``. The native function answers what it can answer exactly and
passes every other call on, as it came, to the function that it replaces. See docs/components/token_counter.md.

Importing this module imports neither litellm nor the extension: both happen when they are first needed.

Run ``python -m pytest_fastllm.components.token_counter`` to print the fingerprint of the installed LiteLLM.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from .extension import missing_extension

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import FunctionType, ModuleType
    from typing import Any

    from .._accel import Encoding, TokenCounter
    from ..component import Component

_COUNTER = "litellm_core_utils/token_counter.py"
_UTILS = "utils.py"

PARTS = (
    (_COUNTER, "EXTRAPOLATION_SAMPLES"),
    (_COUNTER, "_MessageCountParams"),
    (_COUNTER, "token_counter"),
    (_COUNTER, "_count_messages"),
    (_COUNTER, "_count_extra"),
    (_COUNTER, "_get_count_function"),
    (_COUNTER, "_get_extrapolating_count_function"),
    (_COUNTER, "_evenly_spaced_samples"),
    (_COUNTER, "_get_exact_count_function"),
    (_COUNTER, "_get_tiktoken_count_function"),
    (_COUNTER, "_encoding_count"),
    (_COUNTER, "openai_tokenizer_encoding"),
    (_COUNTER, "openai_tokenizer_encoding_name"),
    (_COUNTER, "uses_legacy_message_accounting"),
    (_COUNTER, "_fix_model_name"),
    (_UTILS, "token_counter"),
    (_UTILS, "select_tokenizer"),
    (_UTILS, "_select_tokenizer"),
    (_UTILS, "_select_tokenizer_helper"),
    (_UTILS, "_return_openai_tokenizer"),
    (_UTILS, "_return_huggingface_tokenizer"),
    (_UTILS, "huggingface_tokenizer_kind"),
    (_UTILS, "uses_anthropic_tokenizer"),
    (_UTILS, "convert_list_message_to_dict"),
    (_UTILS, "convert_to_dict"),
    (_UTILS, "cleanup_none_field_in_message"),
    ("rust_bridge/tokenizer.py", "get_encoding"),
    ("rust_bridge/tokenizer.py", "_python_encoding"),
)
"""The code whose behaviour is reproduced; a part that a version does not have is fingerprinted as absent."""

# One line for each LiteLLM version that the equivalence tests have passed on: eight hexadecimal digits for each part.
# To add one: run the tests on it, then paste the line that `python -m pytest_fastllm.components.token_counter` prints.
KNOWN = """
1.100.5 e3b0c4420c2bbe771ef7697964482f182d8ee887cce91ebde3b0c442e3b0c442e3b0c442eb1f60f1e3b0c442e3b0c442e3b0c442e3b0c4421e9766cac1a101ace3b0c442c4d4f634c863c0e09de843f757bf0842e3b0c442e3b0c442581491726bcb14c2d1f943ffe3b0c442e3b0c442
1.101.6 e3b0c4420c2bbe771ef7697964482f182d8ee887cce91ebde3b0c442e3b0c442e3b0c442eb1f60f1e3b0c442e3b0c442e3b0c442e3b0c4421e9766cac1a101ace3b0c442c4d4f634c863c0e09de843f757bf0842e3b0c442e3b0c442581491726bcb14c2d1f943ffe3b0c442e3b0c442
1.102.4 97aacb3969b3fa601ef7697964482f182d8ee887fbe652002dcf511285e77ade71f58216eb1f60f1e3b0c442d0b52824e3b0c44247ec29af1e9766cac1a101ace3b0c442c4d4f634c863c0e09de843f79da5148d5fda1c6a55863e22581491726bcb14c2d1f943ffe3b0c442e3b0c442
1.103.11 97aacb3969b3fa600a4046f164482f182d8ee887fbe652002dcf511285e77ade9fa0280beb1f60f1e3b0c442d0b52824e3b0c44247ec29af1e9766cac1a101ace3b0c4422bf4d4c4c863c0e09de843f79da5148d5fda1c6a55863e22581491726bcb14c2d1f943ffe3b0c442e3b0c442
1.104.9 97aacb39e9480b0044d0521964482f18e773f547fbe652002dcf511285e77adedacdeb3aeb1f60f1bc426047c6e43115453fbd2147ec29af1e9766caad95d5fae3b0c4426bfa9402d9543f879de843f71a7a37b05fda1c6a55863e22581491726bcb14c2d1f943ffc06ff9e6266c806a
1.105.7 97aacb3969b3fa600a4046f164482f182d8ee887fbe652002dcf511285e77adedacdeb3aeb1f60f1bc426047c6e43115453fbd2147ec29af1e9766cac1a101ace3b0c4426bfa940221e0b4c99de843f7897b3ab85fda1c6a55863e22581491726bcb14c2d1f943ffc06ff9e6266c806a
1.106.2 97aacb3969b3fa600a4046f164482f182d8ee887fbe652002dcf511285e77aded71ac070eb1f60f1bc426047c6e43115453fbd2147ec29af1e9766caf67d516f675175e7b1acb3abca615b02e2468e00897b3ab85fda1c6a55863e22581491726bcb14c2d1f943ffc06ff9e6266c806a
1.106.10 97aacb3969b3fa600a4046f164482f182d8ee887fbe652002dcf511285e77aded71ac070eb1f60f1bc426047c6e43115453fbd2147ec29af1e9766caf67d516f675175e7b1acb3abca615b02e2468e00897b3ab85fda1c6a55863e22581491726bcb14c2d1f943ffc06ff9e6266c806a
"""  # noqa: E501

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

_SAME_VOCABULARY = {"o200k_harmony": "o200k_base"}
"""Encodings that differ from another one in their special tokens only, which LiteLLM counts as ordinary text."""

_REGISTRIES = ("azure_llms", "open_ai_chat_completion_models", "anthropic_models", "cohere_models")
_DEBUG = 10


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
    return (
        missing_extension("TokenCounter")
        or _no_litellm()
        or _unknown_litellm()
        or _other_vocabulary()
        or _other_tiktoken()
    )


def native_calls() -> int:
    """Calls that the native function has answered itself in this process."""
    return _state().native_calls if _state.cache_info().currsize else 0


def __getattr__(name: str) -> Callable[..., int]:
    """`token_counter`, made when it is first asked for."""
    if name != "token_counter":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    function = _state().function()
    globals()[name] = function
    return function


# ---- what is installed ---------------------------------------------------------------------------------------------


def _no_litellm() -> str | None:
    if _litellm_path() is None:
        return "litellm is not installed; run pip install 'pytest-fastllm[litellm]'"
    return None


@lru_cache(maxsize=1)
def _litellm_path() -> Path | None:
    """Where the installed litellm lies, found without importing it."""
    from importlib.util import find_spec
    from pathlib import Path

    spec = find_spec("litellm")
    places = spec.submodule_search_locations if spec is not None else None
    return Path(places[0]) if places else None


def _installed_path() -> Path:
    path = _litellm_path()
    if path is None:
        raise ModuleNotFoundError("No module named 'litellm'")
    return path


def _version(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return "of unknown version"


# ---- the fingerprint -----------------------------------------------------------------------------------------------


def _unknown_litellm() -> str | None:
    here = fingerprint(_installed_path())
    known = dict(line.split() for line in KNOWN.split("\n") if line)
    if here in known.values():
        return None
    nearest = min(known, key=lambda version: len(_differences(here, known[version])), default=None)
    different = _differences(here, known[nearest]) if nearest else []
    return (
        f"litellm {_version('litellm')} is not a version whose token counter is known to be equal: "
        f"{', '.join(different) or 'everything'} differs from {nearest}; known are {', '.join(known)}"
    )


def _differences(one: str, other: str) -> list[str]:
    return [
        f"{file}:{name}"
        for index, (file, name) in enumerate(PARTS)
        if one[index * 8 : index * 8 + 8] != other[index * 8 : index * 8 + 8]
    ]


@lru_cache(maxsize=4)
def fingerprint(package: Path) -> str:
    """The code of `PARTS` in a litellm package, eight hexadecimal digits each; the same on every Python.

    Docstrings, comments, layout and annotations do not count.
    """
    from hashlib import sha256

    sources: dict[str, str] = {}
    digits = []
    for file, name in PARTS:
        if file not in sources:
            path = package / file
            sources[file] = path.read_text(encoding="utf-8") if path.is_file() else ""
        digits.append(sha256(_normal_form(sources[file], name).encode()).hexdigest()[:8])
    return "".join(digits)


def _normal_form(source: str, name: str) -> str:
    """The syntax tree of a top-level definition in a form that no Python version changes; "" without it."""
    import ast

    start = re.search(
        rf"^(?:(?:@.*\n)*(?:async )?(?:def|class) {name}\b|{name}\b[^=\n]*=)", source, re.MULTILINE
    )
    if start is None:
        return ""
    # Cut at the next top-level line that starts something new: parsing all of a 400 kB file takes 0.2 s.
    end = re.compile(r"^(?:[A-Za-z_@])", re.MULTILINE).search(source, start.end())
    text = source[start.start() : end.start() if end else None]
    try:
        definition = ast.parse(text).body[0]
    except (
        SyntaxError
    ):  # cut in the middle, or newer syntax than this Python's, which shows as different code
        return f"unreadable {name} {text}"
    return _serialised(definition)


def _serialised(value: object) -> str:
    import ast

    if isinstance(value, list):
        return "[" + ",".join(_serialised(item) for item in value) + "]"
    if not isinstance(value, ast.AST):
        return repr(value)
    if isinstance(value, ast.AnnAssign):
        return f"Assign(targets={_serialised([value.target])},value={_serialised(value.value)})"
    fields = []
    for field, content in ast.iter_fields(value):
        # Not in every Python, or without effect on what the code does.
        if content in (None, []) or field in {"annotation", "returns", "type_comment", "kind", "type_params"}:
            continue
        fields.append(f"{field}={_serialised(_without_docstring(content) if field == 'body' else content)}")
    return f"{type(value).__name__}({','.join(fields)})"


def _without_docstring(body: Any) -> Any:
    import ast

    if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
        value = body[0].value
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            return body[1:]
    return body


# ---- vocabularies and character classes ----------------------------------------------------------------------------


def vocabulary_path(name: str) -> Path:
    """The vocabulary file of an encoding inside the installed litellm."""
    return _installed_path() / "litellm_core_utils" / "tokenizers" / VOCABULARIES[name][0]


def _other_vocabulary() -> str | None:
    for name in VOCABULARIES:
        path = vocabulary_path(name)
        if not path.is_file():
            return f"litellm {_version('litellm')} does not hold the vocabulary of {name} ({path.name})"
        if not _is_genuine(name):
            return f"the vocabulary of {name} in litellm {_version('litellm')} is not the published one"
    return None


@lru_cache(maxsize=4)
def _is_genuine(name: str) -> bool:
    from hashlib import sha256

    return sha256(vocabulary_path(name).read_bytes()).hexdigest() == VOCABULARIES[name][1]


TESTED_TIKTOKEN = ("0.13.0", "0.14.0")
"""Versions whose character classes the tests have compared; any other one is asked here."""


def _other_tiktoken() -> str | None:
    version = _version("tiktoken")
    if version in TESTED_TIKTOKEN:
        return None
    different = [name for name in VOCABULARIES if not _agrees_with_tiktoken(name)]
    if different:
        return f"tiktoken {version} counts {' and '.join(different)} differently: its character classes are not known"
    return None


def _agrees_with_tiktoken(name: str) -> bool:
    """Whether both give the same count for a text of all code points, each beside a letter."""
    from sys import maxunicode

    import litellm.litellm_core_utils.default_encoding  # noqa: F401  (points tiktoken at the files in the package)
    import tiktoken

    text = "a".join(chr(code) for code in range(maxunicode + 1) if not 0xD800 <= code < 0xE000)
    wanted = len(tiktoken.get_encoding(name).encode_ordinary(text))
    return encoding(name).count(text, len(text)) == wanted


@lru_cache(maxsize=4)
def encoding(name: str) -> Encoding:
    """The native encoding of this name, one per process."""
    from .._accel import Encoding

    return Encoding(name)


# ---- the native function -------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _state() -> TokenCounter:
    """The native function's knowledge of the LiteLLM in this process."""
    import inspect
    import logging
    from types import FunctionType

    import litellm
    from litellm import utils
    from litellm.litellm_core_utils import token_counter as counter

    from .._accel import TokenCounter
    from ..errors import SwitchError

    original = counter.token_counter
    if not isinstance(original, FunctionType) or original.__module__ != counter.__name__:
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
            (vars(counter), "litellm", litellm),
            (vars(counter), "verbose_logger", logger),
            (vars(logger), "debug"),
            (vars(logger), "isEnabledFor"),
            *_unpatched(counter, _COUNTER),
            *_unpatched(utils, _UTILS),
            *_python_route(),
        ],
        # `logging` keeps which levels are enabled in this dict, and empties it when anything is configured.
        logging=(vars(logger)["_cache"], _DEBUG, False),
        refresh_logging=lambda: logging.Logger.isEnabledFor(logger, _DEBUG),
        registries=list(_REGISTRIES),
        registry_flag="disable_hf_tokenizer_download",
        resolve=resolve,
        chunk_size=_default(counter, "_get_tiktoken_count_function"),
        max_exact_chars=_default(counter, "_get_extrapolating_count_function"),
    )


def _unpatched(module: ModuleType, file: str) -> Iterator[tuple[dict[str, Any], str, object]]:
    """Each function of `PARTS` that lies in a module: while all are in place, LiteLLM does what was fingerprinted."""
    namespace = vars(module)
    for place, name in PARTS:
        if place == file and name in namespace and name != "token_counter":
            yield namespace, name, namespace[name]


def _python_route() -> list[tuple[Any, ...]]:
    """What has to stay as it is for LiteLLM to count with tiktoken and not with its own native tokenizer."""
    import os

    try:
        from litellm.rust_bridge import catalog, configuration, tokenizer
    except ImportError:  # before litellm 1.104 there was no other route
        return []
    guards: list[tuple[Any, ...]] = [(vars(catalog), "RULES", catalog.RULES)]
    if catalog.rollout(tokenizer.TIKTOKEN_CONTEXT) is not configuration.Rollout.PYTHON_ONLY:
        guards += [
            (vars(os.environ)["_data"], os.environ.encodekey("LITELLM_RUST")),
            (vars(configuration._CONFIGURATION), "override", None),
        ]
    return guards


def _default(module: ModuleType, name: str) -> int | None:
    """The default of a function's last parameter: LiteLLM reads these settings once, when it is imported."""
    function: FunctionType | None = getattr(module, name, None)
    defaults = function.__defaults__ if function is not None else None
    return int(defaults[-1]) if defaults else None


def resolve(model: str) -> tuple[Encoding, int, int] | None:
    """LiteLLM's own answer for a model: encoding, tokens per message and per name; None if not native."""
    import tiktoken
    from litellm.litellm_core_utils import token_counter as counter

    if _may_be_huggingface(model):
        return None
    found = list(_closed_over(counter._get_count_function(model), tiktoken.Encoding))
    if len(found) != 1:
        return None
    name = _SAME_VOCABULARY.get(found[0].name, found[0].name)
    if name not in VOCABULARIES or len(found[0]._mergeable_ranks) != VOCABULARIES[name][2]:
        return None
    params = counter._MessageCountParams(model, None, *_further_defaults(counter._MessageCountParams))
    return encoding(name), params.tokens_per_message, params.tokens_per_name


def _may_be_huggingface(model: str) -> bool:
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


def _closed_over(function: object, kind: type[Any], depth: int = 4) -> Iterator[Any]:
    """Objects of a kind that a function carries in its closure, or the functions in it do."""
    for cell in getattr(function, "__closure__", None) or ():
        content = cell.cell_contents
        if isinstance(content, kind):
            yield content
        elif depth and callable(content):
            yield from _closed_over(content, kind, depth - 1)


def _further_defaults(params: type) -> list[object]:
    """False for each parameter after (self, model, custom_tokenizer): the default of `token_counter`'s own."""
    import inspect

    return [False] * (len(inspect.signature(params).parameters) - 2)


def main() -> None:
    """Print the fingerprint of the installed litellm, as a line for `KNOWN`."""
    print(_version("litellm"), fingerprint(_installed_path()))


if __name__ == "__main__":
    main()
