"""Lines of the study file that are advised next: none that the boundaries' own advice forbids."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from dashboards.gather.outcome import Finding, Outcome
from dashboards.sections.next_steps import next_steps
from dashboards.sections.winner import best_command, judged_of
from tests.support.report_frames import make_frames, set_boundary, whole

UNDEFINED = {"overfitting_verdict": "undefined", "underfitting_verdict": "undefined"}
Tables = dict[str, pd.DataFrame]


@pytest.fixture
def few() -> Tables:
    return make_frames(n_resamples=5)


def lines(frames: Tables, **changes: Any) -> list[str]:
    return [step.line for step in next_steps(Outcome(whole(frames, **changes)))]


def test_a_range_is_not_widened_to_where_runs_diverged(few: Tables) -> None:
    set_boundary(few, "decay", verdict="extend_stronger", **UNDEFINED)
    wider = [line for line in lines(few) if line.startswith("search.strength")]
    assert len(wider) == 1
    trials = few["trials"]
    path = trials[(trials["phase"] == "path") & (trials["penalty"] == "decay")]
    trials.loc[path["strength"].idxmax(), "state"] = "diverged"
    assert not [line for line in lines(few) if line.startswith("search.strength")]


def test_resamples_are_advised_where_intervals_rest_on_them(few: Tables) -> None:
    """Those that rest on the losses of rows want more rows, and their advice says so."""
    assert "path.resamples = 10" in lines(few, design="fresh")
    few["boundaries"]["n_rows"] = 300
    assert "path.resamples = 10" not in lines(few, design="fresh")


def test_longer_runs_are_advised_where_training_still_improved(few: Tables) -> None:
    """Curves that fall by a tenth in every fifth of a run have not come to rest."""
    assert not [line for line in lines(few) if line.startswith("training.epochs")]
    curves = few["curves"]
    late = curves["metric"].eq("val_loss")
    share = curves.loc[late, "epoch"] / curves.loc[late, "epoch"].max()
    curves.loc[late, "value"] = 2.0 - share
    assert [line for line in lines(few) if line.startswith("training.epochs")]


def test_a_path_of_two_strengths_has_no_say_before_its_estimate(few: Tables) -> None:
    """The verdict is the search's until a ladder is complete, not that of its weakest strengths."""
    trials = few["trials"]
    path = trials["phase"] == "path"
    begun = trials[path].groupby("penalty").head(2)["trial"]
    kept = (trials["phase"] == "explore") | trials["trial"].isin(begun)
    few["trials"] = trials[kept]
    for name in ("runs", "curves", "layers"):
        few[name] = few[name][few[name]["trial"].isin(trials.loc[kept, "trial"])]
    few["boundaries"] = few["boundaries"].head(0)
    outcome = Outcome(whole(few, finished_at=None, winner=None))
    assert outcome.finding is Finding.SEARCHED
    assert outcome.recommended is not None
    phases = trials.set_index("trial")["phase"]
    assert phases[outcome.recommended.trial] == "explore"


def test_the_best_in_validation_is_named_where_another_is_recommended(few: Tables) -> None:
    trials = few["trials"].query("phase == 'confirm'").set_index("penalty")["trial"]
    same = Outcome(whole(few, winner=int(trials["decay"])))
    assert same.advised is not None
    assert same.advised.penalty == "decay"
    assert judged_of(same) == ""
    other = Outcome(whole(few, winner=int(trials["l2"])))
    command = best_command(other)
    assert command is not None
    assert command.words == "Weights of L2, the best in validation"
    assert judged_of(other) == (
        "Checks of the gain are of L2, the best in validation; decay is recommended by the test "
        "split."
    )
