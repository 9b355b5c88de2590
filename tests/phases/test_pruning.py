"""Whole pruned studies: the same at any width, interrupted or not; paired, kept, and controlled."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import wilcoxon

import sweep
from sweep.records.trial import Progress
from sweep.search.rungs import WILCOXON_LEVEL
from tests.support.long_cases import long

EPOCHS, RUNGS = 4, (2, 3)
CASES = [("halving", 1), ("median", 5), ("wilcoxon", 5)]


def study(
    pruner: str,
    resamples: int,
    *,
    control: bool = False,
    name: str = "pruned",
    seed: int = 1,
    **hardware: object,
) -> sweep.Study:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(120, 5))
    y = (x[:, 0] + rng.normal(size=120) > 0).astype(int)
    return sweep.Study(
        study={"name": name, "seed": seed},
        data={"x": x, "y": y, "validation_fraction": 0.4},
        model={"hidden": [6]},
        training={"lr": 0.06, "epochs": EPOCHS, "batch_size": 32},
        search={
            "penalties": ["decay", "l1"],
            "strength": {"low": 1e-3, "high": 30.0},
            "trials": 16,
            "round": 4,
            "pruner": pruner,
            "resamples": resamples,
            "control": control,
        },
        path={"points": 0, "resamples": 2},
        hardware={"precision": "float64", **hardware},
    )


def run(folder: Path, name: str, one: sweep.Study, stops: tuple[float, ...] = ()) -> sweep.Store:
    """The store after the study ran, interrupted at these shares and launched again."""
    store = sweep.open_store(f"sqlite:///{folder}/{name}.db")
    for stop in stops:

        def observe(progress: Progress, stop: float = stop) -> None:
            if progress.share > stop:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            sweep.run_study(one, store, observer=observe)
    sweep.run_study(one, store)
    return store


def told(store: sweep.Store) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    trials = sweep.trials_frame(store, "pruned").drop(columns="seconds")
    runs = sweep.runs_frame(store, "pruned").drop(columns="seconds")
    return trials, runs, sweep.curves_frame(store, "pruned")


@pytest.fixture(scope="module")
def references(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, int], sweep.Store]:
    """Every case, one run at a time and without a break, with its control."""
    folder = tmp_path_factory.mktemp("references")
    return {
        (pruner, n): run(folder, f"{pruner}{n}", study(pruner, n, control=True, population=1))
        for pruner, n in CASES
    }


@pytest.mark.parametrize(("population", "stops"), [long("auto", ()), (8, (0.15, 0.6))])
@pytest.mark.parametrize(("pruner", "resamples"), CASES)
def test_trials_prunings_and_winner_are_the_same_at_any_width_interrupted_or_not(
    references: dict[tuple[str, int], sweep.Store],
    tmp_path: Path,
    pruner: str,
    resamples: int,
    population: int | str,
    stops: tuple[float, ...],
) -> None:
    one = study(pruner, resamples, control=True, population=population)
    store, reference = run(tmp_path, "again", one, stops), references[pruner, resamples]
    for mine, theirs in zip(told(store), told(reference), strict=True):
        pd.testing.assert_frame_equal(mine, theirs, rtol=1e-8, atol=1e-10)
    winners = {sweep.read_study(s, "pruned")["winner"] for s in (store, reference)}
    assert len(winners) == 1
    assert (sweep.trials_frame(store, "pruned")["state"] == "pruned").any()


@pytest.mark.parametrize(("pruner", "resamples"), CASES)
def test_runs_are_paired_and_what_was_pruned_keeps_its_curves_up_to_its_rung(
    references: dict[tuple[str, int], sweep.Store], pruner: str, resamples: int
) -> None:
    trials, runs, curves = told(references[pruner, resamples])
    explored = trials.loc[trials["phase"].isin(["explore", "control"]), "trial"]
    drawn = runs[runs["trial"].isin(explored)].groupby("run")[["resample", "seed"]].nunique()
    assert len(drawn) == resamples
    assert (drawn == 1).all().all()
    stopped = runs[runs["state"] == "pruned"]
    assert set(stopped["epochs"]) <= set(RUNGS)
    kept = curves[curves["metric"] == "val_loss"].groupby(["trial", "run"])["epoch"].agg(list)
    for row in stopped.itertuples():
        assert kept[row.trial, row.run] == list(range(1, row.epochs + 1))


@pytest.mark.parametrize(("pruner", "resamples"), CASES)
def test_the_best_of_a_round_and_those_before_it_is_never_stopped(
    references: dict[tuple[str, int], sweep.Store], pruner: str, resamples: int
) -> None:
    trials, _, curves = told(references[pruner, resamples])
    explored = trials[trials["phase"] == "explore"].set_index("trial")
    points = curves[curves["metric"] == "val_loss"].pivot_table("value", "trial", ["epoch", "run"])
    for rung in RUNGS:
        there = explored.join(points[rung].dropna(), how="inner")
        for (round_, penalty), own in there.groupby(["round", "penalty"]):
            known = (there["round"] == round_) | (there["round"] <= round_ - 2)
            values = there.loc[known & (there["penalty"] == penalty), range(resamples)]
            best = values.mean(axis=1).idxmin()
            ended = (own["state"] == "pruned") & (own["epochs"] == rung)
            assert best not in own.index[ended]
            if pruner == "wilcoxon":
                for trial in own.index:
                    pairs = (values.loc[trial] - values.loc[best]).to_numpy()
                    worse = trial != best and (
                        wilcoxon(pairs, alternative="greater").pvalue < WILCOXON_LEVEL
                    )
                    assert worse == ended[trial]


@pytest.mark.long
def test_a_control_repeats_what_was_stopped_to_its_end_and_decides_nothing(
    references: dict[tuple[str, int], sweep.Store], tmp_path: Path
) -> None:
    controlled = references["median", 5]
    trials, _, curves = told(controlled)
    control = trials[trials["phase"] == "control"]
    control = control.set_index(control["path"].str.removeprefix("trial ").astype(int))
    stopped = trials[trials["state"] == "pruned"].set_index("trial")
    assert set(stopped["phase"]) == {"explore"}
    assert list(control.index) == list(stopped.index)
    same = ["penalty", "strength", "lr"]
    pd.testing.assert_frame_equal(control[same], stopped[same], check_names=False)
    assert set(control["state"]) == {"complete"}
    assert set(control["epochs"]) == {EPOCHS}
    assert control["test_loss"].isna().all()
    series = curves.set_index(["trial", "run", "metric"])
    for number, row in control.iterrows():
        first = series.loc[(number, 0, "val_loss")]["value"].to_numpy()
        again = series.loc[(row["trial"], 0, "val_loss")]["value"].to_numpy()
        np.testing.assert_array_equal(first, again[: len(first)])

    plain = run(tmp_path, "plain", study("median", 5, population=1))
    without = [frame[~frame["trial"].isin(control["trial"])] for frame in told(controlled)]
    for mine, theirs in zip(told(plain), without, strict=True):
        pd.testing.assert_frame_equal(mine, theirs.reset_index(drop=True), check_dtype=False)
    winner = sweep.read_study(plain, "pruned")["winner"]
    assert sweep.read_study(controlled, "pruned")["winner"] == winner
    later = run(tmp_path, "plain", study("median", 5, control=True, population=1))
    for mine, theirs in zip(told(later), told(controlled), strict=True):
        pd.testing.assert_frame_equal(mine, theirs)


def test_every_launch_tells_how_its_slots_were_occupied(tmp_path: Path) -> None:
    store = run(tmp_path, "twice", study("halving", 5, population=4), stops=(0.5,))
    frame = sweep.occupancy_frame(store, "pruned")
    assert frame["launch"].unique().tolist() == [1, 2]
    assert set(frame.loc[frame["launch"] == 2, "phase"]) <= {"explore", "confirm"}
    assert (frame["occupied"] > 0).all()
    assert (frame["occupied"] <= frame["slots"]).all()
    assert frame["slots"].max() == 4
    for _, own in frame.groupby("launch"):
        ends = own["start_seconds"] + own["seconds"]
        assert (own["start_seconds"].to_numpy()[1:] >= ends.to_numpy()[:-1] - 1e-9).all()
