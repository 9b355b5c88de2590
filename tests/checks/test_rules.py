"""Every check is passed by a clean study, and asks for attention where it is spoiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sweep.checks.catalogue import CHECKS
from sweep.checks.judging import RULES, run_checks
from sweep.checks.results import CheckState
from tests.checks.conftest import Spoiled
from tests.support.report_frames import PENALTIES, set_boundary


def facts(**changes: Any) -> Callable[[Spoiled], None]:
    return lambda study: study.facts.update(changes)


def unfinished(study: Spoiled) -> None:
    study.facts["finished_at"] = None
    study["trials"].loc[study["trials"].index[-4:], "state"] = "waiting"


def lose(study: Spoiled) -> None:
    """Eight path runs of l1 diverge."""
    path = study["trials"].query("phase == 'path' and penalty == 'l1' and strength > 0.05")
    study["runs"].loc[study["runs"]["trial"].isin(path["trial"]), "state"] = "diverged"


def diverge_above(study: Spoiled) -> None:
    trials = study["trials"]
    trials.loc[study.trials_of("explore") & (trials["lr"] > 2e-3), "state"] = "diverged"


def best_rate_at_the_top(study: Spoiled) -> None:
    trials = study["trials"]
    done = trials[study.trials_of("explore") & (trials["state"] == "complete")]
    trials.loc[done["val_loss"].idxmin(), "lr"] = 0.02


def fall_late(study: Spoiled) -> None:
    curves = study["curves"]
    curves.loc[(curves["metric"] == "val_loss") & (curves["epoch"] < 36), "value"] += 0.2


def flatten(study: Spoiled) -> None:
    curves = study["curves"]
    late = (curves["metric"] == "val_loss") & (curves["epoch"] >= 8)
    ends = curves[late].groupby(["trial", "run"])["value"].transform("last")
    curves.loc[late, "value"] = ends


def dip(phase: str) -> Callable[[Spoiled], None]:
    """Trials of a phase are better in the middle of training than at its end."""

    def change(study: Spoiled) -> None:
        curves, trials = study["curves"], study["trials"]
        mine = curves["trial"].isin(trials.loc[study.trials_of(phase), "trial"])
        middle = (curves["metric"] == "val_loss") & curves["epoch"].between(15, 22)
        curves.loc[mine & middle, "value"] -= 0.4

    return change


def dip_without(study: Spoiled) -> None:
    """The unregularized runs are as good as the best strength in the middle of training."""
    trials, curves = study["trials"], study["curves"]
    anchors = trials.loc[study.trials_of("path") & (trials["strength"] == 0), "trial"]
    mine = curves["trial"].isin(anchors) & (curves["metric"] == "val_loss")
    curves.loc[mine & (curves["epoch"] == 12), "value"] = 1.0


def jump(study: Spoiled) -> None:
    curves = study["curves"]
    losses = curves["metric"] == "val_loss"
    curves.loc[losses, "value"] += 0.1 * np.cos(np.pi * curves.loc[losses, "epoch"])


def near_the_top(study: Spoiled) -> None:
    trials = study["trials"]
    beyond = study.trials_of("path", "l2") & (trials["strength"] > 2 * PENALTIES["l2"])
    study["trials"] = trials[~beyond]


def narrow(study: Spoiled) -> None:
    best = PENALTIES["l1"]
    set_boundary(study.frames, "l1", overfitting_ends=best / 1.5, underfitting_starts=best * 1.5)


def lucky(study: Spoiled) -> None:
    trials = study["trials"]
    mine = study.trials_of("explore", "decay") & (trials["state"] == "complete")
    trials.loc[trials[mine]["val_loss"].idxmin(), "val_loss"] = 0.7


def few_runs(study: Spoiled) -> None:
    study["runs"] = study["runs"][study["runs"]["run"] < 3]


def without_path(study: Spoiled) -> None:
    study["trials"] = study["trials"][~study.trials_of("path", "l1")]


def one_rate(study: Spoiled) -> None:
    study["trials"]["lr"] = 2e-3


def as_good_as(phase: str, penalty: str) -> Callable[[Spoiled], None]:
    """The test losses of another setting become those of the best, but for noise."""

    def change(study: Spoiled) -> None:
        runs, trials = study["runs"], study["trials"]
        other = trials.loc[study.trials_of(phase, penalty), "trial"].iloc[0]
        best = trials.loc[study.trials_of("confirm", "l2"), "trial"].iloc[0]
        noise = np.random.default_rng(0).normal(0, 0.1, 8)
        values = runs.loc[runs["trial"] == best, "test_loss"].to_numpy() + noise
        runs.loc[runs["trial"] == other, "test_loss"] = values

    return change


SPOILED: dict[str, tuple[Callable[[Spoiled], None], str, float]] = {
    "RS101": (unfinished, "4 of 95 trials waiting", 4),
    "RS102": (facts(source="a table"), "imported from a table", np.nan),
    "RS103": (facts(null_from_strongest=True), "of the penalty that loses most", np.nan),
    "RS104": (facts(copied_rows=40), "40 of 800 validation rows", 0.05),
    "RS105": (facts(missing_classes=[3]), "No training row is of class 3", 1),
    "RS106": (facts(design="kfold", n_folds=5, divided_by="time"), "in the order of time", np.nan),
    "RS107": (facts(n_groups=9), "Only 9 groups: intervals over so few are too narrow", 9),
    "RS201": (facts(parity={"stacked": 2e-5}), "in float32 alone, where they agree to 2.0e-05",
              2e-5),
    "RS202": (facts(idle_parameters=["head.bias"]), "head.bias get no gradient", 1),
    "RS203": (facts(scale_invariant={"0": "exact"}), "l2, decay, l1 on 0 act through", 1),
    "RS204": (lambda study: study["runs"].update({"weight_norm": study["runs"]["zeros"] * 0 + 3}),
              "l2: the weights are the same at every strength", 3),
    "RS205": (facts(same_weights=True), "begins with the same weights for every seed", np.nan),
    "RS301": (lose, "8 of 424 runs (1.9 %) diverged, most at l1 strengths around 0.10", 8 / 424),
    "RS302": (diverge_above, "diverged", 1),
    "RS303": (best_rate_at_the_top, "lies at the high end of those tried", 1),
    "RS304": (fall_late, "l2: the best setting was still improving", np.nan),
    "RS305": (flatten, "after 27.5 % of training", 0.275),
    "RS306": (dip("path"), "decay: even at its best the validation loss was lower around epoch 2",
              np.nan),
    "RS307": (dip_without, "unregularized runs at epoch 12", np.nan),
    "RS308": (dip("explore"), "36 of 36 complete trials", 1),
    "RS309": (jump, "moves by", np.nan),
    "RS310": (lambda study: study["runs"].update({"train_loss": study["runs"]["train_loss"] + 0.8}),
              "the training loss ends at 0.81", np.nan),
    "RS401": (near_the_top, "l2: the best strength lies within one step of the high end", 1),
    "RS402": (narrow, "l1: 1 strength lies in the good zone", 1),
    "RS403": (lucky, "decay: 1 of 12 complete trials is about as good as its best", 1),
    "RS404": (lucky, "decay: the second half of its 16 trials", np.nan),
    "RS405": (one_rate, "Searched beside it: nothing. Fixed: lr (0.0020)", 0),
    "RS406": (without_path, "No path was trained for l1", 1),
    "RS501": (few_runs, "Only 3 resamples at each strength", 3),
    "RS502": (facts(design="holdout"), "conditional on this split", np.nan),
    "RS503": (lambda study: set_boundary(study.frames, "l2", advice="Add 3 resamples."),
              "l2: add 3 resamples.", 1),
    "RS504": (lucky, "by search", np.nan),
    "RS505": (as_good_as("confirm", "none"), "l2 against no regularization", np.nan),
    "RS506": (as_good_as("baseline", "decay"), "l2 against the usual default", np.nan),
    "RS507": (dip_without, "at epoch 12", np.nan),
}  # fmt: skip
"""What spoils a study for each check, a part of what is found then, and the number where it is
known in advance."""


def test_every_check_has_a_rule_and_a_study_that_it_finds_fault_with() -> None:
    assert list(RULES) == list(CHECKS) == list(SPOILED)


def test_a_clean_study_passes_every_check(spoiled: Spoiled) -> None:
    checked = run_checks(spoiled.tables)
    others = [(one.check.code, one.result) for one in checked]
    assert [(code, r) for code, r in others if r.state is not CheckState.PASSED] == []
    assert all(one.result.found for one in checked)
    assert not any(one.action for one in checked)


@pytest.mark.parametrize("code", SPOILED)
def test_a_spoiled_study_is_found(spoiled: Spoiled, code: str) -> None:
    change, words, value = SPOILED[code]
    change(spoiled)
    result = spoiled.judge(code)
    assert result.state.pressing, result
    assert words in " ".join(result.found)
    if np.isfinite(value):
        assert result.value == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize("kind", [{"loop": "function"}, {"source": "a table"}])
def test_runs_of_others_that_no_seed_changes_are_told(
    spoiled: Spoiled, kind: dict[str, str]
) -> None:
    runs = spoiled["runs"]
    runs["val_loss"] = runs.groupby("trial")["val_loss"].transform("first")
    spoiled.facts.update(kind)
    result = spoiled.judge("RS205")
    assert result.state is CheckState.FAILED
    assert "exactly the same loss" in result.found[0]


def test_of_a_loop_whose_rate_is_unknown_any_axis_counts(spoiled: Spoiled) -> None:
    spoiled["trials"]["lr"] = np.nan
    spoiled.facts.update(loop="function", epochs=20, batch_size=None)
    told = spoiled.judge("RS405")
    assert told.state is CheckState.ATTENTION
    assert "Fixed: epochs (20), and what the loop itself sets." in told.found
    spoiled["trials"]["depth"] = np.arange(len(spoiled["trials"])) % 3
    assert spoiled.judge("RS405").state is CheckState.PASSED


def test_runs_of_one_epoch_cannot_be_stopped_early(spoiled: Spoiled) -> None:
    spoiled["curves"] = spoiled["curves"].query("epoch == 1")
    assert spoiled.judge("RS307").state is CheckState.NOT_APPLICABLE
