"""docs/peers.md from a results file: every figure of the page is made here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_fastllm.quantities import significant

from ..pages import replace_block
from .counters import OURS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PAGE = "docs/peers.md"
_SIZES = {13: "13 B", 100: "100 B", 1_000: "1 kB", 10_000: "10 kB", 100_000: "100 kB", 1_000_000: "1 MB"}
_TABLES = {"fresh": "text that nobody has seen", "repeated": "the same text again and again"}
Cell = dict[str, Any]


def write(results: dict[str, Any]) -> None:
    """Rewrite every block of the page."""
    cells = results["cells"]
    replace_block(PAGE, "environment", _environment(results))
    replace_block(PAGE, "counters", _counters(results))
    for table in _TABLES:
        replace_block(PAGE, f"first-{table}", _first(cells, table))
        replace_block(PAGE, f"throughput-{table}", _throughput(results, table))
    replace_block(PAGE, "loading", _loading(results["loading"]))


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _environment(results: dict[str, Any]) -> str:
    here = results["environment"]
    length = "a quick run (`--quick`)" if results["quick"] else "a full run"
    return (
        f"{here['python']} ({here['packages']['python']}) on {here['cpu']}, {here['platform']}; {length} of "
        f"{results['seconds']:.0f} s, {results['created'][:10]}. Intervals of {100 * (1 - results['alpha']):g} %."
    )


def _counters(results: dict[str, Any]) -> str:
    rows = []
    for counter in results["counters"]:
        name = counter["name"]
        state = "; ".join(f"{encoding}: {reason}" for encoding, reason in counter["missing"].items())
        rows.append(
            [
                name,
                f"{counter['package']} {counter['version'] or '–'}",
                f"`{counter['call']}`" + (", in a process of its own" if counter["own_process"] else ""),
                state or "yes",
                _wrong(results["hard_texts"].get(name, {})),
                _wrong(results["code_points"].get(name, {})),
            ]
        )
    header = [
        "counter",
        "package",
        "timed call",
        "runs here",
        "hard texts wrong",
        "blocks of code points wrong",
    ]
    return markdown(header, rows)


def _wrong(by_encoding: dict[str, dict[str, Any]]) -> str:
    """How many texts are wrong, the same for all encodings or for each."""
    found = [
        f"{each['wrong']} of {each['texts']:,}" if "wrong" in each else each["message"]
        for each in by_encoding.values()
    ]
    return " / ".join(dict.fromkeys(found)) or "–"


def _first(cells: Sequence[Cell], table: str) -> str:
    """Our rank in each cell."""
    chosen = [cell for cell in cells if cell["table"] == table]
    sizes = sorted({cell["size"] for cell in chosen})
    parts = []
    tally = {"alone": 0, "shared": 0, "behind": 0, "none": 0}
    lower = 0
    for encoding in dict.fromkeys(cell["encoding"] for cell in chosen):
        rows = []
        for kind in dict.fromkeys(cell["kind"] for cell in chosen):
            row = [kind]
            for size in sizes:
                outcome, text = standing(_find(chosen, encoding, kind, size)["results"])
                tally[outcome] += 1
                lower += outcome == "shared" and "×" in text
                row.append(text)
            rows.append(row)
        parts.append(f"`{encoding}`\n\n" + markdown(["", *(_SIZES[size] for size in sizes)], rows))
    total = sum(tally.values())
    summary = (
        f"On {_TABLES[table]}, pytest-fastllm is first alone in {tally['alone']} of {total} cells, shares the first "
        f"rank in {tally['shared']} (in {lower} of them another one's estimate is higher, by the factor shown) and is "
        f"**not first in {tally['behind']}**"
    )
    summary += f"; {tally['none']} were not measured." if tally["none"] else "."
    return "\n\n".join([summary, *parts])


def _find(cells: Sequence[Cell], encoding: str, kind: str, size: int) -> Cell:
    return next(c for c in cells if (c["encoding"], c["kind"], c["size"]) == (encoding, kind, size))


def standing(results: dict[str, dict[str, Any]]) -> tuple[str, str]:
    """How we stand in a cell: alone, shared, behind or none; and the text that says it."""
    ours = results.get(OURS, {"status": "no time"})
    if ours["status"] != "measured":
        return "none", ours["status"]
    others = {n: r for n, r in results.items() if n != OURS and r["status"] == "measured"}
    if not others:
        return "alone", "1"
    best, fastest = max(others.items(), key=lambda item: item[1]["mb_per_s"])
    if ours["rank"] > 1:
        times = fastest["mb_per_s"] / ours["mb_per_s"]
        return "behind", f"**{ours['rank']} of {len(others) + 1}** ({best} is {significant(times)}× as fast)"
    with_us = {
        name: other["mb_per_s"] / ours["mb_per_s"] for name, other in others.items() if other["rank"] == 1
    }
    if with_us:
        # A shared rank says that this run cannot tell, not that they are equal: show whose estimate is higher.
        named = [f"{name} ({significant(times)}×)" if times > 1 else name for name, times in with_us.items()]
        return "shared", f"1 = {', '.join(named)}"
    return "alone", f"1 ({significant(ours['mb_per_s'] / fastest['mb_per_s'])}× {best})"


def _throughput(results: dict[str, Any], table: str) -> str:
    """MB/s of every counter in every cell."""
    names = [counter["name"] for counter in results["counters"]]
    parts = []
    chosen = [cell for cell in results["cells"] if cell["table"] == table]
    for encoding in dict.fromkeys(cell["encoding"] for cell in chosen):
        rows = []
        for kind in dict.fromkeys(cell["kind"] for cell in chosen):
            for cell in (c for c in chosen if (c["encoding"], c["kind"]) == (encoding, kind)):
                behind = standing(cell["results"])[0] == "behind"
                label = f"{kind}, {_SIZES[cell['size']]}"
                rows.append(
                    [
                        f"**{label}** ▼" if behind else label,
                        *(_result(cell["results"].get(name)) for name in names),
                        str(cell["rounds"]),
                    ]
                )
        parts.append(f"`{encoding}`\n\n" + markdown(["MB/s", *names, "rounds"], rows))
    return "\n\n".join(parts)


def _result(result: dict[str, Any] | None) -> str:
    if result is None:
        return "–"
    if result["status"] == "measured":
        value = f"{result['rank']}. {significant(result['mb_per_s'])} "
        value += f"[{significant(result['low'])}, {significant(result['high'])}]"
        return f"**{value}**" if result["rank"] == 1 else value
    if result["status"] == "wrong":
        return "wrong"
    if result["status"] == "slow":
        took = result.get("call_s", result.get("expected_s"))
        return "too slow" if took is None else f"too slow ({significant(took, 2)} s a call)"
    return str(result["status"])


def _loading(rows: Sequence[dict[str, Any]]) -> str:
    header = [
        "counter",
        "encoding",
        "import, ms",
        "load and count once, ms",
        "private memory, MB",
        "processes",
    ]
    return markdown(
        header,
        [
            [
                row["name"],
                row["encoding"],
                significant(1000 * row["import_s"]),
                f"{significant(1000 * row['load_s'])} "
                f"[{significant(1000 * row['load_least_s'])}, {significant(1000 * row['load_most_s'])}]",
                f"{row['bytes'] / 1e6:.1f}",
                str(row["processes"]),
            ]
            for row in sorted(rows, key=lambda row: (row["encoding"], row["load_s"]))
        ],
    )
