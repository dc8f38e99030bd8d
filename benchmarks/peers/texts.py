"""The texts of the cells: kinds and sizes in bytes of UTF-8, fresh or repeated."""

from __future__ import annotations

import random
import string
from typing import TYPE_CHECKING

from pytest_fastllm.suite import texts

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = (13, 100, 1_000, 10_000, 100_000, 1_000_000)
SAMPLE_BYTES = 16_000
"""Short texts are timed many at a time, about this much altogether."""
REPEATED_TEXTS = 16


def one_letter(chars: int) -> str:
    """One ASCII letter again and again; which one is drawn."""
    return random.choice(string.ascii_letters) * chars


def spaces(chars: int) -> str:
    """Spaces only: there is but one such text of a length."""
    return " " * chars


KINDS: dict[str, tuple[Callable[[int], str], float]] = {
    "prose": (texts.prose, 1),
    "code": (texts.code, 1),
    "JSON": (texts.json, 1),
    "Chinese": (texts.chinese, 2.9),
    "emoji": (texts.emoji, 3.08),
    "base64": (texts.base64, 1),
    "one letter": (one_letter, 1),
    "spaces": (spaces, 1),
}
"""Kind: what makes it, and its bytes for a character."""
_EACH_ANEW = {"one letter", "spaces", "base64"}


def fresh(kind: str, size: int) -> list[str]:
    """New texts of about ``size`` bytes each, enough of them for one sample."""
    make, width = KINDS[kind]
    chars = max(1, round(size / width))
    count = max(1, SAMPLE_BYTES // size)
    if kind in _EACH_ANEW:
        return [make(chars) for _ in range(count)]
    # Cut from one longer text: a short one would always be the beginning of something.
    start = random.randrange(200)
    whole = make(start + chars * count)
    return [whole[at : at + chars] for at in range(start, start + chars * count, chars)]


def repeated(kind: str, size: int) -> list[str]:
    """A few texts, each of them many times."""
    many = fresh(kind, size)
    few = many[:REPEATED_TEXTS]
    return [few[i % len(few)] for i in range(len(many))]


HARD = [
    *["<|endoftext|>", "a<|fim_prefix|>b", "<|im_start|>user<|im_end|>", "<|endofprompt|>", "<|endof|>"],
    *["I'll", "I'LL", "we'Re", "it\u2019s", "'\u017f", "don't'S", "'", "''"],
    *[
        "\r\n\r\n",
        "a\r\n\n b",
        "\t\t x",
        "  \n  ",
        "x \u3000 y",
        "\u2028",
        "\x85",
        "\xa0 a",
        "\x1c\x1d",
        "\v\f",
    ],
    *["1234567", "\u0661\u0662\u0663\u0664", "\u00bd\u2153", "x\u00b2", "\u2168"],
    *["e\u0301e\u0301", "\u0915\u094d\u0937", "A\u0308b", "\u01c5ab", "\u02b0x", "\u00aaB", "\ufb01x"],
    *["a\u088fb", "a\u0c5cb", "a\U00010940b", "a\U000323b0b", "\U0001d49c", "\U0010ffff", "\x00", "\ufffd"],
    *["\ud83d", "\ude00x", "a\ud83d\ude00", "!!!/\n/", "a/b//\n", "...\n\n"],
]
"""What the split patterns treat in different ways, and what is known to trip counters."""


def code_point_blocks(size: int = 256) -> list[str]:
    """Every code point but surrogates, each between letters, in texts of ``size`` code points."""
    return [
        "".join(f"a{chr(code)}B" for code in range(first, first + size))
        for first in range(0, 0x110000, size)
        if not 0xD800 <= first < 0xE000
    ]
