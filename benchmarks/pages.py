"""Replace what stands between two markers of a page; `make docs` and the scripts here write figures that way."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def replace_block(page: str, name: str, text: str) -> None:
    """Put ``text`` between ``<!-- name:begin -->`` and ``<!-- name:end -->``.

    Args:
        page: path from the project's root.
        name: of the block.
        text: Markdown.
    """
    path = ROOT / page
    begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
    old = path.read_text(encoding="utf-8")
    before, found, rest = old.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise SystemExit(f"{page} has no block {name!r}: expected {begin.strip()} and {end}")
    path.write_text(f"{before}{begin}{text.strip()}\n{end}{after}", encoding="utf-8")
