"""Whole studies: the same numbers at any width, interrupted or not, and readable by everybody."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pandas as pd
import pytest
import torch
from sklearn.datasets import load_diabetes, load_digits
from torch import Tensor, nn

import sweep
from sweep.launchers.context import TrainingContext
from sweep.phases.best import retrain_best
from sweep.records.trial import Progress
from tests.support.databases import HANG_SECONDS

ROOT = Path(__file__).parents[2]
STUDY = """
[study]
name = "small"
question = "How much?"
seed = 3
[data]
name = "digits"
[model]
hidden = [12]
[training]
optimizer = "adamw"
lr = 1e-2
epochs = 4
batch_size = 128
[search]
penalties = ["decay", "l1"]
strength = { low = 1e-4, high = 1.0, decay = { low = 1e-2, high = 30.0 } }
trials = 12
round = 4
axes.lr = { low = 3e-3, high = 3e-2, scale = "log" }
[path]
points = 5
resamples = 2
"""
EXACT = ["trial", "run", "state", "epochs", "val_loss", "train_loss", "test_loss", "weight_norm"]


def write(folder: Path, text: str = STUDY) -> Path:
    path = folder / "small.toml"
    path.write_text(text)
    return path


def database(folder: Path, name: str = "sweep") -> str:
    return f"sqlite:///{folder}/{name}.db"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, sweep.Store]:
    """A study that ran without a break."""
    folder = tmp_path_factory.mktemp("whole")
    store = sweep.open_store(database(folder))
    sentences = sweep.run_study(sweep.load_study(write(folder)), store)
    assert [s.split(":")[0] for s in sentences] == ["decay", "l1"]
    return folder, store


def numbers(store: sweep.Store) -> tuple[pd.DataFrame, pd.DataFrame]:
    trials = sweep.trials_frame(store, "small").drop(columns="seconds")
    return sweep.runs_frame(store, "small")[EXACT], trials


def same(one: sweep.Store, other: sweep.Store, rtol: float) -> None:
    for mine, theirs in zip(numbers(one), numbers(other), strict=True):
        pd.testing.assert_frame_equal(mine, theirs, rtol=rtol, atol=0)


def test_every_phase_is_there_and_every_run_ended_once(whole: tuple[Path, sweep.Store]) -> None:
    _, store = whole
    trials, runs = sweep.trials_frame(store, "small"), sweep.runs_frame(store, "small")
    counts = {"path": 12, "explore": 12, "select": 4, "confirm": 3}
    assert trials["phase"].value_counts().to_dict() == counts
    assert not runs.duplicated(["trial", "run"]).any()
    assert runs["state"].isin(["complete", "pruned"]).all()
    path = trials[trials["phase"] == "path"]
    assert path.groupby("penalty")["strength"].min().tolist() == [0.0, 0.0]
    assert path.groupby("penalty")["lr"].nunique().tolist() == [1, 1]
    assert (path["n_runs"] == 2).all()
    tested = runs.set_index("trial")["test_loss"].notna()
    confirm = trials.loc[trials["phase"] == "confirm", "trial"]
    assert tested[tested].index.unique().tolist() == confirm.tolist()


def test_path_runs_share_their_splits_and_seeds_at_every_strength(
    whole: tuple[Path, sweep.Store],
) -> None:
    _, store = whole
    runs = sweep.runs_frame(store, "small").merge(
        sweep.trials_frame(store, "small")[["trial", "phase"]], on="trial"
    )
    seeds = runs[runs["phase"] == "path"].groupby("run")["seed"].nunique()
    assert seeds.tolist() == [1, 1]
    assert runs.groupby("phase")["seed"].unique().explode().is_unique


def test_launching_again_trains_nothing_and_changes_nothing(
    whole: tuple[Path, sweep.Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, store = whole
    before = numbers(store)

    def never(*_: object) -> object:
        raise AssertionError("trained again")

    monkeypatch.setattr("sweep.launchers.context.TrainingContext.population", never)
    sweep.run_study(sweep.load_study(folder / "small.toml"), store)
    for mine, theirs in zip(numbers(store), before, strict=True):
        pd.testing.assert_frame_equal(mine, theirs)


class Stop(Exception):
    pass


@pytest.mark.long
def test_a_study_stopped_again_and_again_gives_the_same_numbers(
    whole: tuple[Path, sweep.Store], tmp_path: Path
) -> None:
    store = sweep.open_store(database(tmp_path))
    study = sweep.load_study(write(tmp_path))
    counts = [0]
    for share in (0.1, 0.35, 0.7):

        def observe(progress: Progress, share: float = share) -> None:
            if progress.share > share:
                raise Stop

        with pytest.raises(Stop):
            sweep.run_study(study, store, observer=observe)
        counts.append(len(sweep.runs_frame(store, "small")))
    assert counts == sorted(set(counts)), "each launch went on for a while"
    assert counts[-1] < len(sweep.runs_frame(whole[1], "small"))
    sweep.run_study(study, store)
    same(store, whole[1], rtol=1e-9)


@pytest.mark.long
def test_the_population_changes_neither_trials_nor_winner(
    whole: tuple[Path, sweep.Store], tmp_path: Path
) -> None:
    text = STUDY + "[hardware]\npopulation = 5\n"
    store = sweep.open_store(database(tmp_path))
    sweep.run_study(sweep.load_study(write(tmp_path, text)), store)
    same(store, whole[1], rtol=1e-4)
    winner = sweep.read_study(whole[1], "small")["winner"]
    assert sweep.read_study(store, "small")["winner"] == winner


@pytest.mark.usefixtures("loaded_workers")
def test_workers_give_the_same_numbers_and_are_the_slots_of_the_study(
    whole: tuple[Path, sweep.Store], tmp_path: Path
) -> None:
    store = sweep.open_store(database(tmp_path))
    sweep.run_study(sweep.load_study(write(tmp_path)), store, workers=2)
    same(store, whole[1], rtol=1e-4)
    occupancy = sweep.occupancy_frame(store, "small")
    assert (occupancy["slots"] == 2).all()
    # how full a stretch was depends on how busy the machine is; never more than its slots
    assert occupancy["occupied"].gt(0).all()
    assert occupancy["occupied"].le(2).all()


def test_optuna_opens_the_same_database(whole: tuple[Path, sweep.Store]) -> None:
    folder, store = whole
    found = optuna.load_study(study_name="small", storage=database(folder))
    trials = sweep.trials_frame(store, "small")
    ours = trials.set_index("trial")
    assert len(found.trials) == len(trials)
    for trial in found.trials:
        row = ours.loc[trial.user_attrs["regsweep_trial"]]
        assert trial.user_attrs["phase"] == row["phase"]
        assert trial.params["penalty"] == row["penalty"]
        assert trial.params.get("strength", 0.0) == row["strength"]
        assert trial.state.name.lower() == row["state"]
        assert trial.duration.total_seconds() > 0  # since it was asked for
        if row["state"] == "complete":
            assert trial.value == row["val_loss"]


def test_the_best_model_is_the_confirmed_one(
    whole: tuple[Path, sweep.Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no widths are timed for its single run."""
    folder, store = whole

    def never(*_: object) -> None:
        raise AssertionError("timed")

    for name in ("choose_width", "choose_lanes"):
        monkeypatch.setattr(f"sweep.launchers.sizing.{name}", never)
    study = sweep.load_study(folder / "small.toml")
    weights, trial, metrics = sweep.train_best(study, store)
    runs = sweep.runs_frame(store, "small").set_index(["trial", "run"])
    assert trial.number == sweep.read_study(store, "small")["winner"]
    expected = runs.loc[(trial.number, 0)]
    assert metrics["test_loss"] == pytest.approx(expected["test_loss"], rel=1e-9)
    norm = sum(w.square().sum() for n, w in weights.items() if n.endswith("weight")).sqrt()  # type: ignore[union-attr]
    assert float(norm) == pytest.approx(expected["weight_norm"], rel=1e-5)


NETWORK = """
from torch import nn

class Net(nn.Linear):
    def forward(self, x):
        return super().forward(x)
"""


def test_the_best_model_is_of_the_studys_own_rows_and_its_own_network(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Other rows and other layers are refused; another loss is told."""

    def folder(name: str, network: str, table: pd.DataFrame) -> sweep.Study:
        (tmp_path / name).mkdir()
        (tmp_path / name / "net.py").write_text(network)
        table.to_csv(tmp_path / name / "rows.csv", index=False)
        data = 'name = "csv"\npath = "rows.csv"\ntarget = "label"'
        model = 'name = "net.py:Net"\nargs = { in_features = 64, out_features = 10 }'
        text = STUDY.replace('name = "digits"', data).replace("hidden = [12]", model)
        return sweep.load_study(write(tmp_path / name, text.replace('"l1"', '"l2"')))

    digits = load_digits()
    table = pd.DataFrame(digits.data[:300]).assign(label=digits.target[:300])
    study = folder("own", NETWORK, table)
    store = sweep.open_store(database(tmp_path))
    sweep.run_study(study, store)
    sweep.train_best(study, store)
    assert "the winner has" not in caplog.text
    sweep.train_best(folder("steeper", NETWORK.replace("(x)", "(x) * 3"), table), store)
    assert "the winner has a validation loss of" in caplog.text
    with pytest.raises(sweep.DataError, match="must give the rows that study 'small' was run on"):
        sweep.train_best(folder("shuffled", NETWORK, table.sample(frac=1, random_state=0)), store)
    wrapped = (
        NETWORK
        + """
Inner = Net

class Net(nn.Sequential):
    def __init__(self, **sizes):
        super().__init__(Inner(**sizes))
"""
    )
    with pytest.raises(sweep.ModelError, match="found other layers or sizes; put it back"):
        sweep.train_best(folder("wrapped", wrapped, table), store)
    store.close()


@pytest.mark.parametrize("name", ["digits", "diabetes"])
def test_the_best_model_can_be_used_on_rows_as_they_come(name: str, tmp_path: Path) -> None:
    """Raw rows, prepared as it says, give the test loss that was recorded."""
    text = STUDY.replace('name = "digits"', f'name = "{name}"')
    study = sweep.load_study(write(tmp_path, text))
    store = sweep.open_store(database(tmp_path))
    sweep.run_study(study, store)
    weights, _, metrics, data, *_ = retrain_best(study, store)
    raw = {"digits": load_digits, "diabetes": load_diabetes}[name]()
    shop = TrainingContext(study)
    rows = shop.splits.test_rows
    model = shop.build(0)
    model.load_state_dict(weights)
    model.eval()
    pixels = raw.data[rows] / (16 if name == "digits" else 1)  # 0 to 1, as the data set has them
    x = (torch.from_numpy(pixels).double() - data["x_mean"]) / data["x_scale"]
    with torch.no_grad():
        output = model(x.to(next(model.parameters()).dtype)).double()
    y = torch.from_numpy(raw.target[rows])
    if name == "diabetes":
        assert data["task"] == "regression"
        loss = ((output - (y[:, None] - data["y_mean"]) / data["y_scale"]) ** 2).mean()
    else:
        assert data["classes"] == [str(k) for k in range(10)]
        loss = torch.nn.functional.cross_entropy(output, y)
    assert float(loss) == pytest.approx(metrics["test_loss"], rel=1e-4)
    assert len(data["features"]) == raw.data.shape[1]
    store.close()


STOPPING = """
import sys
import sweep
from sweep.cli.app import main

record = sweep.Store.record

def recording(*given):
    record(*given)
    print("recorded", flush=True)
    sys.stdin.readline()

sweep.Store.record = recording
main()
"""
"""A launch that says when its first runs are recorded, and waits there."""


def test_ctrl_c_exits_130_and_the_next_launch_goes_on(
    whole: tuple[Path, sweep.Store], tmp_path: Path
) -> None:
    command = [sys.executable, "-c", STOPPING, "run", str(write(tmp_path))]
    command += ["--database", database(tmp_path)]
    running = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert running.stdout is not None
    assert running.stdout.readline() == "recorded\n"
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=HANG_SECONDS)
    assert running.returncode == 130, said
    assert "launch again to go on" in said
    store = sweep.open_store(database(tmp_path))
    assert len(sweep.runs_frame(store, "small")) > 0
    assert len(sweep.run_study(sweep.load_study(tmp_path / "small.toml"), store)) == 2
    same(store, whole[1], rtol=1e-4)


class Recurrent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.LSTM(1, 3, batch_first=True, proj_size=2)
        self.output = nn.Linear(2, 2)

    def forward(self, x: Tensor) -> Tensor:
        hidden: Tensor = self.cell(x[..., None])[0]
        return self.output(hidden[:, -1])  # type: ignore[no-any-return]


@pytest.mark.filterwarnings("ignore:LSTM with projections:UserWarning")
def test_a_study_from_python_with_a_model_that_cannot_be_stacked(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 4))
    study = sweep.Study(
        study={"name": "own"},
        data=(torch.tensor(x), torch.tensor((x.sum(1) > 0).astype(int))),
        model=Recurrent,
        training={"epochs": 2, "batch_size": 16},
        search={"penalties": ["none", "l2"], "trials": 4, "layers": "free"},
        path={"points": 5, "resamples": 2},
    )
    store = sweep.open_store(database(tmp_path))
    with caplog.at_level("WARNING", logger="sweep"):
        sweep.run_study(study, store)
    assert "training one run at a time" in caplog.text
    assert "proj_size" in caplog.text
    trials = sweep.trials_frame(store, "own")
    layers = [*(f"cell.weight_{of}_l0" for of in ("ih", "hh", "hr")), "output"]
    assert [c for c in trials if c.startswith("strength.")] == [f"strength.{n}" for n in layers]
    swept = trials[(trials["penalty"] == "l2") & (trials["phase"] == "explore")]
    assert (swept["strength.output"] != swept["strength"]).any()
    path = trials[(trials["phase"] == "path") & (trials["strength"] > 0)]
    ratios = path["strength.output"] / path["strength"]
    np.testing.assert_allclose(ratios, ratios.iloc[0])


def test_a_diverged_run_is_data_and_the_study_goes_on(tmp_path: Path) -> None:
    study = sweep.Study(
        study={"name": "wild"},
        data={"name": "diabetes", "design": "holdout"},
        model={"name": "linear"},
        training={"optimizer": "sgd", "lr": 0.02, "epochs": 4, "batch_size": 64},
        search={"penalties": ["l2"], "strength": {"low": 1e-2, "high": 1e4}, "trials": 8},
        path={"points": 7, "resamples": 2},
    )
    store = sweep.open_store(database(tmp_path))
    (sentence,) = sweep.run_study(study, store)
    runs = sweep.runs_frame(store, "wild")
    wild = runs[runs["state"] == "diverged"]
    assert len(wild) > 0
    assert (
        wild["note"]
        .str.startswith("the loss, a weight or a moment is not finite after epoch")
        .all()
    )
    assert (runs["state"] == "complete").any()
    assert sentence.startswith("l2: ")


def test_a_study_whose_runs_all_diverge_says_so_when_asked_for_its_best(tmp_path: Path) -> None:
    study = sweep.Study(
        study={"name": "lost"},
        data={"name": "diabetes", "design": "holdout"},
        model={"name": "linear"},
        training={"optimizer": "sgd", "lr": 1000.0, "epochs": 40, "batch_size": 64},
        search={"penalties": ["l2"], "trials": 2},
        path={"points": 5, "resamples": 2},
    )
    store = sweep.open_store(database(tmp_path))
    assert sweep.run_study(study, store) == []
    with pytest.raises(sweep.StoreError, match="found none; lower the learning rate"):
        sweep.train_best(study, store)


def pruned(population: int | str) -> sweep.Study:
    digits = load_digits()
    return sweep.Study(
        study={"name": "pruned"},
        data=(digits.data[:300] / 16, digits.target[:300]),
        model={"hidden": [12], "dropout": 0.2},
        training={"epochs": 4, "batch_size": 64},
        search={
            "penalties": ["decay", "l1"],
            "trials": 12,
            "round": 4,
            "startup": 4,
            "pruner": "wilcoxon",
            "resamples": 5,
            "axes": {"lr": {"low": 1e-4, "high": 3e-2}},
        },
        path={"points": 0},
        hardware={"population": population},
    )


@pytest.mark.long
def test_the_same_trials_are_asked_and_stopped_at_any_width_interrupted_or_not(
    tmp_path: Path,
) -> None:
    """In float32, with dropout: bit for bit. The other pruners are in test_pruning."""
    found, winners = [], []
    for population, stop in ((1, 1.0), ("auto", 1.0), (3, 0.4)):
        study = pruned(population)
        store = sweep.open_store(f"sqlite:///{tmp_path}/{population}.db")

        def observe(progress: Progress, stop: float = stop) -> None:
            if progress.share > stop:
                raise Stop

        try:
            sweep.run_study(study, store, observer=observe)
        except Stop:
            sweep.run_study(study, store)
        frame = sweep.trials_frame(store, "pruned").drop(columns="seconds")
        found.append(frame)
        winners.append(sweep.read_study(store, "pruned")["winner"])
    states = set(found[0].loc[found[0]["phase"] == "explore", "state"])
    assert states == {"complete", "pruned"}
    for other in found[1:]:
        pd.testing.assert_frame_equal(found[0], other, check_exact=True)
    assert len(set(winners)) == 1


@pytest.mark.long
def test_numbers_do_not_depend_on_how_many_cores_there_are(tmp_path: Path) -> None:
    """A network so large that torch rounds otherwise when it splits an operation over threads."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(320, 40)).astype(np.float32), rng.integers(0, 10, 320)
    most, found, weights = torch.get_num_threads(), [], []
    try:
        for cores, population in ((1, 1), (2, 3), (4, "auto")):
            torch.set_num_threads(cores)
            study = sweep.Study(
                study={"name": "cores"},
                data=rows,
                model={"hidden": [100, 100]},
                training={"epochs": 2, "batch_size": 64},
                search={"penalties": ["decay"], "trials": 4, "round": 4, "pruner": "none"},
                path={"points": 0},
                hardware={"population": population},
            )
            store = sweep.open_store(f"sqlite:///{tmp_path}/{cores}{population}.db")
            sweep.run_study(study, store)
            assert torch.get_num_threads() == cores
            found.append(sweep.runs_frame(store, "cores").drop(columns="seconds"))
            weights.append(sweep.train_best(study, store)[0])
    finally:
        torch.set_num_threads(most)
    for frame, state in zip(found[1:], weights[1:], strict=True):
        pd.testing.assert_frame_equal(found[0], frame, check_exact=True)
        assert all(torch.equal(state[name], weights[0][name]) for name in state)


SHAPES = """
[study]
name = "shapes"
[data]
name = "breast_cancer"
[model]
hidden = [12]
[training]
epochs = 2
[search]
penalties = ["decay"]
trials = 8
round = 4
axes.optimizer = { choices = ["sgd", "adamw"] }
axes.batch_size = { choices = [128, 256] }
axes.dropout.dropout1 = { low = 0.0, high = 0.6, scale = "linear" }
axes.model.width = { low = 6, high = 12, integer = true }
axes.model.depth = { choices = [1, 2] }
[path]
points = 0
[hardware]
precision = "float64"
"""


@pytest.mark.long
def test_axes_that_shape_a_population_are_searched_and_give_the_same_at_any_width(
    tmp_path: Path,
) -> None:
    found = []
    for width in (1, 3):
        path = tmp_path / f"w{width}.toml"
        path.write_text(f"{SHAPES}population = {width}\n")
        store = sweep.open_store(f"sqlite:///{tmp_path}/{width}.db")
        sweep.run_study(sweep.load_study(path), store)
        found.append(sweep.trials_frame(store, "shapes"))
    explored = found[0][found[0]["phase"] == "explore"]
    assert {"sgd", "adamw"} == set(explored["optimizer"])
    assert {128, 256} == set(explored["batch_size"])
    assert {1, 2} == set(explored["model.depth"])
    assert explored["dropout.dropout1"].between(0, 0.6).all()
    assert explored["dropout.dropout1"].nunique() == len(explored)
    deep = explored["strength.hidden2"].notna()
    assert (deep == (explored["model.depth"] == 2)).all()
    losses = [frame["val_loss"].to_numpy() for frame in found]
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-9)
    weights, trial, _ = sweep.train_best(sweep.load_study(path), store)
    assert weights["hidden1.weight"].shape[0] == trial.params["model.width"]


def test_a_dropout_axis_needs_a_network_with_dropout(tmp_path: Path) -> None:
    def study(model: Any, axis: str = "dropout") -> sweep.Study:
        x = torch.randn(60, 4, generator=torch.Generator().manual_seed(0))
        return sweep.Study(
            study={"name": "own"},
            data=(x, (x.sum(1) > 0).long()),
            model=model,
            search={"trials": 2, "axes": {axis: {"low": 0.0, "high": 0.5, "scale": "linear"}}},
            path={"points": 0},
            training={"epochs": 1, "batch_size": 16},
        )

    class Without(torch.nn.Sequential):
        def __init__(self) -> None:
            super().__init__(torch.nn.Linear(4, 2))

    class Alpha(torch.nn.Sequential):
        def __init__(self) -> None:
            super().__init__(torch.nn.AlphaDropout(0.1), torch.nn.Linear(4, 2))

    for model, words in ((Without, "found none"), (Alpha, "found AlphaDropout")):
        with pytest.raises(sweep.StudyError, match=words):
            sweep.run_study(study(model), sweep.open_store(database(tmp_path)))
    with pytest.raises(sweep.StudyError, match="found 'dropout9'; choose from dropout1, dropout2"):
        sweep.run_study(
            study({"hidden": [5, 5]}, "dropout.dropout9"), sweep.open_store(database(tmp_path))
        )
