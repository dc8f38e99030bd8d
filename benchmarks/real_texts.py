"""`python -m benchmarks.real_texts`: the token counter on real texts beside made ones, a table of docs/bias.md.

Real texts are those that lie wherever LiteLLM does: its Python source, its price list, and what the installed packages
say of themselves. `python -m benchmarks.real_texts FILE ...` prints the same for texts of your own.

Each text is cut into parts. A part is counted once by each side, in random order, when nobody has seen it before.
Ratios are medians over the parts; the range is that of the middle half.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import platform
import random
import statistics
import time
from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_fastllm.suite import texts

from .pages import replace_block

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PAGE = "docs/bias.md"
MODELS = ("gpt-4", "gpt-4o", "claude-sonnet-4-5")
PART_CHARS = 100_000
MOST_PARTS = 40
LEAST_PARTS = 3
MADE = {
    "made: prose": texts.prose,
    "made: typographic": texts.typographic,
    "made: code": texts.code,
    "made: JSON": texts.json,
}


def parts_of(text: str) -> list[str]:
    ends = range(PART_CHARS, len(text) + 1, PART_CHARS)
    return [text[end - PART_CHARS : end] for end in ends[:MOST_PARTS]]


def real() -> Iterator[tuple[str, list[str]]]:
    spec = find_spec("litellm")
    if spec is None or spec.origin is None:
        raise SystemExit("litellm is not installed; `pip install '.[litellm]'` from a checkout")
    folder = Path(spec.origin).parent
    yield "LiteLLM's source", parts_of(read(sorted((folder / "proxy").rglob("*.py"))))
    yield "LiteLLM's price list", parts_of(read([folder / "model_prices_and_context_window_backup.json"]))
    about = sorted(str(distribution.metadata) for distribution in distributions())
    yield "package descriptions", parts_of("".join(about))


def read(paths: Sequence[Path]) -> str:
    return "".join(path.read_text(encoding="utf-8", errors="replace") for path in paths)


def made() -> Iterator[tuple[str, list[str]]]:
    for name, make in MADE.items():
        yield name, [make(PART_CHARS) for _ in range(MOST_PARTS // 2)]


def seconds(part: str, model: str, *, accelerated: bool) -> tuple[float, int]:
    """What counting a part takes, and the count."""
    import litellm

    from pytest_fastllm import accelerate

    with accelerate("token_counter") if accelerated else contextlib.nullcontext():
        begin = time.perf_counter()
        tokens = litellm.token_counter(model=model, text=part)
        return time.perf_counter() - begin, tokens


def cell(parts: Sequence[str], model: str) -> str:
    ratios = []
    for part in parts:
        found = {
            side: seconds(part, model, accelerated=side)
            for side in random.sample((False, True), 2)  # either may meet warmer caches
        }
        if found[False][1] != found[True][1]:
            raise SystemExit(f"the sides differ for {model}: {found[False][1]} and {found[True][1]} tokens")
        ratios.append(found[False][0] / found[True][0])
    low, middle, high = statistics.quantiles(ratios, n=4)
    return f"{middle:.3g}× ({low:.3g}–{high:.3g})"


def row(name: str, parts: Sequence[str]) -> str:
    if len(parts) < LEAST_PARTS:
        raise SystemExit(
            f"{name}: found {len(parts)} parts of {PART_CHARS:,} characters, expected {LEAST_PARTS} at least; "
            "give more text"
        )
    wide = sum(not char.isascii() for part in parts for char in part)
    share = f"{100 * wide / len(parts) / PART_CHARS:.2g} %"
    return f"| {name} | {len(parts)} | {share} | {' | '.join(cell(parts, model) for model in MODELS)} |"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", type=Path, help="texts of your own, UTF-8")
    arguments = parser.parse_args()
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # nothing is to be downloaded
    from pytest_fastllm.components import token_counter

    if reason := token_counter.available():
        raise SystemExit(reason)
    for model in MODELS:
        for side in (False, True):
            seconds("Loads what it needs.", model, accelerated=side)
    found = [("your own", parts_of(read(arguments.files)))] if arguments.files else [*real(), *made()]
    gc.disable()  # as in the plugin's samples
    lines = [
        f"| text | parts | beyond ASCII | {' | '.join(MODELS)} |",
        "|---|---|---|" + "---|" * len(MODELS),
        *(row(name, parts) for name, parts in found),
    ]
    where = f"{platform.python_implementation()} {platform.python_version()}, {platform.machine()}"
    text = "\n".join(
        [*lines, "", f"{where}; parts of {PART_CHARS:,} characters; medians, in brackets the middle half."]
    )
    if arguments.files:
        print(text)
    else:
        replace_block(PAGE, "real-texts", text)


if __name__ == "__main__":
    main()
