"""LiteLLM's function and the native one, side by side on the installed LiteLLM."""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

# Before litellm is imported: otherwise its import starts a thread that fetches prices.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of LiteLLM's own dependencies; nothing that is tested here
    litellm = pytest.importorskip("litellm")
    from litellm.litellm_core_utils import token_counter as counter_module

    # LiteLLM imports these when they are first used, with warnings that are not ours to mend.
    _ = litellm.Message(role="user", content="x"), litellm.token_counter(model="gpt-4o", text="x")

from pytest_fastllm.components import token_counter as seam

CL100K_MODEL = "gpt-4"
O200K_MODEL = "gpt-4o"
MODELS = (CL100K_MODEL, O200K_MODEL)
CLAUDE_MODEL = "claude-sonnet-4-5"
CLAUDE_IS_NATIVE = hasattr(litellm.utils, "huggingface_tokenizer_kind")
"""Before 1.102 LiteLLM does not say which tokenizer it would take without loading it."""

TOTAL_EXAMPLES = int(os.environ.get("FASTLLM_EXAMPLES", "100000"))
"""Generated texts and messages of all differential tests together; the named command sets a million."""

# What the split patterns treat in different ways, and what is known to trip counters.
FRAGMENTS: list[str] = [
    *[" ", "  ", "\n", "\r", "\r\n", "\t", "\v", "\f", "\x1c", "\x85", "\xa0", "\u2003", "\u2028", "\u3000"],
    *[
        "'s",
        "'S",
        "'ll",
        "'Ll",
        "'re",
        "'VE",
        "'m",
        "'d",
        "'t",
        "'\u017f",
        "'",
        "\u2019s",
        "''",
        "'l",
        "'r",
        "'v",
    ],
    *[
        "a",
        "Z",
        "the",
        "Hello",
        "WORLD",
        "camelCase",
        "tokenization",
        "antidisestablishmentarianism",
        "x" * 20,
    ],
    *["0", "7", "42", "123", "1234", "\u0663", "\xbd", "\u2167", "\U0001d7d8"],
    *["/", "//", "/\n", "!", "?!", "...", "_", "(", '{"key": [1, 2.5]}', "def f(x):\n    return"],
    *["\xe9", "\xc9", "\xdf", "\u01c5", "\u02b0", "\u0301", "\u0345", "\u05d0", "\u0627", "\u0939\u093f"],
    *["\u4e2d", "\u6587\u5b57", "\ufeff", "\ufffd", "\u200b", "\u200d", "\x00", "\x7f", "\uffff"],
    *["\U0001f600", "\U0001f469\u200d\U0001f4bb", "\U0001d49c", "\U0010ffff"],
    *["\ud83d", "\ude00", "\ud83d\ude00", "\ud800", "\udfff", "\u088f", "\u0c5c", "\U00010940", "\U000323b0"],
    *["<|endoftext|>", "<|fim_prefix|>", "<|endofprompt|>", "<|im_start|>", "<|endof", "text|>"],
]


def outcome(function: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[Any, ...]:
    """What a call answers: its type and value, or the type and text of what it raises."""
    try:
        answer = function(*args, **kwargs)
    except Exception as error:  # an exception is an answer
        return ("raised", type(error), str(error))
    return ("returned", type(answer), answer)


@pytest.fixture(scope="session", autouse=True)
def _the_seam_is_known() -> None:
    reason = seam.available()
    if reason is not None:
        pytest.fail(f"nothing is compared: {reason}", pytrace=False)


@pytest.fixture(scope="session")
def reference() -> Callable[..., int]:
    """LiteLLM's function."""
    return counter_module.token_counter


@pytest.fixture(scope="session")
def accelerated() -> Callable[..., int]:
    """The native function."""
    return seam.token_counter


@pytest.fixture(scope="session")
def same(reference: Callable[..., int], accelerated: Callable[..., int]) -> Callable[..., Any]:
    """Calls both and fails unless the answers are the same; ``native`` says who has to have answered."""

    def compare(*args: Any, native: bool | None = True, **kwargs: Any) -> Any:
        wanted = outcome(reference, *args, **kwargs)
        before = seam.native_calls()
        got = outcome(accelerated, *args, **kwargs)
        served = seam.native_calls() - before
        assert got == wanted, f"args={args!r:.500} kwargs={kwargs!r:.500}"
        if native is not None:
            assert served == native, (
                f"answered natively {served} times; args={args!r:.200} kwargs={kwargs!r:.200}"
            )
        return wanted[-1]

    return compare


def random_text(rng: random.Random, fragments: list[str], longest: int = 40) -> str:
    """Up to ``longest`` fragments in a row; once in a while enough of them to cross slice edges."""
    pieces = rng.choices(fragments, k=rng.randint(0, longest))
    if rng.random() < 0.002:
        pieces *= 2048 // (sum(map(len, pieces)) + 1) + 1
    return "".join(pieces)
