"""Targets as they are given, checked and turned into classes or numbers.

What is wrong with them is one DataError line that names the data set.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sweep.data._array_checks import as_array, finite
from sweep.data._labels import refuse_several_labels
from sweep.errors import DataError
from sweep.metrics.tasks import CLASSIFICATION, IGNORED, MULTILABEL, REGRESSION, SEQUENCE
from sweep.runtime.trees import Tree
from sweep.study.catalogue import loss

MANY_VALUES = 20
"""Whole numbers with at most so many distinct values are classes unless ``task`` says otherwise."""
REPEATS = 10
"""More distinct ones, if each stands for so many rows on average, could be either: ask."""


@dataclass(frozen=True)
class Targets:
    """Turns plain targets into classes 0..C-1 or columns of numbers, alike for every draw."""

    name: str
    task: str
    n_outputs: int
    """Classes, labels of a row, or target columns."""
    classes: np.ndarray
    """Sorted labels (C,); empty where there are no classes of words or numbers."""
    ignored: int | None = None
    """The label of positions that count nothing; None where all count."""
    shaped: bool = False
    """Whether rows keep their shape, as inputs that are to be given back."""

    def encode(self, y: np.ndarray) -> np.ndarray:
        """Targets as class numbers (N,) or (N, T) int64, or columns of numbers (N, outputs)."""
        if self.task == SEQUENCE:
            return self._positions(y)
        if self.shaped:
            return y
        if self.task != CLASSIFICATION:
            return finite(y, "y", self.name).reshape(len(y), -1)
        places = np.minimum(np.searchsorted(self.classes, y), len(self.classes) - 1)
        strange = y[self.classes[places] != y]
        if len(strange):
            raise DataError(
                f"{self.name}: every draw must have the classes of the first, found "
                f"{str(strange[0])!r} in a later one; draw more rows"
            )
        return places.astype(np.int64)

    def _positions(self, y: np.ndarray) -> np.ndarray:
        """Class numbers as they are, and ``IGNORED`` where there is no label."""
        labels = y.astype(np.int64)
        there = np.full(y.shape, True) if self.ignored is None else labels != self.ignored
        if not there.reshape(len(y), -1).any(axis=1).all():
            row = int(np.argmin(there.reshape(len(y), -1).any(axis=1)))
            raise DataError(
                f"{self.name}: every row must have a position with a label, found none in row "
                f"{row}; leave such rows out"
            )
        known = labels[there]
        if known.min() < 0 or known.max() >= self.n_outputs:
            strange = known[(known < 0) | (known >= self.n_outputs)][0]
            raise DataError(
                f"{self.name}: labels of positions must be whole numbers from 0 to "
                f"{self.n_outputs - 1}, found {strange}; set data.ignore_index if it stands for "
                "no label"
            )
        return np.where(there, labels, IGNORED)


def plain_targets(raw: Any, name: str) -> np.ndarray:
    """Targets as numbers, truth values or words, (N,) or (N, outputs); (N, 1) counts as (N,)."""
    y = as_array(raw, "y", name)
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim not in (1, 2) or 0 in y.shape:
        raise DataError(
            f"{name}: y must be (N,) or (N, outputs), found shape {y.shape}; reshape it"
        )
    if y.dtype.kind == "O" and all(isinstance(value, str) for value in y.flat):
        y = y.astype(str)
    if y.dtype.kind not in "fiubU":
        raise DataError(
            f"{name}: y must hold numbers or words, found {y.dtype}; fill what is missing and "
            "convert it"
        )
    if y.dtype.kind == "f":
        y = finite(y, "y", name)
    return y


def inputs_as_targets(x: Tree[np.ndarray], name: str) -> np.ndarray:
    """The inputs as what is to be given back, in numbers."""
    if isinstance(x, tuple | dict):
        raise DataError(
            f"data.target: inputs of one array must be there to be given back, found several in "
            f"{name}; give the target yourself"
        )
    return finite(x, "x", name)


def task_of_inputs(task: str, loss_name: str) -> str:
    """The task of giving inputs back: numbers, or labels from 0 to 1 where the loss has those."""
    builtin = loss(loss_name)
    found = MULTILABEL if builtin is not None and builtin.of_labels else REGRESSION
    if builtin is not None and not (builtin.of_labels or builtin.of_numbers):
        raise DataError(
            f'training.loss: a loss of numbers must be given for data.target = "input", found '
            f"{builtin.name}; take mse, or bce for inputs from 0 to 1"
        )
    if task not in ("auto", found):
        raise DataError(
            f'data.task: {found} is the task of data.target = "input" here, found {task}; leave it '
            "out"
        )
    return found


def reconstructed(y: np.ndarray, task: str, name: str) -> Targets:
    """What the inputs of the first draw say about all of them as targets."""
    return replace(_columns(y.reshape(len(y), -1), task, name), shaped=True)


def task_of(y: np.ndarray, task: str, name: str, known: bool | None, loss_name: str) -> str:
    """The task: as said, as the loss has it, or as the targets look.

    Args:
        y: Plain targets.
        task: As the study says; ``auto`` for nothing.
        name: What messages call the data.
        known: Whether the data set is known to be a regression.
        loss_name: The study's loss; ``auto``, or a function's, for any.
    """
    if task != "auto":
        return task
    builtin = loss(loss_name)
    if builtin is None:
        return _guess_task(y, name, known)
    if builtin.of_numbers:
        if known is False or y.dtype.kind == "U":
            raise DataError(
                f"training.loss: {builtin.name} needs numbers to predict, found the classes of "
                f'{name}; take cross_entropy, or set data.task = "regression"'
            )
        return REGRESSION
    if known:
        raise DataError(
            f"training.loss: {builtin.name} needs classes, found the numbers of {name}; take mse "
            "or another loss of numbers"
        )
    if y.ndim == 1:
        return CLASSIFICATION
    if builtin.of_labels:
        return MULTILABEL
    _refuse_one_hot(y, name)
    return SEQUENCE


def read_targets(
    y: np.ndarray, task: str, name: str, ignored: int | None = None, n_outputs: int | None = None
) -> Targets:
    """What the targets of the first draw say about all of them.

    ``ignored`` is the label of positions without one; ``n_outputs`` how many outputs the network
    has, where the study says so.
    """
    if task == SEQUENCE:
        return _positions(y, name, ignored, n_outputs)
    if task != CLASSIFICATION:
        return _columns(y, task, name)
    if y.ndim != 1:
        raise DataError(
            f"{name}: classes must be one column, found shape {y.shape}; "
            'give class numbers, or set task = "regression"'
        )
    classes = np.unique(y)
    if len(classes) < 2:
        raise DataError(f"{name}: two classes or more must be there, found one; check y")
    if classes.dtype.kind == "f":
        if not _whole(classes):
            raise DataError(
                f"{name}: classes must be words or whole numbers, found "
                f'{classes[classes != np.round(classes)][0]}; set task = "regression"'
            )
        classes = classes.astype(np.int64)
    return Targets(name, task, len(classes), classes)


def _columns(y: np.ndarray, task: str, name: str) -> Targets:
    """Numbers to predict, or labels from 0 to 1."""
    if y.dtype.kind == "U":
        raise DataError(
            f"{name}: the target of a regression must hold numbers, found words such as "
            f'{str(y.flat[0])!r}; set task = "classification"'
        )
    if (y == y[0]).all():
        raise DataError(f"{name}: y must vary, found one value in all rows; check the target")
    if task == MULTILABEL and (y.min() < 0 or y.max() > 1):
        strange = y.min() if y.min() < 0 else y.max()
        raise DataError(
            f"{name}: labels must be 0, 1 or between, found {strange:g}; encode them, or take a "
            "loss of numbers"
        )
    return Targets(name, task, 1 if y.ndim == 1 else y.shape[1], np.empty(0))


def _positions(y: np.ndarray, name: str, ignored: int | None, n_outputs: int | None) -> Targets:
    """A class at every position: its number is the place of its output."""
    if y.ndim != 2 or (y.dtype.kind not in "iu" and not (y.dtype.kind == "f" and _whole(y))):
        raise DataError(
            f"{name}: a sequence must have whole numbers (N, positions) for targets, found "
            f"{y.dtype} of shape {y.shape}; give the class of every position"
        )
    there = y if ignored is None else y[y != ignored]
    if not there.size:
        raise DataError(f"{name}: positions must have labels, found none; check data.ignore_index")
    most = int(there.max()) + 1
    if n_outputs is not None and n_outputs < most:
        raise DataError(
            f"model.outputs: an output for every class must be there, found {n_outputs} for "
            f"labels up to {most - 1}; raise it"
        )
    found = max(most, 2) if n_outputs is None else n_outputs
    return Targets(name, SEQUENCE, found, np.arange(found), ignored)


def _guess_task(y: np.ndarray, name: str, known: bool | None) -> str:
    """Classes or numbers: the rule of MANY_VALUES and REPEATS."""
    if known is not None:
        return REGRESSION if known else CLASSIFICATION
    if y.dtype.kind == "U" or (y.dtype.kind == "b" and y.ndim == 1):
        return CLASSIFICATION
    if y.ndim == 2:
        _refuse_positions(y, name)
        _refuse_one_hot(y, name)
        refuse_several_labels(y, name)
        return REGRESSION
    n_distinct = len(np.unique(y))
    if not _whole(y):
        return REGRESSION
    if n_distinct <= MANY_VALUES:
        return CLASSIFICATION
    if n_distinct * REPEATS <= len(y):
        raise DataError(
            f"data.task: classification or regression must be said where y could be either, found "
            f"{n_distinct} different whole numbers in {len(y)} rows; set task"
        )
    return REGRESSION


def _refuse_positions(y: np.ndarray, name: str) -> None:
    """DataError for whole numbers that end in torch's "no label", which are classes."""
    if y.dtype.kind == "i" and (y == IGNORED).any():
        raise DataError(
            f"data.task: it must be said what columns of whole numbers with {IGNORED} are, found "
            f'{y.shape[1]} in {name}; set task = "sequence" for a class at every position, or '
            '"regression"'
        )


def _refuse_one_hot(y: np.ndarray, name: str) -> None:
    if np.isin(y, (0, 1)).all() and (y.sum(axis=1) == 1).all():
        raise DataError(
            f"{name}: classes must be one column, found one-hot rows of {y.shape[1]}; "
            'pass y.argmax(1), or set task = "regression"'
        )


def _whole(y: np.ndarray) -> bool:
    return bool((y == np.round(y)).all())
