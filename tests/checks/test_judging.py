"""What is not judged and why, what is switched off, and results that only look like a fault."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from sweep.checks.catalogue import CHECKS
from sweep.checks.judging import Checked, by_urgency, run_checks
from sweep.checks.results import CheckResult, CheckState
from sweep.study._loop_rules import LOOP_KEYS, PACKAGES_OWN
from tests.checks.conftest import Spoiled
from tests.checks.test_rules import dip, jump, lose
from tests.support.report_frames import set_boundary

UNRECORDED = {
    "RS104": {"copied_rows": None},
    "RS106": {"design": "holdout"},
    "RS107": {"n_groups": None},
    "RS201": {"parity": {}},
    "RS202": {"loop": "function"},
    "RS203": {"loop": "command"},
    "RS205": {"source": "a table"},
    "RS405": {"source": "a table"},
    "RS406": {"finished_at": None},
    "RS501": {"finished_at": None},
}
"""Facts under which a check has nothing to read."""
OF_NETWORKS = ("RS201", "RS202", "RS203")
"""Not applicable to a loop of the user's, whose network nobody here has seen."""


@pytest.mark.parametrize("code", UNRECORDED)
def test_what_is_not_recorded_is_not_applicable_and_says_why(spoiled: Spoiled, code: str) -> None:
    spoiled.facts.update(UNRECORDED[code])
    result = spoiled.judge(code)
    assert result.state is CheckState.NOT_APPLICABLE
    assert len(result.found[0]) > 15
    assert math.isnan(result.value)


def test_a_study_without_curves_and_paths_is_judged_by_the_rest(spoiled: Spoiled) -> None:
    spoiled["trials"] = spoiled["trials"][spoiled.trials_of("explore")]
    for name in ("curves", "boundaries"):
        spoiled[name] = spoiled[name].head(0)
    states = {one.check.code: one.result.state for one in run_checks(spoiled.tables)}
    unknown = {code for code, state in states.items() if state is CheckState.NOT_APPLICABLE}
    assert {"RS204", "RS304", "RS309", "RS401", "RS402", "RS501", "RS504", "RS505"} <= unknown
    assert states["RS303"] is states["RS404"] is CheckState.PASSED
    assert states["RS406"] is CheckState.ATTENTION


def test_a_study_that_has_just_started_has_nothing_to_check(spoiled: Spoiled) -> None:
    for name in ("trials", "runs", "curves", "boundaries"):
        spoiled[name] = spoiled[name].head(0)
    assert {one.result.state for one in run_checks(spoiled.tables)} == {CheckState.NOT_APPLICABLE}


def test_no_advice_names_a_key_that_a_loop_of_ones_own_refuses() -> None:
    """`patience` stands without its table in some."""
    attention = CheckResult(CheckState.ATTENTION, ())
    refused = {f"{table}.{key}" for table, keys in PACKAGES_OWN.items() for key in keys}
    for check in CHECKS.values():
        if check.code in OF_NETWORKS:
            continue
        action = Checked(check, attention, looped=True).action
        named = set(re.findall(r"[a-z]+\.[a-z_]+", action))
        ours = {key for key in named if key.startswith(("training.", "model."))}
        assert not ours - {f"training.{key}" for key in LOOP_KEYS}, check.code
        assert not named & refused, check.code
        assert "patience" not in action, check.code


def test_a_check_that_is_switched_off_is_not_made_and_stays_listed(spoiled: Spoiled) -> None:
    lose(spoiled)
    before = {one.check.code: one.result for one in run_checks(spoiled.tables)}
    spoiled.facts["ignored_checks"] = ["RS301"]
    after = {one.check.code: one.result for one in run_checks(spoiled.tables)}
    assert before.pop("RS301").state is CheckState.ATTENTION
    assert after.pop("RS301").state is CheckState.IGNORED
    assert after == before


def test_what_to_look_at_comes_first_and_the_worst_before_it(spoiled: Spoiled) -> None:
    lose(spoiled)
    spoiled.facts |= {"missing_classes": [3], "n_groups": None, "ignored_checks": ["RS101"]}
    ordered = [one.check.code for one in by_urgency(run_checks(spoiled.tables))]
    assert ordered[:3] == ["RS105", "RS301", "RS102"]
    assert ordered[-2:] == ["RS107", "RS101"]


def test_a_path_of_which_most_runs_diverged_has_failed(spoiled: Spoiled) -> None:
    spoiled["runs"].loc[spoiled["runs"].index[:300], "state"] = "diverged"
    assert spoiled.judge("RS301").state is CheckState.FAILED


def test_a_setting_that_is_worse_than_none_has_failed(spoiled: Spoiled) -> None:
    runs, best = spoiled["runs"], spoiled.trials_of("confirm", "l2")
    mine = runs["trial"].isin(spoiled["trials"].loc[best, "trial"])
    runs.loc[mine, "test_loss"] += 3
    result = spoiled.judge("RS505")
    assert result.state is CheckState.FAILED
    assert "it loses 1.8" in result.found[0]


def test_a_loss_that_is_certain_and_tiny_has_not_failed(spoiled: Spoiled) -> None:
    """It is less than what counts as good along a path."""
    runs, trials = spoiled["runs"], spoiled["trials"]
    best, none = (
        runs["trial"].isin(trials.loc[spoiled.trials_of("confirm", penalty), "trial"])
        for penalty in ("l2", "none")
    )
    lost = 1e-6 * (1 + np.arange(best.sum()) % 2)
    runs.loc[best, "test_loss"] = runs.loc[none, "test_loss"].to_numpy() + lost
    result = spoiled.judge("RS505")
    assert result.state is CheckState.ATTENTION
    assert result.numbers["high"] < 0


def test_early_stopping_that_met_the_test_split_is_compared_there(spoiled: Spoiled) -> None:
    trials = spoiled["trials"]
    trials.loc[spoiled.trials_of("confirm", "l1"), "penalty"] = "early_stopping"
    result = spoiled.judge("RS507")
    assert result.found[0].startswith("l2 against early stopping on the test split")
    own = spoiled["runs"].set_index("trial")["test_loss"]
    ends = [own.loc[trials.loc[spoiled.trials_of("confirm", p), "trial"].iloc[0]].to_numpy()
            for p in ("early_stopping", "l2")]  # fmt: skip
    assert result.value == pytest.approx(float(np.mean(ends[0] - ends[1])))


def test_early_stopping_among_the_penalties_asks_for_nothing_more(spoiled: Spoiled) -> None:
    dip("path")(spoiled)
    spoiled.facts["penalties"] = ["l2", "decay", "l1", "early_stopping"]
    assert spoiled.judge("RS307").state is CheckState.PASSED


def test_pure_noise_is_not_asked_to_be_fitted(spoiled: Spoiled) -> None:
    spoiled["runs"]["train_loss"] += 2
    assert spoiled.judge("RS310").state is CheckState.ATTENTION
    for penalty in ("l2", "decay", "l1"):
        set_boundary(spoiled.frames, penalty, verdict="no_signal")
    assert spoiled.judge("RS310").state is CheckState.NOT_APPLICABLE


def test_early_stopping_gives_back_what_was_lost_late(spoiled: Spoiled) -> None:
    dip("path")(spoiled)
    assert spoiled.judge("RS306").state is CheckState.ATTENTION
    spoiled["runs"]["best_val_loss"] = spoiled["runs"]["val_loss"]
    assert spoiled.judge("RS306").state is CheckState.PASSED


def test_one_lucky_epoch_is_no_late_overfitting(spoiled: Spoiled) -> None:
    curves = spoiled["curves"]
    curves.loc[(curves["metric"] == "val_loss") & (curves["epoch"] == 30), "value"] -= 0.05
    assert spoiled.judge("RS306").state is CheckState.PASSED


def test_steps_are_measured_without_their_trend(spoiled: Spoiled) -> None:
    """Alternating by 0.1 up and down: a deviation of 0.1 around the mean, whatever the slope."""
    jump(spoiled)
    tolerance = 1.1 - 1.03
    assert spoiled.judge("RS309").value == pytest.approx(0.1 * math.sqrt(2) / tolerance, rel=0.06)


def test_a_network_in_float32_matters_where_it_trained_so(spoiled: Spoiled) -> None:
    spoiled.facts |= {"parity": {"stacked": 2e-5, "alone": 1e-15}, "stacked": False}
    assert spoiled.judge("RS201").state is CheckState.PASSED


def test_an_optimum_that_is_not_bracketed_is_near_an_edge(spoiled: Spoiled) -> None:
    set_boundary(spoiled.frames, "decay", verdict="extend_both", advice="Extend the range.")
    result = spoiled.judge("RS401")
    assert result.action == (
        "Move search.strength.decay.low further out. Move search.strength.decay.high further out."
    )
    assert spoiled.judge("RS503").state is CheckState.PASSED, "which RS401 says"


def test_a_path_without_one_best_is_not_said_to_be_inside(spoiled: Spoiled) -> None:
    for penalty, left in (("l2", "none"), ("decay", "undefined")):
        set_boundary(spoiled.frames, penalty, overfitting_verdict=left)
    assert spoiled.judge("RS401").found == ("The best of l1 has stronger and weaker ones beside "
                                            "it.",)  # fmt: skip
    set_boundary(spoiled.frames, "l1", overfitting_verdict="inconclusive")
    assert spoiled.judge("RS401").state is CheckState.NOT_APPLICABLE


def test_the_same_advice_is_given_once(spoiled: Spoiled) -> None:
    for penalty in ("l2", "l1"):
        set_boundary(spoiled.frames, penalty, advice="About 3 more resamples would settle it.")
    assert spoiled.judge("RS503").found == ("l2, l1: about 3 more resamples would settle it.",)


@pytest.mark.parametrize(
    ("advice_kind", "ending_kind", "asked"),
    [
        ("none", "narrow", False),
        ("none", "spent_narrow", False),
        ("none", "even", False),
        ("none", "runs_spent", True),
        ("more_data", "runs_spent", True),
    ],
)
def test_runs_that_are_spent_are_said_with_what_to_do_where_more_would_help(
    spoiled: Spoiled, advice_kind: str, ending_kind: str, asked: bool
) -> None:
    in_vain = advice_kind == "more_data"
    set_boundary(
        spoiled.frames, "l2", advice_kind=advice_kind, ending_kind=ending_kind,
        advice="Only more data can." if in_vain else "", ending="all 70 runs are used",
    )  # fmt: skip
    result = spoiled.judge("RS503")
    assert result.state.pressing == asked
    if asked:
        said = "only more data can" if in_vain else "all 70 runs are used; raise path.runs"
        assert result.found == (f"l2: {said}.",)
        assert ("more runs on these would not help" in result.action) == in_vain


def test_few_resamples_are_said_once_and_losses_without_a_variance_besides(
    spoiled: Spoiled,
) -> None:
    """RS501 says the first."""
    few = {"advice_kind": "few_resamples", "advice": "3 resamples give wide intervals."}
    set_boundary(spoiled.frames, "l2", **few)
    assert spoiled.judge("RS503").state is CheckState.PASSED
    set_boundary(spoiled.frames, "l2", tail_index=1.4)
    assert spoiled.judge("RS503").state.pressing


def test_seeds_on_the_same_rows_are_retrainings(spoiled: Spoiled) -> None:
    """On one split resamples are not known, and the deviation over seeds is that of the runs."""
    spoiled.facts["design"] = "holdout"
    runs = spoiled["runs"]
    runs["replicate"], runs["resample"] = runs["run"], 0
    result = spoiled.judge("RS504")
    assert set(result.numbers) == {"retraining", "search"}
    trials = spoiled["trials"]
    path = trials[spoiled.trials_of("path", "decay")]
    best = path.loc[path["val_loss"].idxmin(), "trial"]
    expected = runs.loc[runs["trial"] == best, "val_loss"].std(ddof=1)
    assert result.numbers["retraining"] == pytest.approx(expected)


def test_metrics_and_strengths_of_a_mixture_are_no_hyperparameters(spoiled: Spoiled) -> None:
    trials = spoiled["trials"]
    spoiled["trials"] = trials.assign(
        **{"val_f1": trials["val_loss"], "use.l1": trials["trial"] % 2, "l1": trials["strength"]},
        dropout=trials["trial"] / 200,
    )
    spoiled.facts["cocktail"] = ["l1"]
    result = spoiled.judge("RS405")
    assert result.found[1] == "Searched beside it: lr and dropout."
    assert result.value == 2
