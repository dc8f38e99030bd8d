"""Which httpcore is installed: the files whose behaviour is reproduced, to the byte.

Run ``python -m pytest_fastllm.components._connection_pool.fingerprint`` to print that of the installed one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..installed import package_path, version

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
    here = fingerprint(package)
    known = dict(line.split() for line in KNOWN.split("\n") if line)
    if here in known.values():
        return None
    nearest = min(known, key=lambda releases: len(_differences(here, known[releases])))
    return (
        f"httpcore {version('httpcore')} is not a release whose connection pool is known to be equal: "
        f"{', '.join(_differences(here, known[nearest]))} differs from {nearest}; "
        f"known are {', '.join(known).replace(',', ', ').replace(',  ', ', ')}"
    )


def fingerprint(package: Path) -> str:
    """`FILES` of an httpcore package, eight hexadecimal digits each; a file that is not there counts as empty."""
    from hashlib import sha256

    contents = ((package / file).read_bytes() if (package / file).is_file() else b"" for file in FILES)
    # Line ends are how an archive was unpacked, not code.
    return "".join(sha256(content.replace(b"\r\n", b"\n")).hexdigest()[:8] for content in contents)


def _differences(one: str, other: str) -> list[str]:
    return [
        file
        for index, file in enumerate(FILES)
        if one[index * 8 : index * 8 + 8] != other[index * 8 : index * 8 + 8]
    ]


def _main() -> None:
    package = package_path("httpcore")
    print(version("httpcore"), fingerprint(package) if package is not None else "not installed")


if __name__ == "__main__":
    _main()
