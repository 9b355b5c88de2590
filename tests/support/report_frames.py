"""Frames of a study that was never run, with MNIST-1D-like numbers, for the report's tests.

Three penalties, 13 strengths and the zero-strength anchor, 8 resamples: validation loss falls from
2.2 without regularization to 1.0 at the best strength and rises to 2.3, the constant predictor's;
training loss rises from 0.01 to 2.3. Everything follows from one seed.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pandas as pd

from dashboards.gather.frames import Frames
from sweep.records.facts import StoredStudy
from sweep.records.occupancy import Stretch
from sweep.records.trial import (
    Curve,
    Draw,
    LayerReading,
    Phase,
    Role,
    Run,
    RunResult,
    State,
    Trial,
    TrialSummary,
)
from sweep.store.store import Store
from tests.support.facts import make_stored

STUDY = "mnist1d"
PENALTIES = {"l2": 1.2e-3, "decay": 4.1e-1, "l1": 2.5e-4}
"""Best strength of each penalty."""
RANGES = {"l2": (1e-6, 1e-1), "decay": (1e-4, 1e1), "l1": (1e-7, 1e-1)}
LAYERS = {"0": 4000, "2": 10000, "4": 1000}
N_RESAMPLES, N_EPOCHS, NULL_LOSS, LR = 8, 40, 2.303, 2e-3

TEXT = """[study]
name = "mnist1d"
question = "How much decay does a small MLP on MNIST-1D need?"
seed = 0

[data]
name = "mnist1d"
design = "fresh"

[search]
penalties = ["l2", "decay", "l1"]
axes.lr = { low = 3e-4, high = 1e-2, scale = "log" }
"""


def validation_loss(distance: np.ndarray) -> np.ndarray:
    """Loss at a distance in decades from the best strength (negative: too weak)."""
    weak = 1.2 / (1 + np.exp(3.2 * (distance + 1.1)))
    strong = 1.3 / (1 + np.exp(-5.0 * (distance - 0.95)))
    return 1.0 + weak + strong


def training_loss(distance: np.ndarray) -> np.ndarray:
    return 0.01 + 0.75 / (1 + np.exp(-2.6 * distance)) + 1.55 / (1 + np.exp(-6 * (distance - 1)))


def make_study(name: str = STUDY, **changes: Any) -> StoredStudy:
    """The study that the frames are of, with some other facts in their place."""
    study: dict[str, Any] = {
        "question": "How much decay does a small MLP on MNIST-1D need, and on which layers?",
        "objective": "val_loss",
        "text": TEXT,
        "seed": 0,
        "design": "fresh",
        "task": "classification",
        "versions": {"regsweep": "0.1.0", "torch": "2.13.0", "optuna": "5.0.0"},
        "hardware": {"device": "cpu", "cores": "2", "processor": "x86_64"},
        "git_commit": "0123456789ab",
        "winner": 93,
        "n_train": 3200,
        "n_validation": 800,
        "n_test": 1000,
        "steps_per_epoch": 50,
        "epochs": N_EPOCHS,
        "batch_size": 64,
        "optimizer": "adamw",
        "penalties": list(PENALTIES),
        "layers": list(LAYERS),
        "layers_mode": "shared",
        "n_parameters": 15210,
    }
    return make_stored(name, **(study | changes))


def make_frames(
    name: str = STUDY,
    *,
    penalties: tuple[str, ...] = tuple(PENALTIES),
    n_resamples: int = N_RESAMPLES,
) -> dict[str, pd.DataFrame]:
    """The frames ``trials``, ``runs``, ``curves``, ``layers``, ``boundaries``, ``occupancy``."""
    return copied(_made(name, penalties, n_resamples))


@functools.cache
def _made(name: str, penalties: tuple[str, ...], n_resamples: int) -> dict[str, pd.DataFrame]:
    """The same frames are asked for by many tests, which may change theirs."""
    return _Maker(name, penalties, n_resamples).frames()


def make_small_frames(name: str = STUDY) -> dict[str, pd.DataFrame]:
    """One penalty and two resamples: for pages of which only the words matter."""
    return make_frames(name, penalties=("decay",), n_resamples=2)


def make_regression_frames(name: str = "diabetes") -> dict[str, pd.DataFrame]:
    """The same without a single accuracy."""
    frames = make_small_frames(name)
    frames["boundaries"] = frames["boundaries"].query("metric == 'val_loss'")
    frames["curves"] = frames["curves"][~frames["curves"]["metric"].str.contains("accuracy")]
    for key in ("trials", "runs"):
        accuracies = [c for c in frames[key].columns if "accuracy" in c]
        frames[key][accuracies] = np.nan
    return frames


class _Maker:
    def __init__(self, name: str, penalties: tuple[str, ...], n_resamples: int):
        self.name, self.rng = name, np.random.default_rng(0)
        self.penalties, self.n_resamples = penalties, n_resamples
        self.trials: list[dict[str, Any]] = []
        self.runs: list[dict[str, Any]] = []
        self.curves: list[dict[str, Any]] = []
        self.layers: list[dict[str, Any]] = []
        self.offsets = self.rng.normal(0, 0.05, N_RESAMPLES)

    def frames(self) -> dict[str, pd.DataFrame]:
        for i in range(48):
            penalty = self.penalties[i % len(self.penalties)]
            low, high = np.log10(RANGES[penalty])
            strength = 10 ** self.rng.uniform(low, high)
            lr = 10 ** self.rng.uniform(-3.5, -2)
            self._trial("explore", penalty, strength, lr=lr, pruned=i % 4 == 3, n_runs=1)
        for penalty in self.penalties:
            low, high = np.log10(RANGES[penalty])
            for strength in (0.0, *np.logspace(low, high, 13)):
                self._trial("path", penalty, float(strength), path="all")
        self._trial("confirm", "none", 0.0, penalty_of="decay")
        for penalty in self.penalties:
            self._trial("confirm", penalty, PENALTIES[penalty])
        metrics = ("val_loss", "val_accuracy")
        rows = [_boundary(self.name, p, metric) for p in self.penalties for metric in metrics]
        return {
            "trials": pd.DataFrame(self.trials),
            "runs": pd.DataFrame(self.runs),
            "curves": pd.DataFrame(self.curves),
            "layers": pd.DataFrame(self.layers),
            "boundaries": pd.DataFrame(rows),
            "occupancy": _occupancy(self.name),
        }

    def _trial(
        self,
        phase: str,
        penalty: str,
        strength: float,
        *,
        lr: float = LR,
        path: str = "",
        pruned: bool = False,
        n_runs: int = 0,
        penalty_of: str = "",
    ) -> None:
        number, state = len(self.trials), "pruned" if pruned else "complete"
        best = PENALTIES[penalty_of or penalty]
        distance = np.log10(strength / best) if strength > 0 else -4.0
        epochs = 10 if pruned else N_EPOCHS
        first, n_runs = len(self.runs), n_runs or self.n_resamples
        for run in range(n_runs):
            self._run(number, run, phase, penalty, strength, distance, epochs, state, path)
        mine = pd.DataFrame(self.runs[first:])
        means = mine.select_dtypes("number").mean()
        metrics = ["val_loss", "val_accuracy", "train_loss", "train_accuracy"]
        self.trials.append(
            {
                "study": self.name, "trial": number, "phase": phase, "round": number // 16,
                "path": path, "penalty": penalty, "strength": strength,
                **{f"strength.{layer}": strength for layer in LAYERS},
                "lr": lr, "optimizer": "adamw", "state": state,
                **{m: means[m] for m in metrics},
                "val_loss_se": mine["val_loss"].std() / np.sqrt(n_runs) if n_runs > 1 else np.nan,
                "test_loss": means["test_loss"], "test_accuracy": means["test_accuracy"],
                "gap": means["val_loss"] - means["train_loss"], "n_runs": n_runs,
                "epochs": float(epochs), "seconds": means["seconds"] * n_runs,
            }
        )  # fmt: skip

    def _run(
        self, trial: int, run: int, phase: str, penalty: str, strength: float, distance: float,
        epochs: int, state: str, path: str,
    ) -> None:  # fmt: skip
        noise = self.offsets[run] + self.rng.normal(0, 0.01)
        final_val = float(validation_loss(np.array(distance)) * (1 + noise))
        final_train = float(training_loss(np.array(distance)) * (1 + noise / 3))
        accuracy = float(np.clip(0.75 - 0.12 * (final_val - 1.0) - 0.1 * (distance > 1.2), 0.1, 1))
        zeros = 15000 / (1 + 10 ** (-1.2 * (distance - 0.6))) if penalty == "l1" else 0
        norm = 14 / (1 + 10 ** (0.8 * (distance + 0.3)))
        row = {
            "study": self.name, "trial": trial, "run": run, "resample": run, "fold": 0,
            "replicate": 0, "seed": 1000 + run, "state": state, "epochs": epochs,
            "val_loss": final_val, "train_loss": final_train,
            "val_accuracy": accuracy,
            "train_accuracy": float(np.clip(1 - final_train / 2.6, 0.1, 1)),
            "test_loss": final_val * 1.01 if phase == "confirm" else np.nan,
            "test_accuracy": accuracy - 0.004 if phase == "confirm" else np.nan,
            "null_loss": NULL_LOSS, "null_accuracy": 0.1, "penalty_loss": 0.1,
            "best_val_loss": final_val * 0.98, "best_epoch": epochs - 3,
            "weight_norm": norm, "zeros": int(zeros) if strength > 0 else 0,
            "n_weights": sum(LAYERS.values()), "seconds": 0.11, "note": "",
        }  # fmt: skip
        self.runs.append(row)
        if phase != "confirm":
            self._curves(trial, run, final_val, final_train, epochs)
        if phase == "path":
            for i, (layer, weights) in enumerate(LAYERS.items()):
                self.layers.append(
                    {
                        "study": self.name, "trial": trial, "run": run, "layer": layer,
                        "strength": strength, "norm": norm ** (1, 0.8, 1.3)[i] * (0.8, 0.5, 0.3)[i],
                        "zeros": int(row["zeros"] * weights / row["n_weights"]),
                        "weights": weights,
                    }
                )  # fmt: skip

    def _curves(self, trial: int, run: int, val: float, train: float, epochs: int) -> None:
        for epoch in range(epochs + 1):
            t = epoch / epochs
            fall = np.exp(-9 * t)
            middle = max(train, min(val, 1.15))
            values = {"val_loss": NULL_LOSS * fall + (1 - fall) * (middle + (val - middle) * t)}
            values["val_accuracy"] = 0.1 + 0.6 * (1 - fall)
            if epoch % 4 == 0 or epoch == epochs:
                values["train_loss"] = NULL_LOSS * fall + (1 - fall) * train
            for metric, value in values.items():
                self.curves.append(
                    {
                        "study": self.name, "trial": trial, "run": run, "epoch": epoch,
                        "metric": metric, "value": float(value),
                    }
                )  # fmt: skip


def _occupancy(name: str) -> pd.DataFrame:
    """A launch that was interrupted in the explore phase, and one that went on to the end."""
    launches = {1: {"explore": 20}, 2: {"explore": 10, "path": 90, "confirm": 8}}
    rows = []
    for launch, phases in launches.items():
        start = 0.0
        for phase, length in phases.items():
            for second in range(length):
                occupied = 32.0 * min(1.0, (length - second) / 8)
                rows.append((name, launch, phase, start, 1.0, occupied, 32.0, 5.0))
                start += 1.0
    columns = ["study", "launch", "phase", "start_seconds", "seconds"]
    return pd.DataFrame(rows, columns=[*columns, "occupied", "slots", "waiting"])


def _boundary(name: str, penalty: str, metric: str) -> dict[str, Any]:
    best = PENALTIES[penalty] * (0.7 if metric == "val_accuracy" else 1)
    low, high = best / 4.2, best * 5.1
    unit = metric == "val_loss"
    return {
        "study": name, "penalty": penalty, "layer": "all", "metric": metric,
        "best": best, "best_low": best / 1.6, "best_high": best * 1.5,
        "overfitting_ends": low, "overfitting_ends_low": low / 1.5,
        "overfitting_ends_high": low * 1.4, "overfitting_verdict": "found",
        "overfitting_cause": "overfitting",
        "underfitting_starts": high, "underfitting_starts_low": high / 1.25,
        "underfitting_starts_high": high * 1.3, "underfitting_verdict": "found",
        "underfitting_cause": "underfitting", "width_decades": float(np.log10(high / low)),
        "n_strengths": 13, "n_resamples": N_RESAMPLES, "design": "fresh", "verdict": "found",
        "rho": 0.05, "best_loss": 1.03 if unit else 0.25, "threshold_loss": 1.1 if unit else 0.28,
        "null_loss": NULL_LOSS if unit else 0.9, "strength_min": best, "strength_1se": best * 2,
        "sentence": (
            f"{penalty}: overfitting ends at {low:.2g} [{low / 1.5:.2g}, {low * 1.4:.2g}], "
            f"underfitting starts at {high:.2g} [{high / 1.25:.2g}, {high * 1.3:.2g}] "
            f"({metric}, 95 %)"
        ),
        "advice": "", "advice_kind": "none", "ending": "every interval is within 0.25 decades",
        "ending_kind": "narrow", "tail_index": np.nan, "n_rows": 0,
    }  # fmt: skip


def copied(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Frames that a test may change."""
    return {name: frame.copy() for name, frame in frames.items()}


def whole(frames: dict[str, pd.DataFrame], **changes: Any) -> Frames:
    """The frames of a study with these facts, as a report takes them."""
    return Frames(study=make_study(**changes), **frames)


def path_runs(frames: dict[str, pd.DataFrame], penalty: str) -> pd.DataFrame:
    """The runs of a penalty's path with their strengths."""
    trials = frames["trials"]
    mine = trials[(trials["phase"] == "path") & (trials["penalty"] == penalty)]
    return frames["runs"].merge(mine[["trial", "strength"]], on="trial")


def set_boundary(frames: dict[str, pd.DataFrame], penalty: str, **values: Any) -> None:
    """Overwrites fields of one penalty's boundaries, for reports of less happy endings."""
    boundaries = frames["boundaries"]
    for column, value in values.items():
        boundaries.loc[boundaries["penalty"] == penalty, column] = value


def fill_store(store: Store, frames: dict[str, pd.DataFrame], study: StoredStudy) -> None:
    """Writes frames into a real store as the driver does: trials, ended runs, boundaries."""
    name = study.name
    store.start_study(name, "fingerprint", study.text, study)
    rows = frames["trials"].to_dict("records")
    store.add_trials(name, [_trial(row) for row in rows], {"lr": LR, "optimizer": "adamw"})
    curves = {key: part for key, part in frames["curves"].groupby(["trial", "run"])}
    layers = {key: part for key, part in frames["layers"].groupby(["trial", "run"])}
    results = [
        _result(row, curves.get((row["trial"], row["run"])), layers.get((row["trial"], row["run"])))
        for row in frames["runs"].to_dict("records")
    ]
    store.record(name, results, [_summary(row) for row in rows])
    store.record_boundaries(
        name,
        frames["boundaries"].drop(columns="study").to_dict("records"),  # type: ignore[arg-type]
    )
    for _, launch in frames["occupancy"].drop(columns="study").groupby("launch"):
        rows_ = launch.drop(columns="launch").to_dict("records")
        store.record_occupancy(name, [Stretch(**row) for row in rows_])  # type: ignore[misc]
    store.finish_study(name, study.winner)


def _trial(row: dict[Any, Any]) -> Trial:
    strengths = {layer: row[f"strength.{layer}"] for layer in LAYERS}
    return Trial(
        row["trial"], Phase(row["phase"]), row["round"], row["penalty"], row["strength"],
        strengths, {"lr": row["lr"]}, Role.POINT if row["path"] else Role.SETTING, row["path"],
    )  # fmt: skip


def _result(
    row: dict[Any, Any], curves: pd.DataFrame | None, layers: pd.DataFrame | None
) -> RunResult:
    place = row["resample"]
    metrics = {k: v for k, v in row.items() if isinstance(v, float) and np.isfinite(v)}
    metrics |= {key: float(row[key]) for key in ("zeros", "n_weights", "best_epoch")}
    series = () if curves is None else tuple(
        Curve(str(metric), tuple(part["epoch"]), tuple(part["value"]))
        for metric, part in curves.groupby("metric")
    )  # fmt: skip
    readings = () if layers is None else tuple(
        LayerReading(r["layer"], r["strength"], r["norm"], r["zeros"], r["weights"])
        for r in layers.to_dict("records")
    )  # fmt: skip
    run = Run(row["trial"], row["run"], Draw(place, 0, 0, place, row["seed"]))
    return RunResult(
        run, State(row["state"]), row["epochs"], metrics, series, readings, row["seconds"]
    )


def _summary(row: dict[Any, Any]) -> TrialSummary:
    values = {k: v for k, v in row.items() if isinstance(v, float)}
    return TrialSummary(row["trial"], State(row["state"]), row["n_runs"], values)
