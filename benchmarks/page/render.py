"""The page as Markdown: a pure function of a results file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_fastllm import quantities
from pytest_fastllm.model import Metric
from pytest_fastllm.report.advice import LOSSES, TIES, WINS, outcomes, ratio_range, workload_names
from pytest_fastllm.report.sweep import sweeps

from ..environments import environment_lines
from . import cells
from .lines import LINES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_fastllm.model import Results, Row

_HEAD = """\
# Benchmarks

LiteLLM's own Python, as it runs in production, against the Rust components of this package, put in its place.
The wins and the losses are both here. *Written by `make page` from the last `make compare`; nothing in it is
written by hand.*
"""

_METHODOLOGY = """\
- **The reference is LiteLLM's and httpcore's own code** with its locks, limits and bookkeeping, not code
  written for a benchmark. Where that code is not exactly as known, a component steps aside and its line says
  so.
- **Both sides answer the same** before any time is taken, and it is proven that the accelerated side really
  ran and that the reference did not.
- **Interleaved pairs** in random balanced order, warmed up; at least 200 pairs where one costs a millisecond
  or less. A ratio is that of typical times. Brackets hold the 99 % interval, all looks and autocorrelation
  included.
- **A line is a range**, from the row with the lowest ratio to the one with the highest, each with its own
  interval. Ratios of different workloads are not averaged: nobody has the average.
- **Memory** is what the operating system counts as resident, in forked children of one fresh interpreter a
  side: bytes per key at a stated key count, or the fixed cost where nothing grows. *Same* means that the
  interval holds 1.
- **Claimed** is what Fast LiteLLM's page said of its own components, measured against Python that was written
  for it. It is no measurement of ours, and not of the same code.

[methodology.md](methodology.md) has the error rates, [memory.md](memory.md) how bytes are counted,
[bias.md](bias.md) what speaks against us.
"""

_LOSSES = """\
A component that is slower somewhere is slower for somebody. A page without losses would have people switch on
what costs them time, and would not be believed where it tells of wins. A small gain end to end is published
for the same reason: most of a request is the network and the model, and no component changes that. Losses are
bounded in `baselines.json` like wins, so that one that grows fails.
"""

_REPRODUCING = """\
```console
$ make compare                             # all rows, on your machine; about two minutes
$ make page                                # this page, from what it measured
$ pytest-fastllm compare                   # the same suite from an installed package
$ pytest-fastllm compare connection_pool   # one component
$ pytest-fastllm compare --iterations 200  # the published page's fixed number of pairs
$ pytest-fastllm selftest                  # how often your machine would be wrong
```
"""


def render(results: Results) -> str:
    """The whole page."""
    rows = results.rows
    return "\n".join(
        [
            _HEAD,
            *(f"*{line}. Measured {results.created[:10]}.*\n" for line in environment_lines(results)),
            "## Methodology\n",
            _METHODOLOGY,
            "## Results\n",
            results_table(rows),
            *_advice(rows),
            "## Why losses are published\n",
            _LOSSES,
            "## Reproducing\n",
            _REPRODUCING,
            "## What each line is made of\n",
            _rows(rows),
        ]
    )


def results_table(rows: Sequence[Row]) -> str:
    """The published lines, each with its range of speedups and its memory."""
    table = []
    for line in LINES:
        held = [row for row in rows if line.holds(row)]
        table.append(
            (
                line.title,
                cells.ratios(held, Metric.SPEEDUP),
                cells.ratios(held, Metric.MEMORY_RATIO),
                line.best_for,
                ", ".join(line.claimed) if line.claimed else "–",
            )
        )
    return _table(("Component", "Speedup", "Memory", "Best for", "Claimed"), table)


def _advice(rows: Sequence[Row]) -> list[str]:
    parts = []
    for title, heading, nothing in (
        (WINS, "Use Rust acceleration for", "No row of this run shows a gain."),
        (
            LOSSES,
            "Python may be faster for",
            "No row of this run shows a loss of speed; the table says where more memory is needed.",
        ),
        (TIES, "No difference shown for", None),
    ):
        found = outcomes(rows)[title]
        if not found and nothing is None:
            continue
        lines = [
            f"- **{component}**, {ratio_range(of_it)}: {', '.join(workload_names(of_it, rows))}"
            for component, of_it in found.items()
        ]
        parts.append(f"## {heading}\n\n" + ("\n".join(lines) or nothing or "") + "\n")
    found_sweeps = sweeps(rows)
    if found_sweeps:
        parts.append("## From which size on\n\n" + "\n".join(f"- {line}" for line in found_sweeps) + "\n")
    return parts


def _rows(rows: Sequence[Row]) -> str:
    groups = [(line.title, [row for row in rows if line.holds(row)]) for line in LINES]
    placed = {id(row) for _, held in groups for row in held}
    groups.append(("Other", [row for row in rows if id(row) not in placed]))
    table = [
        (
            title,
            row.key.replace("|", "\\|"),
            quantities.side_value(row.reference),
            quantities.side_value(row.accelerated),
            cells.ratio(row),
        )
        for title, held in groups
        for row in held
    ]
    return _table(("Line", "Row", "Reference", "Accelerated", "Ratio"), table)


def _table(headers: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rendered = [headers, ["---"] * len(headers), *lines]
    return "".join(f"| {' | '.join(line)} |\n" for line in rendered)
