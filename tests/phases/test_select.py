"""The best settings of a search are repeated before one of them is gone on with."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

import sweep
from dashboards.gather.finalists import lost_finalists
from sweep.launchers.study_data import draws_of
from sweep.metrics.metric import LOSS
from sweep.phases._numbers import TrialNumbers
from sweep.phases._select import finalists
from sweep.phases.budget import planned_runs
from sweep.phases.history import EndedRun, StudyHistory
from sweep.records.trial import Phase, Role, State, Trial
from sweep.runtime.random_state import SEEDS
from tests.phases.test_paths import generate, run
from tests.phases.test_paths import study as study_of

LR = {"lr": {"low": 5e-3, "high": 5e-2, "scale": "log"}}


def trial(number: int, lr: float, strength: float = 1.0, **values: object) -> Trial:
    settings = {"phase": Phase.EXPLORE, "round": 0, "penalty": "l2", **values}
    return Trial(number, strength=strength, strengths={}, params={"lr": lr}, **settings)  # type: ignore[arg-type]


def history_of(
    trials: Iterable[Trial], losses: Mapping[int, float], n_runs: int = 4
) -> StudyHistory:
    """A history in which those trials that have a loss completed, and others were pruned."""
    counts = dict.fromkeys(Phase, n_runs) | {Phase.EXPLORE: 1}
    history = StudyHistory(LOSS, counts)
    for each in history.add_trials(trials):
        loss = losses.get(each.number, math.nan)
        state = State.COMPLETE if each.number in losses else State.PRUNED
        for index in range(counts[each.phase]):
            metrics = {"val_loss": loss, "epochs": 1.0, "seconds": 0.0}
            history.restore_run((each.number, index), EndedRun(state, metrics))
    return history


def finalists_of(study: sweep.Study, history: StudyHistory) -> list[Trial]:
    """Those of its one penalty."""
    return finalists(study, history, "l2", TrialNumbers(study, history))


def test_finalists_are_the_best_complete_trials_that_differ_in_more_than_the_strength() -> None:
    lrs = (0.1, 0.1, 0.2, 0.3, 0.4, 0.5)
    trials = [trial(i, lr, strength=1.0 + i) for i, lr in enumerate(lrs)]
    history = history_of(trials, {0: 0.5, 1: 0.4, 2: 0.45, 4: 0.3, 5: 0.9})
    search = study_of().search.model_copy(update={"trials": len(trials)})
    study = study_of(resamples=4).model_copy(update={"search": search})
    found = finalists_of(study, history)
    assert [(t.number, t.parent, t.phase, t.role) for t in found] == [
        (6, 4, Phase.SELECT, Role.SETTING),
        (7, 1, Phase.SELECT, Role.SETTING),
        (8, 2, Phase.SELECT, Role.SETTING),
    ]
    assert [t.strength for t in found] == [5.0, 2.0, 3.0]
    history.add_trials(found)
    assert finalists_of(study, history) == found, "asked again they are the same"


def test_nothing_is_repeated_without_need_or_after_a_path_was_begun() -> None:
    study, losses = study_of(resamples=4), {0: 0.5, 1: 0.4}
    alike = [trial(0, 0.1), trial(1, 0.1, strength=2.0)]
    assert finalists_of(study, history_of(alike, losses)) == []
    differing = [trial(0, 0.1), trial(1, 0.2)]
    assert len(finalists_of(study, history_of(differing, losses))) == 2
    for phase in (Phase.PATH, Phase.CONFIRM):
        begun = trial(2, 0.2, phase=phase)
        assert finalists_of(study, history_of([*differing, begun], losses)) == []
    for own in ({"finalists": 1}, {"resamples": 4}):
        search = study.search.model_copy(update=own)
        other = study.model_copy(update={"search": search})
        assert finalists_of(other, history_of(differing, losses)) == []
        assert planned_runs(other, 1)[Phase.SELECT] == 0


def test_the_selected_trial_is_the_one_whose_repetition_did_best() -> None:
    trials = [trial(0, 0.1), trial(1, 0.2)]
    repeated = [trial(n, 0.1 * (n - 1), phase=Phase.SELECT, parent=n - 2) for n in (2, 3)]
    history = history_of(trials, {0: 0.4, 1: 0.5})
    assert history.selected_trial("l2") == trials[0]
    history = history_of([*trials, *repeated], {0: 0.4, 1: 0.5, 2: 0.6, 3: 0.55})
    assert history.selected_trial("l2") == trials[1]
    history = history_of([*trials, *repeated], {0: 0.4, 1: 0.5})  # neither repetition completed
    assert history.selected_trial("l2") == trials[0]


def test_repeated_finalists_cost_less_risk_than_the_best_of_one_resample() -> None:
    """Twelve settings with known risks, noise of a resample common to all and of each run alone."""
    rng, study = np.random.default_rng(0), study_of(resamples=4)
    excess = {"one": 0.0, "repeated": 0.0}
    for _ in range(300):
        risks = rng.uniform(0, 2, 12)
        explored = risks + rng.normal() + rng.normal(size=12)
        trials = [trial(i, 0.1 + i) for i in range(12)]
        history = history_of(trials, dict(enumerate(explored)))
        asked = finalists_of(study, history)
        common = rng.normal(size=4)
        for each in history.add_trials(asked):
            for index, shift in enumerate(common):
                loss = risks[each.parent or 0] + shift + rng.normal()
                metrics = {"val_loss": loss, "epochs": 1.0, "seconds": 0.0}
                history.restore_run((each.number, index), EndedRun(State.COMPLETE, metrics))
        selected = history.selected_trial("l2")
        assert selected is not None
        excess["one"] += risks[int(explored.argmin())] - risks.min()
        excess["repeated"] += risks[selected.number] - risks.min()
    assert excess["repeated"] < 0.7 * excess["one"]


def test_a_study_selects_what_its_path_goes_through_interrupted_or_not(tmp_path: Path) -> None:
    study = study_of(points=5, resamples=3)
    search = study.search.model_copy(update={"axes": sweep.Study(**_with_axes()).search.axes})
    study = study.model_copy(update={"search": search})
    frames = []
    for stops in ((), (0.2, 0.3, 0.4)):
        store = run(study, f"sqlite:///{tmp_path}/{len(stops)}.db", stops)
        frames.append(sweep.trials_frame(store, "paths").drop(columns="seconds"))
    pd.testing.assert_frame_equal(*frames)
    trials = frames[0]
    repeated = trials[trials["phase"] == "select"]
    assert repeated["n_runs"].tolist() == [3, 3, 3]
    assert repeated["trial"].tolist() == [4, 5, 6], "after the search and before the path"
    best = repeated.loc[repeated["val_loss"].idxmin()]
    path = trials[trials["phase"] == "path"]
    assert path["lr"].unique().tolist() == [best["lr"]]
    assert planned_runs(study, 1)[Phase.SELECT] == 9
    draws = sweep.runs_frame(store, "paths").merge(trials[["trial", "phase"]], on="trial")
    seeds = draws.groupby("phase")["seed"].agg(set)
    assert not seeds["select"] & (seeds["explore"] | seeds["path"] | seeds["confirm"])
    with pytest.raises(sweep.StudyError, match=r"search\.finalists"):
        sweep.Study(**_with_axes(finalists=0))


def test_finalists_that_all_diverge_are_told_and_the_best_of_the_search_is_gone_on_with(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    seeds: set[int] = set()

    def draw(seed: int) -> tuple[torch.Tensor, torch.Tensor]:
        x, y = generate(seed)
        return x * (1e30 if seed in seeds else 1.0), y

    study = study_of({"name": draw, "design": "fresh", "standardize": False}, points=5, resamples=3)
    search = study.search.model_copy(update={"axes": sweep.Study(**_with_axes()).search.axes})
    study = study.model_copy(update={"search": search})
    seeds |= {one.split_seed % SEEDS for one in draws_of(study)[Phase.SELECT]}
    with caplog.at_level("WARNING", logger="sweep"):
        store = run(study, f"sqlite:///{tmp_path}/lost.db")
    told = [r.getMessage() for r in caplog.records if "finalists" in r.getMessage()]
    assert told == [
        "l2: none of its 3 finalists completed, so the best trial of the search is gone on with, "
        "which one resample may flatter: lower the learning rate"
    ]
    trials = sweep.trials_frame(store, "paths")
    searched = trials[(trials["phase"] == "explore") & (trials["state"] == "complete")]
    best = searched.loc[searched["val_loss"].idxmin(), "lr"]
    assert trials.loc[trials["phase"] == "path", "lr"].unique().tolist() == [best]
    assert list(lost_finalists(trials)) == ["l2"]


def _with_axes(**search: object) -> dict[str, dict[str, object]]:
    return {
        "study": {"name": "axes"},
        "data": {"name": "digits"},
        "search": {"penalties": ["l2"], "axes": LR, **search},
    }
