"""The short form of the calibration: known truths, wrong shortcuts and controls, few studies each.

A design passes when its count is one that a coverage of 92 % would give in all but one of a
thousand runs; the long form, ``make calibration``, measures.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom

from sweep.statistics.boundary import SideVerdict, Verdict, estimate_boundary
from tests.calibration.designs import (
    CORRELATED,
    FOLDS,
    FRESH,
    GROUPS,
    LADDER,
    SHARED,
    SIGNALS,
    SIZES,
    SQUARE,
    Control,
    Design,
    bowl,
    controls,
    designs,
    fresh,
    plateau,
    shortcuts,
)
from tests.calibration.run import LEAST, Tally, check, estimate, run
from tests.calibration.table import (
    END,
    HEADLINES,
    START,
    judgement,
    put_between_markers,
    short_table,
)
from tests.support.counting import cost_of
from tests.support.long_cases import long
from tests.support.ridge_truth import Problem, Table, find_truth, with_run_noise

ROOT = Path(__file__).parents[2]
STUDIES = 20
FEWEST = binom.ppf(0.001, STUDIES, LEAST) / STUDIES

SHORT = (
    ("fresh", "ridge, n=100 p=80", 5),
    ("fresh", "ridge, n=60 p=120, noise 0.5", 10),
    ("fresh", "correlated ridge (0.7), n=100 p=80", 10),
    ("fresh", "per-group ridge, n=120 p=40+40", 10),
    ("fresh", "smooth curve, noisy runs", 10),
    ("fresh", "cliff on the right", 10),
    ("fresh", "cliff on both sides", 10),
    ("resample", "ridge, 200+50 rows, p=80", 10),
    ("kfold", "ridge, 250 rows, p=80", 10),
    ("holdout", "ridge, 80+100 rows, p=80", 10),
)


def find(part: str, name: str, n_resamples: int) -> Design:
    """The design of the lists with this name."""
    for design in designs() + shortcuts():
        if (design.part, design.name, design.n_resamples) == (part, name, n_resamples):
            return design
    raise KeyError((part, name, n_resamples))


# ---- truths --------------------------------------------------------------------------------------


def test_the_general_risk_is_the_closed_form_of_isotropic_ridge() -> None:
    general, closed = SQUARE.truth(), find_truth(Problem(100, 80))
    assert general.best == pytest.approx(closed.best, abs=0.01)
    assert general.left == pytest.approx(closed.left, abs=0.02)
    assert general.right == pytest.approx(closed.right, abs=0.02)
    assert general.best_risk == pytest.approx(closed.best_risk, rel=0.005)


@pytest.mark.long
def test_per_group_ridge_is_best_at_its_own_profile_and_by_the_known_margin() -> None:
    own, shared = GROUPS.truth(), SHARED.truth()
    assert SIZES[0] / SIGNALS[0] == 20  # a_g = noise p_g / |b_g|^2
    assert own.best == pytest.approx(0.0, abs=0.02)
    assert own.best_risk - 1 == pytest.approx(0.479, abs=0.005)
    assert shared.best_risk - 1 == pytest.approx(0.750, abs=0.005)


def test_the_exact_risk_is_what_simulated_studies_average_to() -> None:
    truth = CORRELATED.truth()
    strengths = 10.0 ** np.array([truth.left, truth.best, truth.right])
    table = fresh(CORRELATED, 400, strengths, n_validation=None)(np.random.default_rng(1))
    risks = table.validation.mean(1)
    error = table.validation.std(1) / 20
    delta = 0.05 * (CORRELATED.null_risk - truth.best_risk)
    expected = truth.best_risk + np.array([delta, 0.0, delta])
    assert (abs(risks - expected) < 4 * error).all()


# ---- coverage ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key",
    [SHORT[0], *(pytest.param(key, marks=pytest.mark.long) for key in SHORT[1:])],
    ids=lambda key: "-".join(map(str, key)),
)
def test_what_is_said_of_both_boundaries_holds_at_its_level(key: tuple[str, str, int]) -> None:
    counted = run(find(*key), STUDIES)
    assert min(counted.spoken) >= 0.95 * STUDIES
    assert min(counted.coverage) >= FEWEST
    if key[0] == "fresh" and "cliff" not in key[1] and key[2] == 10:
        assert max(counted.width) <= 0.5
    assert max(map(abs, counted.bias)) < 0.15


@pytest.mark.long
@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (("wrong", "5-fold as if independent, c = 1/R: 250 rows", 20), FOLDS),
        (("wrong", "seeds on one split, taken for the population", 10), None),
    ],
)
def test_a_wrong_shortcut_holds_clearly_less_often(
    wrong: tuple[str, str, int], right: dict[str, Any] | None
) -> None:
    """Than it has to, and than what is right of the very same tables."""
    shortcut = find(*wrong)
    tables: dict[int, Table] = {}

    def make(rng: np.random.Generator) -> Table:
        return tables.setdefault(len(tables), shortcut.make(rng))

    assert max(run(replace(shortcut, make=make), STUDIES).coverage) < FEWEST
    if right:
        again = iter(tables.values())
        same = replace(shortcut, make=lambda rng: next(again), options=right)
        assert min(run(same, STUDIES).coverage) >= FEWEST


# ---- controls ------------------------------------------------------------------------------------


EVERY_OTHER = [control if place % 2 else long(control) for place, control in enumerate(controls())]


@pytest.mark.parametrize("control", EVERY_OTHER, ids=lambda control: control.name)
def test_a_study_without_an_answer_says_so(control: Control) -> None:
    assert check(control, 12).hits >= 11


# ---- verdicts ------------------------------------------------------------------------------------


def nearly_flat_on_the_right(rng: np.random.Generator, n_resamples: int = 10) -> Table:
    """A bowl whose right side rises to under half of delta, so that noise moves the minimum."""
    x = np.concatenate([[-9.0], np.log10(LADDER[1:])])[:, None]
    curve = 1 + 0.6 / (1 + np.exp((x + 1.5) / 0.3)) + 0.035 / (1 + np.exp(-(x - 1) / 0.3))
    shared = 0.1 * rng.standard_normal((1, n_resamples))
    table = Table(LADDER, curve + shared, x + 0 * shared, 2.5 + shared[0])
    return with_run_noise(table, 0.05, rng)


def test_a_side_that_never_reaches_the_threshold_leaves_the_other_side_its_boundary() -> None:
    found = [
        estimate(nearly_flat_on_the_right(np.random.default_rng(seed)), seed, FRESH)
        for seed in range(20)
    ]
    assert sum(b.overfitting_verdict == SideVerdict.FOUND for b in found) >= 19
    unclear = (SideVerdict.NONE, SideVerdict.INCONCLUSIVE)
    assert sum(b.underfitting_verdict in unclear for b in found) >= 19


def test_an_anchor_that_is_clearly_worse_settles_that_there_is_a_boundary() -> None:
    for seed in range(10):
        table = plateau(1.0, 0.03, np.random.default_rng(seed))
        validation = table.validation.copy()
        validation[0] += 1.0
        worse = Table(table.strengths, validation, table.training, table.null)
        b = estimate(worse, seed, FRESH)
        assert b.overfitting_verdict in (SideVerdict.FOUND, SideVerdict.BELOW_RANGE)
        assert math.isnan(b.overfitting_ends_low)
        assert math.isfinite(b.overfitting_ends_high)


def test_saturated_folds_never_ask_for_more_resamples() -> None:
    asked = []
    for seed in range(12):
        table = plateau(0.6, 0.02, np.random.default_rng(seed))
        twice = Table(
            table.strengths,
            np.tile(table.validation, 3),
            np.tile(table.training, 3),
            np.tile(table.null, 3),
        )
        b = estimate(twice, seed, {"design": "kfold", "n_folds": 5})
        if b.verdict == Verdict.INCONCLUSIVE:
            asked.append(b)
    assert asked
    for b in asked:
        assert math.isinf(b.more_resamples)
        assert "only more data can" in b.advice


# ---- speed and words -----------------------------------------------------------------------------


def test_an_estimate_takes_few_calls_and_little_memory() -> None:
    """Some 7,000 calls over 15 MB, which is a tenth of a second where nothing else runs."""
    table = fresh(SQUARE, 10)(np.random.default_rng(0))
    given = (table.strengths, table.validation, table.training, table.null)
    cost = cost_of(lambda: estimate_boundary(*given))
    assert cost.n_calls < 12_000
    assert cost.most_bytes < 32 * 2**20


def test_every_headline_is_simulated_and_stands_in_both_tables() -> None:
    whole = (ROOT / "tests" / "calibration" / "table.md").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = readme.split(START)[1].split(END)[0]
    for part, name, n_resamples in HEADLINES:
        assert find(part, name, n_resamples)
        for text in (whole, shown):
            assert f"| {part} | {name} | {n_resamples} |" in text


@pytest.mark.parametrize(
    ("covered", "words"),
    [
        ((380, 384), "yes"),
        ((396, 384), "above 98 %, as chance may do: why"),
        ((400, 400), "above 98 %: why"),
        ((360, 384), "below 92 %, as chance may do: why"),
        ((300, 400), "below 92 % and above 98 %: why"),
    ],
)
def test_the_last_column_says_on_which_side_of_what_is_asked(
    covered: tuple[int, int], words: str
) -> None:
    nothing: tuple[object, ...] = ((0.0, 0.0), (0.3, 0.3), (0.2, 0.2), {}, {})
    assert judgement(Tally("fresh", "ridge", 5, 400, "why", covered, (400, 400), *nothing)) == words  # type: ignore[arg-type]


def test_the_table_goes_between_the_markers_and_nowhere_else(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text(f"before\n{START}\nold\n{END}\nafter\n", encoding="utf-8")
    line = Tally(
        *("fresh", "ridge, n=100 p=80", 5, 400, ""),
        *((380, 384), (400, 400), (0.01, -0.02), (0.3, math.inf), (0.2, 0.2), {}),
        {"found": 400},
    )
    put_between_markers(path, short_table([line], []))
    text = path.read_text(encoding="utf-8")
    assert "old" not in text
    assert "| fresh | ridge, n=100 p=80 | 5 | 95 / 96 | 0.30 / open |" in text
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")


def test_a_bowl_has_the_boundaries_of_its_formula() -> None:
    curve = bowl(0.4, 0.3)
    truth = curve.truth()
    at = curve.loss(np.array([truth.left, truth.best, truth.right]))
    delta = 0.05 * (curve.null - at[1])
    assert at[[0, 2]] - at[1] == pytest.approx([delta, delta], abs=1e-6)
