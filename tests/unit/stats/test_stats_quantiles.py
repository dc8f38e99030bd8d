"""Quantiles agree with published tables and invert their own distribution, however small the tail."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_fastllm.stats.quantiles import (
    beta_quantile,
    f_tail,
    normal_quantile,
    rate_lower_limit,
    rate_upper_limit,
    regularized_beta,
    student_t_quantile,
    student_t_tail,
)


# From scipy.stats 1.15; the first three are in every printed table.
@pytest.mark.parametrize(
    ("p", "df", "t"),
    [
        (0.975, 1, 12.706204736432095),
        (0.975, 10, 2.2281388519649385),
        (0.995, 19, 2.860934606449914),
        (0.9995, 4, 8.610301581379363),
        (0.99999, 4, 23.33218270083073),
        (1 - 0.0005, 19, 3.8834058525863867),
        (0.9, 2.5, 1.7302502880684),
    ],
)
def test_student_t_quantile(p, df, t):
    assert student_t_quantile(p, df) == pytest.approx(t, rel=1e-6)
    assert student_t_quantile(1 - p, df) == pytest.approx(-t, rel=1e-6)


def test_student_t_quantile_of_a_tiny_tail():
    # scipy.stats.t.isf(1e-9, 19)
    assert -student_t_quantile(1e-9, 19) == pytest.approx(10.613521312, rel=1e-8)
    assert student_t_quantile(0.5, 3) == 0.0


@given(st.floats(1e-12, 0.4999), st.floats(1, 200))
def test_student_t_quantile_inverts_the_tail(p, df):
    assert student_t_tail(-student_t_quantile(p, df), df) == pytest.approx(p, rel=1e-6)


@given(st.floats(0.001, 0.999), st.floats(0.5, 500), st.floats(0.5, 500))
def test_beta_quantile_inverts_the_distribution(p, a, b):
    assert regularized_beta(beta_quantile(p, a, b), a, b) == pytest.approx(p, abs=1e-8)


def test_beta_at_its_ends():
    assert regularized_beta(0.0, 2, 3) == 0.0
    assert regularized_beta(1.0, 2, 3) == 1.0
    assert regularized_beta(0.5, 7, 7) == pytest.approx(0.5)
    assert beta_quantile(0.0, 2, 3) == 0.0
    assert beta_quantile(1.0, 2, 3) == 1.0
    with pytest.raises(ValueError, match="probability"):
        beta_quantile(1.1, 2, 3)


def test_f_tail():
    # The 5 % point of F(4, 20) in printed tables.
    assert f_tail(2.8661, 4, 20) == pytest.approx(0.05, abs=1e-4)


def test_normal_quantile():
    assert normal_quantile(0.975) == pytest.approx(1.959964, abs=1e-6)


@pytest.mark.parametrize(("p", "df"), [(0, 3), (1, 3), (0.5, 0)])
def test_impossible_requests_are_refused(p, df):
    with pytest.raises(ValueError, match="needs"):
        student_t_quantile(p, df)


def test_zero_failures_still_have_an_upper_limit():
    # With no failure the limit is 1 - 0.05 ** (1 / trials): "0 of 300: below 1.0 %".
    assert rate_upper_limit(0, 300) == pytest.approx(1 - 0.05 ** (1 / 300), rel=1e-9)
    assert rate_lower_limit(0, 300) == 0.0
    assert rate_upper_limit(300, 300) == 1.0


def test_limits_of_a_rate_enclose_it():
    # Clopper & Pearson 1934; scipy.stats.beta.
    assert rate_upper_limit(3, 100) == pytest.approx(0.07571, abs=1e-4)
    assert rate_lower_limit(3, 100) == pytest.approx(0.00823, abs=1e-4)


@given(st.integers(0, 200), st.integers(1, 200))
def test_limits_are_mirror_images(failures, trials):
    failures = min(failures, trials)
    assert rate_lower_limit(failures, trials) == pytest.approx(
        1 - rate_upper_limit(trials - failures, trials), abs=1e-9
    )


@pytest.mark.parametrize(("failures", "trials"), [(-1, 3), (4, 3)])
def test_impossible_counts_are_refused(failures, trials):
    with pytest.raises(ValueError, match="between 0 and trials"):
        rate_upper_limit(failures, trials)
    with pytest.raises(ValueError, match="between 0 and trials"):
        rate_lower_limit(failures, trials)
