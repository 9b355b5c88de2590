"""The verdict of a study: a form for every finding, and what stands under it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dashboards.gather.names import setting_name
from dashboards.gather.outcome import Finding, Outcome
from dashboards.sections.comparison import comparison_rows
from dashboards.sections.evidence_words import evidence_words
from dashboards.sections.first_screen import first_screen
from dashboards.sections.headline import headline
from dashboards.sections.settings_table import settings_rows
from dashboards.sections.use_it import usages
from sweep.checks.early_stop import best_stop
from tests.support.report_frames import PENALTIES, copied, set_boundary, whole

Tables = dict[str, pd.DataFrame]
UNDEFINED = {"overfitting_verdict": "undefined", "underfitting_verdict": "undefined"}
OPEN_LEFT = {"overfitting_ends": np.nan, "overfitting_ends_low": np.nan}


@pytest.fixture
def frames(few_frames: Tables) -> Tables:
    return copied(few_frames)


def said(frames: Tables, **facts: Any) -> tuple[Finding, str, str]:
    """The finding, its headline, and the line under it."""
    outcome = Outcome(whole(frames, **facts))
    return outcome.finding, headline(outcome), " ".join(evidence_words(outcome))


def confirmed(frames: Tables, penalty: str) -> pd.Series:
    """Which runs are those of a confirmed setting."""
    trials = frames["trials"].query(f"phase == 'confirm' and penalty == '{penalty}'")
    return frames["runs"]["trial"].isin(trials["trial"])


def make_alike(frames: Tables, penalty: str = "none", shift: float = 0.0) -> None:
    """A setting does as well on the test split as decay, to a little noise and a shift."""
    own = frames["runs"].loc[confirmed(frames, "decay"), "test_loss"].to_numpy()
    noise = np.random.default_rng(0).normal(0, 0.02, len(own))
    changed = own + noise - noise.mean() + shift
    frames["runs"].loc[confirmed(frames, penalty), "test_loss"] = changed


def test_the_headline_has_the_learning_rate_beside_the_strength(frames: Tables) -> None:
    finding, words, under = said(frames)
    assert finding is Finding.SETTING
    assert words == "Decay between 0.098 and 2.1 (best 0.41, at learning rate 0.0020)"
    assert "Test loss" in under
    assert "Stopping the unregularized network at epoch" in under


def test_early_stopping_names_its_path_where_that_is_not_the_recommended_penaltys(
    frames: Tables,
) -> None:
    make_alike(frames, "none", shift=-1.0)
    set_boundary(frames, "decay", overfitting_verdict="none", **OPEN_LEFT)
    outcome = Outcome(whole(frames))
    assert outcome.recommended is not None
    assert outcome.recommended.penalty == "none"
    assert outcome.early_stop is not None
    assert outcome.early_stop == best_stop(outcome.frames)
    name = setting_name(outcome.early_stop.penalty)
    under = " ".join(evidence_words(outcome))
    assert f"Stopping the unregularized network of the {name} path at epoch" in under


def test_the_change_on_the_test_split_is_paired(frames: Tables) -> None:
    _, _, under = said(frames)
    runs = frames["runs"]
    own = runs[confirmed(frames, "decay")].set_index("run")["test_loss"]
    gain = own - runs[confirmed(frames, "none")].set_index("run")["test_loss"]
    low, high = stats.t.interval(0.95, len(gain) - 1, gain.mean(), stats.sem(gain))
    shown = under.partition("(")[2].partition("]")[0].replace("−", "-").replace("[", "")
    numbers = [float(word.strip(",")) for word in shown.split()]
    assert numbers == pytest.approx([gain.mean(), low, high], abs=6e-3)


def test_of_settings_that_cannot_be_told_apart_the_simplest_is_taken(frames: Tables) -> None:
    """Decay is an argument of AdamW, l2 of SGD."""
    make_alike(frames, "l2", -0.001)
    make_alike(frames, "l1", 0.3)
    assert said(frames)[1].startswith("Decay between")
    assert "simplest setting that cannot be told from the best, L2" in said(frames)[2]
    assert said(frames, optimizer="sgd")[1].startswith("L2 between")
    make_alike(frames, "l2", -0.2)
    assert said(frames)[1].startswith("L2 between"), "a difference that is shown counts"
    assert "orse: decay" in said(frames)[2]


def test_few_retrainings_tell_nothing_apart(frames: Tables) -> None:
    ours = frames["trials"].query("phase == 'confirm'")["trial"]
    runs = frames["runs"]
    frames["runs"] = runs[~runs["trial"].isin(ours) | (runs["run"] < 2)]
    assert "With 2 retrainings the test split cannot tell settings apart." in said(frames)[2]


def test_no_regularization_is_needed_where_its_loss_is_within_the_tolerance(
    frames: Tables,
) -> None:
    make_alike(frames)
    make_alike(frames, "l2")
    for penalty in PENALTIES:
        set_boundary(frames, penalty, overfitting_verdict="none", **OPEN_LEFT)
    finding, words, _ = said(frames)
    assert finding is Finding.NOT_NEEDED
    assert words == "No regularization needed (L2 up to 0.0061 is harmless)"


def test_a_penalty_that_helps_is_said_beside_one_that_shows_no_need(frames: Tables) -> None:
    """L2 alone is shown to beat none on the test split; decay, as good and simpler, is not."""
    for penalty in PENALTIES:
        set_boundary(frames, penalty, overfitting_verdict="none", **OPEN_LEFT)
    runs = frames["runs"]
    plain = runs.loc[confirmed(frames, "none"), "test_loss"].to_numpy()
    steps = np.array([-0.2, -0.1, 0.0, 0.1, 0.2])
    for penalty, change in (("decay", -0.1 + steps), ("l2", -0.15 + 0.01 * steps), ("l1", 0.3)):
        runs.loc[confirmed(frames, penalty), "test_loss"] = plain + change
    finding, words, _ = said(frames)
    assert finding is Finding.NOT_NEEDED
    assert words == (
        "Little to gain by regularization (decay up to 2.1 is harmless), though L2 did better than "
        "none on the test split"
    )


def test_what_is_not_settled_is_not_sold(frames: Tables) -> None:
    make_alike(frames)
    for penalty in PENALTIES:
        set_boundary(frames, penalty, overfitting_verdict="inconclusive", **OPEN_LEFT)
    finding, words, _ = said(frames, design="resample")
    assert finding is Finding.TOO_FEW
    assert words.startswith("Too few resamples or rows to tell")
    _, words, _ = said(frames, design="resample", finished_at=None)
    assert words == "So far: decay is not shown to beat no regularization", "more may come"


def test_nothing_learned_leads(frames: Tables) -> None:
    for penalty in PENALTIES:
        set_boundary(frames, penalty, verdict="no_signal", **UNDEFINED)
    finding, words, under = said(frames)
    assert finding is Finding.NO_SIGNAL
    assert words == "Nothing learned: no setting beats a constant prediction"
    assert "always predicting the same gives 2.30" in under
    assert "instead of" not in under
    assert usages(Outcome(whole(frames))) == [], "nothing is sold"


def test_every_run_diverged_asks_for_a_lower_learning_rate(frames: Tables) -> None:
    frames["runs"]["state"] = "diverged"
    frames["trials"]["state"] = "diverged"
    frames["trials"]["lr"] = 0.5
    frames["boundaries"] = frames["boundaries"].head(0)
    finding, words, under = said(frames, winner=None)
    assert finding is Finding.DIVERGED
    assert words == "Every run diverged: lower the learning rate below 0.50"
    assert under == ""


def test_before_the_end_all_is_provisional(frames: Tables) -> None:
    trials = frames["trials"]
    frames["trials"] = trials[trials["phase"] != "confirm"]
    frames["runs"] = frames["runs"][frames["runs"]["trial"].isin(frames["trials"]["trial"])]
    _, words, under = said(frames, finished_at=None, winner=None)
    assert words.startswith("So far: ")
    assert "the test split has not been met yet" in under


def test_a_search_without_paths_says_where_it_did_best(frames: Tables) -> None:
    trials = frames["trials"]
    frames["trials"] = trials[trials["phase"] == "explore"]
    frames["runs"] = frames["runs"][frames["runs"]["trial"].isin(frames["trials"]["trial"])]
    frames["boundaries"] = frames["boundaries"].head(0)
    finding, words, _ = said(frames, finished_at=None, winner=None)
    assert finding is Finding.SEARCHED
    assert "did best in the search (at learning rate" in words


def test_strengths_of_layers_are_the_real_ones(frames: Tables) -> None:
    mine = (frames["trials"]["phase"] == "confirm") & (frames["trials"]["penalty"] == "decay")
    for layer, strength in {"0": 0.05, "2": 0.4, "4": 2.0}.items():
        frames["trials"].loc[mine, f"strength.{layer}"] = strength
    better = confirmed(frames, "decay")
    frames["runs"].loc[better, "test_loss"] -= 0.5
    finding, words, _ = said(frames, layers_mode="free")
    assert finding is Finding.LAYERS
    assert words == "Decay with one strength per layer: 0.050, 0.40, 2.0 (at learning rate 0.0020)"


def test_a_mixture_is_named_by_its_ingredients(frames: Tables) -> None:
    trials = frames["trials"]
    mine = (trials["phase"] == "confirm") & (trials["penalty"] == "decay")
    for column, value in {"use.decay": 1, "use.dropout": 1, "decay": 0.2, "dropout": 0.1}.items():
        trials[column] = np.where(mine, value, np.nan)
    frames["runs"].loc[confirmed(frames, "decay"), "test_loss"] -= 0.5
    trials.loc[mine, "penalty"] = "cocktail"
    finding, words, under = said(frames)
    assert finding is Finding.MIXTURE
    assert words == "A mixture of decay at 0.20, dropout at 0.10 (at learning rate 0.0020)"
    assert "orse: " in under, "single penalties are beside it"


def test_a_metric_of_ones_own_is_what_the_page_speaks_of(frames: Tables) -> None:
    for part in ("val", "train", "test"):
        for key in ("runs", "trials"):
            table = frames[key]
            table[f"{part}_f1"] = 0.9 - 0.1 * table[f"{part}_loss"]
    frames["runs"]["null_f1"] = 0.1
    frames["boundaries"]["metric"] = frames["boundaries"]["metric"].replace("val_loss", "val_f1")
    own = {"objective": "val_f1", "maximize": True, "metrics": {"f1": True}}
    _, words, under = said(frames, **own)
    assert words.startswith("Decay between")
    assert "F1 higher" in under
    assert "loss" not in under.partition("Stopping")[0]


def test_the_recommended_setting_leads_the_table(frames: Tables) -> None:
    rows = settings_rows(Outcome(whole(frames)))
    assert rows[0]["setting"] == "decay 0.41\n(recommended)"
    assert rows[0]["good from … to"] == "0.098 [0.065, 0.14] …\n2.1 [1.7, 2.7]"
    assert rows[0]["learning rate"] == "0.0020"
    assert rows[-1]["setting"] == "no regularization"


def test_one_end_that_is_not_settled_is_said(frames: Tables) -> None:
    set_boundary(frames, "decay", overfitting_verdict="inconclusive", **OPEN_LEFT)
    better = confirmed(frames, "decay")
    frames["runs"].loc[better, "test_loss"] -= 0.5
    assert said(frames)[1].startswith("Decay at most 2.1 (best 0.41")
    open_right = {"underfitting_verdict": "inconclusive", "underfitting_starts": np.nan}
    set_boundary(frames, "decay", overfitting_verdict="found", overfitting_ends=0.1, **open_right)
    assert said(frames)[1].startswith("Decay at least 0.10 (best 0.41")


IDLE = {"verdict": "no_effect", **UNDEFINED, **OPEN_LEFT}


def test_a_penalty_without_a_measurable_effect_is_not_recommended(frames: Tables) -> None:
    """Though it is as good as the best on the test split, and simpler."""
    make_alike(frames, "l2", -0.001)
    make_alike(frames, "l1", 0.3)
    set_boundary(frames, "decay", **IDLE)
    assert said(frames)[1].startswith("L2 between")
    assert settings_rows(Outcome(whole(frames)))[0]["setting"].startswith("L2 0.0012")


def test_where_no_strength_has_an_effect_nothing_is_sold(frames: Tables) -> None:
    """Whatever the test split says of one retrained point."""
    for penalty in PENALTIES:
        set_boundary(frames, penalty, **IDLE)
    finding, words, under = said(frames)
    assert finding is Finding.NO_EFFECT
    assert words == (
        "No measurable effect: no strength of L2, decay or L1 moves the validation loss beyond "
        "noise"
    )
    assert usages(Outcome(whole(frames))) == []
    assert "Test loss" in under


def test_no_penalty_is_sold_where_none_is_needed_before_the_test_split(frames: Tables) -> None:
    frames["trials"] = frames["trials"].query("phase != 'confirm'")
    path = frames["trials"].query("phase == 'path'")
    for penalty in PENALTIES:
        set_boundary(frames, penalty, overfitting_verdict="none", **OPEN_LEFT)
        mine = path.loc[path["penalty"] == penalty]
        plain = frames["runs"]["trial"].isin(mine.loc[mine["strength"] == 0, "trial"])
        values = frames["runs"].loc[plain].set_index("run")["val_loss"]
        own = frames["runs"]["trial"].isin(mine["trial"])
        jitter = np.random.default_rng(0).normal(0, 0.1, own.sum())
        same = frames["runs"].loc[own, "run"].map(values) + jitter
        frames["runs"].loc[own, "val_loss"] = same
    finding, words, _ = said(frames, finished_at=None, winner=None)
    assert finding is Finding.NOT_NEEDED
    assert words.startswith("So far: no regularization needed")
    assert usages(Outcome(whole(frames, finished_at=None, winner=None))) == []


def test_a_strength_is_the_headlines_and_the_tested_one_stands_beside_it(frames: Tables) -> None:
    set_boundary(frames, "decay", best=0.48)
    outcome = Outcome(whole(frames))
    assert "best 0.48" in headline(outcome)
    assert settings_rows(outcome)[0]["setting"] == "decay 0.48\n(tested at 0.41)\n(recommended)"
    assert "strength=0.48" in usages(outcome)[0].lines
    assert "decay 0.48 (tested at 0.41)" in comparison_rows([outcome])[0]["setting"]


def test_the_table_has_the_strengths_of_layers_that_the_headline_has(frames: Tables) -> None:
    trials = frames["trials"]
    mine = trials["phase"].isin(["confirm", "path"]) & (trials["penalty"] == "decay")
    for layer, share in {"0": 0.5, "2": 1.0, "4": 0.25}.items():
        trials.loc[mine, f"strength.{layer}"] = share * trials.loc[mine, "strength"]
    frames["runs"].loc[confirmed(frames, "decay"), "test_loss"] -= 0.5
    outcome = Outcome(whole(frames, layers_mode="free"))
    assert headline(outcome).startswith("Decay with one strength per layer: 0.20, 0.41, 0.10")
    assert settings_rows(outcome)[0]["setting"] == "decay 0.20, 0.41, 0.10\n(recommended)"
    assert first_screen(outcome).legend["layers"] == "decay × 0.50, 1.0, 0.25"
    set_boundary(frames, "decay", best=0.38)
    moved = settings_rows(Outcome(whole(frames, layers_mode="free")))[0]["setting"]
    assert moved == "decay 0.20, 0.41, 0.10\n(tested at 0.41, best 0.38)\n(recommended)"


def test_what_rivals_are_compared_with_is_named(frames: Tables) -> None:
    """Where that is not the setting that the line begins with."""
    make_alike(frames, "l2", -0.001)
    make_alike(frames, "l1", 0.3)
    assert "Worse than the best, L2: L1 (+0.3" in said(frames)[2]
    make_alike(frames, "l2", 0.2)
    assert "Worse: L2 (+0.2" in said(frames)[2]


def test_too_few_rows_says_where_nothing_was_shown(frames: Tables) -> None:
    """Two penalties beat none on the test split, but the simplest as good as they does not."""
    for penalty in PENALTIES:
        set_boundary(frames, penalty, overfitting_verdict="inconclusive", **OPEN_LEFT)
    make_alike(frames)
    runs = frames["runs"]
    plain = runs.loc[confirmed(frames, "none"), "test_loss"].to_numpy()
    steps = np.array([-0.2, -0.1, 0.0, 0.1, 0.2])
    runs.loc[confirmed(frames, "decay"), "test_loss"] = plain - 0.1 + steps
    runs.loc[confirmed(frames, "l2"), "test_loss"] = plain - 0.15 + 0.01 * steps
    outcome = Outcome(whole(frames, design="resample"))
    assert outcome.finding is Finding.TOO_FEW
    assert outcome.helping == ["l2"]
    assert outcome.gains_validated
    assert headline(outcome) == (
        "Too few resamples or rows to tell: decay is not shown to beat no regularization"
    )
