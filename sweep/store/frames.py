"""The store as tidy pandas frames: one function a frame, every column described.

Each frame is the SQL view of the same name with JSON columns spread out. ``describe_frame`` gives
the meaning of every column; units are nats or squared units of the target for losses, shares for
accuracies, seconds, and counts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from sweep.metrics.metric import Metric
from sweep.store import schema
from sweep.store._statements import driver_cursor
from sweep.store.store import Store

CHUNK = 100_000
"""Points that are fetched at once."""
RUN_KEYS = ["study", "trial", "run"]

COLUMNS: Mapping[str, Mapping[str, str]] = {
    "trials_frame": {
        "study": "name of the study",
        "trial": "number of the trial within the study",
        "phase": "explore, path or confirm",
        "round": "round in which the trial was asked",
        "path": "the path that the trial is a point of: all (every layer together), or the layer "
        "whose strength it moves; in the control the trial that it trains to its end; else empty",
        "penalty": "none, l2, decay, l1",
        "strength": "shared strength, on a layer's path its own; 0 is the unregularized anchor",
        "strength.<layer>": "strength of one penalized layer",
        "lr": "learning rate",
        "<axis>": "every other swept axis under its own name; tau is 1/(lr * strength * steps), "
        "where decay is searched as a timescale",
        "optimizer": "sgd, adam or adamw",
        "state": "waiting, running, complete, pruned, diverged or failed",
        "val_loss": "validation loss without penalty at the end, with patience at the best epoch, "
        "mean over runs",
        "val_loss_se": "its standard error over runs; nan for a single run",
        "val_accuracy": "share of validation rows classified right, mean over runs",
        "train_loss": "training loss without penalty in eval mode at the end, mean over runs",
        "train_accuracy": "share of training rows classified right, mean over runs",
        "test_loss": "test loss, mean over runs; confirm phase only",
        "test_accuracy": "share of test rows classified right; confirm phase only",
        "val_<metric>": "the study's own metric of the validation rows, mean over runs; likewise "
        "train_<metric> and, confirm phase only, test_<metric>",
        "gap": "val_loss - train_loss",
        "n_runs": "runs that ended",
        "epochs": "epochs trained, mean over runs",
        "seconds": "the trial's share of the training time, summed over runs",
    },
    "runs_frame": {
        "study": "name of the study",
        "trial": "number of the trial",
        "run": "number of the run within the trial",
        "resample": "number of the draw of the data split",
        "fold": "cross-validation part; 0 without folds",
        "replicate": "number of the seed on the same data",
        "seed": "seed of initial weights, batch order and noise",
        "state": "complete, pruned, diverged or failed",
        "epochs": "epochs trained; with patience all metrics of a complete run are of best_epoch",
        "val_loss": "validation loss without penalty at the end",
        "train_loss": "training loss without penalty in eval mode at the end",
        "val_accuracy": "share of validation rows classified right at the end",
        "train_accuracy": "share of training rows classified right at the end",
        "test_loss": "test loss; confirm phase only",
        "test_accuracy": "share of test rows classified right; confirm phase only",
        "null_loss": "validation loss of the constant predictor fitted on the training rows",
        "null_accuracy": "validation accuracy of that constant predictor",
        "val_<metric>": "the study's own metric of the validation rows at the end; likewise "
        "train_<metric>, test_<metric> (confirm phase only) and null_<metric>",
        "penalty_loss": "what the penalty added to the objective at the end",
        "best_val_loss": "lowest validation loss over all epochs",
        "best_epoch": "its epoch",
        "weight_norm": "Euclidean norm of all penalized weights",
        "zeros": "penalized weights that are exactly zero",
        "n_weights": "penalized weights in all",
        "seconds": "the run's share of the training time",
        "note": "why the run did not complete",
    },
    "curves_frame": {
        "study": "name of the study",
        "trial": "number of the trial",
        "run": "number of the run within the trial",
        "epoch": "epochs trained so far",
        "metric": "val_loss, val_accuracy, train_loss, train_accuracy, batch_loss (mean loss of "
        "the epoch's batches, with input noise, mixup and label smoothing), penalty_loss, "
        "test_loss, test_accuracy, and the like of the study's own metric, of which null_<metric> "
        "has one point, the constant predictor's, at the epoch whose weights the run ended with",
        "value": "its value",
    },
    "layers_frame": {
        "study": "name of the study",
        "trial": "number of the trial",
        "run": "number of the run within the trial",
        "layer": "name of the layer, in the model's order",
        "strength": "its strength",
        "norm": "Euclidean norm of its weights at the end",
        "zeros": "its weights that are exactly zero",
        "weights": "its weights in all",
    },
    "occupancy_frame": {
        "study": "name of the study",
        "launch": "number of the launch: resuming a study is launching it again",
        "phase": "explore, path, confirm or control",
        "start_seconds": "when the stretch began, since the launch began to train",
        "seconds": "how long it was",
        "occupied": "mean number of slots with a run in them; with workers, of jobs under way",
        "slots": "mean number of slots; with workers, of workers",
        "waiting": "mean number of runs that waited",
    },
    "boundaries_frame": {
        "study": "name of the study",
        "penalty": "the path's penalty",
        "layer": "all, or the one layer whose strength moved",
        "metric": "val_loss, val_accuracy or val_<metric>",
        "best": "strength of the lowest smoothed validation loss",
        "overfitting_ends": "lower end of the good zone",
        "overfitting_ends_low": "its 95 % interval, lower end",
        "overfitting_ends_high": "its 95 % interval, upper end",
        "overfitting_verdict": "found, none (in the searched range), inconclusive, below_range "
        "(below the searched range) or undefined (verdict says why)",
        "overfitting_cause": "overfitting, optimization_limited, undetermined or none (no "
        "boundary)",
        "underfitting_starts": "upper end of the good zone",
        "underfitting_starts_low": "its 95 % interval, lower end",
        "underfitting_starts_high": "its 95 % interval, upper end",
        "underfitting_verdict": "found, none, inconclusive or undefined, likewise",
        "underfitting_cause": "underfitting, mismatch (of the objective, or instability), "
        "undetermined or none (no boundary)",
        "width_decades": "log10(underfitting_starts / overfitting_ends)",
        "n_strengths": "points of the ladder, the zero-strength anchor not counted",
        "n_resamples": "resamples per point",
        "design": "fresh, resample, kfold or holdout",
        "verdict": "verdict on the whole path: found, none, inconclusive, below_range (overfitting "
        "ends below the searched range), no_signal, extend_weaker, extend_stronger, extend_both "
        "(the best is not bracketed: extend the range), not_unimodal, no_effect or too_few",
        "best_low": "95 % interval of best, lower end",
        "best_high": "95 % interval of best, upper end",
        "rho": "share of the learnable skill that marks a boundary",
        "best_loss": "loss at best; accuracies count as error rates, and any other metric that is "
        "maximized with its sign changed",
        "threshold_loss": "loss at which a boundary is drawn",
        "null_loss": "loss of the constant predictor",
        "strength_min": "ladder point with the lowest mean (glmnet's lambda.min)",
        "strength_1se": "strongest point within one standard error of it (glmnet's lambda.1se)",
        "sentence": "the result in words",
        "advice": "what would settle what is open",
    },
}
"""What every column means, by frame."""


def describe_frame(name: str) -> pd.DataFrame:
    """The meaning of every column of a frame, in the order of its columns.

    Args:
        name: The name of the frame's function, such as ``"trials_frame"``.

    Returns:
        A frame with the columns ``column`` and ``meaning``.

    Raises:
        KeyError: There is no frame of that name.
    """
    return pd.DataFrame(COLUMNS[name].items(), columns=["column", "meaning"])


def trials_frame(store: Store, study: str | None = None) -> pd.DataFrame:
    """One row per trial; strengths by layer and swept axes have columns of their own.

    Args:
        store: The store to read.
        study: The name of one study; None for all of them.

    Returns:
        The frame; ``describe_frame("trials_frame")`` says what each column means, with units.

    Raises:
        StoreError: There is no database, it cannot be read, or it has no study of that name.
    """
    frame = _read(store, "trials_frame", study, "trial")
    strengths = _spread(frame.pop("strengths"), "strength.")
    params = _spread(frame.pop("params"), "")
    params = params.drop(columns=["lr", "optimizer"], errors="ignore")
    place = list(frame.columns).index("strength") + 1
    head, tail = frame.iloc[:, :place], frame.iloc[:, place:]
    frame = pd.concat([head, strengths, tail[["lr"]], params, tail.drop(columns="lr")], axis=1)
    own = _own(store, study).drop(columns="run").groupby(["study", "trial"])
    means = own.mean().where(own.count().eq(own.size(), axis=0))
    frame = frame.merge(means, how="left", left_on=["study", "trial"], right_index=True)
    names = [name for name in means.columns if not name.startswith("null_")]
    metrics = ["val_loss", "val_loss_se", "val_accuracy", "train_loss", "train_accuracy"]
    metrics += ["test_loss", "test_accuracy", *names, "gap", "n_runs", "epochs", "seconds"]
    return frame[[c for c in frame.columns if c not in (*metrics, *means.columns)] + metrics]


def runs_frame(store: Store, study: str | None = None) -> pd.DataFrame:
    """One row per run that ended, with the metrics of its last epoch or, with patience, its best.

    Args:
        store: The store to read.
        study: The name of one study; None for all of them.

    Returns:
        The frame; ``describe_frame("runs_frame")`` says what each column means, with units.

    Raises:
        StoreError: There is no database, it cannot be read, or it has no study of that name.
    """
    frame, own = _read(store, "runs_frame", study, "trial, run"), _own(store, study)
    names = list(own.columns[len(RUN_KEYS) :])
    frame = frame.merge(own, how="left", on=RUN_KEYS)
    columns = list(COLUMNS["runs_frame"])
    place = columns.index("val_<metric>")
    return frame[columns[:place] + names + columns[place + 1 :]]


def _own(store: Store, study: str | None) -> pd.DataFrame:
    """One row per run with a metric of a person's own; a column for each."""
    if study is not None:
        store.check_study(study)
    rows = pd.DataFrame(store.read_own(study), columns=[*RUN_KEYS, "metric", "value"])
    wide = rows.pivot(index=RUN_KEYS, columns="metric", values="value")
    names = dict.fromkeys(name.partition("_")[2] for name in wide.columns)
    columns = [column for name in names for column in Metric(name).columns]
    return wide.reindex(columns=columns).rename_axis(columns=None).reset_index()


def curves_frame(store: Store, study: str | None = None) -> pd.DataFrame:
    """One row per run, metric and epoch: tidy, for groupby and pivot.

    Points are read as the table has them and joined with their runs here, which is five times
    quicker for a million than sorting the view.

    Args:
        store: The store to read.
        study: The name of one study; None for all of them.

    Returns:
        The frame; ``describe_frame("curves_frame")`` says what each column means, with units.

    Raises:
        StoreError: There is no database, it cannot be read, or it has no study of that name.
    """
    if study is not None:
        store.check_study(study)
    run, trial, owner = schema.run_table, schema.trial_table, schema.study_table
    runs = (
        sa.select(run.c.id, owner.c.name, trial.c.number, run.c.number.label("run"))
        .join(trial, trial.c.id == run.c.trial_id)
        .join(owner, owner.c.id == trial.c.study_id)
        .order_by(owner.c.name, trial.c.number, run.c.number)
    )
    if study is not None:
        runs = runs.where(owner.c.name == study)
    with store.reading() as connection:
        known = pd.DataFrame(connection.execute(runs).fetchall(), columns=["id", *RUN_KEYS])
        names, points = _points(connection, known["id"])
    ids, codes, epochs, values = points.T
    ranks = pd.Series(np.arange(len(known)), index=known["id"]).reindex(ids).to_numpy()
    order = np.lexsort((epochs, codes, ranks))
    place = ranks[order].astype(int)
    columns = {name: known[name].to_numpy()[place] for name in RUN_KEYS}
    columns |= {
        "epoch": epochs[order].astype(int),
        "metric": np.array(names, dtype=object)[codes[order].astype(int)],
        "value": values[order],
    }
    return pd.DataFrame(columns)


def _points(connection: sa.Connection, ids: pd.Series) -> tuple[list[str], np.ndarray]:
    """The metrics in their order, and run id, place of the metric, epoch and value (N, 4) of every
    point of these runs: numbers alone, fetched through the driver itself.
    """
    table = schema.curve_table
    names = sorted(connection.execute(sa.select(table.c.metric).distinct()).scalars())
    if not names or not len(ids):
        return names, np.empty((0, 4))
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    places = " ".join(f"WHEN {mark} THEN {place}" for place in range(len(names)))
    parts = []
    with driver_cursor(connection) as cursor:
        cursor.execute(
            f"SELECT run_id, CASE metric {places} END, epoch, value FROM {table.name} "
            f"WHERE run_id BETWEEN {int(ids.min())} AND {int(ids.max())}",
            names,
        )
        while rows := cursor.fetchmany(CHUNK):
            parts.append(np.array(rows, dtype=float))
    points = np.concatenate(parts) if parts else np.empty((0, 4))
    return names, points[np.isin(points[:, 0], ids.to_numpy(float))]


def layers_frame(store: Store, study: str | None = None) -> pd.DataFrame:
    """One row per run and penalized layer, in the model's order.

    Args:
        store: The store to read.
        study: The name of one study; None for all of them.

    Returns:
        The frame; ``describe_frame("layers_frame")`` says what each column means, with units.

    Raises:
        StoreError: There is no database, it cannot be read, or it has no study of that name.
    """
    return _read(store, "layers_frame", study, "trial, run, place").drop(columns="place")


def occupancy_frame(store: Store, study: str | None = None) -> pd.DataFrame:
    """One row per stretch of a launch: how full the slots were.

    Args:
        store: The store to read.
        study: The name of one study; None for all of them.

    Returns:
        The frame; ``describe_frame("occupancy_frame")`` says what each column means, with units.

    Raises:
        StoreError: There is no database, it cannot be read, or it has no study of that name.
    """
    return _read(store, "occupancy_frame", study, "launch, place").drop(columns="place")


def boundaries_frame(store: Store, study: str | None = None) -> pd.DataFrame:
    """One row per path and metric: both boundaries, their intervals, verdicts and causes.

    Args:
        store: The store to read.
        study: The name of one study; None for all of them.

    Returns:
        The frame; ``describe_frame("boundaries_frame")`` says what each column means, with units.

    Raises:
        StoreError: There is no database, it cannot be read, or it has no study of that name.
    """
    frame = _read(store, "boundaries_frame", study, "penalty, layer, metric")
    return frame[list(COLUMNS["boundaries_frame"])]


def plain_text(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with an apostrophe before whatever text a spreadsheet would take for a formula."""
    words = {name: frame[name] for name in WORDS & set(frame.columns)}
    return frame.assign(
        **{
            name: text.where(~text.str.match(FORMULA, na=False), "'" + text)
            for name, text in words.items()
        }
    )


def _read(store: Store, view: str, study: str | None, order: str) -> pd.DataFrame:
    if study is not None:
        store.check_study(study)
    where = "" if study is None else " WHERE study = :study"
    query = sa.text(f"SELECT * FROM {view}{where} ORDER BY study, {order}")
    with store.reading() as connection:
        rows = connection.execute(query, {} if study is None else {"study": study})
        frame = pd.DataFrame(rows.fetchall(), columns=list(rows.keys()))
        for column in frame.columns:
            if column in OBJECTS:
                frame[column] = frame[column].map(_object)
            elif column not in WORDS:
                frame[column] = pd.to_numeric(frame[column])
    return frame


FORMULA = r"[=+\-@\t\r]"
"""What a cell begins with that spreadsheets calculate."""
WORDS = frozenset(
    {"study", "phase", "path", "penalty", "optimizer", "state", "note", "metric", "layer"}
    | {"verdict", "design", "sentence", "advice"}
    | {"overfitting_verdict", "overfitting_cause", "underfitting_verdict", "underfitting_cause"}
)
"""Columns that hold words; every other one is a number, nan where it is absent."""
OBJECTS = frozenset({"strengths", "params"})
"""Columns of JSON objects, which the trials' frame spreads."""


def _object(value: Any) -> Any:
    """A JSON object, which some drivers give as it is and some as text."""
    return value if isinstance(value, dict) else json.loads(value)


def _spread(column: pd.Series, prefix: str) -> pd.DataFrame:
    """A column of objects as one column per key, in the order of first appearance."""
    frame = pd.DataFrame(column.tolist(), index=column.index)
    return frame.add_prefix(prefix)
