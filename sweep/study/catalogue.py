"""Builtin data sets, networks, optimizers and schedules by name, and what is true of each.

They are made in ``data``, ``networks`` and ``training``; all others ask here for what they need to
know of one. A name that is not here is a user's function, of which nothing is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from sweep.metrics.tasks import CLASSIFICATION, MULTILABEL, REGRESSION, SEQUENCE


@dataclass(frozen=True)
class BuiltinDataSet:
    """What the rules and the settings know of a builtin source of rows."""

    name: str
    regression: bool | None = None
    """Whether there is a number to predict; None where a file decides."""
    generated: bool = False
    """Whether rows are drawn from a seed and take arguments; others are one finite set."""
    endings: tuple[str, ...] = ()
    """How the name of the file may end that is read; none where none is."""
    folder: bool = False
    """Whether it is read from a folder of files."""


USUAL_NETWORK = "mlp"
"""That of a study file that names none."""


@dataclass(frozen=True)
class BuiltinNetwork:
    """What the rules and the settings know of a builtin network."""

    name: str
    arguments: tuple[str, ...] = ()
    """What axes may sweep of it."""
    dropout: bool = False
    """Whether ``model.dropout`` is the rate of its dropouts."""

    @property
    def has_widths(self) -> bool:
        """Whether the width of its hidden layers may be swept."""
        return "width" in self.arguments


@dataclass(frozen=True)
class BuiltinOptimizer:
    """What the rules and the phases know of an optimizer."""

    name: str
    usual_penalty: str
    usual_strength: float
    """What one regularizes with under it without any search."""
    numbers: Mapping[str, float]
    """The settings that are numbers of it beside ``lr``, and their defaults."""
    flags: tuple[str, ...] = ()
    """The other settings that are its own."""
    has_metric: bool = True
    """Whether a coordinate moves in proportion to its gradient, so that proximal steps have a
    size."""
    of_matrices: bool = False
    """Whether it needs a matrix to act on."""
    nesterov: bool = False
    """Whether it has Nesterov's momentum where nothing is said."""

    @property
    def settings(self) -> frozenset[str]:
        """The settings that are its own."""
        return frozenset((*self.numbers, *self.flags))


@dataclass(frozen=True)
class BuiltinSchedule:
    """What the rules know of a schedule of the learning rate."""

    name: str
    numbers: Mapping[str, float] = field(default_factory=dict)
    """The settings that are numbers of it beside ``warmup``, and their defaults."""
    warmup: float = 0.0
    """Its warmup where nothing is said."""
    ends_above_zero: bool = False
    """Whether its last factor cannot be 0."""
    milestones: tuple[float, ...] = ()
    """Its milestones where nothing is said; () where it has none."""

    @property
    def settings(self) -> frozenset[str]:
        """The settings that are its own."""
        return frozenset((*self.numbers, *(("milestones",) if self.milestones else ())))


@dataclass(frozen=True)
class BuiltinLoss:
    """What the rules and the settings know of a loss."""

    name: str
    tasks: tuple[str, ...]
    """What it is a loss for."""
    options: tuple[str, ...] = ()
    """The settings that are its own."""
    boosted: bool = False
    """Whether boosted trees can be judged by it."""

    @property
    def of_numbers(self) -> bool:
        """Whether there are numbers to predict."""
        return REGRESSION in self.tasks

    @property
    def of_labels(self) -> bool:
        """Whether a row may have several labels."""
        return MULTILABEL in self.tasks


DATA_SETS: Mapping[str, BuiltinDataSet] = MappingProxyType(
    {
        d.name: d
        for d in (
            BuiltinDataSet("mnist1d", regression=False, generated=True),
            BuiltinDataSet("digits", regression=False),
            BuiltinDataSet("breast_cancer", regression=False),
            BuiltinDataSet("diabetes", regression=True),
            BuiltinDataSet("csv", endings=(".csv", ".CSV")),
            BuiltinDataSet("parquet", endings=(".parquet",)),
            BuiltinDataSet("images", regression=False, folder=True),
        )
    }
)
NETWORKS: Mapping[str, BuiltinNetwork] = MappingProxyType(
    {
        n.name: n
        for n in (
            BuiltinNetwork("mlp", ("width", "depth", "activation", "batch_norm"), dropout=True),
            BuiltinNetwork("cnn", ("activation", "batch_norm"), dropout=True),
            BuiltinNetwork("linear"),
        )
    }
)
ADAM = MappingProxyType({"beta1": 0.9, "beta2": 0.999, "eps": 1e-8})
OPTIMIZERS: Mapping[str, BuiltinOptimizer] = MappingProxyType(
    {
        o.name: o
        for o in (
            BuiltinOptimizer(
                "sgd", "l2", 2.5e-4, {"momentum": 0.9, "dampening": 0.0}, ("nesterov",)
            ),
            BuiltinOptimizer("adam", "decay", 1e-2, ADAM, ("amsgrad",)),
            BuiltinOptimizer("adamw", "decay", 1e-2, ADAM, ("amsgrad",)),
            BuiltinOptimizer("nadam", "decay", 1e-2, {**ADAM, "momentum_decay": 4e-3}),
            BuiltinOptimizer("rmsprop", "l2", 5e-5, {"beta2": 0.99, "eps": 1e-8, "momentum": 0.0}),
            BuiltinOptimizer(
                "lion", "decay", 1e-1, {"beta1": 0.9, "beta2": 0.99}, has_metric=False
            ),
            BuiltinOptimizer(
                "muon",
                "decay",
                1e-1,
                {"momentum": 0.95, **ADAM},
                ("nesterov", "adjust_lr"),
                has_metric=False,
                of_matrices=True,
                nesterov=True,
            ),
        )
    }
)
"""The strength of l2 is half of torch's ``weight_decay``."""
USUAL_OPTIMIZER = "adamw"
"""What a study trains with that names none."""
SCHEDULES: Mapping[str, BuiltinSchedule] = MappingProxyType(
    {
        s.name: s
        for s in (
            BuiltinSchedule("constant"),
            BuiltinSchedule("linear", {"final_lr": 0.0}),
            BuiltinSchedule("cosine", {"final_lr": 0.0}),
            BuiltinSchedule("one_cycle", {"final_lr": 4e-6}, warmup=0.3),
            BuiltinSchedule("step", {"gamma": 0.1}, milestones=(0.5, 0.75)),
            BuiltinSchedule("exponential", {"final_lr": 0.01}, ends_above_zero=True),
            BuiltinSchedule("wsd", {"final_lr": 0.0, "cooldown": 0.2}),
        )
    }
)


LOSSES: Mapping[str, BuiltinLoss] = MappingProxyType(
    {
        loss.name: loss
        for loss in (
            BuiltinLoss(
                "cross_entropy", (CLASSIFICATION, SEQUENCE), ("class_weight",), boosted=True
            ),
            BuiltinLoss("bce", (CLASSIFICATION, MULTILABEL), ("pos_weight",)),
            BuiltinLoss("mse", (REGRESSION,), boosted=True),
            BuiltinLoss("mae", (REGRESSION,)),
            BuiltinLoss("huber", (REGRESSION,), ("delta",)),
            BuiltinLoss("quantile", (REGRESSION,), ("quantiles",)),
            BuiltinLoss("poisson", (REGRESSION,)),
            BuiltinLoss("gaussian_nll", (REGRESSION,)),
        )
    }
)
USUAL_LOSSES: Mapping[str, str] = MappingProxyType(
    {
        CLASSIFICATION: "cross_entropy",
        SEQUENCE: "cross_entropy",
        MULTILABEL: "bce",
        REGRESSION: "mse",
    }
)
"""The loss of a task where the study names none."""


RECIPES: Mapping[str, Mapping[str, object]] = MappingProxyType(
    {
        "adamw_cosine": {"optimizer": "adamw", "schedule": "cosine", "warmup": 0.05},
        "adamw_wsd": {"optimizer": "adamw", "schedule": "wsd", "warmup": 0.05, "cooldown": 0.2},
        "sgd_step": {
            "optimizer": "sgd",
            "lr": 0.1,
            "momentum": 0.9,
            "nesterov": True,
            "schedule": "step",
            "milestones": (0.5, 0.75),
            "gamma": 0.1,
        },
        "sgd_cosine": {
            "optimizer": "sgd",
            "lr": 0.1,
            "momentum": 0.9,
            "nesterov": True,
            "schedule": "cosine",
        },
        "muon_wsd": {
            "optimizer": "muon",
            "adjust_lr": "match_rms_adamw",
            "schedule": "wsd",
            "warmup": 0.05,
            "cooldown": 0.2,
        },
    }
)
"""Keys of ``[training]`` that practice agrees on.

Steps at half and three quarters are those of He et al. 2016, section 4.2, for CIFAR-10; a warmup of
a twentieth and a cosine are the usual choice with AdamW.
"""


def optimizer(source: object) -> BuiltinOptimizer | None:
    """The builtin optimizer that a study's ``training.optimizer`` names, if any."""
    return OPTIMIZERS.get(source) if isinstance(source, str) else None


def schedule(source: object) -> BuiltinSchedule | None:
    """The builtin schedule that a study's ``training.schedule`` names, if any."""
    return SCHEDULES.get(source) if isinstance(source, str) else None


def loss(source: object) -> BuiltinLoss | None:
    """The builtin loss that a study's ``training.loss`` names, if any."""
    return LOSSES.get(source) if isinstance(source, str) else None


def data_set(source: object) -> BuiltinDataSet | None:
    """The builtin data set that a study's ``data.name`` names, if any."""
    return DATA_SETS.get(source) if isinstance(source, str) else None


def network(source: object) -> BuiltinNetwork | None:
    """The builtin network that a study's ``model.name`` names, if any."""
    return NETWORKS.get(source) if isinstance(source, str) else None
