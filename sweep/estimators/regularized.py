"""A classifier and a regressor that find out how much regularization they need while they fit.

``fit`` runs a study in a database of its own (explore, path, confirm), reads both boundaries off
it, and trains the setting that it recommends on all rows.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import closing
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    _check_sample_weight,
    check_consistent_length,
    check_is_fitted,
    validate_data,
)

from sweep.errors import ModelError
from sweep.estimators._all_rows import TrainedNetwork, train_on_all
from sweep.estimators._row_parts import FEWEST_ROWS, TrainingRows, n_resamples, study_data
from sweep.phases.driver import run_study
from sweep.records.trial import Trial
from sweep.store.frames import boundaries_frame, trials_frame
from sweep.store.store import Store, open_store
from sweep.study.study import Study

MOST_SEED = 2**31 - 1


class _Regularized(BaseEstimator):  # type: ignore[misc]
    """What both have in common: the study behind ``fit``."""

    _classes = False
    """Whether targets are classes."""

    def __init__(
        self,
        penalties: Sequence[str] = ("decay", "l1"),
        *,
        hidden: Sequence[int] = (64,),
        activation: str = "relu",
        strength: tuple[float, float] | None = None,
        trials: int = 8,
        points: int = 9,
        cv: Any = 5,
        epochs: int = 40,
        lr: float = 3e-3,
        batch_size: int = 32,
        optimizer: str = "adamw",
        device: str = "auto",
        random_state: Any = None,
        database: str | None = None,
    ):
        self.penalties = penalties
        self.hidden = hidden
        self.activation = activation
        self.strength = strength
        self.trials = trials
        self.points = points
        self.cv = cv
        self.epochs = epochs
        self.lr = lr
        self.batch_size = batch_size
        self.optimizer = optimizer
        self.device = device
        self.random_state = random_state
        self.database = database

    def _fit(self, x: np.ndarray, y: np.ndarray, sample_weight: Any, groups: Any) -> Self:
        """Fits to checked rows; rows of weight 0 are as good as absent."""
        rows = self._rows(x, y, sample_weight, groups)
        seed = int(check_random_state(self.random_state).randint(MOST_SEED))
        tables = self._tables(rows, seed)
        if self.database is not None:
            with closing(open_store(self.database)) as store:
                trial = self._run(store, tables)
        else:
            with (
                tempfile.TemporaryDirectory(prefix="regsweep-") as folder,
                closing(open_store(f"sqlite:///{folder}/sweep.db")) as store,
            ):
                trial = self._run(store, tables)
        self.penalty_, self.strength_ = trial.penalty, trial.strength
        self.network_: TrainedNetwork = train_on_all(tables, trial, rows)
        return self

    def _rows(self, x: np.ndarray, y: np.ndarray, sample_weight: Any, groups: Any) -> TrainingRows:
        if groups is not None:
            groups = np.asarray(groups)
            check_consistent_length(x, groups)
        if sample_weight is None:
            rows = TrainingRows(x, y, None, groups)
        else:
            weight = _check_sample_weight(
                sample_weight, x, dtype=np.float64, ensure_non_negative=True
            )
            if not weight.any():
                raise ValueError(
                    "fit: a sample weight must be above zero, found that all weights are zero"
                )
            rows = TrainingRows(x, y, weight, groups).take(np.flatnonzero(weight))
        if len(rows.y) < FEWEST_ROWS:
            raise ValueError(
                f"fit: at least {FEWEST_ROWS} rows must be given, found n_samples={len(rows.y)}"
            )
        return rows

    def _tables(self, rows: TrainingRows, seed: int) -> dict[str, dict[str, Any]]:
        """The tables of the study."""
        hidden = list(self.hidden)
        mlp = {"name": "mlp", "hidden": hidden, "activation": self.activation}
        search: dict[str, Any] = {"penalties": list(self.penalties), "trials": self.trials}
        if self.strength is not None:
            low, high = self.strength
            own = {name: {"low": low, "high": high} for name in self.penalties}
            search["strength"] = {"low": low, "high": high, **own}
        return {
            "study": {"name": "fit", "seed": seed},
            "data": study_data(rows, self.cv, self._classes, seed),
            "model": mlp if hidden else {"name": "linear"},
            "training": {
                "epochs": self.epochs,
                "lr": self.lr,
                "batch_size": self.batch_size,
                "optimizer": self.optimizer,
            },
            "search": search,
            "path": {"points": self.points, "resamples": n_resamples(rows, self.cv)},
            "hardware": {"device": self.device},
        }

    def _run(self, store: Store, tables: dict[str, dict[str, Any]]) -> Trial:
        """Runs the study; returns the trial that it recommends."""
        if self.database is not None:  # where several fits meet
            kept = f"fit {Study(**tables).fingerprint[:12]}"
            tables["study"] = {**tables["study"], "name": kept}
        study = Study(**tables)
        name = study.study.name
        self.sentences_: list[str] = run_study(study, store)
        self.study_name_ = name
        self.boundaries_: pd.DataFrame = boundaries_frame(store, name)
        self.trials_: pd.DataFrame = trials_frame(store, name)
        winner = store.read_study(name).winner
        if winner is None:
            raise ModelError(
                "fit: a trial must complete to be recommended, found that all diverged; lower lr"
            )
        return next(s.trial for s in store.read_trials(name) if s.trial.number == winner)

    def _outputs(self, x: Any) -> np.ndarray:
        """What the network gives for rows (N, D)."""
        check_is_fitted(self)
        rows = validate_data(self, x, dtype=np.float64, reset=False)
        return self.network_.outputs(rows)


class RegularizedClassifier(ClassifierMixin, _Regularized):  # type: ignore[misc]
    """A multilayer perceptron that finds its own regularization; ``boundaries_`` says how much.

    ``fit`` runs a study: each penalty is searched, then its path of strengths is trained on every
    part of a cross-validation, and the setting with the lowest loss is trained on all rows. A
    fifth of the rows is kept from the search, and tests what it found. The defaults are for
    tables of some hundred or thousand rows: about 120 short trainings. Features are scaled.

    After ``fit``: ``classes_``, ``n_features_in_``, ``penalty_`` and ``strength_`` of the network,
    ``boundaries_`` and ``trials_`` (frames as ``boundaries_frame`` and ``trials_frame``),
    ``sentences_`` (the boundaries in words), ``network_.module`` (in float64, for scaled rows) and
    ``study_name_``. Where a class has fewer than three rows, the study has one split with several
    seeds instead.

    Args:
        penalties: The penalties that are compared, by name.
        hidden: Units of the hidden layers; () for a linear model.
        activation: What follows each hidden layer.
        strength: Lowest and highest strength; None for the usual ones of each penalty.
        trials: Settings that are searched, over all penalties.
        points: Strengths of a path, at least 5.
        cv: Parts of the cross-validation, or a scikit-learn splitter whose splits stay the same.
        epochs: Epochs of every training.
        lr: The learning rate.
        batch_size: Rows of a batch.
        optimizer: The optimizer, by name.
        device: Where it is trained: ``auto``, ``cpu``, ``cuda`` or ``mps``.
        random_state: The seed of splits, weights and orders, or a ``RandomState``.
        database: The URL of a database that keeps the study, for its report; None for one that is
            gone after ``fit``.
    """

    _classes = True
    classes_: np.ndarray

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> Self:
        """The classifier itself, fitted.

        Args:
            X: Features (N, D).
            y: Classes (N,).
            sample_weight: How much each row counts (N,).
            groups: Which rows stay together (N,).

        Returns:
            The classifier.

        Raises:
            ValueError: Rows or classes are too few, or values cannot be used.
        """
        x, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        return self._fit(x, codes.astype(np.int64), sample_weight, groups)

    def _rows(self, x: np.ndarray, y: np.ndarray, sample_weight: Any, groups: Any) -> TrainingRows:
        rows = super()._rows(x, y, sample_weight, groups)
        used, codes = np.unique(rows.y, return_inverse=True)
        if len(used) < 2:
            raise ValueError("fit: at least two classes must be given, found one class")
        self.classes_ = self.classes_[used]
        return TrainingRows(rows.x, codes.astype(np.int64), rows.weight, rows.groups)

    def predict_proba(self, X: Any) -> np.ndarray:
        """The probability of each class (N, C), in the order of ``classes_``.

        Args:
            X: Features (N, D).

        Returns:
            The probabilities.
        """
        return np.asarray(softmax(self._outputs(X), axis=1))

    def predict(self, X: Any) -> np.ndarray:
        """The most probable class of each row (N,).

        Args:
            X: Features (N, D).

        Returns:
            The classes.
        """
        chosen = self._outputs(X).argmax(axis=1)
        return np.asarray(self.classes_[chosen])


class RegularizedRegressor(RegressorMixin, _Regularized):  # type: ignore[misc]
    """A multilayer perceptron that finds its own regularization; ``boundaries_`` says how much.

    As ``RegularizedClassifier``, for one number a row and squared error. The target is scaled for
    the training, and predictions are in its unit.

    Args:
        penalties: The penalties that are compared, by name.
        hidden: Units of the hidden layers; () for a linear model.
        activation: What follows each hidden layer.
        strength: Lowest and highest strength; None for the usual ones of each penalty.
        trials: Settings that are searched, over all penalties.
        points: Strengths of a path, at least 5.
        cv: Parts of the cross-validation, or a scikit-learn splitter whose splits stay the same.
        epochs: Epochs of every training.
        lr: The learning rate.
        batch_size: Rows of a batch.
        optimizer: The optimizer, by name.
        device: Where it is trained: ``auto``, ``cpu``, ``cuda`` or ``mps``.
        random_state: The seed of splits, weights and orders, or a ``RandomState``.
        database: The URL of a database that keeps the study, for its report; None for one that is
            gone after ``fit``.
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> Self:
        """The regressor itself, fitted.

        Args:
            X: Features (N, D).
            y: Numbers (N,).
            sample_weight: How much each row counts (N,).
            groups: Which rows stay together (N,).

        Returns:
            The regressor.

        Raises:
            ValueError: Rows are too few, or values cannot be used.
        """
        x, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        return self._fit(x, np.asarray(y, np.float64), sample_weight, groups)

    def predict(self, X: Any) -> np.ndarray:
        """The expected number of each row (N,).

        Args:
            X: Features (N, D).

        Returns:
            The numbers.
        """
        return self._outputs(X)[:, 0]
