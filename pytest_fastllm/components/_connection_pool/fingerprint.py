"""Which httpcore is installed: the files whose behaviour is reproduced, to the byte.

Run ``python -m pytest_fastllm.components._connection_pool.fingerprint`` to print that of the installed one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..code_fingerprint import DIGITS
from ..installed import package_path, version
from ..known_code import by_release, why_unknown

if TYPE_CHECKING:
    from pathlib import Path

FILES = (
    "_backends/base.py",
    "_backends/sync.py",
    "_models.py",
    "_sync/connection.py",
    "_sync/connection_pool.py",
    "_sync/http11.py",
    "_sync/http2.py",
    "_sync/http_proxy.py",
    "_sync/interfaces.py",
    "_sync/socks_proxy.py",
    "_synchronization.py",
    "_utils.py",
)
"""All that the bookkeeping calls, and the classes whose attributes are read in place of calling them."""

# Eight hexadecimal digits of SHA-256 for each file. Releases on one line have the same files. To add one: run the
# tests on it, then paste the line that this module prints.
KNOWN = """
1.0.9,1.0.8 692860456e11387720ed8271f5ec46396be4fc2d205a1b0f031538cafda97fe9b275ce37cde8195bcd28b5defd12e05d
1.0.7 692860456e11387720ed8271f5ec46396be4fc2d205a1b0f2193812ffda97fe9b275ce37cde8195bcd28b5defd12e05d
"""


def unknown_httpcore() -> str | None:
    """None, or why the bookkeeping of the installed httpcore is not known to be equal."""
    package = package_path("httpcore")
    if package is None:
        return "httpcore is not installed; run pip install 'pytest-fastllm[litellm]'"
    return why_unknown("httpcore", "connection pool", FILES, fingerprint(package), by_release(KNOWN))


def fingerprint(package: Path) -> str:
    """`FILES` of an httpcore package, eight hexadecimal digits each; a file that is not there counts as empty."""
    from hashlib import sha256

    contents = ((package / file).read_bytes() if (package / file).is_file() else b"" for file in FILES)
    # Line ends are how an archive was unpacked, not code.
    return "".join(sha256(content.replace(b"\r\n", b"\n")).hexdigest()[:DIGITS] for content in contents)


def _main() -> None:
    package = package_path("httpcore")
    print(version("httpcore"), fingerprint(package) if package is not None else "not installed")


if __name__ == "__main__":
    _main()
