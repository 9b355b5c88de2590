"""Caveats: what a reader should know, and only where it is so."""

from __future__ import annotations

import pandas as pd

from tests.support.report_frames import (
    PENALTIES,
    set_boundary,
    whole,
)
from tests.support.report_parts import find_caveats


def test_a_clean_study_has_no_caveats(frames: dict[str, pd.DataFrame]) -> None:
    assert find_caveats(whole(frames)) == []


def test_an_unfinished_study_says_so(frames: dict[str, pd.DataFrame]) -> None:
    assert "has not finished" in find_caveats(whole(frames, finished_at=None))[0]


def test_a_network_that_was_compared_in_few_digits_says_so(frames: dict[str, pd.DataFrame]) -> None:
    exact, rough = {"stacked": 3e-16, "alone": 1e-15}, {"stacked": 2e-05, "alone": 1e-15}
    assert find_caveats(whole(frames, stacked=True, parity=exact)) == []
    (words,) = find_caveats(whole(frames, stacked=True, parity=rough))
    assert "in float32 alone, where they agree to 2×10⁻⁵" in words
    assert find_caveats(whole(frames, stacked=False, parity=rough)) == [], "not how it trained"


def test_the_same_advice_is_given_once(frames: dict[str, pd.DataFrame]) -> None:
    for penalty in ("l2", "l1"):
        set_boundary(frames, penalty, advice="About 3 more resamples would settle it.")
    words = [c for c in find_caveats(whole(frames)) if "settle" in c]
    assert words == ["l2, l1: about 3 more resamples would settle it."]


def test_a_best_strength_near_the_edge(frames: dict[str, pd.DataFrame]) -> None:
    trials = frames["trials"]
    mine = (trials["phase"] == "path") & (trials["penalty"] == "l2")
    frames["trials"] = trials[~(mine & (trials["strength"] > 2 * PENALTIES["l2"]))]
    assert any("one step of the high end" in c for c in find_caveats(whole(frames)))


def test_a_training_set_that_is_not_fitted(frames: dict[str, pd.DataFrame]) -> None:
    frames["runs"]["train_loss"] = frames["runs"]["train_loss"].clip(lower=0.8)
    assert any("has not fitted its training rows" in c for c in find_caveats(whole(frames)))


def test_diverged_runs_with_their_share(frames: dict[str, pd.DataFrame]) -> None:
    path = frames["trials"].query("phase == 'path' and penalty == 'l1' and strength > 0.05")
    frames["runs"].loc[frames["runs"]["trial"].isin(path["trial"]), "state"] = "diverged"
    words = next(c for c in find_caveats(whole(frames)) if "diverged" in c)
    share = 8 / len(frames["runs"])
    assert words.startswith(f"8 of {len(frames['runs'])} runs ({100 * share:.1f} %)")
    assert "l1 strengths around 0.1" in words


def test_a_curve_that_still_falls_at_the_end(frames: dict[str, pd.DataFrame]) -> None:
    late = (frames["curves"]["metric"] == "val_loss") & (frames["curves"]["epoch"] < 36)
    frames["curves"].loc[late, "value"] += 0.2
    assert sum("still improving" in c for c in find_caveats(whole(frames))) == len(PENALTIES)


def test_late_overfitting_at_the_best_strength(
    frames: dict[str, pd.DataFrame],
) -> None:
    curves = frames["curves"]
    early = (curves["metric"] == "val_loss") & curves["epoch"].between(15, 20)
    curves.loc[early, "value"] -= 0.4
    assert any("lower around epoch" in c for c in find_caveats(whole(frames)))


def test_early_stopping_leaves_no_late_overfitting(
    frames: dict[str, pd.DataFrame],
) -> None:
    curves, runs = frames["curves"], frames["runs"]
    early = (curves["metric"] == "val_loss") & curves["epoch"].between(15, 20)
    curves.loc[early, "value"] -= 0.4
    runs["val_loss"] = runs["best_val_loss"] = runs["val_loss"] - 0.4
    assert not any("lower around epoch" in c for c in find_caveats(whole(frames)))


def test_one_lucky_epoch_is_no_late_overfitting(frames: dict[str, pd.DataFrame]) -> None:
    curves = frames["curves"]
    lucky = (curves["metric"] == "val_loss") & (curves["epoch"] == 30)
    curves.loc[lucky, "value"] -= 0.05
    assert find_caveats(whole(frames)) == []


def test_a_penalty_that_changes_no_weight(frames: dict[str, pd.DataFrame]) -> None:
    frames["runs"]["weight_norm"] = 3.0
    assert sum("has no effect" in c for c in find_caveats(whole(frames))) == len(PENALTIES)


def test_few_resamples_and_one_split(frames: dict[str, pd.DataFrame]) -> None:
    frames["runs"] = frames["runs"][frames["runs"]["run"] < 3]
    assert any("Only 3 resamples" in c for c in find_caveats(whole(frames)))
    held = find_caveats(whole(frames, design="holdout"))
    assert any("conditional on this split" in c for c in held)


def test_a_learning_rate_at_the_edge(frames: dict[str, pd.DataFrame]) -> None:
    trials = frames["trials"]
    explore = (trials["phase"] == "explore") & (trials["state"] == "complete")
    best = trials[explore].nsmallest(1, "val_loss").index
    trials.loc[best, "lr"] = 0.02
    assert any("search.axes.lr.high" in c for c in find_caveats(whole(frames)))


def test_splits_that_are_less_than_independent_say_what_they_claim(
    frames: dict[str, pd.DataFrame],
) -> None:
    (words,) = find_caveats(whole(frames, design="kfold", n_folds=5, divided_by="time"))
    assert "windows follow each other and share training rows" in words
    (words,) = find_caveats(whole(frames, design="resample", divided_by="splitter"))
    assert "by a splitter of the user's" in words
    few = {"design": "resample", "divided_by": "groups"}
    (words,) = find_caveats(whole(frames, **few, n_groups=9))
    assert words.startswith("Only 9 groups: intervals over so few are too narrow.")
    assert find_caveats(whole(frames, **few, n_groups=40)) == []
