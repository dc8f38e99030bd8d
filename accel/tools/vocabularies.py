"""Write `accel/vocabularies/*.bin`: the tokens of the vocabularies that LiteLLM ships, for `build.rs`.

A file holds the tokens in the order of their ranks, each as its length in one byte and its bytes. The tables that the
extension searches are computed from it when the extension is built, so that loading an encoding takes no time.

Run: ``python accel/tools/vocabularies.py`` (``--check`` only compares; exit status 1 when they differ).
"""

from __future__ import annotations

import argparse
import base64
import sys
from hashlib import sha256
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from pytest_fastllm.components._token_counter.vocabularies import VOCABULARIES, vocabulary_path

TARGET = Path(__file__).parents[1] / "vocabularies"


def packed(name: str) -> bytes:
    """The content for one encoding, from the file in the installed litellm."""
    content = vocabulary_path(name).read_bytes()
    if sha256(content).hexdigest() != VOCABULARIES[name][1]:
        raise SystemExit(f"{vocabulary_path(name).name} is not the published vocabulary of {name}")
    tokens = []
    for rank, line in enumerate(content.splitlines()):
        token, number = line.split()
        if int(number) != rank:
            raise SystemExit(f"{name}: line {rank + 1} has rank {int(number)}")
        tokens.append(base64.b64decode(token))
    return b"".join(bytes([len(token)]) + token for token in tokens)


def main() -> int:
    """Write the files, or with ``--check`` say whether they are what litellm ships."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    status = 0
    for name in VOCABULARIES:
        file = TARGET / f"{name}.bin"
        content = packed(name)
        if not check:
            TARGET.mkdir(exist_ok=True)
            file.write_bytes(content)
        same = file.is_file() and file.read_bytes() == content
        status |= not same
        print(f"{file.name}: {len(content)} bytes, {'as' if same else 'NOT as'} in litellm")
    return status


if __name__ == "__main__":
    sys.exit(main())
