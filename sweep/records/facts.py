"""What a launch found out about its study, as the store keeps it beside the study's text.

The fields are the keys of the JSON column ``facts``, in its order: a name or a type is changed by
a migration only. A field with a default was added after schema 1, and the default says what is
known of a study that was run before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Self, get_type_hints

from sweep.records._typed_values import typed

COUNTS = (
    "n_train",
    "n_validation",
    "n_outputs",
    "epochs",
    "batch_size",
    "steps_per_epoch",
    "accumulate",
)
"""What there is at least one of, where it is known."""

MOST_NAMES = 3
"""Modules that are named one by one."""


@dataclass(frozen=True, kw_only=True)
class StudyFacts:
    """The question, the data, the network, the training and the machine of a study."""

    question: str
    """What the study asks, in the words of its file."""
    objective: str
    """What trials are judged by: a column of the frames, such as ``val_loss``."""
    maximize: bool = False
    """Whether more of the objective is better."""
    seed: int
    """The study's own seed."""
    design: str
    """How rows are divided: ``fresh``, ``resample``, ``kfold`` or ``holdout``."""
    folder: str
    """The folder that paths in the study file are relative to."""
    penalties: tuple[str, ...]
    """The searched penalties, in the order of the study file."""
    cocktail: tuple[str, ...] = ()
    """The regularizers that a cocktail may use."""
    layers_mode: str
    """How strengths differ between layers: ``shared``, ``depth``, ``free`` or ``groups``."""
    optimizer: str
    """The name of the optimizer; where it is an axis, its value outside the search."""
    pruner: str = ""
    """The name of the pruner; "" where it is not known."""
    rungs: tuple[int, ...] | None = None
    """The epochs at which trials may be stopped; None where they are not known, and where each
    trial has its own."""
    versions: Mapping[str, str]
    """The versions of the packages that numbers depend on, by name."""
    git_commit: str
    """The commit of the study's folder; "" outside a checkout."""
    task: str
    """``classification``, ``sequence``, ``multilabel`` or ``regression``."""
    data_fingerprint: str
    """A hash of all rows."""
    n_train: int | None
    """Training rows of the first split."""
    n_validation: int | None
    """Validation rows of the first split."""
    n_test: int | None
    """Test rows that are kept apart; None where they are drawn anew."""
    n_folds: int | None
    """Folds of the design ``kfold``; None in other designs."""
    n_outputs: int | None
    """Outputs of the network: classes, or target columns."""
    n_parameters: int | None
    """Numbers in the network's weights, penalized or not."""
    layers: tuple[str, ...]
    """The penalized layers, in the order of the network."""
    layer_groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The layers of each group of the study file."""
    profile: str = "even"
    """Where the starting profile of the layers' strengths comes from; ``even`` for none."""
    profile_factors: Mapping[str, float] = field(default_factory=dict)
    """What the starting profile multiplies each layer's strength by; empty for ``even``."""
    same_weights: bool = False
    """Whether every run begins with the same weights, whichever its seed."""
    scale_invariant: Mapping[str, str] = field(default_factory=dict)
    """The penalized layers whose scale the network takes out again, and how."""
    zeroing_strengths: Mapping[str, float] = field(default_factory=dict)
    """The smallest strength at which a penalty leaves no weight, where that is known."""
    timescale: tuple[float, float] | None = None
    """The searched range of decay as a timescale; None where strengths are searched."""
    copied_rows: int | None = None
    """Validation rows that equal a training row; None where rows were not compared."""
    missing_classes: tuple[int, ...] = ()
    """The classes without a training row in the first split."""
    epochs: int | None
    """Epochs of a run that is not stopped; where they are an axis, its value outside the search."""
    batch_size: int | None
    """Rows of a batch; where it is an axis, its value outside the search."""
    steps_per_epoch: int | None
    """Updates of the weights in an epoch."""
    precision: str
    """The type of weights and rows, such as ``float32``."""
    stacked: bool
    """Whether many runs train at once."""
    why_alone: str
    """Why runs train one after the other; "" where they train together."""
    hardware: Mapping[str, str]
    """The machine: device, processor, threads, cores, system, and what updates weights there."""
    idle_parameters: tuple[str, ...] = ()
    """The weights that get no gradient and are left alone."""
    parity: Mapping[str, float] = field(default_factory=dict)
    """The largest difference from plain PyTorch by how runs train, ``stacked`` or ``alone``."""
    unpruned_fingerprint: str = ""
    """A hash of all that decides, less name and pruner; "" where it is not known."""
    timescale_unit: str = "run"
    """What that range counts: ``run`` or ``epochs``."""
    accumulate: int = 1
    """Batches of an update."""
    schedule: str = "constant"
    """The name of the schedule of the learning rate; "" for a function of the user's."""
    schedule_numbers: Mapping[str, float] = field(default_factory=dict)
    """Its numbers by name, and the shares of the run between which penalties act; where one is an
    axis, its value outside the search."""
    milestones: tuple[float, ...] = ()
    """The shares of the run at which a stepped schedule falls."""
    factors: float | None = None
    """What the schedule multiplies the learning rate by, summed over the steps of a run in which
    penalties act; None where it is 1 in all of them."""
    metrics: Mapping[str, bool] = field(default_factory=dict)
    """The metrics that the study names beside loss and accuracy, and whether more is better; of a
    study that was run before there were several, the objective alone is known."""

    divided_by: str = "rows"
    """What decides which rows are trained on: a value of ``DividedBy``."""
    n_groups: int | None = None
    """Groups of rows that stay together; None without any."""
    overlap: float | None = None
    """What the overlap of training rows adds to 1/R; None where it follows from the design."""
    weighted: bool = False
    """Whether rows have weights."""
    loss: str = ""
    """The name of the loss; "" of a study from before there was a choice, and of a loop of the
    user's."""
    loss_weighted: bool = False
    """Whether classes or labels have weights in the loss."""
    target_scaled: bool = False
    """Whether the loss is of targets that are scaled by training rows."""
    loop: str = ""
    """What trained where it was not this package's own loop: ``function`` or ``command``. Numbers
    that only such a loop knows are None."""
    source: str = ""
    """What its runs were imported from, such as ``a table``; "" for a study that was trained here.
    Of an imported one, numbers that are not known are None, and texts empty."""
    no_path: Mapping[str, str] = field(default_factory=dict)
    """Why the runs of a penalty are no path, by penalty, or by penalty and layer."""
    null_from_strongest: bool = False
    """Whether the strongest strength stands for the constant predictor."""
    ignored_checks: tuple[str, ...] = ()
    """The codes of the checks that the study file switches off."""
    own_dropout: Mapping[str, float] = field(default_factory=dict)
    """The rates of dropout that the network has of its own, by module; empty for none, where an
    axis takes their place, and where they are not known."""

    def __post_init__(self) -> None:
        for name in COUNTS:
            if (n := getattr(self, name)) is not None and n < 1:
                raise ValueError(f"{name}: at least 1 must be given, found {n}")

    @property
    def own_dropout_words(self) -> str:
        """Those rates and where they are; "" for none."""
        places: dict[float, list[str]] = {}
        for name, rate in self.own_dropout.items():
            places.setdefault(rate, []).append(name or "its forward")
        found = []
        for rate, names in places.items():
            where = ", ".join(names) if len(names) <= MOST_NAMES else f"{len(names)} modules"
            found.append(f"{rate:g} in {where}")
        return ", ".join(found)

    @classmethod
    def read(cls, stored: Mapping[str, object]) -> Self:
        """The record of these values by name; names that it does not have are ignored.

        Raises ValueError, in one line, for a value that is missing, of another type or impossible.
        """
        kinds, found = get_type_hints(cls), {}
        for own in fields(cls):
            if own.name in stored:
                found[own.name] = typed(own.name, stored[own.name], kinds[own.name])
            elif own.default is MISSING and own.default_factory is MISSING:
                raise ValueError(f"{own.name}: a value must be given, found none")
        return cls(**found)

    def as_json(self) -> dict[str, Any]:
        """The content of the column ``facts``."""
        return {own.name: _plain(getattr(self, own.name)) for own in fields(StudyFacts)}


@dataclass(frozen=True, kw_only=True)
class StoredStudy(StudyFacts):
    """A study's facts, and what its store knows of it besides."""

    name: str
    """The name of the study in its database."""
    text: str
    """The study file."""
    winner: int | None
    """The number of the best trial; None before the end, and where no trial completed."""
    created_at: dt.datetime
    """When the study was launched for the first time, in UTC."""
    finished_at: dt.datetime | None
    """When the study finished, in UTC; None before."""
    database: str
    """The database's URL without its secrets."""


def _plain(value: object) -> object:
    """Tuples as lists and mappings as dicts, as JSON has them."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
