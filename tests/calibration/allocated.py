"""What runs of a path gain where they count: the third table of the calibration.

The same studies of fresh data, each drawn once, with an adaptive ladder of 13 strengths and 5
resamples of each, and with budgets of runs that go where they count (``path.runs``). Beside
problems with both boundaries there are some without a left one: no weak strength overfits, so all
of them are as good as the best.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from sweep.statistics.allocation import Counts, allocate
from sweep.statistics.boundary import estimate_boundary
from sweep.statistics.endings import Ended, Ending
from sweep.statistics.ladder import BEYOND, Aim, climb, first_ladder
from sweep.statistics.verdicts import Boundary, SideVerdict
from sweep.study.settings import STRENGTH_RUNS
from tests.calibration import flat_problems
from tests.calibration.run import sides
from tests.calibration.table import pair, put_between_markers
from tests.calibration.truths import Array
from tests.calibration.unseen import N_VALIDATION
from tests.calibration.unseen_problems import (
    Unseen,
    linear,
    normal,
    nothing,
    ridge,
    squared_error,
)
from tests.calibration.unseen_problems import problems as unseen_problems
from tests.support.ridge_truth import Truth

POINTS, RESAMPLES, WIDTH = 13, 5, 0.25
"""Strengths, resamples and wanted width of a path, as a study has them by default."""
BUDGETS = (54, 70, 300)
DRAWS = 500
"""Curves drawn for each estimate, fewer than a study's, since a path is estimated many times."""


class Study:
    """The losses of one study at the strengths that are asked for; resamples are common to all."""

    def __init__(self, problem: Unseen, seed: int):
        self.problem, self.seed = problem, seed
        self.rng = np.random.default_rng([seed, len(problem.name), problem.n])
        self.drawn: list[tuple[Array, Array, Array, Array]] = []
        self.losses: dict[tuple[float, int], tuple[float, float]] = {}
        self.estimates: dict[tuple[tuple[float, int], ...], Boundary] = {}

    def estimate(self, counts: Counts) -> Boundary:
        """The boundary of strengths with so many resamples, the first of all."""
        key = tuple(sorted(counts.items()))
        if key not in self.estimates:
            self.estimates[key] = self._estimate(dict(key))
        return self.estimates[key]

    def _estimate(self, counts: Counts) -> Boundary:
        n = list(counts.values())
        tables = np.full((2, len(n), max(n)), math.nan)
        null = np.zeros(max(n))
        for column in range(max(n)):
            given = [i for i, count in enumerate(n) if count > column]
            self._fit([s for s in counts if counts[s] > column], column)
            for i in given:
                tables[:, i, column] = self.losses[[*counts][i], column]
            _, y, _, new = self.drawn[column]
            null[column] = self.problem.null(y, new).mean()
        return estimate_boundary(list(counts), *tables, null, seed=self.seed, draws=DRAWS, counts=n)

    def _fit(self, strengths: Sequence[float], column: int) -> None:
        while len(self.drawn) <= column:
            rows = self.problem.draw(self.problem.n, self.rng)
            self.drawn.append((*rows, *self.problem.draw(2 * N_VALIDATION, self.rng)))
        missing = [s for s in strengths if (s, column) not in self.losses]
        if missing:
            x, y, *new = self.drawn[column]
            fitted = self.problem.fit(x, y, np.array(missing))
            of_rows = (self.problem.losses(fitted, *rows).mean(0) for rows in (new, (x, y)))
            for strength, *found in zip(missing, *of_rows, strict=True):
                self.losses[strength, column] = tuple(map(float, found))


def even(study: Study) -> tuple[Counts, Ended | None]:
    """An adaptive ladder of POINTS strengths at most, all with RESAMPLES."""
    first = first_ladder(10**study.problem.low, 10**study.problem.high, POINTS, True)
    seen: list[Counts] = []

    def estimate(strengths: Sequence[float]) -> Boundary:
        seen.append(dict.fromkeys(sorted(strengths), RESAMPLES))
        return study.estimate(seen[-1])

    ended = climb(first, estimate, Aim(POINTS, WIDTH)).ended
    return seen[-1], ended


def allocated(budget: int, study: Study) -> tuple[Counts, Ended | None]:
    """So many runs, where they count."""
    first = first_ladder(10**study.problem.low, 10**study.problem.high, POINTS, True)
    found = allocate(first, study.estimate, Aim(POINTS, WIDTH), budget, STRENGTH_RUNS)
    return found.counts, found.ended


EVEN = f"{POINTS} x {RESAMPLES}"
DESIGNS = {EVEN: even} | {f"runs = {n}": partial(allocated, n) for n in BUDGETS}


@dataclass(frozen=True)
class Outcome:
    """What one design came to in one study; pairs are (overfitting ends, underfitting starts)."""

    n_runs: int
    n_strengths: int
    n_resamples: int
    """The most of a strength."""
    holds: tuple[bool | None, bool | None]
    """Whether what is said of a side is true; None where nothing is."""
    widths: tuple[float, float]
    """Of intervals in decades: inf where an end is open, nan where none is found."""
    untrue: bool
    """Whether no boundary was said to be where one is, or the best to lie beyond the ladder."""
    narrow: bool
    """Whether the path ended because its intervals were narrow enough."""


def outcomes(problem: Unseen, seed: int, truth: Truth, designs: Sequence[str]) -> list[Outcome]:
    """The designs on one and the same study."""
    study = Study(problem, seed)
    return [outcome(study, *DESIGNS[name](study), truth) for name in designs]


def outcome(study: Study, counts: Counts, ended: Ended | None, truth: Truth) -> Outcome:
    boundary = study.estimate(counts)
    left, right = sides(boundary, truth)
    said = [None if s.verdict is SideVerdict.UNDEFINED else s.holds for s in (left, right)]
    none = any(s.verdict is SideVerdict.NONE and not s.holds for s in (left, right))
    return Outcome(
        n_runs=sum(counts.values()),
        n_strengths=len(counts) - 1,
        n_resamples=max(counts.values()),
        holds=(said[0], said[1]),
        widths=(left.width, right.width),
        untrue=none or boundary.verdict in BEYOND,
        narrow=ended is not None and ended.kind is Ending.NARROW,
    )


# ---- the list ------------------------------------------------------------------------------------

BOTH_SIDES = (
    "power law 1, n=100 p=80",
    "150 random features, n=100",
    "lasso, 5 of 100, n=120",
    "5 spikes of 25, n=100 p=80",
    "60 random features, n=100",
)
"""The rule was made on ridge and the first three of these."""


def problems() -> tuple[Unseen, ...]:
    """Those with both boundaries, then those with hardly a left one or none."""
    draw = linear(np.ones(80), partial(normal, 1.0))
    known = {problem.name: problem for problem in unseen_problems()}
    return (
        Unseen("ridge, n=100 p=80", 100, draw, ridge, -3.5, 2.5, squared_error, nothing),
        *(known[name] for name in BOTH_SIDES),
        *flat_problems.problems(),
    )


def count(place: int, seeds: range) -> list[list[Outcome]]:
    """For each study of a problem what all designs come to."""
    problem = problems()[place]
    truth = problem.truth()
    return [outcomes(problem, seed, truth, list(DESIGNS)) for seed in seeds]


# ---- the tables ----------------------------------------------------------------------------------

START, END = "<!-- allocated: start -->", "<!-- allocated: end -->"


def true_share(found: Sequence[Outcome]) -> tuple[float, float]:
    """In how many % of the studies that say anything of a side that holds."""
    left, right = (
        [held for outcome in found if (held := outcome.holds[i]) is not None] for i in (0, 1)
    )
    return _percent(left), _percent(right)


def mean_width(found: Sequence[Outcome]) -> tuple[float, float]:
    """Of the intervals that are closed; nan where fewer than half of the studies have one."""
    means = []
    for i in (0, 1):
        closed = [o.widths[i] for o in found if math.isfinite(o.widths[i])]
        means.append(float(np.mean(closed)) if 2 * len(closed) >= len(found) else math.nan)
    return means[0], means[1]


def _percent(values: Sequence[bool]) -> float:
    return 100 * float(np.mean(values)) if values else math.nan


def full_table(names: Sequence[str], results: Sequence[list[list[Outcome]]], seconds: float) -> str:
    """A line for each problem and design; ``results`` by problem, study and design."""
    parts = [
        "# Runs where they count",
        "",
        "Written by `make calibration`: the same studies of fresh data with an adaptive ladder of "
        f"{POINTS} strengths at most and {RESAMPLES} resamples of each, and with budgets of runs "
        "that go where they count (`path.runs`; `allocated.py`). Two numbers are *overfitting ends "
        "/ underfitting starts*; runs, strengths and the most resamples of one are means. True: in "
        "how many of the studies that say anything of a side that is true, at nominal 95 %. Width: "
        "mean of the closed intervals in decades, where half of the studies have one. Untrue: "
        "studies that say that there is no boundary where one is, or that the best lies beyond the "
        "ladder, which it never does. Ended early: paths whose intervals were within "
        f"{WIDTH:g} decades for more than chance before their runs were used, and how many of what "
        f"these say is true. {len(results[0])} studies a row, {seconds / 60:.0f} minutes.",
        "",
        "| problem | design | runs | strengths | resamples | true, % | width | untrue, % "
        "| ended early, % | true of these, % |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, studies in zip(names, results, strict=True):
        for design, found in zip(DESIGNS, zip(*studies, strict=True), strict=True):
            early = [outcome for outcome in found if outcome.narrow]
            cells = (
                name,
                design,
                *(
                    f"{np.mean([getattr(o, field) for o in found]):.0f}"
                    for field in ("n_runs", "n_strengths", "n_resamples")
                ),
                pair(true_share(found), ".1f"),
                pair(mean_width(found), ".2f"),
                f"{_percent([o.untrue for o in found]):.1f}",
                f"{100 * len(early) / len(found):.0f}",
                pair(true_share(early), ".0f"),
            )
            parts.append(f"| {' | '.join(cells)} |")
    return "\n".join(parts) + "\n"


def short_table(names: Sequence[str], results: Sequence[list[list[Outcome]]]) -> str:
    """The README's: a line for each problem, with what is true and the widths of each design, and
    how the largest budget ended.
    """
    parts = [
        f"| simulated | {' | '.join(f'`{name}`' for name in DESIGNS)} | ended early |",
        f"| --- |{' --- |' * (len(DESIGNS) + 1)}",
    ]
    for name, studies in zip(names, results, strict=True):
        by_design = list(zip(*studies, strict=True))
        cells = [
            f"{pair(true_share(found), '.0f')} %, {pair(mean_width(found), '.2f')}"
            for found in by_design
        ]
        early = [outcome for outcome in by_design[-1] if outcome.narrow]
        ended = f"{100 * len(early) / len(by_design[-1]):.0f} %"
        if early:
            used = np.mean([outcome.n_runs for outcome in early])
            ended += f", {used:.0f} runs, {pair(true_share(early), '.0f')} %"
        parts.append(f"| {' | '.join((name, *cells, ended))} |")
    return "\n".join(parts) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.calibration.allocated", description=__doc__
    )
    parser.add_argument("--studies", type=int, default=120, help="studies a row (120)")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", default="", help="problems with this in their name")
    parser.add_argument("--out", type=Path, help="file for the whole table")
    parser.add_argument("--readme", type=Path, help="file whose marked part is replaced")
    given = parser.parse_args()
    start = time.perf_counter()
    names = [problem.name for problem in problems()]
    wanted = [i for i, name in enumerate(names) if given.only in name]
    with ProcessPoolExecutor(given.processes) as pool:
        jobs = [pool.submit(count, place, range(given.studies)) for place in wanted]
        results = []
        for place, job in zip(wanted, jobs, strict=True):
            results.append(job.result())
            print(names[place], flush=True)
    shown = [names[place] for place in wanted]
    table = full_table(shown, results, time.perf_counter() - start)
    print(table)
    if given.out:
        given.out.write_text(table, encoding="utf-8")
    if given.readme:
        put_between_markers(given.readme, short_table(shown, results), START, END)


if __name__ == "__main__":
    main()
