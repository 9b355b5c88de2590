"""The store as tidy pandas frames: one function a frame, every column described.

Each frame is the SQL view of the same name with JSON columns spread out. ``describe_frame`` gives
the meaning of every column; losses have the unit of the study's loss (nats, squared units of the
target), accuracies are shares, and times are in seconds.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from sweep.metrics.columns import read_column
from sweep.metrics.metric import Metric
from sweep.records.parameters import EPOCHS, LAYER_STRENGTH, MAX_EPOCHS
from sweep.records.row_losses import unpack_losses, unpack_rows
from sweep.store import schema
from sweep.store._columns import COLUMNS, MADE
from sweep.store._statements import driver_cursor
from sweep.store.store import Store, check_store

CHUNK = 100_000
"""Points that are fetched at once."""
RUN_KEYS = ["study", "trial", "run"]


def describe_frame(name: str) -> pd.DataFrame:
    """The meaning of every column of a frame, in the order of its columns.

    Args:
        name: The name of the frame's function, such as ``"trials_frame"``.

    Returns:
        A frame with the columns ``column`` and ``meaning``.

    Raises:
        KeyError: There is no frame of that name.
    """
    return pd.DataFrame({**COLUMNS, **MADE}[name].items(), columns=["column", "meaning"])


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
    strengths = _spread(frame.pop("strengths"), LAYER_STRENGTH.prefix)
    params = _spread(frame.pop("params"), "")
    params = params.drop(columns=["lr", "optimizer"], errors="ignore")
    params = params.rename(columns={EPOCHS: MAX_EPOCHS})
    place = list(frame.columns).index("strength") + 1
    head, tail = frame.iloc[:, :place], frame.iloc[:, place:]
    tail = tail.assign(lr=tail["lr"].where(tail["lr"] > 0))  # 0 stands for an unknown one
    frame = pd.concat([head, strengths, tail[["lr"]], params, tail.drop(columns="lr")], axis=1)
    own = _own(store, study).drop(columns="run")
    own = own.astype({key: frame[key].dtype for key in ("study", "trial")})
    grouped = own.groupby(["study", "trial"])
    means = grouped.mean().where(grouped.count().eq(grouped.size(), axis=0))
    frame = frame.merge(means, how="left", left_on=["study", "trial"], right_index=True)
    nulls = {Metric(read.metric).null for read in map(read_column, means.columns) if read}
    names = [name for name in means.columns if name not in nulls]
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
    own = own.astype({key: frame[key].dtype for key in RUN_KEYS})  # an empty frame's are objects
    frame = frame.merge(own, how="left", on=RUN_KEYS)
    columns = list(COLUMNS["runs_frame"])
    place = columns.index("val_<metric>")
    return frame[columns[:place] + names + columns[place + 1 :]]


def _own(store: Store, study: str | None) -> pd.DataFrame:
    """One row per run with values of metrics that its study names; a column for each."""
    if study is not None:
        store.check_study(study)
    rows = pd.DataFrame(store.read_own(study), columns=[*RUN_KEYS, "metric", "value"])
    wide = rows.pivot(index=RUN_KEYS, columns="metric", values="value")
    names = dict.fromkeys(read.metric for read in map(read_column, wide.columns) if read)
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


def row_losses_frame(store: Store, study: str | None = None) -> pd.DataFrame:
    """One row per run of a path and validation row, where the study keeps losses by row.

    The view of the same name has one row per run, with the rows and their losses packed.

    Args:
        store: The store to read.
        study: The name of one study; None for all of them.

    Returns:
        The frame; ``describe_frame("row_losses_frame")`` says what each column means.

    Raises:
        StoreError: There is no database, it cannot be read, or it has no study of that name.
    """
    runs = row_losses_by_run(store, study)
    losses, rows = list(runs.pop("losses")), list(runs.pop("validation_rows"))
    frame = runs.loc[runs.index.repeat([len(own) for own in losses])].reset_index(drop=True)
    nothing = [np.empty(0)]
    return frame.assign(
        row=np.concatenate(rows or nothing).astype(np.int64),
        loss=np.concatenate(losses or nothing),
    )


def row_losses_by_run(store: Store, study: str | None = None) -> pd.DataFrame:
    """One row per run of ``row_losses_frame``: arrays ``losses`` and ``validation_rows``."""
    runs = _read(store, "row_losses_frame", study, "trial, run, metric")
    for column, unpack in (("losses", unpack_losses), ("validation_rows", unpack_rows)):
        arrays = [unpack(bytes(packed)) for packed in runs[column]]
        runs[column] = pd.Series(arrays, index=runs.index, dtype=object)
    return runs


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
    """The frame with an apostrophe before text that a spreadsheet would take for a formula.

    A column of an axis may hold numbers and text.
    """

    def plain(cell: Any) -> Any:
        return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell

    texts = frame.select_dtypes(exclude="number")
    return frame.assign(**{str(name): texts[name].map(plain) for name in texts})


def _read(store: Store, view: str, study: str | None, order: str) -> pd.DataFrame:
    check_store(store)
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
            elif column not in WORDS | PACKED:
                numbers = pd.to_numeric(frame[column])
                frame[column] = numbers if len(frame) else numbers.astype("float64")
    return frame


FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that spreadsheets calculate."""
WORDS = frozenset(
    {"study", "phase", "path", "penalty", "optimizer", "state", "note", "metric", "layer"}
    | set(schema.BOUNDARY_WORDS)
)
"""Columns that hold words; every other one is a number, nan where it is absent."""
PACKED = frozenset({"losses", "validation_rows"})
"""Columns of packed numbers."""
OBJECTS = frozenset({"strengths", "params"})
"""Columns of JSON objects, which the trials' frame spreads."""


def _object(value: Any) -> Any:
    """A JSON object, which some drivers give as it is and some as text."""
    return value if isinstance(value, dict) else json.loads(value)


def _spread(column: pd.Series, prefix: str) -> pd.DataFrame:
    """A column of objects as one column per key, in the order of first appearance."""
    frame = pd.DataFrame(column.tolist(), index=column.index)
    return frame.add_prefix(prefix)
