"""Write `accel/vocabularies/*.bin`: the tokens of the vocabularies that LiteLLM ships, for `build.rs`.

A file holds the tokens in the order of their ranks, each as its length and its bytes. The length takes one byte; above
255 that is 0, and two bytes with the length follow. The tables that the extension searches are computed from it when
the extension is built, so that loading an encoding takes no time.

Run: ``python accel/tools/vocabularies.py`` (``--check`` only compares; exit status 1 when they differ).
"""

from __future__ import annotations

import argparse
import base64
import json
import sys
from hashlib import sha256
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from pytest_fastllm.components._token_counter import anthropic
from pytest_fastllm.components._token_counter.vocabularies import VOCABULARIES, vocabulary_path

TARGET = Path(__file__).parents[1] / "vocabularies"


def openai_tokens(name: str) -> list[bytes]:
    """The tokens of an encoding in the order of their ranks, from tiktoken's file in the installed litellm."""
    content = vocabulary_path(name).read_bytes()
    if sha256(content).hexdigest() != VOCABULARIES[name][1]:
        raise SystemExit(f"{vocabulary_path(name).name} is not the published vocabulary of {name}")
    tokens = []
    for rank, line in enumerate(content.splitlines()):
        token, number = line.split()
        if int(number) != rank:
            raise SystemExit(f"{name}: line {rank + 1} has rank {int(number)}")
        tokens.append(base64.b64decode(token))
    return tokens


def anthropic_tokens() -> list[bytes]:
    """The tokens of Anthropic's tokenizer without the added ones: first the bytes, then the merges in their order."""
    content = anthropic.tokenizer_path().read_bytes()
    if sha256(content).hexdigest() != anthropic.FILE_SHA256:
        raise SystemExit(f"{anthropic.FILE} is not the published one")
    tokenizer = json.loads(content)
    vocabulary, merges = tokenizer["model"]["vocab"], tokenizer["model"]["merges"]
    added = len(tokenizer["added_tokens"])
    names = sorted(vocabulary, key=vocabulary.__getitem__)[added:]
    if names[256:] != [merge.replace(" ", "") for merge in merges]:
        raise SystemExit(f"{anthropic.FILE}: the tokens are not in the order of the merges")
    byte_of = {char: byte for byte, char in enumerate(byte_characters())}
    return [bytes(byte_of[char] for char in name) for name in names]


def byte_characters() -> list[str]:
    """The character that stands for each byte in such files: itself if it can be seen, else one from U+0100 on."""
    seen = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = iter(range(0x100, 0x200))
    return [chr(byte if byte in seen else next(hidden)) for byte in range(256)]


def packed(tokens: list[bytes]) -> bytes:
    """The content of a file."""
    return b"".join(_length(token) + token for token in tokens)


def _length(token: bytes) -> bytes:
    return bytes([len(token)]) if len(token) < 256 else b"\0" + len(token).to_bytes(2, "little")


def main() -> int:
    """Write the files, or with ``--check`` say whether they are what litellm ships."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    status = 0
    vocabularies = {name: openai_tokens(name) for name in VOCABULARIES}
    for name, tokens in {**vocabularies, anthropic.ENCODING: anthropic_tokens()}.items():
        file = TARGET / f"{name}.bin"
        content = packed(tokens)
        if not check:
            TARGET.mkdir(exist_ok=True)
            file.write_bytes(content)
        same = file.is_file() and file.read_bytes() == content
        status |= not same
        print(f"{file.name}: {len(content)} bytes, {'as' if same else 'NOT as'} in litellm")
    return status


if __name__ == "__main__":
    sys.exit(main())
