"""The table ``[training]`` of a study file: how every run is trained, where no axis says otherwise.

What is left out follows from the optimizer and the schedule, as their defaults in ``catalogue``
are, or from a recipe.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainValidator,
    Strict,
    model_validator,
)

from sweep.records.parameters import LONGEST_OPTIMIZER
from sweep.runtime.user_code import label_of
from sweep.study._bounds import (
    BATCH_SIZE,
    CLIP,
    END,
    EPS,
    LR,
    LR_FACTOR,
    NOISE,
    PART,
    PATIENCE,
    SHARE,
    WARMUP,
)
from sweep.study.axes import STRONGEST, WEAKEST
from sweep.study.catalogue import (
    LOSSES,
    OPTIMIZERS,
    RECIPES,
    SCHEDULES,
    USUAL_OPTIMIZER,
    optimizer,
    schedule,
)
from sweep.study.loop_settings import LoopSettings
from sweep.study.search_settings import Count
from sweep.study.transform_settings import TransformSource, check_given_once
from sweep.study.validators import broken, check_source, found

OWN = "; left out, the optimizer's own"
BALANCED = "balanced"
"""Class weights that give every class the same share of the loss."""
MOST_WEIGHT = 1e6
LOSS_OPTIONS = frozenset(name for loss in LOSSES.values() for name in loss.options)
"""Settings that belong to some losses."""
NUMBERS = frozenset(name for o in OPTIMIZERS.values() for name in (*o.numbers, *o.flags))
"""Settings that belong to some optimizers."""
SHAPES = frozenset(name for s in SCHEDULES.values() for name in s.settings)
"""Settings that belong to some schedules."""


def check_warmup(value: float) -> float:
    """A share of the run, or a whole number of steps."""
    if rule := WARMUP.broken_rule("warmup", value):
        raise broken(f"{rule}, found {found(value)}; give a share below 1, or steps")
    return value


def check_loss(source: object) -> object:
    """A loss by name, or a function; a module of torch's where it has no parameters."""
    parameters = getattr(source, "parameters", None)
    if callable(parameters) and not isinstance(source, type):
        if any(True for _ in parameters()):
            raise broken(
                "a loss without parameters must be given, found one that has some, which nothing "
                "would train; put them into the network"
            )
        return source
    return check_source((*LOSSES, "auto"))(source)


def check_class_weight(value: object) -> object:
    """``balanced``, or a positive number by class."""
    if isinstance(value, Mapping):
        value = {str(name): number for name, number in value.items()}
        if value and all(map(_is_weight, value.values())):
            return value
    if value == BALANCED:
        return value
    raise broken(
        f'"{BALANCED}" or a table of numbers above 0 by class must be given, found {found(value)}; '
        "write for example { rare = 10.0 }"
    )


def check_pos_weight(value: object) -> object:
    """A positive number, or one for each label."""
    if _is_weight(value):
        return value
    if isinstance(value, list | tuple) and value and all(map(_is_weight, value)):
        return tuple(map(float, value))
    raise broken(
        f"a number above 0, or a list of them, must be given, found {found(value)}; 1 changes "
        "nothing"
    )


def _is_weight(value: object) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and 0 < float(value) <= MOST_WEIGHT  # type: ignore[arg-type]


def check_quantiles(shares: tuple[float, ...]) -> tuple[float, ...]:
    """Shares in rising order."""
    if any(a >= b for a, b in pairwise(shares)):
        raise broken(f"each must be larger than the one before, found {found(shares)}; sort them")
    return shares


def check_milestones(shares: tuple[float, ...]) -> tuple[float, ...]:
    """Shares of the run, one after the other."""
    if any(a >= b for a, b in pairwise(shares)):
        raise broken(f"each must be later than the one before, found {found(shares)}; sort them")
    return shares


def check_label(source: object) -> object:
    """An optimizer whose name the database has room for."""
    name = label_of(source)
    if len(name) > LONGEST_OPTIMIZER:
        raise broken(
            f"a function whose name has at most {LONGEST_OPTIMIZER} characters must be given, "
            f"found {found(name)}; rename it"
        )
    return source


Optimizer = Annotated[
    str | Callable[..., Any],
    BeforeValidator(check_source(tuple(OPTIMIZERS))),
    AfterValidator(check_label),
]
ScheduleSource = Annotated[
    str | Callable[..., Any], BeforeValidator(check_source(tuple(SCHEDULES)))
]


LossSource = Annotated[str | Callable[..., Any], BeforeValidator(check_loss)]
Positive = Annotated[float, Field(gt=0, le=MOST_WEIGHT)]
ClassWeight = Annotated[str | dict[str, float], PlainValidator(check_class_weight)]
PosWeight = Annotated[float | tuple[float, ...], PlainValidator(check_pos_weight)]


class TrainingSettings(LoopSettings):
    """How every run is trained, where no axis says otherwise."""

    loss: LossSource = Field(
        default="auto",
        description="what is made small, and what `val_loss` is: `cross_entropy` (classes; of "
        "sequences a class at every position), `bce` (two classes with one output, or a matrix of "
        "labels), `mse`, `mae`, `huber`, `quantile` (pinball), `poisson` (counts; outputs are "
        "logarithms of rates), `gaussian_nll` (outputs are means, then logarithms of variances), "
        'or your own: `"file.py:loss"` or `"package.module:loss"`, called as `loss(output, '
        "target)` with one run's batch (and `weight` if it takes one) and returning a number for "
        "each row or one for the batch; `auto` follows `data.task`: `cross_entropy` for classes, "
        "`bce` for labels, `mse` for numbers",
    )
    class_weight: ClassWeight | None = Field(
        default=None,
        description="weights of classes in `cross_entropy`, by their names: `{ rare = 10.0 }`, "
        "others have 1; `balanced` is rows / (classes * rows of the class), counted over all rows",
    )
    pos_weight: PosWeight | None = Field(
        default=None,
        description="what the loss of labels that are there is multiplied by in `bce`: a number, "
        "or one for each label",
    )
    delta: Positive | None = Field(
        default=None, description="where `huber` turns into a straight line (1)"
    )
    quantiles: (
        Annotated[
            tuple[Annotated[float, Field(gt=0, lt=1)], ...],
            Strict(False),
            Field(min_length=1, max_length=100),
            AfterValidator(check_quantiles),
        ]
        | None
    ) = Field(default=None, description="the shares of `quantile` (0.5), an output for each")
    recipe: Literal["adamw_cosine", "adamw_wsd", "sgd_step", "sgd_cosine", "muon_wsd"] | None = (
        Field(
            default=None,
            description="keys that practice agrees on, which others of this table override; "
            "`check` prints them",
        )
    )
    optimizer: Optimizer = Field(
        default=USUAL_OPTIMIZER,
        description="`sgd`, `adam`, `adamw`, `nadam`, `rmsprop`, `lion`, `muon` (matrices by "
        "orthogonalised momentum, all else by `adamw`), or your own: "
        '`"file.py:make"` or `"package.module:make"`, called as `make(groups, lr)` with parameter '
        "groups and returning a `torch.optim.Optimizer`, one run at a time. "
        "`adam` and `adamw` make the same step here: decay is a penalty of "
        "`search.penalties`, not a part of the optimizer",
    )
    lr: Annotated[float, LR.field] = Field(
        default=1e-3, description="learning rate, which the schedule multiplies"
    )
    momentum: Annotated[float, SHARE.field] | None = Field(
        default=None, description=f"momentum of `sgd` (0.9), `muon` (0.95), `rmsprop` (0){OWN}"
    )
    dampening: Annotated[float, SHARE.field] | None = Field(
        default=None, description=f"dampening of `sgd` (0){OWN}"
    )
    nesterov: bool | None = Field(
        default=None, description="Nesterov's momentum, of `sgd` (false) and `muon` (true)"
    )
    beta1: Annotated[float, SHARE.field] | None = Field(
        default=None,
        description=f"decay of the mean gradient of the Adams (0.9) and `lion` (0.9){OWN}",
    )
    beta2: Annotated[float, SHARE.field] | None = Field(
        default=None,
        description="decay of the mean square of the Adams (0.999) and of `rmsprop` (0.99, torch's "
        f"`alpha`), and of the mean gradient that `lion` keeps (0.99){OWN}",
    )
    eps: Annotated[float, EPS.field] | None = Field(
        default=None, description=f"added to the root of the mean square (1e-8){OWN}"
    )
    amsgrad: bool | None = Field(
        default=None, description="whether `adam` and `adamw` divide by the largest mean square"
    )
    momentum_decay: Annotated[float, PART.field] | None = Field(
        default=None, description=f"of `nadam` (0.004){OWN}"
    )
    adjust_lr: Literal["original", "match_rms_adamw"] | None = Field(
        default=None,
        description="how `muon` scales the step of a matrix of A rows and B columns: `original` "
        "(the default) by sqrt(max(1, A/B)), `match_rms_adamw` by 0.2 sqrt(max(A, B)), with which "
        "it takes the learning rates of `adamw`",
    )
    schedule: ScheduleSource = Field(
        default="constant",
        description="what multiplies the learning rate at every step: `constant`, `linear`, "
        "`cosine`, `one_cycle`, `step`, `exponential`, `wsd` (warm up, stay, decay), or your own: "
        '`"file.py:factor"` or `"package.module:factor"`, called as `factor(share)` with the share '
        "of the run from 0 to below 1 (after the warmup, where there is one)",
    )
    warmup: Annotated[float, AfterValidator(check_warmup)] | None = Field(
        default=None,
        description="a straight climb at the start: a share of the run, or steps where it is 1 or "
        "more; left out 0, for `one_cycle` 0.3",
    )
    final_lr: Annotated[float, PART.field] | None = Field(
        default=None,
        description="what `linear`, `cosine`, `wsd` (0), `one_cycle` (4e-6) and `exponential` "
        "(0.01) end at, as a share of `lr`",
    )
    milestones: (
        Annotated[
            tuple[Annotated[float, Field(gt=0, lt=1)], ...],
            Strict(False),
            Field(min_length=1, max_length=100),
            AfterValidator(check_milestones),
        ]
        | None
    ) = Field(
        default=None,
        description="shares of the run at which `step` falls (0.5 and 0.75): epoch 60 of 200 is "
        "0.3",
    )
    gamma: Annotated[float, END.field] | None = Field(
        default=None, description="what `step` multiplies by at each milestone (0.1)"
    )
    cooldown: Annotated[float, PART.field] | None = Field(
        default=None, description="share of the run in which `wsd` falls (0.2)"
    )
    clip_norm: Annotated[float, CLIP.field] = Field(
        default=0.0, description="largest norm of a gradient, which is scaled down to it; 0 for any"
    )
    clip_value: Annotated[float, CLIP.field] = Field(
        default=0.0, description="largest size of a gradient's coordinate; 0 for any"
    )
    ema: Annotated[float, SHARE.field] = Field(
        default=0.0,
        description="decay of a moving average of the weights, which validation, test and `best` "
        "use then; 0 for the weights themselves",
    )
    lr_of: dict[str, Annotated[float, LR_FACTOR.field]] = Field(
        default={},
        description="what the learning rate of some parameters is multiplied by, by pattern of "
        'names of parameters or layers, the first that matches: `{ "backbone.*" = 0.1 }`',
    )
    fixed: dict[str, Annotated[float, Field(ge=WEAKEST, le=STRONGEST)]] = Field(
        default={},
        description="penalties that act in all runs while others are swept, with their strengths: "
        "`{ decay = 0.01 }`; the zero-strength anchor has them too",
    )
    penalty_from: Annotated[float, SHARE.field] = Field(
        default=0.0, description="share of the run after which penalties of weights act"
    )
    penalty_until: Annotated[float, END.field] = Field(
        default=1.0, description="share of the run up to which penalties of weights act"
    )
    epochs: Count = Field(default=40, description="passes over the training rows")
    batch_size: Annotated[int, BATCH_SIZE.field] = Field(
        default=64, description="rows of a batch; a run that has fewer takes all of its own"
    )
    accumulate: int = Field(
        default=1, ge=1, le=10_000, description="batches whose mean gradient makes one step"
    )
    augment: Annotated[
        tuple[TransformSource, ...],
        Strict(False),
        Field(max_length=100),
        AfterValidator(check_given_once),
    ] = Field(
        default=(),
        description="what is done to the rows of a batch in training, in this order, with random "
        'numbers of the run and the step: names of the list below, `"crop:2"` or `{ name = "crop", '
        'pixels = 2, padding = "reflect" }` with an amount, or your own: `"file.py:function"` or '
        '`"package.module:function"`, called as `function(x, key)` with the rows (B, ...) of one '
        "run's batch and returning them changed",
    )
    input_noise: Annotated[float, NOISE.field] = Field(
        default=0.0,
        description="standard deviation of Gaussian noise on every input at every step",
    )
    label_smoothing: Annotated[float, SHARE.field] = Field(
        default=0.0,
        description="share of the target that is spread evenly over all classes",
    )
    mixup: Annotated[float, NOISE.field] = Field(
        default=0.0,
        description="a of the Beta(a, a) distribution of the share in which a step mixes each row "
        "of its batch, and the row's loss, with another's",
    )
    patience: Annotated[int, PATIENCE.field] = Field(
        default=0,
        description="epochs without a lower validation loss after which a run ends; it gets its "
        "best epoch back, also where it trains to the end",
    )

    @property
    def loss_name(self) -> str:
        """The loss's name, ``auto`` where it follows the task; a function is called by its own."""
        return label_of(self.loss)

    @property
    def optimizer_name(self) -> str:
        """The optimizer's name; a function is called by its own."""
        return label_of(self.optimizer)

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, table: object) -> object:
        """The table with those keys of its recipe that suit the others."""
        if not isinstance(table, Mapping):
            return table
        name = table.get("recipe")
        recipe = RECIPES.get(name, {}) if isinstance(name, str) else {}
        filled = {**recipe, **table}
        kind, shape = (
            optimizer(filled.get("optimizer", USUAL_OPTIMIZER)),
            schedule(filled.get("schedule")),
        )
        theirs = {*(kind.settings if kind else ()), *(shape.settings if shape else ())}
        strange = ((NUMBERS | SHAPES) & recipe.keys()) - theirs
        if filled.get("optimizer") != recipe.get("optimizer"):
            strange |= {"lr"}  # each optimizer has rates of its own
        return {key: value for key, value in filled.items() if key not in strange - table.keys()}
