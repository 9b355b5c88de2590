"""Studies beside each other: what is paired, what is compared, which settings differ."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy import stats

from dashboards.gather.compared import Basis, difference, welch_difference
from dashboards.gather.outcome import Outcome
from dashboards.pages.comparison import settings_that_differ
from dashboards.sections.comparison import comparison_headline, comparison_rows, path_rows
from sweep.metrics.metric import ACCURACY, LOSS
from sweep.study.study import Study, default_of
from tests.support.report_frames import make_small_frames, make_study, whole

SMALL = cache(make_small_frames)


@cache
def outcome(shift: float = 0.0, seeds: int = 0, noise: float = 0.0, **facts: Any) -> Outcome:
    """A study whose test losses are shifted, and whose seeds are others."""
    runs = SMALL()["runs"].copy()
    rng = np.random.default_rng(1)
    runs["test_loss"] += shift + noise * rng.normal(size=len(runs))
    runs["seed"] += seeds
    facts = {"name": "a", "data_fingerprint": "rows", **facts}
    return Outcome(whole({**SMALL(), "runs": runs}, **facts))


def test_the_interval_of_unpaired_means_is_welchs() -> None:
    rng = np.random.default_rng(3)
    first, second = rng.normal(2, 1, 7), rng.normal(1, 3, 4)
    found = welch_difference(first, second)
    known = stats.ttest_ind(first, second, equal_var=False).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((known.low, known.high))
    assert found.mean == pytest.approx(first.mean() - second.mean())
    assert np.isnan(welch_difference(first[:1], second).low)


def test_the_same_rows_and_seeds_are_paired() -> None:
    first, other = outcome(), outcome(shift=0.25, noise=1e-4, name="b")
    found = difference(first, other, LOSS)
    assert found.basis is Basis.PAIRED
    assert found.value.mean == pytest.approx(0.25, abs=1e-3)
    assert found.value.high - found.value.low < 0.01, "what runs share is gone"
    assert comparison_headline([first, other]).startswith("a has the better test loss than b")


@pytest.mark.parametrize(
    ("facts", "basis"),
    [
        ({"data_fingerprint": "other"}, Basis.OTHER_DATA),
        ({"data_fingerprint": ""}, Basis.OTHER_DATA),
        ({"n_test": 7}, Basis.OTHER_SPLITS),
        ({"seed": 7}, Basis.OTHER_SPLITS),
        ({"design": "holdout"}, Basis.OTHER_SPLITS),
        ({"seeds": 1}, Basis.OTHER_SPLITS),
    ],
)
def test_what_differs_in_rows_or_seeds_is_not_paired(facts: dict[str, Any], basis: Basis) -> None:
    found = difference(outcome(), outcome(noise=0.01, **facts), LOSS)
    assert found.basis is basis
    assert np.isfinite(found.value.low)


@pytest.mark.parametrize(
    "facts",
    [{"task": "regression"}, {"loss": "mae"}, {"target_scaled": True}, {"weighted": True}],
)
def test_losses_of_different_kinds_are_not_compared(facts: dict[str, Any]) -> None:
    first, other = outcome(), outcome(name="b", **facts)
    found = difference(first, other, LOSS)
    assert (found.basis, np.isnan(found.value.mean)) == (Basis.OTHER_LOSS, True)
    assert "have no loss in common" in comparison_headline([first, other])
    assert comparison_rows([first, other])[1]["difference of loss"] == "–"


def test_values_that_agree_by_chance_have_no_interval() -> None:
    found = difference(outcome(), outcome(shift=0.25), LOSS)
    assert found.value.mean == pytest.approx(0.25)
    alike = difference(outcome(), outcome(), ACCURACY)
    assert (alike.value.mean, alike.value.low, alike.value.high) == (0, 0, 0)


def test_a_study_that_has_not_met_the_test_split_says_so() -> None:
    young = outcome(name="b", finished_at=None)
    trials = young.frames.trials
    kept = trials[trials["phase"] != "confirm"]
    young = Outcome(replace(young.frames, trials=kept))
    assert difference(outcome(), young, LOSS).basis is Basis.UNTESTED
    assert comparison_rows([outcome(), young])[1]["difference is"] == "has not met the test split"


def test_paths_of_one_penalty_share_their_strengths_and_values() -> None:
    rows = path_rows([outcome(), outcome(name="b")])
    assert [(row.title, len(row.panels)) for row in rows] == [("decay", 2)]
    first, other = (panel.wide.split("</desc>")[1].replace("compared-0-1", "compared-0-0")
                    for panel in rows[0].panels)  # fmt: skip
    assert first.replace("a · decay", "") == other.replace("b · decay", "")


def test_only_settings_that_differ_are_listed_and_secrets_are_not() -> None:
    texts = (
        "[study]\nname='a'\n[data]\npassword='one'\n[training]\nlr=0.1\nepochs=3",
        "[study]\nname='b'\n[data]\npassword='two'\n[training]\nepochs=3\nmomentum=0.9",
    )
    studies = [make_study(name, text=text) for name, text in zip("ab", texts, strict=True)]
    assert settings_that_differ(studies) == [
        {"setting": "training.lr", "a": "0.1", "b": "default"},
        {"setting": "training.momentum", "a": "default", "b": "0.9"},
    ]


@pytest.mark.parametrize(
    ("first", "other", "keys"),
    [
        ("training = {epochs = 40, optimizer = 'adamw'}", "", []),
        ("search.strength = {high = 10, low = 1e-6}", "", []),
        ("search.strength = {high = 10}", "search.strength = {high = 10.0}", []),
        ("path = {points = 9}", "", ["path.points"]),
        ("training = {optimizer = 'adamw'}", "training = {recipe = 'sgd_step'}",
         ["training.optimizer", "training.recipe"]),
        ("model = {batch_norm = true}", "model = {batch_norm = 1}", ["model.batch_norm"]),
    ],
)  # fmt: skip
def test_a_key_that_has_its_default_is_as_one_left_out(
    first: str, other: str, keys: list[str]
) -> None:
    studies = [make_study(name, text=text) for name, text in (("a", first), ("b", other))]
    assert [row["setting"] for row in settings_that_differ(studies)] == keys


def test_defaults_are_those_of_a_study() -> None:
    study = Study(study={"name": "a"}, data={"name": "digits"})
    assert default_of("training.lr") == study.training.lr
    assert default_of("search.strength.low") == study.search.strength.low
    assert default_of("model.hidden") == study.model.hidden
    assert [default_of(key) for key in ("data.name", "training.else", "else.lr", "model")] == [
        None
    ] * 4
