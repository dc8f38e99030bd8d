"""The benchmark page: which rows a line holds, what its cells say, and that nothing is left out."""

from __future__ import annotations

import re

import data_makers as make
import pytest

from benchmarks.environments import environment_lines
from benchmarks.last_run import load_run
from benchmarks.page import cells
from benchmarks.page.lines import LINES
from benchmarks.page.render import render
from pytest_fastllm.model import Environment, Interval, Metric, Results, Verdict


def measured(component, workload, low, high, metric=Metric.SPEEDUP):
    interval = Interval((low * high) ** 0.5, low, high, 0.01)
    return make.row(component=component, workload=workload, metric=metric, interval=interval)


def unmeasured(component, workload, verdict, message, metric=Metric.SPEEDUP):
    return make.row(
        component=component,
        workload=workload,
        metric=metric,
        verdict=verdict,
        message=message,
        interval=None,
        corrected=None,
        reference=None,
        accelerated=None,
    )


def titles(component, workload):
    row = measured(component, workload, 1.0, 2.0)
    return [line.title for line in LINES if line.holds(row)]


def line_of(page, title):
    (found,) = re.findall(
        rf"^\| {re.escape(title)} \| (.*) \|$", page.partition("## What each")[0], re.MULTILINE
    )
    return found.split(" | ")


class TestLines:
    @pytest.mark.parametrize(
        ("component", "workload", "title"),
        [
            ("connection_pool", "idle-1", "Connection Pool"),
            ("connection_pool", "loopback[20]", "Connection Pool"),
            ("connection_pool", "concurrent", "Concurrent Connection Pool"),
            ("rate_limiter", "rpm", "Rate Limiting"),
            ("rate_limiter", "threads", "Rate Limiting"),
            ("rate_limiter", "high-cardinality[10000]", "High-Cardinality Rate Limits"),
            ("token_counter", "small-text[gpt-4]", "Small Text Tokenization"),
            ("token_counter", "large-prose[gpt-4o]", "Large Text Tokenization"),
            ("token_counter", "length[gpt-4-1000]", "Small Text Tokenization"),
            ("token_counter", "length[gpt-4o-10000]", "Large Text Tokenization"),
            ("router", "simple-shuffle[4]", "Routing"),
            ("end_to_end", "proxy", "End to end"),
        ],
    )
    def test_a_row_stands_on_one_line(self, component, workload, title):
        assert titles(component, workload) == [title]

    def test_a_components_memory_stands_on_each_of_its_lines(self):
        assert titles("token_counter", "memory[gpt-4]") == [
            "Large Text Tokenization",
            "Small Text Tokenization",
        ]

    def test_many_keys_have_memory_rows_of_their_own(self):
        assert titles("rate_limiter", "memory[rpm]") == ["Rate Limiting"]
        assert titles("rate_limiter", "high-cardinality-memory[10000]") == ["High-Cardinality Rate Limits"]

    def test_somebody_elses_rows_stand_on_none(self):
        assert titles("codec", "rpm") == []

    def test_the_seven_published_lines_come_first_and_end_to_end_last(self):
        assert [line.claimed is not None for line in LINES] == [True] * 7 + [False]


class TestCells:
    def test_a_range_has_both_ends_with_their_own_intervals(self):
        rows = [measured("c", "b", 4.0, 9.0), measured("c", "a", 1.0, 1.21), measured("c", "m", 2.0, 2.0)]
        assert cells.ratios(rows, Metric.SPEEDUP) == "1.10× [1.00, 1.21] … 6.00× [4.00, 9.00]"

    def test_a_single_row_is_no_range(self):
        assert cells.ratios([measured("c", "a", 1.0, 1.21)], Metric.SPEEDUP) == "1.10× [1.00, 1.21]"

    @pytest.mark.parametrize(
        ("low", "high", "said"), [(0.9, 1.1, "same "), (3.0, 5.0, " less"), (0.2, 0.3, " (more)")]
    )
    def test_memory_is_told_as_same_less_or_more(self, low, high, said):
        row = measured("c", "memory", low, high, Metric.MEMORY_RATIO)
        assert said in cells.ratios([row], Metric.MEMORY_RATIO)
        assert "no such row" in cells.ratios([row], Metric.SPEEDUP)

    def test_unmeasured_rows_are_counted_and_give_their_reason_where_they_are_alone(self):
        broken = unmeasured("c", "a", Verdict.ERROR, "the workload broke | badly\ntraceback")
        assert cells.ratios([broken, broken], Metric.SPEEDUP) == (
            "not measured: error: the workload broke \\| badly"
        )
        both = cells.ratios([broken, measured("c", "b", 2.0, 2.0)], Metric.SPEEDUP)
        assert both.endswith("; 1 of 2 not measured")

    def test_a_long_reason_is_cut(self):
        assert len(cells.reason(unmeasured("c", "a", Verdict.UNAVAILABLE, "x" * 1000))) < 200

    def test_a_run_without_the_row_says_so(self):
        assert cells.ratios([], Metric.SPEEDUP) == "not measured: no such row in this run"


class TestPage:
    ROWS = (
        measured("connection_pool", "idle-1", 1.2, 1.3),
        measured("connection_pool", "idle-20", 9.0, 11.0),
        measured("connection_pool", "memory", 0.9, 1.1, Metric.MEMORY_RATIO),
        measured("router", "simple-shuffle[1]", 0.4, 0.5),
        measured("token_counter", "small-text[gpt-4]", 0.9, 1.1),
        measured("codec", "own", 2.0, 2.0),
        unmeasured("rate_limiter", "rpm", Verdict.UNAVAILABLE, "LiteLLM 9.9 is not known"),
    )
    PAGE = render(make.run(*ROWS))

    def test_the_table_has_all_eight_lines_whatever_was_measured(self):
        for line in LINES:
            assert line_of(self.PAGE, line.title)
            assert line_of(render(make.run()), line.title)[0].startswith("not measured")

    def test_a_line_says_its_range_its_memory_and_what_was_claimed(self):
        speedup, memory, best_for, claimed = line_of(self.PAGE, "Connection Pool")
        assert speedup == "1.25× [1.20, 1.30] … 9.95× [9.00, 11.0]"
        assert memory.startswith("same 0.995×")
        assert (best_for, claimed) == ("HTTP connection management", "3.2×, same")

    def test_an_unavailable_component_says_why(self):
        assert line_of(self.PAGE, "Rate Limiting")[0] == "not measured: unavailable: LiteLLM 9.9 is not known"

    @pytest.mark.parametrize(
        ("heading", "said"),
        [
            ("Use Rust acceleration for", "**connection_pool**, 1.25× … 9.95×: idle-1, idle-20"),
            ("Python may be faster for", "**router**, 0.447×: simple-shuffle"),
            ("No difference shown for", "**token_counter**, 0.995×: small-text"),
        ],
    )
    def test_the_advice_follows_from_the_intervals(self, heading, said):
        section = self.PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
        assert said in section

    def test_without_a_loss_it_says_so(self):
        assert "No row of this run shows a loss of speed" in render(make.run(self.ROWS[0]))

    def test_every_row_of_the_run_is_on_the_page(self):
        rows = self.PAGE.partition("## What each line is made of")[2]
        assert all(f"| {row.key} |" in rows for row in self.ROWS)
        assert "| Other | codec/own |" in rows

    def test_tables_are_tables(self):
        for block in re.findall(r"(?:^\|.*\|\n)+", self.PAGE, re.MULTILINE):
            assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1

    def test_the_order_of_a_results_file_is_not_needed(self):
        assert self.PAGE.count("\n") == render(make.run(*reversed(self.ROWS))).count("\n")


def test_one_machine_is_named_once():
    def environment(name, cpu, **packages):
        return Environment(
            name, cpu, "CPython 3.11", "linux", {"cores": name}, {"python": "3.11", **packages}
        )

    environments = {
        "a": environment("a", "one", litellm="1"),
        "b": environment("b", "one", litellm="1", httpcore="2"),
        "c": environment("c", "two", litellm="1"),
    }
    assert environment_lines(Results("", (), environments, 0, ())) == [
        "CPython 3.11 on one, httpcore 2, litellm 1",
        "CPython 3.11 on two, litellm 1",
    ]


@pytest.mark.parametrize(
    ("text", "told"), [(None, "found no such file; run it first"), ("", "found an empty file")]
)
def test_without_results_it_ends_with_what_is_wrong(tmp_path, text, told):
    path = tmp_path / "results.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(SystemExit, match=told):
        load_run(path)
