"""What a training loop of the user's gets of a run, and how it says what the run came to.

A loop lives in a process of its own. It reports every epoch and hears nothing back but at a rung,
where it waits until its trial is allowed on. Nothing here loads torch.
"""

from __future__ import annotations

import math
import reprlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from sweep.metrics.metric import ACCURACY, within_largest
from sweep.regularizers.catalogue import acts_on_weights, has_strength

if TYPE_CHECKING:
    import numpy as np

PRUNED = 0
"""What a waiting loop hears where its run does not go on."""
NEEDED = ("train_loss", "val_loss")
ROUNDING = 1e-5
"""By which an accuracy may miss its range."""


class RunPruned(Exception):
    """Raised by ``run.report`` where a run need not go on: its trial is pruned, or its loss is not
    finite. Let it pass, or put in order what must be and raise it again; a loop that raises it by
    itself ends its run as pruned.
    """


class RunRows(NamedTuple):
    """The numbers of a run's rows among all rows of the data, in rising order (int64)."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray | None
    """Of final runs alone."""


@dataclass(frozen=True)
class LoopJob:
    """What a process gets to train a run."""

    seed: int
    split_seed: int
    fold: int
    penalty: str
    strength: float
    strengths: Mapping[str, float]
    params: Mapping[str, Any]
    numbers: Mapping[str, float]
    """The penalty's numbers beside its strength by name (``cpr.rate``)."""
    epochs: int
    stop: int
    """The epoch at which it waits for the first time."""
    device: str
    is_final: bool
    rows: RunRows | None
    metrics: tuple[str, ...]
    """The names of the metrics that may be reported."""
    needed: tuple[str, ...] = NEEDED
    """What every epoch must report."""
    model_file: str = ""
    """Where the model that the loop returns is kept; "" for nowhere."""

    @property
    def placeholders(self) -> dict[str, Any]:
        """What stands for the names in a command, but for its files."""
        return {
            **self.params,
            **self.strengths,
            "strength": self.strength,
            "penalty": self.penalty,
            "seed": self.seed,
            "split_seed": self.split_seed,
            "fold": self.fold,
            "epochs": self.epochs,
            "device": self.device,
            "final": int(self.is_final),
        }


class Channel(Protocol):
    """The way from a loop to the launch."""

    def send(self, message: Mapping[str, Any]) -> None:
        """Says something."""

    def wait(self) -> int:
        """The next epoch to wait at, or ``PRUNED``; it is waited for."""


class OwnRun:
    """A run as the user's loop sees it: an argument of the loop, made for it.

    Attributes:
        seed: Of the initial weights and the order of batches, from 0 to 2^31 - 1.
        split_seed: Of the division of rows, where the loop divides them itself: under ``resample``
            and ``fresh`` each repetition has its own, under ``kfold`` that of its shuffle, under
            ``holdout`` there is one.
        fold: Which part of the rows is validated on, from 0 on; 0 but under ``kfold``.
        penalty: The name of the regularizer.
        strength: Its strength; 0 where the run has none.
        strengths: The strength of every regularizer of the run by name: of a cocktail those that
            it uses.
        params: The axes by name, and ``lr`` and ``batch_size`` where the study gives them.
        epochs: How often ``report`` may be called.
        device: ``cpu``, ``cuda`` or ``mps``.
        is_final: Whether the run belongs to the confirm phase, and alone may touch the test rows:
            report ``test_loss`` then. What is reported of the test in other runs is not kept.
        rows: The numbers of its rows, where the study has data; else None.

    Args:
        job: What its process was handed.
        channel: The way to the launch.
    """

    def __init__(self, job: LoopJob, channel: Channel):
        self._job, self._channel = job, channel
        self.seed, self.split_seed, self.fold = job.seed, job.split_seed, job.fold
        self.penalty, self.strength = job.penalty, job.strength
        self.strengths, self.params = MappingProxyType(job.strengths), MappingProxyType(job.params)
        self.epochs, self.device, self.is_final = job.epochs, job.device, job.is_final
        self.rows = job.rows
        self._epoch, self._stop = 0, job.stop
        self._regularizer: Any = None

    def report(self, /, **metrics: float) -> None:
        """Records an epoch: ``train_loss``, ``val_loss``, and what else the study is judged by.

        ``val_accuracy`` and ``train_accuracy`` are always known, other metrics (``val_f1``) where
        ``study.metrics`` lists them; ``null_loss`` is the constant predictor's validation loss, and
        ``test_loss`` that of the test rows in final runs. Numbers beyond 1e30 count as infinite.

        Raises:
            RunPruned: The run need not go on.
            ValueError: A metric is unknown or missing, or all epochs were reported before.
        """
        values = checked_metrics(metrics, self._job)
        if self._epoch >= self.epochs:
            raise ValueError(f"at most run.epochs = {self.epochs} are reported, found another")
        self._epoch += 1
        self._channel.send({"report": values})
        if not all(math.isfinite(values[name]) for name in self._job.needed):
            raise RunPruned(f"a loss is not finite at epoch {self._epoch}")
        if self._epoch == self._stop < self.epochs:
            self._stop = self._channel.wait()
            if self._stop == PRUNED:
                raise RunPruned(f"worse than the trials kept at epoch {self._epoch}")

    def regularizer(self, model: Any, **options: Any) -> Any:
        """A ``sweep.Regularizer`` of the run's penalties of weights for a PyTorch model.

        Those that act on no weights (dropout, mixup) are left to the loop, which finds them in
        ``strengths``. ``options`` are the regularizer's.
        """
        wanted = {
            name: strength if has_strength(name) else None
            for name, strength in self.strengths.items()
            if strength > 0 and acts_on_weights(name)
        }
        make: Callable[..., Any] = import_module("sweep.regularize").Regularizer
        self._regularizer = make(model, wanted, numbers=dict(self._job.numbers), **options)
        return self._regularizer

    def keep(self, returned: Any) -> None:
        """Keeps the model that the loop returned, and the regularizer that it was handed, where
        somebody waits for them.
        """
        if self._job.model_file and (hasattr(returned, "state_dict") or self._regularizer):
            keep_model = import_module("sweep.launchers._loop_model").keep_model
            keep_model(returned, self._regularizer, self._job.model_file)


def checked_metrics(metrics: Mapping[str, Any], job: LoopJob) -> dict[str, float]:
    """The reported numbers as floats; ValueError for what is unknown, missing or no number."""
    values = {}
    for name, value in metrics.items():
        if name not in job.metrics:
            raise ValueError(
                f"run.report takes {', '.join(job.metrics)}, found {name}; list other metrics in "
                "study.metrics"
            )
        try:
            if isinstance(value, bool):
                raise TypeError
            values[name] = within_largest(float(value))
        except (TypeError, ValueError, OverflowError) as error:
            found = reprlib.repr(value)
            raise ValueError(f"run.report takes numbers, found {name} = {found}") from error
        if name in ACCURACY.columns and abs(values[name] - 0.5) > 0.5 + ROUNDING:
            raise ValueError(
                f"run.report takes accuracies from 0 to 1, found {name} = {value!r}; divide "
                "percentages by 100"
            )
    missing = [name for name in job.needed if name not in values]
    if missing:
        raise ValueError(f"run.report needs {', '.join(missing)} at every epoch, found none")
    return values
