"""What a person reads: the table, the words of verdicts, and the advice that follows from intervals alone."""

from __future__ import annotations

import data_makers as make
import pytest

from pytest_fastllm.model import AppliedBound, Bound, Interval, Metric, Verdict
from pytest_fastllm.report.advice import WIDTH, advice
from pytest_fastllm.report.status import status
from pytest_fastllm.report.table import notes, table
from pytest_fastllm.report.terminal import section


def measured(workload, low, high, **changes):
    interval = Interval((low * high) ** 0.5, low, high, 0.01)
    return make.row(workload=workload, interval=interval, corrected=interval, **changes)


def unmeasured(workload, verdict):
    return make.row(
        workload=workload, interval=None, corrected=None, verdict=verdict, reference=None, accelerated=None
    )


class TestAdvice:
    def test_an_interval_wholly_on_one_side_of_one_is_a_win_or_a_loss(self):
        lines = advice([measured("w", 1.5, 1.7), measured("l", 0.4, 0.6), measured("t", 0.9, 1.1)])
        assert lines == [
            "Use Rust for tc (1.60×): w",
            "Python may be faster for tc (0.490×): l",
            "No difference shown for tc (0.995×): t",
        ]

    def test_a_component_has_one_line_with_its_range(self):
        rows = [measured("a", 3.0, 3.0), measured("b", 9.0, 9.0), measured("c", 2.0, 2.0)]
        rows.append(measured("d", 4.0, 4.0, component="other"))
        assert advice(rows) == ["Use Rust for tc (2.00× … 9.00×): a, b, c", "Use Rust for other (4.00×): d"]

    def test_parameters_are_named_only_where_they_decide(self):
        rows = [measured(f"length[{size}]", 2.0, 2.0) for size in (1, 10)]
        assert advice(rows) == ["Use Rust for tc (2.00×): length"]
        rows.append(measured("length[100]", 0.5, 0.5))
        assert advice(rows) == [
            "Use Rust for tc (2.00×): length[1], length[10]",
            "Python may be faster for tc (0.500×): length[100]",
        ]

    def test_an_unmeasured_parameter_is_not_advised(self):
        rows = [measured("length[1]", 2.0, 2.0), unmeasured("length[10]", Verdict.ERROR)]
        assert advice(rows) == ["Use Rust for tc (2.00×): length[1]"]

    def test_long_lines_are_wrapped_between_names(self):
        names = [f"a-workload-with-a-long-name-{number}" for number in range(20)]
        lines = advice([measured(name, 2.0, 2.0) for name in names])
        assert max(map(len, lines)) <= WIDTH
        assert all(line.startswith("    ") for line in lines[1:])
        assert " ".join(map(str.strip, lines)).partition("): ")[2].split(", ") == names

    @pytest.mark.parametrize(("low", "high"), [(1.0, 1.5), (0.5, 1.0), (1.0, 1.0)])
    def test_an_interval_that_touches_one_shows_no_difference(self, low, high):
        assert advice([measured("t", low, high)])[0].startswith("No difference shown for")

    def test_what_was_not_measured_advises_nothing(self):
        assert advice([unmeasured("m", Verdict.MISMATCH)]) == []
        assert advice([]) == []

    def test_memory_is_not_speed(self):
        assert advice([measured("m", 2.0, 3.0, metric=Metric.MEMORY_RATIO)]) == []


class TestTable:
    def test_losses_are_lines_like_wins_and_the_order_is_kept(self):
        rows = [
            measured("win", 1.5, 1.7, verdict=Verdict.WITHIN),
            measured("loss", 0.4, 0.6, verdict=Verdict.WITHIN),
        ]
        lines = [line for line in table(rows).splitlines() if line.startswith("tc ")]
        assert ["win" in lines[0], "loss" in lines[1]] == [True, True]
        assert all("×" in line and "within" in line for line in lines)

    @pytest.mark.parametrize(
        ("low", "high", "told"), [(9.0, 11.0, "less"), (0.9, 1.1, "same"), (0.3, 0.5, "(more)")]
    )
    def test_memory_is_told_as_less_same_or_more(self, low, high, told):
        line = table([measured("x", low, high, metric=Metric.MEMORY_RATIO)])
        assert "memory" in line
        assert told in line

    def test_the_fixed_cost_stands_below(self):
        noise = {"keys": 10_000.0, "reference_fixed_bytes": 2048.0, "accelerated_fixed_bytes": 1048576.0}
        row = measured("x", 9.0, 11.0, metric=Metric.MEMORY_RATIO, noise=noise, stopped="bytes per key")
        assert notes([row]) == [
            "memory of tc/x: bytes per key at 10,000 keys; fixed cost: reference 2.00 KiB, accelerated 1.00 MiB"
        ]

    @pytest.mark.parametrize("verdict", [Verdict.INCONCLUSIVE, Verdict.UNJUDGED])
    def test_what_is_undecided_is_marked(self, verdict):
        assert f"~ {verdict.value}" in table([measured("x", 1.0, 2.0, verdict=verdict)])

    def test_warnings_are_marked_and_explained_below(self):
        row = measured("x", 1.0, 2.0, verdict=Verdict.WITHIN, warnings=("outliers", "heavy-tail"))
        assert "within !" in table([row])
        assert any("tc/x" in line and "heavy-tail" in line for line in notes([row]))

    def test_what_the_interval_allows_for_is_counted_in_one_line(self):
        rows = [
            measured("x", 1.0, 2.0, warnings=("outliers", "sd")),
            measured("y", 1.0, 2.0, warnings=("outliers",)),
        ]
        assert notes(rows) == ["! rows that the interval allows for: sd in 1, outliers in 2"]

    def test_what_was_not_measured_has_no_number(self):
        line = table([unmeasured("m", Verdict.MISMATCH)]).splitlines()[-1]
        assert "–" in line
        assert "mismatch" in line
        assert "×" not in line

    def test_a_portable_bound_is_marked_and_explained(self):
        row = measured("x", 1.5, 2.0, bound=AppliedBound(Bound(1.0, None), "any"), verdict=Verdict.WITHIN)
        assert "1.00 … (any)" in table([row])
        assert any(line.startswith("(any)") for line in notes([row]))
        assert not any(line.startswith("(any)") for line in notes([measured("y", 1.0, 2.0)]))

    def test_why_a_component_is_unavailable_is_said_once(self):
        rows = [
            make.row(
                workload=name, interval=None, verdict=Verdict.UNAVAILABLE, message="litellm is not installed"
            )
            for name in ("x", "y")
        ]
        assert notes(rows) == ["unavailable: tc (2 rows): litellm is not installed"]

    def test_names_that_look_like_numbers_stay_as_they_are(self):
        assert "1e5" in table([measured("1e5", 1.0, 2.0)])


class TestStatus:
    @pytest.mark.parametrize(
        ("verdict", "letter"),
        [(Verdict.BELOW, "B"), (Verdict.ABOVE, "A"), (Verdict.MISMATCH, "M"), (Verdict.ERROR, "E")],
    )
    def test_failures_stay_failures_with_their_own_word(self, verdict, letter):
        assert status(verdict.value, "failed") == ("failed", letter, verdict.value.upper())

    @pytest.mark.parametrize("verdict", [Verdict.INCONCLUSIVE, Verdict.UNJUDGED])
    def test_what_passed_undecided_is_counted_apart(self, verdict):
        category, letter, (word, _) = status(verdict.value, "passed")
        assert (category, letter, word) == (verdict.value, "~", verdict.value.upper())

    def test_strict_failures_are_failures(self):
        assert status("unjudged", "failed")[0] == "failed"

    def test_the_rest_is_left_to_pytest(self):
        assert status("unavailable", "skipped") is None
        assert status("mismatch", "skipped") is None  # an expected failure


def test_a_run_without_rows_says_so():
    assert "no test uses `accelerated`" in " ".join(section([], found_none=True))
    assert section([]) == ["nothing was compared"]
