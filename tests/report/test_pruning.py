"""The report on pruning, against frames whose answers are known by counting."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sweep
from dashboards.gather.frames import Frames
from dashboards.gather.pruning import Pruning
from dashboards.pages.report import gather
from dashboards.sections.pruning import n_left_out, pruning_figure, pruning_rows
from dashboards.sections.pruning_words import pruning_words
from sweep.records.trial import Phase, Role, Trial
from tests.phases.test_pruning import run, study
from tests.support.report_frames import make_study
from tests.support.report_parts import find_caveats, sections_of

EPOCHS, RUNGS = 8, [4, 6]
ENDS = {0: 1.0, 1: 1.4, 2: 0.9, 3: 1.6, 4: 1.2, 5: 1.1}
"""Validation loss at the end; trial 2 is stopped although it would have been the best."""
STOPS = {1: 6, 2: 4, 3: 4}
N_RUNS = 2


def loss(trial: int, run: int, epoch: int) -> float:
    """Falls to its end in a straight line; trial 2 from far above, so that it is stopped."""
    start = 6.0 if trial == 2 else 3.0
    return start + (ENDS[trial] - start) * epoch / EPOCHS + (0.02 if run else -0.02)


def _control(number: int, of: int) -> Trial:
    trial = Trial(number, Phase.CONTROL, 0, "decay", 0.1 * (of + 1), {}, {}, Role.CONTROL)
    return replace(trial, parent=of)


def pruned_frames(control: bool = True, **changes: Any) -> Frames:
    trials, runs, curves = [], [], []

    def add(number: int, of: int, phase: str, epochs: int) -> None:
        state = "pruned" if epochs < EPOCHS else "complete"
        place = {"study": "mine", "trial": number}
        losses = [loss(of, run, epochs) for run in range(N_RUNS)]
        trials.append(
            {
                **place, "phase": phase, "round": 0, "path": f"trial {of}" if number > 5 else "",
                "penalty": "decay", "strength": 0.1 * (of + 1), "lr": 0.01, "optimizer": "adamw",
                "state": state, "val_loss": float(np.mean(losses)), "train_loss": 0.1,
                "epochs": float(epochs), "n_runs": N_RUNS,
            }
        )  # fmt: skip
        for run_ in range(N_RUNS):
            runs.append(
                {
                    **place, "run": run_, "resample": run_, "fold": 0, "replicate": 0,
                    "state": state, "epochs": epochs, "val_loss": losses[run_],
                }
            )  # fmt: skip
            curves.extend(
                {
                    **place, "run": run_, "epoch": epoch, "metric": "val_loss",
                    "value": loss(of, run_, epoch),
                }
                for epoch in range(1, epochs + 1)
            )  # fmt: skip

    for trial in ENDS:
        add(trial, trial, "explore", STOPS.get(trial, EPOCHS))
    if control:
        for i, trial in enumerate(STOPS):
            add(10 + i, trial, "control", EPOCHS)
    controls = {10 + i: trial for i, trial in enumerate(STOPS)} if control else {}
    facts = {"epochs": EPOCHS, "rungs": RUNGS, "pruner": "halving", "penalties": ["decay"]}
    return Frames(
        study=make_study("mine", **(facts | {"winner": None} | changes)),
        trials=pd.DataFrame(trials),
        runs=pd.DataFrame(runs),
        curves=pd.DataFrame(curves),
        layers=pd.DataFrame(),
        records={number: _control(number, of) for number, of in controls.items()},
        boundaries=pd.DataFrame(columns=["penalty", "metric", "layer", "advice"], dtype=str),
    )


def test_stopped_runs_save_their_untrained_epochs() -> None:
    saved, planned = Pruning(pruned_frames()).saved()
    assert saved == N_RUNS * (2 + 4 + 4)
    assert planned == N_RUNS * EPOCHS * len(ENDS)
    words = pruning_words(Pruning(pruned_frames()))
    assert words.startswith(
        "Successive halving stopped 3 of 6 trials of the search and saved 20.8 % of its epochs "
        "(20 of 96, summed over runs)."
    )


def test_a_control_names_what_would_have_been_best() -> None:
    words = pruning_words(Pruning(pruned_frames()))
    assert "all trained on to their end, one would have beaten the best" in words
    assert "decay at 0.30 (trial 2, stopped at epoch 4), by 0.1" in words
    loses = pruned_frames()
    loses.trials.loc[loses.trials["path"] == "trial 2", "val_loss"] = 1.05
    assert "None of the stopped trials, all trained" in pruning_words(Pruning(loses))
    some = pruned_frames()
    some.trials.loc[some.trials["path"] == "trial 2", "state"] = "waiting"
    assert "the 2 of 3 stopped trials that were trained" in pruning_words(Pruning(some))


def test_without_a_control_the_cost_is_unknown() -> None:
    frames = pruned_frames(control=False)
    assert "is not known: search.control = true" in pruning_words(Pruning(frames))
    (row,) = pruning_rows(Pruning(frames))
    assert not [name for name in row if "correlation" in name]


def test_rows_count_stops_and_correlate_ranks() -> None:
    (row,) = pruning_rows(Pruning(pruned_frames()))
    assert (row["trials"], row["stopped at epoch 4"], row["stopped at epoch 6"]) == ("6", "2", "1")
    assert row["would have been better"] == "1"
    ends = pd.Series(ENDS)
    for rung in RUNGS:
        values = pd.Series({trial: loss(trial, 0, rung) for trial in ENDS})
        expected = values.corr(ends, method="spearman")
        found = row[f"rank correlation, epoch {rung} and end"].replace("−", "-")
        assert float(found) == pytest.approx(expected, abs=0.006)


def test_accuracies_are_better_when_higher() -> None:
    frames = pruned_frames(objective="val_accuracy")
    frames.trials["val_accuracy"] = -frames.trials["val_loss"]
    frames.runs["val_accuracy"] = -frames.runs["val_loss"]
    frames.curves["metric"], frames.curves["value"] = "val_accuracy", -frames.curves["value"]
    pruning = Pruning(frames)
    assert (pruning.best("decay"), pruning.missed) == (0, [2])
    assert "by 0.1" in pruning_words(pruning)
    low, high = pruning_figure(pruning, "decay").layout.yaxis.range
    assert low < high


def test_curves_end_where_trials_were_stopped() -> None:
    figure = pruning_figure(Pruning(pruned_frames()), "decay")
    traces = {trace.name: trace for trace in figure.data if trace.name}
    assert max(x for x in traces["stopped"].x if x) == 6
    assert list(traces["best of the penalty"].x) == [*range(1, EPOCHS + 1), None]
    assert list(traces["stopped, but would have been better"].x) == [*range(4, EPOCHS + 1), None]
    crosses = figure.data[-1]
    assert sorted(crosses.x) == [4, 4, 6]
    assert n_left_out(Pruning(pruned_frames()), "decay") == 0


def test_a_diverged_control_is_no_caveat() -> None:
    frames = pruned_frames()
    frames.runs.loc[frames.runs["trial"] == 10, "state"] = "diverged"
    assert not any("diverged" in caveat for caveat in find_caveats(frames))
    frames.runs.loc[frames.runs["trial"] == 1, "state"] = "diverged"
    assert any("2 of 12 runs (16.7 %) diverged" in caveat for caveat in find_caveats(frames))


# ---- a real pair of studies --------------------------------------------------------------------


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> sweep.Store:
    """One database with a study that was pruned, the same without, and another without."""
    folder = tmp_path_factory.mktemp("pair")
    run(folder, "pair", study("halving", 1, population=8))
    for name, pruner, seed in (("other", "none", 2), ("whole", "none", 1)):
        run(folder, "pair", study(pruner, 1, population=8, name=name, seed=seed))
    return sweep.open_store(f"sqlite:///{folder}/pair.db")


def test_winners_with_and_without_pruning_are_compared(
    pair: sweep.Store,
) -> None:
    frames = gather(pair, "pruned")
    assert frames.unpruned is not None
    assert frames.unpruned.study.name == "whole"
    assert gather(pair, "whole").unpruned is None
    words = pruning_words(Pruning(frames))
    mine, theirs = (
        f.trials[f.trials["trial"] == f.study.winner].iloc[0] for f in (frames, frames.unpruned)
    )
    same = (mine["penalty"], mine["strength"]) == (theirs["penalty"], theirs["strength"])
    assert ("found the same winner" in words) == same
    other = replace(frames, trials=frames.trials.copy())
    other.trials.loc[other.trials["trial"] == mine["trial"], "strength"] *= 2
    words = pruning_words(Pruning(other))
    assert "found another winner" in words
    assert "over the same 2 seeds" in words


def test_only_pruned_studies_have_a_section_on_pruning(pair: sweep.Store) -> None:
    titles = {
        name: [section.anchor for section in sections_of(gather(pair, name))]
        for name in ("pruned", "whole")
    }
    assert titles["pruned"][-2:] == ["pruning", "occupancy"]
    assert titles["whole"][-2:] == ["trials-of-search", "occupancy"]
