"""A table of runs from any tool, a W&B, MLflow or Ray Tune export, as a study of our database."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import pandas as pd

from sweep.errors import DataError, StudyError
from sweep.imports._records import PathDesign
from sweep.imports._study import ImportRequest, import_table
from sweep.imports._table import WHERE, TableColumns
from sweep.imports._values import NUMBERS, OPTIMIZER
from sweep.metrics.columns import read_column
from sweep.metrics.metric import ACCURACY, LARGEST, LOSS, Metric
from sweep.records.parameters import LAYER_STRENGTH
from sweep.store.frames import describe_frame
from sweep.store.store import Store, check_store

DESIGNS = ("fresh", "resample", "kfold", "holdout")
LONGEST_SETTING = 200
OWN_SETTINGS = (*NUMBERS, OPTIMIZER)
"""Settings that the table of trials has a column for."""


def import_frame(
    frame: pd.DataFrame | str | os.PathLike[str],
    store: Store,
    *,
    name: str,
    strength: str,
    seed: str | Sequence[str] | None = "seed",
    validation: str = "val_loss",
    training: str | None = "train_loss",
    null_loss: float | str | None = None,
    strongest_is_null: bool = False,
    design: str | None = None,
    n_folds: int | None = None,
    n_train: int | None = None,
    n_validation: int | None = None,
    penalty: str | None = None,
    layer: str | None = None,
    settings: Sequence[str] = (),
    epoch: str | None = None,
    metrics: Mapping[str, bool] | None = None,
    question: str = "",
    replace: bool = False,
) -> list[str]:
    """A study of runs that were trained elsewhere: written whole, with boundaries and a report.

    Where every strength was trained with the same seeds or folds, and nothing else moved, the runs
    are a path, and its boundaries are those of ``estimate_boundary``. All other runs are a search:
    they are kept and shown, and no curve is drawn through them. Importing the same table once more
    changes nothing.

    Args:
        frame: The table, or a csv or parquet file: one row for each run, or for each run and
            ``epoch``. A run whose loss is empty or not finite counts as diverged; leave out what
            crashed or still runs.
        store: Where the study is kept; the database is created if need be.
        name: The study's name in it.
        strength: The column of strengths, of 0 and more; 0 is no regularization.
        seed: The column, or columns, that say which rows and initial weights a run had: a seed, a
            fold. None where there is none; then no run is paired with another.
        validation: The column of validation losses, without the penalty, lower being better.
        training: The column of training losses, without the penalty; None where there is none,
            and then no cause of a boundary can be found.
        null_loss: The validation loss of a constant predictor: a column, or one number. A path
            needs it, since it says how much there is to learn.
        strongest_is_null: Whether the runs at the strongest strength are such predictors.
        design: What the seeds stand for: ``holdout`` (one split), ``resample`` (random splits of
            one data set), ``kfold`` (with ``n_folds``) or ``fresh`` (new data). A path needs it,
            since it says what the intervals may claim.
        n_folds: Parts of the cross-validation, under ``kfold``.
        n_train: Training rows of a run, which ``resample`` needs.
        n_validation: Validation rows of a run, which ``resample`` and accuracies need.
        penalty: The column that names the penalty of every run, or the one name of all; None for
            the name of the column of strengths.
        layer: The column that names the one layer whose strength moved, or ``all``.
        settings: The columns of everything else that was set, such as ``lr``: where one of them
            differs between the runs of a penalty, these are a search.
        epoch: The column of epochs; a run's last one counts, and all are drawn as curves.
        metrics: What else runs were judged by, and whether more of it is better:
            ``{"accuracy": True}`` takes the columns ``val_accuracy``, ``train_accuracy`` and
            ``null_accuracy``. Without the last no boundary is estimated by it.
        question: What the study asks; its report opens with it.
        replace: Whether another imported study of that name is replaced.

    Returns:
        One sentence per penalty: its boundaries, as ``describe_boundary`` words them, or why it
        has none.

    Raises:
        DataError: The table cannot be read, or says two things, or not all that a path needs.
        StudyError: An argument cannot be meant.
        StoreError: The database cannot be written, or has another study of that name.
    """
    check_store(store)
    if not isinstance(frame, pd.DataFrame | str | os.PathLike):
        raise StudyError(
            f"{WHERE}: a DataFrame or a file must be given, found a {type(frame).__name__}; make a "
            "pandas.DataFrame of it"
        )
    if isinstance(frame, pd.DataFrame):
        table, source = frame, "a table"
    else:
        table, source = read_table(Path(frame)), f"a table, {Path(frame).name}"
    request = request_of(
        table,
        source=source,
        name=name,
        strength=strength,
        seed=seed,
        validation=validation,
        training=training,
        null_loss=null_loss,
        strongest_is_null=strongest_is_null,
        design=design,
        n_folds=n_folds,
        n_train=n_train,
        n_validation=n_validation,
        penalty=penalty,
        layer=layer,
        settings=settings,
        epoch=epoch,
        metrics=metrics,
        question=question,
        replace=replace,
    )
    return import_table(table, store, request)


def request_of(
    table: pd.DataFrame,
    *,
    source: str,
    name: str,
    strength: str,
    seed: str | Sequence[str] | None,
    validation: str,
    training: str | None,
    null_loss: float | str | None,
    strongest_is_null: bool,
    design: str | None,
    n_folds: int | None,
    n_train: int | None,
    n_validation: int | None,
    penalty: str | None,
    settings: Sequence[str],
    metrics: Mapping[str, bool] | None,
    question: str,
    replace: bool,
    layer: str | None = None,
    epoch: str | None = None,
    state: str | None = None,
    curve: str | None = None,
) -> ImportRequest:
    """The arguments of ``import_frame``, checked, and where the table is from."""
    columns = TableColumns(
        strength=strength,
        seed=_listed("seed", seed),
        validation=validation,
        training=training,
        null=_null(null_loss),
        penalty=penalty if penalty in set(table.columns) else None,
        layer=layer,
        settings=_settings(_listed("settings", settings)),
        epoch=epoch,
        state=state,
        curve=curve,
        metrics=tuple(_metric(*item) for item in (metrics or {}).items()),
    )
    return ImportRequest(
        name=name,
        question=question,
        source=source,
        penalty=strength if penalty is None else penalty,
        columns=columns,
        design=_design(design, n_folds, n_train, n_validation),
        strongest_is_null=strongest_is_null,
        replace=replace,
    )


def read_table(path: Path) -> pd.DataFrame:
    """The table of a csv or parquet file. DataError where it cannot be read."""
    reader = pd.read_parquet if path.suffix.lower() in (".parquet", ".pq") else pd.read_csv
    try:
        return reader(path)
    except (OSError, ValueError) as error:
        why = " ".join(str(error).split())
        raise DataError(
            f"{path}: a table in csv or parquet must be given, found: {why}; check the file"
        ) from error


def _listed(key: str, given: str | Sequence[str] | None) -> tuple[str, ...]:
    names = (given,) if isinstance(given, str) else tuple(given or ())
    for name in names:
        if not isinstance(name, str):
            raise StudyError(f"{WHERE}: {key}: names of columns must be given, found {name!r}")
    return names


def _null(given: float | str | None) -> float | str | None:
    if given is None or isinstance(given, str):
        return given
    plain = isinstance(given, Real) and not isinstance(given, bool)
    if not (plain and abs(float(given)) <= LARGEST):
        raise StudyError(f"{WHERE}: null_loss: a finite number must be given, found {given!r}")
    return float(given)


def _design(
    design: str | None, n_folds: int | None, n_train: int | None, n_validation: int | None
) -> PathDesign:
    if design is not None and design not in DESIGNS:
        raise StudyError(
            f"{WHERE}: design: fresh, resample, kfold or holdout must be given, found {design!r}; "
            "choose what a seed of the table stands for"
        )
    counts = {"n_folds": n_folds, "n_train": n_train, "n_validation": n_validation}
    for key, n in counts.items():
        if n is not None and (isinstance(n, bool) or not isinstance(n, Integral) or n < 1):
            raise StudyError(f"{WHERE}: {key}: a whole number from 1 must be given, found {n!r}")
    given = {key: None if n is None else int(n) for key, n in counts.items()}
    return PathDesign(design=design or "", **given)


def _metric(name: Any, maximize: Any) -> Metric:
    if not isinstance(maximize, bool):
        raise StudyError(
            f"{WHERE}: metrics: True must be given where more of {name} is better, and else False, "
            f"found {maximize!r}; correct it"
        )
    metric = Metric(name, maximize)
    if not (isinstance(name, str) and name.isidentifier() and len(name) <= 30):
        raise StudyError(f"{WHERE}: metrics: a plain name must be given, found {name!r}")
    if metric.name == LOSS.name or (name == ACCURACY.name and metric != ACCURACY):
        raise StudyError(
            f"{WHERE}: metrics: the loss is there already and more accuracy is better, found "
            f"{name}: {maximize}; correct it"
        )
    return metric


def _settings(names: Sequence[str]) -> tuple[str, ...]:
    """Names of settings, which become columns of the table of trials."""
    for name in names:
        if not is_free_setting(name):
            raise StudyError(
                f"{WHERE}: settings: a name that tables have no other column for must be given, "
                f"found {name!r}; rename the column"
            )
    return tuple(names)


def is_free_setting(name: str) -> bool:
    """Whether the table of trials can have a column of this name for a setting."""
    taken = set(describe_frame("trials_frame")["column"]) - set(OWN_SETTINGS)
    plain = name.isprintable() and name.strip() == name and 0 < len(name) <= LONGEST_SETTING
    return plain and name not in taken and name not in LAYER_STRENGTH and read_column(name) is None


def number_or_column(text: str | None) -> float | str | None:
    """A command line's null loss: a number where it reads as one, else the name of a column."""
    try:
        return None if text is None else float(text)
    except ValueError:
        return text
