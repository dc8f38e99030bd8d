"""Make every figure of `docs/methodology.md`.

`python -m benchmarks.methodology` simulates and rewrites the tables between the markers, the same ones each time;
`--machine` measures as well: the table of this machine's own noise, idle and beside busy processes.
"""

from __future__ import annotations

import argparse
from functools import partial
from math import exp, log, sqrt
from multiprocessing import Pool
from random import Random
from statistics import NormalDist, fmean, median, stdev
from typing import TYPE_CHECKING

from pytest_fastllm.selftest.load import busy_processes
from pytest_fastllm.stats import contention, disturbance, interval, looks, robust, scatter
from pytest_fastllm.stats.interval import estimate_ratio
from pytest_fastllm.stats.looks import LookPlan
from pytest_fastllm.stats.pooling import pool_processes, process_interval
from pytest_fastllm.stats.quantiles import rate_upper_limit, student_t_quantile

from .pages import replace_block
from .record_pairs import WORKLOADS, record
from .simulated import NOISES, autoregressive, head, independent, pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_fastllm.stats.series import PairSeries

PAGE = "docs/methodology.md"
TRUTH = 3.0
ALPHA = 0.001
OUTLIERS = {"outliers_reference": 0.05, "outliers_accelerated": 0.05}
SCENARIOS: list[tuple[str, Callable[[Random, int], list[float]], dict[str, float]]] = [
    *((name, make, {}) for name, make in NOISES.items()),
    ("5 % outliers of 10×, both sides", independent, OUTLIERS),
    ("5 % outliers of 10×, reference only", independent, {"outliers_reference": 0.05}),
    ("AR(1), ρ = 0.8, and outliers", partial(autoregressive, rho=0.8), OUTLIERS),
    ("machine slows down twofold", independent, {"slowdown": 1.0}),
    ("order effect of 3 %", independent, {"order_effect": 0.03}),
]


# --- the designs that were compared --------------------------------------------------------------------------


def student(values: Sequence[float]) -> tuple[float, float]:
    half = -student_t_quantile(ALPHA / 2, len(values) - 1) * stdev(values) / sqrt(len(values))
    return fmean(values), half


def naive(series: PairSeries) -> tuple[float, float]:
    """Return the mean log ratio and its half-width from all pairs as if independent."""
    values = series.log_ratios()
    return student(values)


def trimmed_blocks(series: PairSeries) -> tuple[float, float]:
    """Return the mean and scatter of 20 blocks' 10 % trimmed means."""
    values = series.log_ratios()
    size = max(1, len(values) // 20)
    cut = size // 10
    means = [
        fmean(sorted(values[i : i + size])[cut : size - cut]) for i in range(0, len(values) - size + 1, size)
    ]
    return student(means)


def median_blocks(series: PairSeries) -> tuple[float, float]:
    """Return the mean and scatter of 20 blocks' medians."""
    values = series.log_ratios()
    size = max(1, len(values) // 20)
    medians = [median(values[i : i + size]) for i in range(0, len(values) - size + 1, size)]
    return student(medians)


def chosen(series: PairSeries) -> tuple[float, float]:
    found = estimate_ratio(series)
    return found.log_ratio, log(found.interval(ALPHA).high) - found.log_ratio


DESIGNS = {
    "all pairs": naive,
    "20 blocks, trimmed": trimmed_blocks,
    "20 blocks, medians": median_blocks,
    "chosen": chosen,
}


# --- tables --------------------------------------------------------------------------------------------------


def coverage(n: int, trials: int, scenario: int) -> list[str]:
    name, make, added = SCENARIOS[scenario]
    cells = [name]
    widths = []
    misses = dict.fromkeys(DESIGNS, 0)
    for seed in range(trials):
        random = Random(seed)
        series = pairs(random, make(random, n), TRUTH, **added)
        for design, estimate in DESIGNS.items():
            centre, half = estimate(series)
            misses[design] += abs(centre - log(TRUTH)) > half
            if design == "chosen":
                widths.append(half)
    cells += [f"{100 * misses[design] / trials:.2f} %" for design in DESIGNS]
    cells += [f"{100 * rate_upper_limit(misses['chosen'], trials):.2f} %", f"±{100 * median(widths):.1f} %"]
    return cells


def coverage_table(n: int, trials: int, pool: Pool) -> str:
    rows = pool.map(partial(coverage, n, trials), range(len(SCENARIOS)), chunksize=1)
    header = ["noise", *DESIGNS, "chosen: 95 % limit", "chosen: half-width"]
    note = f"Intervals of nominal {100 * (1 - ALPHA):.1f} % that miss the truth; {n} pairs, {trials} trials a row."
    return f"{note}\n\n{markdown(header, rows)}"


def looks_case(trials: int, case: int) -> list[str]:
    """Compare ways of looking: wrong at a bound exactly at the truth, pairs until a planted change is seen."""
    name, counts, share = LOOKS[case]
    wrong, needed, unseen = 0, [], 0
    for seed in range(trials):
        random = Random(seed)
        for planted in (1.0, 1.02):
            series = pairs(random, independent(random, counts[-1]), planted, sd=0.05)
            stopped = None
            for number, count in enumerate(counts, start=1):
                found = estimate_ratio(head(series, count)).interval(share(number, 0.01))
                if planted == 1.0 and found.high < 1.0:
                    stopped = count
                    break
                if planted > 1.0 and found.low > 1.01:
                    stopped = count
                    break
            if planted == 1.0:
                wrong += stopped is not None
            elif stopped is None:
                unseen += 1
            else:
                needed.append(stopped)
    return [
        name,
        str(len(counts)),
        f"{100 * wrong / trials:.1f} %",
        f"{100 * unseen / trials:.0f} %",
        f"{median(needed):.0f}" if needed else "–",
    ]


def growing(growth: float) -> tuple[list[int], LookPlan]:
    plan = LookPlan(first=200, growth=growth, planned=1)
    counts = []
    while not counts or plan.pairs_at(len(counts) + 1) <= 5200:
        counts.append(plan.pairs_at(len(counts) + 1))
    return counts, LookPlan(first=200, growth=growth, planned=len(counts))


def front_loaded(look: int, alpha: float) -> float:
    return alpha / (look * (look + 1))


def everything(_look: int, alpha: float) -> float:
    return alpha


def mixture(look: int, alpha: float) -> float:
    """Return the alpha whose normal interval is as wide as a normal-mixture confidence sequence.

    Robbins 1970; Howard et al. 2021, equation 3.7, tuned to be tightest at about 1,000 pairs.
    """
    share = MIXTURE_COUNTS[look - 1] / 125
    z = sqrt((1 + 1 / share) * log((1 + share) / alpha**2))
    return max(1e-12, 2 * (1 - NormalDist().cdf(z)))


MIXTURE_COUNTS = list(range(200, 5200, 100))
LOOKS: list[tuple[str, list[int], Callable[[int, float], float]]] = [
    ("full alpha at each of many looks (peeking)", list(range(200, 5200, 100)), everything),
    *(
        (f"{growth}-fold counts, even shares", growing(growth)[0], growing(growth)[1].alpha_at)
        for growth in (1.25, 1.5, 2.0)
    ),
    ("1.5-fold counts, shares 1/k(k+1)", growing(1.5)[0], front_loaded),
    ("mixture confidence sequence", MIXTURE_COUNTS, mixture),
]


def looks_table(trials: int, pool: Pool) -> str:
    rows = pool.map(partial(looks_case, trials), range(len(LOOKS)), chunksize=1)
    header = [
        "looks",
        "number",
        "false `below`, bound at the truth",
        "2 % at ±1 % unseen",
        "median pairs to see it",
    ]
    note = f"Pairs that scatter by 5 %, at most 5,200 of them, alpha 0.01 both ways; {trials} trials."
    return f"{note}\n\n{markdown(header, rows)}"


def power_case(trials: int, case: tuple[float, float, float, float]) -> list[str]:
    sd, planted, bound, pair_s = case
    plan = LookPlan.for_pair(pair_s, 5.0)
    seconds = []
    for seed in range(trials):
        random = Random(seed)
        series = pairs(random, independent(random, plan.pairs_at(plan.planned)), planted, sd=sd)
        for look in range(1, plan.planned + 1):
            count = plan.pairs_at(look)
            if estimate_ratio(head(series, count)).interval(plan.alpha_at(look, 0.01)).low > bound:
                seconds.append(count * pair_s)
                break
        else:
            seconds.append(float("inf"))
    seconds.sort()
    late = seconds[int(0.99 * trials)]
    return [
        f"{1000 * pair_s:g} ms",
        f"{100 * sd:g} %",
        f"{100 * (planted - 1):.0f} % at ±{100 * (bound - 1):.0f} %",
        f"{median(seconds):.2f} s",
        f"{late:.2f} s" if late < 100 else "over 5 s",
    ]


POWER = [
    (sd, planted, bound, pair_s)
    for pair_s in (0.0003, 0.001)
    for planted, bound in ((1.05, 1.02), (1.02, 1.01))
    for sd in (0.01, 0.03, 0.05)
]


def power_table(trials: int, pool: Pool) -> str:
    rows = pool.map(partial(power_case, trials), POWER, chunksize=1)
    header = ["pair", "scatter of pairs", "planted", "seen by half", "seen by 99 %"]
    return f"{trials} trials a row.\n\n{markdown(header, rows)}"


def pooling_table(trials: int) -> str:
    rows = []
    for count in (1, 3, 10, 50):
        missed, halves, alpha = 0, [], 0.01 / 50
        for seed in range(trials):
            random = Random(seed)
            data = [[random.gauss(0, 0.0185) for _ in range(5)] for _ in range(count)]
            found = process_interval(data[0], pool_processes(data), alpha)
            missed += not found.low <= 1.0 <= found.high
            halves.append(log(found.high / found.low) / 2)
        rows.append([str(count), f"{100 * missed / trials:.2f} %", f"±{100 * median(halves):.1f} %"])
    note = f"Five processes a row, spread 1.85 % between them, alpha 0.01 / 50; {trials} trials."
    return f"{note}\n\n{markdown(['rows in the pool', 'missed', 'half-width'], rows)}"


def constants_table() -> str:
    rows = [
        ["blocks, at least", scatter.MIN_BLOCKS],
        ["pairs before the first look, fast (a pair ≤ 1 ms)", looks.MIN_PAIRS_FAST],
        ["… and seconds", looks.MIN_SPAN_S],
        ["pairs before the first look, slow", looks.MIN_PAIRS],
        ["growth from look to look", LookPlan().growth],
        ["cut of the biweight, in standard deviations", robust._CUT],
        ["… for a short series", robust._CUT_SHORT],
        ["share of pairs that always keeps influence", robust._TYPICAL],
        ["change of speed that makes a stretch disturbed, at least", disturbance._LEAST_CHANGE],
        ["resolution of the method, to either side", interval.RESOLUTION],
        ["start of pair to start of pair from which contention is looked for, s", contention.SLOW_PAIR_S],
    ]
    return markdown(["constant", "value"], [[str(cell) for cell in row] for row in rows])


def machine_table(seconds: float, rows: int) -> str:
    """Measure what this machine's pairs are like."""
    cells = []
    for load in (0, 2):
        with busy_processes(load):
            for name, (reference, accelerated, truth) in WORKLOADS.items():
                recorded = [record(reference, accelerated, seconds) for _ in range(rows)]
                cells.append(machine_row(name, load, recorded, truth))
    header = [
        "workload",
        "busy processes",
        "pair",
        "scatter of pairs",
        "order effect",
        "estimate",
        "off the counted truth",
        "half-width after 0.25 s",
        f"… after {seconds:g} s",
        "windows of 0.25 s scatter by",
        "rows scatter by",
    ]
    note = (
        f"Alpha 0.01. Medians of {rows} rows of {seconds:g} s each, on a virtual machine with 2 cores\n"
        "that others were using too: the busy processes are those added to theirs."
    )
    return f"{note}\n\n{markdown(header, cells)}"


def machine_row(name: str, load: int, recorded: Sequence[PairSeries], truth: float | None) -> list[str]:
    whole = [estimate_ratio(series) for series in recorded]
    early, windows, scatters, orders = [], [], [], []
    for series in recorded:
        count = sum(started <= 0.25 for started in series.started_s)
        found = estimate_ratio(head(series, max(24, count)))
        early.append(found.interval(0.01).half_width)
        per_window = max(24, count)
        parts = [part(series, i, i + per_window) for i in range(0, len(series) - per_window + 1, per_window)]
        if len(parts) > 1:
            windows.append(stdev(estimate_ratio(each).log_ratio for each in parts))
        values = robust.without_order(series.log_ratios(), series.reference_first)
        middle = median(values)
        scatters.append(1.4826 * median(abs(value - middle) for value in values))
        orders.append(robust.order_effect(series.log_ratios(), series.reference_first))
    estimate = median(each.log_ratio for each in whole)
    return [
        name,
        str(load),
        f"{1000 * median(series.started_s[-1] / len(series) for series in recorded):.2f} ms",
        percent(median(scatters)),
        percent(median(orders)),
        f"{exp(estimate):.3f}×",
        percent(estimate - log(truth)) if truth else "–",
        "±" + percent(median(early)),
        "±" + percent(median(each.interval(0.01).half_width for each in whole)),
        percent(median(windows)) if windows else "–",
        percent(stdev(each.log_ratio for each in whole)),
    ]


def part(series: PairSeries, start: int, end: int) -> PairSeries:
    return type(series)(
        series.reference_s[start:end],
        series.accelerated_s[start:end],
        series.started_s[start:end],
        series.reference_first[start:end],
    )


# --- the page ------------------------------------------------------------------------------------------------


def percent(value: float) -> str:
    return f"{100 * value:.2f} %"


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--machine", action="store_true", help="measure this machine's noise as well")
    parser.add_argument("--only", nargs="+", help="the tables to make, by the names of their markers")
    args = parser.parse_args()
    with Pool(2) as pool:
        makers: dict[str, Callable[[], str]] = {
            "constants": constants_table,
            "coverage-200": lambda: coverage_table(200, 3000, pool),
            "coverage-2000": lambda: coverage_table(2000, 400, pool),
            "coverage-24": lambda: coverage_table(24, 3000, pool),
            "looks": lambda: looks_table(300, pool),
            "power": lambda: power_table(100, pool),
            "pooling": lambda: pooling_table(2000),
            "machine": lambda: machine_table(seconds=2.0, rows=4),
        }
        names = args.only or [name for name in makers if name != "machine" or args.machine]
        for name in names:
            replace_block(PAGE, name, makers[name]())


if __name__ == "__main__":
    main()
