"""Long calibration of the boundaries: prints a Markdown table of coverage, width and verdicts.

    python tests/calibration.py [STUDIES]

Every row simulates STUDIES (default 300) studies of a ridge problem whose boundaries are known
exactly (``ridge_truth``). "coverage, all" is the share of studies whose interval of draws holds the
truth whatever the verdict; "coverage, said" counts only sides on which the estimate says something
(found, a one-sided bound, or none), and whether what it says is true. Nominal: 95 %. The wrong
shortcuts are shown for comparison, the controls by their verdict.
"""

from __future__ import annotations

import math
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from sweep.boundary import (  # noqa: E402
    Boundary,
    SideVerdict,
    draw_path,
    judge,
    read_path,
    training_overlap,
)
from tests.ridge_truth import (  # noqa: E402
    Problem,
    Table,
    Truth,
    find_truth,
    fresh_study,
    kfold_splits,
    random_splits,
    split_study,
    with_run_noise,
)

Interval = NDArray[np.float64]
Maker = Callable[[np.random.Generator], Table]


def ladder(low: float, high: float, points: int = 13) -> np.ndarray:
    """The zero-strength anchor, then even steps in log10."""
    return np.concatenate([[0.0], np.logspace(low, high, points)])


LADDER = ladder(-3.5, 2.5)


@dataclass(frozen=True)
class Row:
    """One design: how a study is made, what is true of it, how it is estimated."""

    name: str
    n_resamples: int
    make: Maker
    truth: Truth | None
    """What is true of every study; None where each table carries its own ``truth``."""
    options: dict[str, Any]


def estimate(
    table: Table, seed: int, options: dict[str, Any]
) -> tuple[Interval, Interval, Boundary]:
    """The 95 % intervals of the draws, left and right, whatever the verdict; and the estimate."""
    rho = options.get("rho", 0.05)
    design = {name: value for name, value in options.items() if name != "rho"}
    overlap = training_overlap(**design)
    path = read_path(table.strengths, table.validation, table.training, table.null)
    cloud = draw_path(path, overlap, rho=rho, seed=seed)
    left, right = (np.sort(side)[[49, 1950]] for side in (cloud.drawn.left, cloud.drawn.right))
    return left, right, judge(path, cloud, overlap, rho, options["design"])


def said(boundary: Boundary, truth: Truth) -> tuple[bool | None, bool | None]:
    """Whether each side's statement is true; None where the estimate says nothing."""

    def holds(verdict: str, low: float, high: float, true: float) -> bool | None:
        if verdict == SideVerdict.UNDEFINED:
            return None
        if verdict == SideVerdict.NONE:
            inside = math.log10(boundary.weakest) < true < math.log10(boundary.strongest)
            return not inside
        lowest = math.log10(low) if math.isfinite(low) else -math.inf
        highest = math.log10(high) if math.isfinite(high) else math.inf
        return lowest <= true <= highest

    b = boundary
    return (
        holds(b.overfitting_verdict, b.overfitting_ends_low, b.overfitting_ends_high, truth.left),
        holds(
            b.underfitting_verdict,
            b.underfitting_starts_low,
            b.underfitting_starts_high,
            truth.right,
        ),
    )


def run(row: Row, n_studies: int) -> str:
    """One line of the table."""
    held, widths, told, verdicts = [], [], [], Counter[str]()
    for study in range(n_studies):
        table = row.make(np.random.default_rng([study, row.n_resamples]))
        truth = row.truth or table.truth
        assert truth is not None
        left, right, boundary = estimate(table, study, row.options)
        held.append((left[0] <= truth.left <= left[1], right[0] <= truth.right <= right[1]))
        widths.append((_decades(left), _decades(right)))
        told.append(said(boundary, truth))
        verdicts[boundary.verdict.partition(":")[0]] += 1
    coverage = "/".join(f"{share:.3f}" for share in np.mean(held, axis=0))
    spoken = [[s for s in side if s is not None] for side in zip(*told, strict=True)]
    truthful = "/".join(f"{np.mean(side):.3f}" if side else "-" for side in spoken)
    silent = 1 - len(spoken[0]) / n_studies
    width = "/".join(_width(w) for w in np.median(np.array(widths), axis=0))
    shares = ", ".join(f"{word} {n / n_studies:.0%}" for word, n in verdicts.most_common(3))
    cells = (row.name, row.n_resamples, coverage, width, truthful, f"{silent:.0%}", shares)
    return f"| {' | '.join(map(str, cells))} |"


def _decades(interval: Interval) -> float:
    return float(interval[1] - interval[0]) if np.isfinite(interval).all() else math.inf


def _width(width: float) -> str:
    return f"{width:.2f}" if math.isfinite(width) else "open"


def rows() -> list[Row]:
    """Every design of statistics.md, and the wrong shortcuts beside them."""
    square, shorter = Problem(100, 80), Problem(80, 80)
    found: list[Row] = []

    def add(name: str, n: int, make: Maker, problem: Problem, **options: Any) -> None:
        rho = options.get("rho", 0.05)
        found.append(Row(name, n, make, find_truth(problem, rho), {"design": "fresh"} | options))

    for n in (3, 5, 10, 20):
        add("fresh, exact risk", n, lambda g, n=n: fresh_study(square, LADDER, n, g), square)
    for n in (3, 5, 10, 20):
        add(
            "fresh, 100 validation rows",
            n,
            lambda g, n=n: fresh_study(square, LADDER, n, g, n_validation=100),
            square,
        )
    for n in (3, 5, 10):
        add(
            "fresh, noisy runs (sd 0.1)",
            n,
            lambda g, n=n: fresh_study(square, LADDER, n, g, run_noise=0.1),
            square,
        )
    wide = Problem(60, 120, noise=0.5)
    add("fresh, n=60 p=120", 10, lambda g: fresh_study(wide, LADDER, 10, g), wide)
    add("fresh, rho 0.1", 10, lambda g: fresh_study(square, LADDER, 10, g), square, rho=0.1)
    for repetitions in (1, 2, 4, 10):
        _add_folds(add, "5-fold", 100, shorter, repetitions, design="kfold", n_folds=5)
    easier = Problem(200, 80)
    for repetitions in (1, 2, 4):
        _add_folds(add, "5-fold, n=250", 250, easier, repetitions, design="kfold", n_folds=5)
    for n in (5, 10, 20):
        add(
            "re-splits 80/20",
            n,
            lambda g, n=n: split_study(shorter, LADDER, random_splits(100, 20, n, g), g),
            shorter,
            design="resample",
            validation_ratio=0.25,
        )
    for n in (5, 10, 20):
        add(
            "re-splits 80/20, n=250",
            n,
            lambda g, n=n: split_study(easier, LADDER, random_splits(250, 50, n, g), g),
            easier,
            design="resample",
            validation_ratio=0.25,
        )
    for n in (5, 10):
        name, options = "holdout, seeds, against its own split", {"design": "holdout"}
        found.append(Row(name, n, lambda g, n=n: _one_split(n, g), None, options))
    _add_folds(add, "wrong: 5-fold with c = 1/R", 100, shorter, 2, design="fresh")
    add(
        "wrong: seeds on one split, for the population",
        10,
        lambda g: _seeds(shorter, 10, g),
        shorter,
        design="holdout",
    )
    return found


def _add_folds(
    add: Callable[..., None], name: str, n: int, problem: Problem, repetitions: int, **options: Any
) -> None:
    def make(rng: np.random.Generator) -> Table:
        return split_study(problem, LADDER, kfold_splits(n, 5, repetitions, rng), rng)

    add(name, 5 * repetitions, make, problem, **options)


def _seeds(problem: Problem, n_seeds: int, rng: np.random.Generator) -> Table:
    """One split of 80 + 20 rows, ``n_seeds`` noisy runs on it."""
    split = random_splits(100, 20, 1, rng) * n_seeds
    return with_run_noise(split_study(problem, LADDER, split, rng), 0.05, rng)


def _one_split(n_seeds: int, rng: np.random.Generator) -> Table:
    """Noisy runs on one split of 80 + 100 rows, with that split's own noise-free truth."""
    fine = np.concatenate([[0.0], np.logspace(-3.5, 2.5, 601)])
    exact = split_study(Problem(80, 80), fine, random_splits(180, 100, 1, rng), rng)
    rungs = np.concatenate([[0], np.arange(1, 602, 50)])
    table = Table(
        fine[rungs],
        np.repeat(exact.validation[rungs], n_seeds, axis=1),
        np.repeat(exact.training[rungs], n_seeds, axis=1),
        np.repeat(exact.null, n_seeds),
        _curve_truth(np.log10(fine[1:]), exact.validation[1:, 0], float(exact.null[0])),
    )
    return with_run_noise(table, 0.05, rng)


def _curve_truth(x: np.ndarray, curve: np.ndarray, null: float) -> Truth:
    best = int(curve.argmin())
    above = curve >= curve[best] + 0.05 * (null - curve[best])
    left, right = np.flatnonzero(above[:best]), np.flatnonzero(above[best:])
    return Truth(
        float(x[best]),
        float(x[left[-1]]) if len(left) else -math.inf,
        float(x[best + right[0]]) if len(right) else math.inf,
        float(curve[best]),
    )


def controls() -> list[tuple[str, Maker, dict[str, Any], tuple[str, ...]]]:
    """Designs without an answer on some side, and the words that must come out."""
    square, fresh = Problem(100, 80), {"design": "fresh"}
    plenty, exact = Problem(400, 20, noise=0.1), Problem(50, 200, noise=0.0)
    nothing = Problem(80, 80, signal=0.0)
    folds = {"design": "kfold", "n_folds": 5}
    none = (SideVerdict.NONE,)
    silent = (SideVerdict.NONE, SideVerdict.INCONCLUSIVE, SideVerdict.UNDEFINED)
    return [
        ("n=400 p=20, low noise", lambda g: fresh_study(plenty, LADDER, 10, g), fresh, none),
        ("p >> n without noise", lambda g: fresh_study(exact, LADDER, 10, g), fresh, none),
        (
            "beta = 0, 5-fold",
            lambda g: split_study(nothing, LADDER, kfold_splits(100, 5, 2, g), g),
            folds,
            ("no learnable signal",),
        ),
        (
            "range too short on the left",
            lambda g: fresh_study(square, ladder(0.0, 2.5), 10, g),
            fresh,
            ("optimum not bracketed: extend the range to weaker strengths",),
        ),
        (
            "range too short on the right",
            lambda g: fresh_study(square, ladder(-3.5, -0.3), 10, g),
            fresh,
            ("optimum not bracketed: extend the range to stronger strengths",),
        ),
        ("double dip", double_dip, fresh, ("not unimodal: several good zones",)),
        (
            "flat on the left, runs noisier than delta",
            lambda g: plateau(0.0, 0.1, g),
            fresh,
            silent,
        ),
        ("left plateau at delta, noisy runs", lambda g: plateau(1.0, 0.03, g), fresh, silent[1:2]),
    ]


def double_dip(rng: np.random.Generator) -> Table:
    """Two good zones with a ridge of bad strengths between them, under paired noise."""
    x = np.log10(LADDER[1:])
    curve = 2 - np.exp(-((x + 1.8) ** 2) / 0.3) - np.exp(-((x - 0.8) ** 2) / 0.3)
    curve = np.concatenate([[2.0], curve])[:, None]
    shared, own = rng.standard_normal((1, 10)), rng.standard_normal((14, 10))
    return Table(LADDER, curve + 0.1 * shared + 0.02 * own, curve + 0 * own, 2 + 0.1 * shared[0])


def plateau(height: float, sd: float, rng: np.random.Generator) -> Table:
    """Left of the optimum the loss is flat, ``height`` deltas above it; sd of every run's noise."""
    x = np.log10(LADDER[1:])[:, None]
    rise, fall = 1 / (1 + np.exp(-4 * (x - 0.3))), 1 / (1 + np.exp(3 * (x + 2)))
    curve = np.concatenate([[[1 + height * 0.065]], 1 + height * 0.065 * fall + 1.3 * rise])
    shared, own = rng.standard_normal((1, 10)), sd * rng.standard_normal((14, 10))
    training = np.concatenate([[[0.0]], rise]) + own
    return Table(LADDER, curve + 0.05 * shared + own, training, 2.3 + 0.05 * shared[0])


def control_line(
    name: str, make: Maker, options: dict[str, Any], words: tuple[str, ...], n: int
) -> str:
    hits = 0
    for study in range(n):
        table = make(np.random.default_rng([study, 99]))
        _, _, boundary = estimate(table, study, options)
        hits += not {boundary.verdict, boundary.overfitting_verdict}.isdisjoint(words)
    return f"| {name} | {' or '.join(words)} | {hits / n:.0%} |"


def main(n_studies: int) -> None:
    start = time.perf_counter()
    print("| design | R | coverage, all | width, decades | coverage, said | silent | verdicts |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for row in rows():
        print(run(row, n_studies), flush=True)
    print("\n| control | must say | says so |\n| --- | --- | --- |")
    for name, make, options, words in controls():
        print(control_line(name, make, options, words, n_studies), flush=True)
    print(f"\n{n_studies} studies a row, {time.perf_counter() - start:.0f} seconds")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
