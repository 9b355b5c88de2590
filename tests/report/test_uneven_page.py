"""A page whose strengths and penalties have unequally many resamples, by hand from the runs."""

from __future__ import annotations

import pandas as pd
import pytest

from dashboards.gather.outcome import Outcome
from dashboards.sections.layer_paths import section
from dashboards.sections.layers import layers_table
from dashboards.sections.learning_curves import learning_table, three_settings
from dashboards.sections.penalties import basis_words
from sweep.checks.best_trials import best_trials
from sweep.checks.early_stop import stop_early
from tests.support.report_frames import copied, path_runs, whole

Tables = dict[str, pd.DataFrame]
N_FEW = 3


@pytest.fixture
def uneven(frames: Tables) -> Tables:
    """The study whose decay has all 8 resamples at the best strength and the two beside it alone,
    with a level of its own on every resample.
    """
    found = copied(frames)
    runs, curves = found["runs"], found["curves"]
    for table, name in ((runs, "val_loss"), (curves, "value")):
        table[name] += 0.5 * table["run"]  # later resamples are harder
    path = found["trials"].query("phase == 'path' and penalty == 'decay' and path == 'all'")
    ladder = path.sort_values("strength")["trial"].tolist()
    best = (
        1
        + runs[runs["trial"].isin(ladder[1:])]
        .groupby("trial")["val_loss"]
        .mean()
        .reindex(ladder[1:])
        .to_numpy()
        .argmin()
    )
    return cut(found, [t for t in ladder if t not in ladder[best - 1 : best + 2]])


def cut(found: Tables, trials: list[int]) -> Tables:
    """The frames in which these trials were given the first resamples alone."""
    for name in ("runs", "curves", "layers"):
        table = found[name]
        found[name] = table[~(table["trial"].isin(trials) & (table["run"] >= N_FEW))]
    given = found["trials"]["trial"].isin(trials)
    found["trials"].loc[given, "n_runs"] = N_FEW
    return found


def by_hand(frames: Tables) -> pd.Series:
    """The mean of each strength of decay: of the nearest that has all, plus the mean difference."""
    wide = path_runs(frames, "decay").pivot(index="strength", columns="run", values="val_loss")
    known = wide.notna()
    full = [place for place, s in enumerate(wide.index) if s > 0 and known.iloc[place].all()]
    means = {}
    for place, strength in enumerate(wide.index):
        beside = wide.iloc[min(full, key=lambda other: abs(other - place))]
        own = known.iloc[place]
        difference = (wide.iloc[place] - beside)[own].mean()
        means[strength] = beside.mean() + difference
    return pd.Series(means)


def test_every_section_has_the_same_mean_of_a_strength(uneven: Tables) -> None:
    known, means = whole(uneven), by_hand(uneven)
    table = known.paths["decay"].set_index("strength")
    pd.testing.assert_series_equal(table["val_loss"], means, check_names=False, rtol=1e-12)
    assert table.loc[0.0, "units"] == N_FEW
    ladder = known.ladders["decay"].set_index("strength")
    pd.testing.assert_series_equal(ladder["val_loss"], means, check_names=False, rtol=1e-12)
    row = known.best_losses.set_index("penalty").loc["decay"]
    best = means.drop(0.0).idxmin()
    assert row["strength"] == best
    assert row["val_loss"] == pytest.approx(means[best], rel=1e-12)
    assert row["unregularized"] == pytest.approx(means[0.0], rel=1e-12)
    assert row["change"] == pytest.approx(means[best] - means[0.0], rel=1e-12)


def test_early_stopping_is_read_off_the_same_resamples_as_the_best(uneven: Tables) -> None:
    known, means = whole(uneven), by_hand(uneven)
    stop = stop_early(known, "decay")
    assert stop is not None
    assert stop.final == pytest.approx(means[0.0], rel=1e-4)
    assert stop.regularized == pytest.approx(means.drop(0.0).min(), rel=1e-12)
    assert stop.change.mean == pytest.approx(stop.regularized - stop.value, rel=1e-9)
    curves = learning_table(known, three_settings(known, "decay"), "decay")
    mine = curves.query("setting == 'no regularization' and metric == 'val_loss'")
    by_epoch = mine.set_index("epoch")["mean"]
    assert by_epoch[stop.epoch] == pytest.approx(stop.value, rel=1e-9)
    assert by_epoch.iloc[-1] == pytest.approx(stop.final, rel=1e-9)


def test_norms_of_layers_are_means_of_their_own_runs(uneven: Tables) -> None:
    """A norm that is nearly 0 would fall below it if it were moved as losses are."""
    layers = uneven["layers"]
    layers["norm"] += layers["run"]  # later resamples have larger norms
    layers.loc[layers["strength"] == layers["strength"].max(), "norm"] = 1e-6
    norms = layers_table(whole(uneven), "decay")
    assert norms["norm"].min() == pytest.approx(1e-6)


def test_penalties_are_ranked_on_the_resamples_that_they_share(frames: Tables) -> None:
    """Decay is the worse on every resample, and has the easy ones alone."""
    found = copied(frames)
    runs, path = found["runs"], found["trials"].query("phase == 'path'")
    runs["val_loss"] += 0.5 * runs["run"]
    decay = path.loc[path["penalty"] == "decay", "trial"].tolist()
    runs.loc[runs["trial"].isin(decay), "val_loss"] += 0.3
    cut(found, decay)
    for phase in ("confirm", "baseline"):  # before the test split was met
        found["trials"] = found["trials"][found["trials"]["phase"] != phase]
    known = whole(found)
    raw = known.best_losses.set_index("penalty")["val_loss"]
    assert raw.idxmin() == "decay"
    ranked = best_trials(known)
    assert list(ranked)[-1] == "decay"
    taken = Outcome(known).recommended
    assert taken is not None
    assert taken.penalty == next(iter(ranked))
    assert "decay 3" in basis_words(known)
    assert basis_words(whole(frames)) == ""


def test_paths_of_layers_say_on_how_many_resamples_each_is(frames: Tables) -> None:
    found = copied(frames)
    trials = found["trials"]
    own = trials.query("phase == 'path' and penalty == 'decay'")
    numbers = own["trial"] + 5000
    copies = {"trials": own.assign(path="2", trial=numbers)}
    for name in ("runs", "curves"):
        table = found[name]
        mine = table[table["trial"].isin(own["trial"])]
        copies[name] = mine.assign(trial=mine["trial"] + 5000)
    for name, table in copies.items():
        found[name] = pd.concat([found[name], table], ignore_index=True)
    even = section(whole(found))
    assert even is not None
    assert "of its own first" not in even.intro
    fewer = section(whole(cut(found, numbers.tolist())))
    assert fewer is not None
    assert "of its own first resamples (all layers 8, 2 3)" in fewer.intro
