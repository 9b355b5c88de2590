"""The loss of a study, and the shape of the outputs that it needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from sweep.data.criterion import Criterion
from sweep.data.datasets import Data
from sweep.data.rows import Rows
from sweep.errors import DataError, StudyError
from sweep.metrics.class_losses import BinaryCrossEntropy, CrossEntropy
from sweep.metrics.custom_loss import own_loss
from sweep.metrics.loss import Loss
from sweep.metrics.number_losses import (
    AbsoluteError,
    GaussianLoss,
    HuberLoss,
    PoissonLoss,
    QuantileLoss,
    SquaredError,
)
from sweep.metrics.tasks import CLASSIFICATION, IGNORED, SEQUENCE
from sweep.regularizers.catalogue import BOOSTING
from sweep.study.catalogue import LOSSES, USUAL_LOSSES, BuiltinLoss, loss
from sweep.study.study import Study
from sweep.study.training_settings import BALANCED


def make_criterion(study: Study, data: Data) -> Criterion:
    """The loss of the study and the shape of a row's output.

    Raises:
        StudyError: The loss does not suit the task, or its options do not suit the classes.
        DataError: The targets do not suit the loss.
    """
    target = _rows(data).y
    named = USUAL_LOSSES[data.task] if study.training.loss == "auto" else study.training.loss
    builtin = loss(named)
    if builtin is None:
        return _own(study, data)
    if data.task not in builtin.tasks:
        raise StudyError(
            f"training.loss: {builtin.name} is a loss for {' or '.join(builtin.tasks)}, found "
            f"{data.task} in {data.name}; choose another loss, or set data.task"
        )
    _refuse_options(study, builtin.name, builtin.options)
    made, n_outputs = MAKERS[builtin.name](study, data, target)
    given = study.model.outputs
    if given is not None and given != n_outputs:
        raise StudyError(
            f"model.outputs: {builtin.name} needs {n_outputs} for these targets, found {given}; "
            "leave it out"
        )
    if unlike_trees := _unlike_trees(study, data, builtin):
        _check_boosting(study, unlike_trees)
    if data.reconstructs:
        return Criterion(made, target.shape[1:])
    return Criterion(made, (*_positions(data, target), n_outputs))


def _own(study: Study, data: Data) -> Criterion:
    """The user's own loss."""
    _refuse_options(study, "your own")
    rows = _rows(data)
    row = (*_positions(data, rows.y), study.model.outputs or data.n_outputs)
    known = torch.from_numpy(rows.y[:8].copy())
    of_classes = data.task == CLASSIFICATION and row == (data.n_outputs,)
    weighted, named = rows.weight is not None, study.training.loss
    own = own_loss(named, study.folder, known, row, weighted=weighted, of_classes=of_classes)
    _check_boosting(study, own.name)
    return Criterion(own, row)


def _positions(data: Data, target: np.ndarray) -> tuple[int, ...]:
    """How many positions of a row have outputs of their own, where each has a class."""
    return target.shape[1:2] if data.task == SEQUENCE else ()


def _rows(data: Data) -> Rows:
    """All rows, or those of the first draw."""
    if data.pool is not None:
        return data.pool
    assert data.draw is not None
    return data.draw(0)


def _refuse_options(study: Study, name: str, own: tuple[str, ...] = ()) -> None:
    for builtin in LOSSES.values():
        for option in builtin.options:
            if option not in own and getattr(study.training, option) is not None:
                raise StudyError(
                    f"training.{option}: only {builtin.name} has {option}, found the loss {name}; "
                    f'remove it or set training.loss = "{builtin.name}"'
                )


def _unlike_trees(study: Study, data: Data, builtin: BuiltinLoss) -> str:
    """The loss in words where boosted trees are not judged by it; "" where they are."""
    if data.task == SEQUENCE:
        return f"{builtin.name} of every position"
    if study.training.class_weight is not None:
        return f"{builtin.name} with class_weight"
    return "" if builtin.boosted and not data.reconstructs else builtin.name


def _check_boosting(study: Study, name: str) -> None:
    if BOOSTING in study.search.baselines:
        raise StudyError(
            f"search.baselines: {BOOSTING} is judged by plain cross-entropy or squared error, "
            f"found the loss {name}; leave it out"
        )


# ---- one maker for each builtin loss: the loss, and the outputs of a row -------------------------


def _cross_entropy(study: Study, data: Data, target: np.ndarray) -> tuple[Loss, int]:
    given = study.training.class_weight
    weight = None if given is None else _class_weight(given, data, target)
    return CrossEntropy(weight, positions=data.task == SEQUENCE), data.n_outputs


def _class_weight(given: Any, data: Data, target: np.ndarray) -> list[float]:
    """The weight of every class; balanced ones from all rows, those of the test among them."""
    if given == BALANCED:
        labels = target[target != IGNORED]
        counts = np.bincount(labels.reshape(-1), minlength=data.n_outputs)
        if not counts.all():
            missing = data.class_names[int(np.argmin(counts))]
            raise StudyError(
                f"training.class_weight: {BALANCED} needs rows of every class, found none of "
                f"{missing!r}; give the weights yourself"
            )
        return [float(w) for w in len(labels.reshape(-1)) / (data.n_outputs * counts)]
    assert isinstance(given, Mapping)
    unknown = [name for name in given if name not in data.class_names]
    if unknown:
        names = ", ".join(data.class_names[:10])
        raise StudyError(
            f"training.class_weight: classes of {data.name} must be named, found {unknown[0]!r}; "
            f"choose from {names}"
        )
    return [float(given.get(name, 1.0)) for name in data.class_names]


def _bce(study: Study, data: Data, _target: np.ndarray) -> tuple[Loss, int]:
    if data.task == CLASSIFICATION and data.n_outputs != 2:
        raise StudyError(
            f"training.loss: bce is for two classes, found {data.n_outputs} in {data.name}; take "
            "cross_entropy"
        )
    n_outputs = 1 if data.task == CLASSIFICATION else data.n_outputs
    given = study.training.pos_weight
    factors = (given,) if isinstance(given, int | float) else given
    if factors is not None and len(factors) not in (1, n_outputs):
        raise StudyError(
            f"training.pos_weight: one number or {n_outputs} must be given, found {len(factors)}; "
            "give one for each label"
        )
    return BinaryCrossEntropy(factors), n_outputs


def _huber(study: Study, data: Data, _target: np.ndarray) -> tuple[Loss, int]:
    return HuberLoss(study.training.delta or 1.0), data.n_outputs


def _quantile(study: Study, data: Data, _target: np.ndarray) -> tuple[Loss, int]:
    made = QuantileLoss(study.training.quantiles or (0.5,))
    if data.reconstructs and len(made.quantiles) > 1:
        raise StudyError(
            "training.quantiles: one quantile must be given where the input is the target, found "
            f"{len(made.quantiles)}; leave one"
        )
    return made, data.n_outputs * len(made.quantiles)


def _poisson(_study: Study, data: Data, target: np.ndarray) -> tuple[Loss, int]:
    if target.min() < 0 or not target.reshape(len(target), -1).any(axis=0).all():
        found = f"{target.min():g}" if target.min() < 0 else "a column of zeros"
        raise DataError(
            f"training.loss: poisson needs counts of 0 and more, found {found} in {data.name}; "
            "take mse, or check the target"
        )
    return PoissonLoss(), data.n_outputs


def _gaussian(_study: Study, data: Data, _target: np.ndarray) -> tuple[Loss, int]:
    if data.reconstructs:
        raise StudyError(
            "training.loss: gaussian_nll has two outputs for a number, found the input for a "
            "target; take mse"
        )
    return GaussianLoss(), 2 * data.n_outputs


MAKERS = {
    "cross_entropy": _cross_entropy,
    "bce": _bce,
    "mse": lambda _study, data, _target: (SquaredError(), data.n_outputs),
    "mae": lambda _study, data, _target: (AbsoluteError(), data.n_outputs),
    "huber": _huber,
    "quantile": _quantile,
    "poisson": _poisson,
    "gaussian_nll": _gaussian,
}
