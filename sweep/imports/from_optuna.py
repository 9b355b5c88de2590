"""The trials of an Optuna study that was run without this program, as a study of our database."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from sweep.errors import DataError, StudyError
from sweep.imports._study import import_table
from sweep.imports._table import WHERE
from sweep.imports.from_frame import is_free_setting, request_of
from sweep.records.trial import State
from sweep.store.store import Store, check_store

VALUE, STATE = "value of the trial", "state of the trial"
CURVE = "intermediate values of the trial"
"""Columns that no parameter and no attribute is called like."""
STATES = {"COMPLETE": State.COMPLETE, "PRUNED": State.PRUNED, "FAIL": State.FAILED}
"""What became of a trial, by the names of ``optuna.trial.TrialState``."""


def import_optuna(
    study: Any,
    store: Store,
    *,
    strength: str,
    name: str | None = None,
    seed: str | Sequence[str] | None = None,
    validation: str | None = None,
    training: str | None = None,
    null_loss: float | str | None = None,
    strongest_is_null: bool = False,
    design: str | None = None,
    n_folds: int | None = None,
    n_train: int | None = None,
    n_validation: int | None = None,
    penalty: str | None = None,
    metrics: Mapping[str, bool] | None = None,
    question: str = "",
    replace: bool = False,
) -> list[str]:
    """An Optuna study's trials as a study of ours: written whole, with boundaries and a report.

    Every parameter but the strength, the seed and the penalty is a setting. Where one of them
    differs between trials, as in any search of several axes, the trials are a search: they are
    kept and shown, and no curve is drawn through them. Trials of one strength and one seed each,
    as ``GridSampler`` lays them out, are a path. Trials that have not ended are left out. What
    they reported on their way, by steps, are their learning curves, where their value is the loss.

    Args:
        study: The study, as ``optuna.load_study`` gives it.
        store: Where the study is kept; the database is created if need be.
        strength: The parameter that is the strength.
        name: The study's name in the store; None for Optuna's.
        seed: The parameter or user attribute, or several, that say which rows and initial weights
            a trial had. None where there is none; then no trial is paired with another.
        validation: The user attribute with the validation loss; None for the trial's value.
        training: The user attribute with the training loss; None where there is none, and then no
            cause of a boundary can be found.
        null_loss: The validation loss of a constant predictor: a user attribute, or one number.
        strongest_is_null: Whether the trials at the strongest strength are such predictors.
        design: What the seeds stand for: ``holdout``, ``resample``, ``kfold`` or ``fresh``, as in
            ``import_frame``.
        n_folds: Parts of the cross-validation, under ``kfold``.
        n_train: Training rows of a trial, which ``resample`` needs.
        n_validation: Validation rows of a trial, which ``resample`` and accuracies need.
        penalty: The parameter that names the penalty, or the one name of all trials.
        metrics: What else is in user attributes, as in ``import_frame``.
        question: What the study asks; its report opens with it.
        replace: Whether another imported study of that name is replaced.

    Returns:
        One sentence per penalty: its boundaries, as ``describe_boundary`` words them, or why it
        has none.

    Raises:
        DataError: The trials say two things, or not all that a path needs.
        StudyError: An argument cannot be meant, or the study makes something as large as possible.
        StoreError: The database cannot be written, or has another study of that name.
    """
    check_store(store)
    if not hasattr(study, "directions"):
        raise StudyError(
            f"{WHERE}: an optuna.Study must be given, found {type(study).__name__}; open it with "
            "optuna.load_study"
        )
    if validation is None:
        _check_minimized(study)
    table, parameters = _table_of(study)
    seeds = (seed,) if isinstance(seed, str) else tuple(seed or ())
    settings = {
        key: key if is_free_setting(key) else f"optuna.{key}"
        for key in parameters
        if key not in (strength, penalty, *seeds)
    }
    request = request_of(
        table.rename(columns=settings),
        source=f"an Optuna study, {study.study_name}",
        name=study.study_name if name is None else name,
        strength=strength,
        seed=seeds,
        validation=VALUE if validation is None else validation,
        training=training,
        null_loss=null_loss,
        strongest_is_null=strongest_is_null,
        design=design,
        n_folds=n_folds,
        n_train=n_train,
        n_validation=n_validation,
        penalty=penalty,
        settings=tuple(settings.values()),
        state=STATE,
        curve=CURVE if validation is None else None,
        metrics=metrics,
        question=question,
        replace=replace,
    )
    return import_table(table.rename(columns=settings), store, request)


def _check_minimized(study: Any) -> None:
    directions = [direction.name for direction in study.directions]
    if directions != ["MINIMIZE"]:
        raise StudyError(
            f"{WHERE}: validation: a loss that is minimized must be named, found a study that "
            f"makes its values {' and '.join(directions).lower()}; name the user attribute that "
            "holds the validation loss"
        )


def _table_of(study: Any) -> tuple[pd.DataFrame, list[str]]:
    """One row for each ended trial, by its number, and the names of all parameters."""
    ended = [trial for trial in study.get_trials(deepcopy=False) if trial.state.name in STATES]
    parameters = list(dict.fromkeys(key for trial in ended for key in trial.params))
    rows = []
    for trial in ended:
        if both := trial.params.keys() & trial.user_attrs.keys():
            raise DataError(
                f"{WHERE}: trial {trial.number}: a parameter and a user attribute must have names "
                f"of their own, found {min(both)!r} for both; leave the attribute out"
            )
        value = trial.values[0] if trial.values and len(trial.values) == 1 else None
        state = str(STATES[trial.state.name])
        own = {VALUE: value, STATE: state, CURVE: _curve_of(trial)}
        rows.append({**trial.user_attrs, **trial.params, **own})
    if not rows:
        raise DataError(f"{WHERE}: the study must have trials that ended, found none")
    return pd.DataFrame(rows, index=[trial.number for trial in ended]), parameters


def _curve_of(trial: Any) -> dict[int, float]:
    """What the trial reported by step; infinite numbers have no place in a curve."""
    return {int(s): float(v) for s, v in trial.intermediate_values.items() if math.isfinite(v)}
