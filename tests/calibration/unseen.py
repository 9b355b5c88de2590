"""Coverage on designs that the estimator was not made on: the second table of the calibration.

83 kinds: the problems of ``unseen_problems`` as fresh draws of the data, as random re-splits and
folds of one data set with the losses of its rows, and as runs on one split, whose truth is that of
its own training rows.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial
from pathlib import Path

import numpy as np

from tests.calibration.designs import FEW, Design, Maker
from tests.calibration.run import Tally, run
from tests.calibration.table import unseen_table
from tests.calibration.truths import Array, find_boundaries
from tests.calibration.unseen_problems import Unseen, errors, problems
from tests.support.ridge_truth import Table, kfold_splits, random_splits

Splits = list[tuple[Array, Array]]
MakeSplits = Callable[[np.random.Generator], Splits]
N_VALIDATION = 100
"""Validation rows of a fresh draw, and of a holdout."""
RUN_NOISE = 0.02
"""Deviation of what a run on a holdout's split adds to the losses of all its rows, in shares of the
constant predictor's loss."""


def fresh(
    problem: Unseen, n_resamples: int, rng: np.random.Generator, strengths: Array | None = None
) -> Table:
    """Independent draws of training and validation rows, on the problem's ladder if on no other."""
    strengths = problem.ladder() if strengths is None else strengths
    columns = []
    for _ in range(n_resamples):
        x, y = problem.draw(problem.n, rng)
        new = problem.draw(N_VALIDATION, rng)
        fitted = problem.fit(x, y, strengths)
        validation = problem.losses(fitted, *new).mean(0)
        training = problem.losses(fitted, x, y).mean(0)
        columns.append((validation, training, problem.null(y, new[1]).mean()))
    found = (np.array(part).T for part in zip(*columns, strict=True))
    return Table(strengths, *found)


def of_one_data_set(problem: Unseen, make: MakeSplits, rng: np.random.Generator) -> Table:
    """A column for every split of one data set into training and held out rows, and the losses of
    its rows, a mean over the splits that hold them out.
    """
    splits, strengths = make(rng), problem.ladder()
    x, y = problem.draw(sum(map(len, splits[0])), rng)
    sums, null, counts = np.zeros((len(strengths), len(y))), np.zeros(len(y)), np.zeros(len(y))
    columns = []
    for train, held_out in splits:
        fitted = problem.fit(x[train], y[train], strengths)
        losses = problem.losses(fitted, x[held_out], y[held_out])
        constant = problem.null(y[train], y[held_out])
        training = problem.losses(fitted, x[train], y[train]).mean(0)
        columns.append((losses.mean(0), training, constant.mean()))
        share = 1 / len(held_out)
        sums[:, held_out] += losses.T * share
        null[held_out] += constant * share
        counts[held_out] += share
    found = (np.array(part).T for part in zip(*columns, strict=True))
    known = counts > 0
    by_row = {
        "validation_rows": sums[:, known] / counts[known],
        "null_rows": null[known] / counts[known],
        "row_counts": counts[known],
    }
    return Table(strengths, *found, by_row=by_row)


def holdout(problem: Unseen, n_resamples: int, rng: np.random.Generator) -> Table:
    """Noisy runs on one split; the truth is what its training rows come to on new rows."""
    strengths, (x, y) = problem.ladder(), problem.draw(problem.n, rng)
    new, many = problem.draw(N_VALIDATION, rng), problem.draw(20_000, rng)
    fine = problem.fit(x, y, 10.0**problem.grid)
    null = float(problem.null(y, many[1]).mean())
    truth = find_boundaries(problem.grid, problem.losses(fine, *many).mean(0), null, 0.05)
    fitted = problem.fit(x, y, strengths)
    rows, constant = problem.losses(fitted, *new).T, problem.null(y, new[1])
    noise = RUN_NOISE * null * rng.standard_normal((len(strengths), n_resamples))
    training = problem.losses(fitted, x, y).mean(0)[:, None] + noise
    by_row = {"validation_rows": rows + noise.mean(1, keepdims=True), "null_rows": constant}
    validation = rows.mean(1, keepdims=True) + noise
    nulls = np.full(n_resamples, constant.mean())
    return Table(strengths, validation, training, nulls, truth, by_row)


# ---- the list ------------------------------------------------------------------------------------

POOLED = (0, 1, 3, 7, 9, 11, 13, 16)
"""Problems that are data sets too: power laws, spikes, random features, lasso, logistic, t3."""
SEVEN = (0, 1, 3, 7, 9, 11, 16)
NINE = (0, 1, 3, 5, 7, 9, 11, 14, 16)
"""Those with three fresh draws; of eight there are all but the last three."""
KINDS: tuple[tuple[str, tuple[int, ...], tuple[int, ...]], ...] = (
    ("fresh", (3,), NINE),
    ("fresh", (5,), tuple(range(18))),
    ("fresh", (8,), tuple(range(15))),
    ("resample", (5,), POOLED),
    ("resample", (8,), POOLED),
    ("kfold", (5, 1), POOLED),
    ("kfold", (5, 2), POOLED),
    ("kfold", (10, 1), SEVEN),
    ("holdout", (5,), (0, 7)),
)
"""What the replicates are, how many (of folds: parts and repetitions), and of which problems."""
TAILS = "squared errors with such noise have no variance"


def designs() -> list[tuple[int, Design]]:
    """All 83, each with the place of its problem among all."""
    known = problems()
    return [
        (place, design(part, counts, known[place]))
        for part, counts, places in KINDS
        for place in places
    ]


def design(part: str, counts: tuple[int, ...], problem: Unseen) -> Design:
    """The design of a problem with these replicates."""
    n, name, options = counts[0], problem.name, {"design": part}
    make: Maker = partial(fresh, problem, n)
    n_validation = N_VALIDATION
    if part == "resample":
        n_validation = problem.n // 4
        splits = partial(random_splits, problem.n + n_validation, n_validation, n)
        make = partial(of_one_data_set, problem, splits)
        options |= {"validation_ratio": n_validation / problem.n}
    elif part == "kfold":
        n_folds, repetitions = counts
        n_validation, n = problem.n // (n_folds - 1), n_folds * repetitions
        folds = partial(kfold_splits, problem.n + n_validation, n_folds, repetitions)
        make = partial(of_one_data_set, problem, folds)
        name, options = f"{name}, {n_folds} folds", options | {"n_folds": n_folds}
    elif part == "holdout":
        make = partial(holdout, problem, n)
    if problem.loss is errors:
        options |= {"resolution": 1 / n_validation}
    why_not = FEW if n < 5 else TAILS if "t3" in name else ""
    truth = None if part == "holdout" else problem.truth
    return Design(part, name, n, make, truth, options, why_not)


def count(place: int, n_studies: int) -> list[tuple[int, Tally]]:
    """The designs of one problem, whose truth is found once, by their places in the table."""
    return [
        (i, run(design, n_studies)) for i, (own, design) in enumerate(designs()) if own == place
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.calibration.unseen", description=__doc__)
    parser.add_argument("--studies", type=int, default=300, help="studies a row (300)")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", default="", help="problems with this in their name")
    parser.add_argument("--out", type=Path, help="file for the table")
    given = parser.parse_args()
    start = time.perf_counter()
    wanted = [i for i, problem in enumerate(problems()) if given.only in problem.name]
    by_place: dict[int, Tally] = {}
    with ProcessPoolExecutor(given.processes) as pool:
        jobs = [pool.submit(count, place, given.studies) for place in wanted]
        for job in as_completed(jobs):
            by_place |= dict(job.result())
            print(len(by_place), "designs done", flush=True)
    lines = [by_place[i] for i in sorted(by_place)]
    table = unseen_table(lines, time.perf_counter() - start)
    print(table)
    if given.out:
        given.out.write_text(table, encoding="utf-8")


if __name__ == "__main__":
    main()
