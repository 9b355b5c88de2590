"""What is simulated: designs with a known truth, wrong shortcuts, and controls without an answer.

Every ladder is 13 strengths, half a decade apart, and the zero-strength anchor, unless a name says
otherwise; ridge has 100 validation rows, signal and noise of variance 1 where nothing else is said.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy.special import expit

from sweep.statistics.boundary import SideVerdict, Verdict
from tests.calibration.truths import (
    Array,
    Curve,
    Ridge,
    correlated,
    curve_study,
    error_study,
    find_boundaries,
    grouped,
    isotropic,
)
from tests.support.ridge_truth import (
    Table,
    Truth,
    fresh_study,
    kfold_splits,
    random_splits,
    split_study,
    with_run_noise,
)

Maker = Callable[[np.random.Generator], Table]
FRESH = {"design": "fresh"}
FOLDS = {"design": "kfold", "n_folds": 5}
SPLITS = {"design": "resample", "validation_ratio": 0.25}


def ladder(low: float = -3.5, high: float = 2.5, points: int = 13) -> Array:
    """The zero-strength anchor, then even steps in log10."""
    return np.concatenate([[0.0], np.logspace(low, high, points)])


LADDER = ladder()


@dataclass(frozen=True)
class Design:
    """How a study is made, what is true of it, and how it is estimated."""

    part: str
    name: str
    n_resamples: int
    make: Maker
    truth: Callable[[], Truth] | None
    """What is true of every study; None where each table carries its own ``truth``."""
    options: dict[str, Any] = field(default_factory=lambda: FRESH)
    beyond: str = ""
    """Why coverage cannot be expected to be 92 to 98 %, where that is so."""


@dataclass(frozen=True)
class Control:
    """A study without a boundary somewhere, and the verdicts of which one must come out."""

    name: str
    make: Maker
    says: tuple[Verdict | SideVerdict, ...]
    options: dict[str, Any] = field(default_factory=lambda: FRESH)


# ---- problems ------------------------------------------------------------------------------------

SQUARE = isotropic(100, 80)
WIDE = isotropic(60, 120, noise=0.5)
TALL = isotropic(200, 50, noise=2.0)
CORRELATED = correlated(100, 80, 0.7)
CORRELATED_WIDE = correlated(60, 120, 0.9)
SIZES, SIGNALS = (40, 40), (2.0, 0.1)
GROUPS = grouped(120, SIZES, SIGNALS, (20 / 120, 400 / 120))
SHARED = grouped(120, SIZES, SIGNALS, (1.0, 1.0))
AT_N = isotropic(80, 80)
"""What 80 of 100 rows train: the interpolation threshold, where training sets matter most."""
PLENTY = isotropic(200, 80)
PLENTY_CORRELATED = correlated(200, 80, 0.7)
PLENTY_GROUPS = grouped(200, SIZES, SIGNALS, (20 / 200, 400 / 200))


def bowl(left: float, right: float) -> Curve:
    """A loss that rises by 0.6 to the left and by 1.5 to the right, over 4.4 of these decades."""

    def loss(x: Array) -> Array:
        return np.asarray(1 + 0.6 * expit(-(x + 2.2) / left) + 1.5 * expit((x - 0.6) / right))

    return Curve(loss, lambda x: np.asarray(expit(x)), 2.55)


def errors(lowest: float, rise: float, null: float = 0.5) -> Curve:
    """An error rate that rises by ``rise`` to the left and almost to ``null`` to the right."""

    def rate(x: Array) -> Array:
        right = 0.98 * (null - lowest) * expit((x - 0.6) / 0.3)
        return np.asarray(lowest + rise * expit(-(x + 2.2) / 0.4) + right)

    return Curve(rate, lambda x: np.asarray(expit(x)), null)


MANY_ERRORS, FEW_ERRORS = errors(0.1, 0.15), errors(0.02, 0.04)
"""The second is right on 49 of 50 rows at its best, and on 47 without regularization."""


# ---- studies -------------------------------------------------------------------------------------


def folds(problem: Ridge, n: int, repetitions: int) -> Maker:
    return lambda g: split_study(problem, LADDER, kfold_splits(n, 5, repetitions, g), g)


def splits(problem: Ridge, n: int, n_resamples: int) -> Maker:
    return lambda g: split_study(problem, LADDER, random_splits(n, n // 5, n_resamples, g), g)


def fresh(problem: Ridge, n_resamples: int, strengths: Array = LADDER, **changes: Any) -> Maker:
    options = {"n_validation": 100, **changes}
    return lambda g: fresh_study(problem, strengths, n_resamples, g, **options)


def shifted(curve: Curve, step: float, n_resamples: int, *, shared: float, own: float) -> Maker:
    """The ladder lies differently about the curve in every study."""

    def make(rng: np.random.Generator) -> Table:
        points = round(6 / step) + 1
        low = -3.5 + step * (rng.uniform() - 0.5)
        strengths = ladder(low, low + step * (points - 1), points)
        return curve_study(curve, strengths, n_resamples, rng, shared=shared, own=own)

    return make


def counted(curve: Curve, n_resamples: int, n_rows: int = 50, own: float = 0.001) -> Maker:
    """Error rates on few rows, hardly any of which is right at one strength and wrong at the next.

    The ladder lies differently about the curve in every study.
    """

    def make(rng: np.random.Generator) -> Table:
        low = -3.5 + 0.5 * (rng.uniform() - 0.5)
        return error_study(curve, ladder(low, low + 6), n_resamples, n_rows, rng, own=own)

    return make


def seeds_on_one_split(n_resamples: int) -> Maker:
    """One split of 80 + 20 rows, noisy runs on it: it says nothing on other data."""

    def make(rng: np.random.Generator) -> Table:
        split = random_splits(100, 20, 1, rng) * n_resamples
        return with_run_noise(split_study(AT_N, LADDER, split, rng), 0.05, rng)

    return make


def holdout(problem: Ridge, n_resamples: int) -> Maker:
    """Noisy runs on one split with 100 validation rows, and that split's own noise-free truth."""

    def make(rng: np.random.Generator) -> Table:
        fine = np.concatenate([[0.0], np.logspace(-3.5, 2.5, 301)])
        split = random_splits(problem.n + 100, 100, 1, rng)
        exact = split_study(problem, fine, split, rng)
        rungs = np.concatenate([[0], np.arange(1, 302, 25)])
        truth = find_boundaries(
            np.log10(fine[1:]), exact.validation[1:, 0], float(exact.null[0]), 0.05
        )
        table = Table(
            fine[rungs],
            np.repeat(exact.validation[rungs], n_resamples, axis=1),
            np.repeat(exact.training[rungs], n_resamples, axis=1),
            np.repeat(exact.null, n_resamples),
            truth,
        )
        return with_run_noise(table, 0.05, rng)

    return make


# ---- the lists -----------------------------------------------------------------------------------

NEAR_N = (
    "n_training = p: training sets move the loss more than the correction allows, and there is no "
    "unbiased estimate of that share (Bengio & Grandvalet 2004)"
)
WIDE_C = (
    "validation rows make most of the noise, and those of different folds are independent: the "
    "correction is too large, and which share it is cannot be told (Bengio & Grandvalet 2004)"
)
FEW = "R = 3 is below the floor of 5"
GRID = "what the ladder leaves open between two strengths outweighs the noise"
CLIFF = "the interval spans the two strengths beside the cliff, however little the noise"
TOO_FEW_STRENGTHS = "one or two strengths inside the good zone"


def designs() -> list[Design]:
    parts = (_fresh_designs, _curve_designs, _error_designs, _data_set_designs, _holdout_designs)
    return [design for part in parts for design in part()]


def _fresh_designs() -> list[Design]:
    found = []

    def add(name: str, sizes: tuple[int, ...], problem: Ridge, **changes: Any) -> None:
        options = FRESH | ({"rho": changes.pop("rho")} if "rho" in changes else {})
        rho = options.get("rho", 0.05)
        for n in sizes:
            design = Design(
                "fresh", name, n, fresh(problem, n, **changes), lambda: problem.truth(rho), options
            )
            found.append(replace(design, beyond=FEW if n < 5 else _why_not(name)))

    add("ridge, n=100 p=80", (3, 5, 10, 20), SQUARE)
    add("ridge, n=100 p=80, exact risk", (5, 10, 20), SQUARE, n_validation=None)
    add("ridge, n=100 p=80, noisy runs", (3, 5, 10), SQUARE, n_validation=None, run_noise=0.1)
    add("ridge, n=60 p=120, noise 0.5", (5, 10), WIDE)
    add("ridge, n=200 p=50, noise 2", (5, 10), TALL, n_validation=200)
    add("correlated ridge (0.7), n=100 p=80", (5, 10), CORRELATED)
    add("correlated ridge (0.9), n=60 p=120", (5, 10), CORRELATED_WIDE)
    add("per-group ridge, n=120 p=40+40", (5, 10), GROUPS)
    add("the same, one shared strength", (5, 10), SHARED)
    add("ridge, n=100 p=80, rho 0.02", (10,), SQUARE, rho=0.02)
    add("ridge, n=100 p=80, rho 0.10", (10,), SQUARE, rho=0.10)
    add("ridge, n=100 p=80, steps of 1 decade", (10,), SQUARE, strengths=ladder(points=7))
    add(
        "ridge, n=100 p=80, steps of 1/4 decade",
        (10,),
        SQUARE,
        strengths=ladder(points=25),
    )
    return found


def _curve_designs() -> list[Design]:
    rows = (
        ("smooth curve, noisy runs", bowl(0.4, 0.3), 0.5, 0.04, (5, 10)),
        ("smooth curve, little noise", bowl(0.4, 0.3), 0.5, 0.01, (5, 10)),
        ("smooth curve, steps of 1 decade", bowl(0.4, 0.3), 1.0, 0.02, (10,)),
        ("cliff on the right", bowl(0.4, 0.02), 0.5, 0.02, (5, 10)),
        ("cliff on both sides", bowl(0.02, 0.02), 0.5, 0.02, (10,)),
        ("half a cliff on the right", bowl(0.4, 0.1), 0.5, 0.02, (10,)),
        ("cliff, steps of 1 decade", bowl(0.4, 0.02), 1.0, 0.02, (10,)),
    )
    return [
        Design(
            "fresh",
            name,
            n,
            shifted(curve, step, n, shared=0.1, own=own),
            curve.truth,
            beyond=_why_not(name),
        )
        for name, curve, step, own, sizes in rows
        for n in sizes
    ]


def _error_designs() -> list[Design]:
    rows = (
        ("accuracy on 50 rows, 10 % errors", MANY_ERRORS, 50, 0.02),
        ("accuracy on 50 rows, 2 % errors", FEW_ERRORS, 50, 0.001),
        ("accuracy on 20 rows, 5 % errors", errors(0.05, 0.08), 20, 0.001),
    )
    return [
        Design(
            "fresh",
            name,
            n,
            counted(curve, n, n_rows, own),
            curve.truth,
            FRESH | {"resolution": 1 / n_rows},
        )
        for name, curve, n_rows, own in rows
        for n in (5, 10)
    ]


def _why_not(name: str) -> str:
    if "1 decade" in name:
        return TOO_FEW_STRENGTHS
    return CLIFF if "cliff" in name else GRID if "little noise" in name else ""


def _data_set_designs() -> list[Design]:
    found = []
    for n in (5, 10, 20):
        found += [
            Design(
                "resample",
                "ridge, 80+20 rows, p=80",
                n,
                splits(AT_N, 100, n),
                AT_N.truth,
                SPLITS,
                NEAR_N,
            ),
            Design(
                "resample",
                "ridge, 200+50 rows, p=80",
                n,
                splits(PLENTY, 250, n),
                PLENTY.truth,
                SPLITS,
            ),
        ]
    for n in (5, 10, 20, 50):
        found.append(
            Design(
                "kfold",
                "ridge, 100 rows, p=80",
                n,
                folds(AT_N, 100, n // 5),
                AT_N.truth,
                FOLDS,
                NEAR_N,
            )
        )
    for n in (5, 10, 20):
        found.append(
            Design(
                "kfold",
                "ridge, 250 rows, p=80",
                n,
                folds(PLENTY, 250, n // 5),
                PLENTY.truth,
                FOLDS,
                WIDE_C,
            )
        )
    for name, problem in (
        ("correlated ridge (0.7), 250 rows, p=80", PLENTY_CORRELATED),
        ("per-group ridge, 250 rows, p=40+40", PLENTY_GROUPS),
    ):
        found += [
            Design("resample", name, 10, splits(problem, 250, 10), problem.truth, SPLITS),
            Design("kfold", name, 10, folds(problem, 250, 2), problem.truth, FOLDS, WIDE_C),
        ]
    return sorted(found, key=lambda design: design.part != "resample")


def _holdout_designs() -> list[Design]:
    rows = (("ridge, 80+100 rows, p=80", AT_N), ("correlated ridge (0.7), p=80", CORRELATED))
    return [
        Design("holdout", name, n, holdout(problem, n), None, {"design": "holdout"})
        for name, problem in rows
        for n in (5, 10)
    ]


def shortcuts() -> list[Design]:
    """What is often done instead, for comparison with the same studies done right."""
    return [
        Design(
            "wrong",
            "5-fold as if independent, c = 1/R: 100 rows",
            10,
            folds(AT_N, 100, 2),
            AT_N.truth,
        ),
        Design(
            "wrong",
            "5-fold as if independent, c = 1/R: 250 rows",
            20,
            folds(PLENTY, 250, 4),
            PLENTY.truth,
        ),
        Design(
            "wrong",
            "re-splits as if independent, c = 1/R: 100 rows",
            20,
            splits(AT_N, 100, 20),
            AT_N.truth,
        ),
        Design(
            "wrong",
            "seeds on one split, taken for the population",
            10,
            seeds_on_one_split(10),
            AT_N.truth,
            {"design": "holdout"},
        ),
        *(
            Design(
                "wrong",
                f"{name}, its steps ignored",
                5,
                counted(curve, 5, n_rows),
                curve.truth,
            )
            for name, curve, n_rows in (
                ("accuracy on 50 rows, 2 % errors", FEW_ERRORS, 50),
                ("accuracy on 20 rows, 5 % errors", errors(0.05, 0.08), 20),
            )
        ),
    ]


def controls() -> list[Control]:
    none = (SideVerdict.NONE,)
    nothing, noiseless = isotropic(80, 80, signal=0.0), isotropic(50, 200, noise=0.0)
    zones = (Verdict.NOT_UNIMODAL,)
    silent = (SideVerdict.NONE, SideVerdict.INCONCLUSIVE, Verdict.NO_SIGNAL)
    weaker, stronger = (Verdict.EXTEND_WEAKER,), (Verdict.EXTEND_STRONGER,)
    return [
        Control("n=400 p=20, noise 0.1", fresh(isotropic(400, 20, noise=0.1), 10), none),
        Control("p=200 > n=50, no noise", fresh(noiseless, 10, n_validation=None), none),
        Control("no signal, 5-fold", folds(nothing, 100, 2), (Verdict.NO_SIGNAL,), FOLDS),
        Control("no signal, fresh data", fresh(nothing, 10), (Verdict.NO_SIGNAL,)),
        Control("two good zones, ridge", fresh(two_scales(), 20, n_validation=1000), zones),
        Control("two good zones, noisy curve", double_dip, zones),
        Control("range too short on the left", fresh(SQUARE, 10, ladder(0.0, 2.5)), weaker),
        Control("range too short on the right", fresh(SQUARE, 10, ladder(-3.5, -0.3)), stronger),
        Control("flat on the left, noisier than delta", lambda g: plateau(0.0, 0.1, g), silent),
        Control("flat on the left, at delta", lambda g: plateau(1.0, 0.03, g), silent[1:2]),
    ]


def two_scales() -> Ridge:
    """Ridge with two best strengths: of columns 100 times larger it wants far more shrinkage."""
    return grouped(200, (40, 40), (0.5, 0.23), (10**-1.9, 10**2.1))


def double_dip(rng: np.random.Generator) -> Table:
    """Two good zones with a ridge of bad strengths between them, under paired noise."""
    x = np.log10(LADDER[1:])
    curve = 2 - np.exp(-((x + 1.8) ** 2) / 0.3) - np.exp(-((x - 0.8) ** 2) / 0.3)
    curve = np.concatenate([[2.0], curve])[:, None]
    shared, own = rng.standard_normal((1, 10)), rng.standard_normal((14, 10))
    return Table(LADDER, curve + 0.1 * shared + 0.02 * own, curve + 0 * own, 2 + 0.1 * shared[0])


def plateau(height: float, sd: float, rng: np.random.Generator) -> Table:
    """Left of the optimum the loss is flat, ``height`` deltas above it; sd of every run's noise."""
    x = np.concatenate([[-math.inf], np.log10(LADDER[1:])])[:, None]
    curve = 1 + height * 0.065 * expit(-3 * (x + 2)) + 1.3 * expit(4 * (x - 0.3))
    shared, own = rng.standard_normal((1, 10)), sd * rng.standard_normal((14, 10))
    return Table(LADDER, curve + 0.05 * shared + own, expit(x) + own, 2.3 + 0.05 * shared[0])
