"""The tables of a study file: every key with its type, its default, its bounds and its meaning.

Each class is one TOML table, read strictly: a string is no number, true is no whole number, but a
whole number may stand for a number. The descriptions are printed in ``studies/README.md``. Rules
that join several tables are in ``rules``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    Strict,
    field_validator,
)

from sweep.metrics.metric import ACCURACY, LOSS, Metric
from sweep.records.parameters import DROPOUT_OF
from sweep.regularizers.catalogue import COCKTAIL, REGULARIZERS
from sweep.runtime.user_code import label_of
from sweep.study.axes import Axis, StrengthSettings, Table, TimescaleSettings
from sweep.study.validators import (
    DATA_SETS,
    MODELS,
    OBJECTIVES,
    Layers,
    broken,
    check_arguments,
    check_device,
    check_name,
    check_objective,
    check_one_of,
    check_source,
    check_text,
    check_word_or,
)

Count = Annotated[int, Field(ge=1, le=100_000)]
Share = Annotated[float, Field(gt=0, lt=0.9)]
Arguments = Annotated[dict[str, Any], AfterValidator(check_arguments)]
Flag = Annotated[
    bool | Literal["auto"],
    BeforeValidator(check_word_or("auto", "true, false", lambda value: isinstance(value, bool))),
]
Width = Annotated[
    int | Literal["auto"],
    BeforeValidator(
        check_word_or(
            "auto",
            "a whole number from 1 to 100000",
            lambda value: type(value) is int and 1 <= value <= 100_000,
        )
    ),
]
DataSource = Annotated[str | Callable[..., Any], BeforeValidator(check_source(DATA_SETS))]
PenaltySource = Annotated[
    str | Any, BeforeValidator(check_source(("none", *REGULARIZERS, COCKTAIL)))
]
ModelSource = Annotated[str | Callable[..., Any], BeforeValidator(check_source(MODELS))]


Objective = Annotated[str | Callable[..., Any], BeforeValidator(check_objective)]
Patterns = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Strict(False)]
Ingredient = Annotated[str, AfterValidator(check_one_of(tuple(REGULARIZERS)))]


class QuestionSettings(Table):
    """What is asked, under which name, and by which measure."""

    name: Annotated[str, AfterValidator(check_name)] = Field(
        description="name of the study in the database and the report", examples=["mine"]
    )
    question: Annotated[str, AfterValidator(check_text)] = Field(
        default="", description="the question in words; the report opens with it"
    )
    seed: int = Field(
        default=0,
        ge=0,
        lt=2**63,
        description="the one seed that all splits, weights and orders come from",
    )
    objective: Objective = Field(
        default="val_loss",
        description="what the search makes best on the validation rows: `val_loss`, "
        '`val_accuracy`, or your own metric, `"file.py:function"` or `"package.module:function"`, '
        "called as `function(output, target)` with the outputs (N, C) and targets of one run and "
        "returning one number",
    )
    maximize: bool | None = Field(
        default=None,
        description="whether more of your own metric is better; by default less is",
    )

    @property
    def metric(self) -> Metric:
        """What the objective measures, and which way is better."""
        name = label_of(self.objective).removeprefix("val_")
        if self.objective in OBJECTIVES:
            return {LOSS.name: LOSS, ACCURACY.name: ACCURACY}[name]
        return Metric(label_of(self.objective), bool(self.maximize))


class DataSettings(Table):
    """What is learned, and how rows are drawn for training, validation and test."""

    name: DataSource = Field(
        description="`mnist1d`, `digits`, `breast_cancer`, `diabetes`, `csv`, `parquet`, "
        '`"file.py:function"` or `"package.module:function"` returning `(x, y)` or a `Dataset`',
        examples=["mnist1d"],
    )
    path: str | None = Field(
        default=None,
        min_length=1,
        description="the file, relative to the study file; csv and parquet only",
    )
    target: str | None = Field(
        default=None, min_length=1, description="the column to predict; csv and parquet only"
    )
    design: Literal["fresh", "resample", "kfold", "holdout"] = Field(
        default="resample",
        description="what a resample is: `fresh` draws new data, `resample` splits one data set "
        "again, `kfold` cross-validates, `holdout` keeps one split and changes only the seed",
    )
    test_fraction: Share = Field(
        default=0.2, description="share of all rows kept for the confirm phase alone"
    )
    validation_fraction: Share = Field(
        default=0.2, description="share of all rows to validate on; under `kfold` the folds decide"
    )
    n_folds: int = Field(
        default=5, ge=2, le=1000, description="parts of a cross-validation; `kfold` only"
    )
    standardize: Flag = Field(
        default="auto",
        description="scale features (and a regression's target) to mean 0 and deviation 1 with "
        "statistics of the training rows; `auto` follows the data set",
    )
    task: Literal["auto", "classification", "regression"] = Field(
        default="auto", description="what the target is; `auto` looks at it"
    )
    ignore_index: int | Literal["auto", "none"] = Field(
        default="auto",
        description="the label of rows that have none, which are left out; `auto` refuses a label "
        'of -1 or -100 beside others from 0 on, `"none"` takes it for a class',
    )
    args: Arguments = Field(
        default={}, description="arguments of the data function, e.g. `num_samples`"
    )
    x: Any = Field(
        default=None, repr=False, exclude=True, description="features (N, ...), from Python only"
    )
    y: Any = Field(
        default=None,
        repr=False,
        exclude=True,
        description="targets (N,) or (N, outputs), from Python only",
    )


class ModelSettings(Table):
    """The network."""

    name: ModelSource = Field(
        default="mlp",
        description='`mlp`, `cnn`, `linear`, `"file.py:function"` or `"package.module:function"` '
        "returning an `nn.Module`",
    )
    hidden: Annotated[
        tuple[Annotated[int, Field(ge=1, le=100_000)], ...],
        Strict(False),
        Field(min_length=1, max_length=64),
    ] = Field(default=(100, 100), description="units of the hidden layers of an `mlp`")
    activation: Literal["relu", "tanh", "gelu"] = Field(
        default="relu", description="what follows each hidden layer"
    )
    channels: Annotated[
        tuple[Annotated[int, Field(ge=1, le=10_000)], ...],
        Strict(False),
        Field(min_length=1, max_length=16),
    ] = Field(default=(16, 32), description="channels of the convolutions of a `cnn`")
    batch_norm: bool = Field(
        default=False, description="batch normalization after each hidden layer"
    )
    dropout: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="rate of the dropout after each activation of an `mlp` or `cnn`",
    )
    args: Arguments = Field(default={}, description="arguments of the model function")


class TrainingSettings(Table):
    """How every run is trained, where no axis says otherwise."""

    optimizer: Literal["sgd", "adam", "adamw"] = Field(
        default="adamw",
        description="`adam` and `adamw` make the same step here: decay is a penalty of "
        "`search.penalties`, not a part of the optimizer",
    )
    lr: float = Field(
        default=1e-3, gt=0, le=1000, description="learning rate, constant over the run"
    )
    momentum: float = Field(default=0.9, ge=0, lt=1, description="momentum of `sgd`")
    epochs: Count = Field(default=40, description="passes over the training rows")
    batch_size: int = Field(default=64, ge=1, le=10_000_000, description="rows of a step")
    input_noise: float = Field(
        default=0.0,
        ge=0,
        lt=100,
        description="standard deviation of Gaussian noise on every input at every step",
    )
    label_smoothing: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="share of the target that is spread evenly over all classes",
    )
    mixup: float = Field(
        default=0.0,
        ge=0,
        lt=100,
        description="a of the Beta(a, a) distribution of the share in which a step mixes each row "
        "of its batch, and the row's loss, with another's",
    )
    patience: int = Field(
        default=0,
        ge=0,
        le=100_000,
        description="epochs without a lower validation loss after which a run ends; it gets its "
        "best epoch back, also where it trains to the end",
    )


class SearchSettings(Table):
    """The explore phase: what is swept, how far, and by which sampler."""

    penalties: Annotated[tuple[PenaltySource, ...], Strict(False), Field(min_length=1)] = Field(
        default=("l2", "decay", "l1"),
        description="which regularizers are compared, each with the same share of the trials: "
        "`none`, any of the list below, `cocktail`, or a penalty of your own "
        '(`"file.py:function"` or `"package.module:function"`)',
    )
    cocktail: Annotated[tuple[Ingredient, ...], Strict(False)] = Field(
        default=(),
        description="what the trials of `cocktail` combine: for each of these regularizers they "
        "decide whether to use it, and how strongly",
    )
    baselines: Annotated[tuple[Literal["default", "gradient_boosting"], ...], Strict(False)] = (
        Field(
            default=(),
            description="what else meets the test split: `default` trains with the usual "
            "decay at `training.lr`, `gradient_boosting` is scikit-learn's, on the same rows",
        )
    )
    strength: StrengthSettings = Field(
        default=StrengthSettings(),
        description="range of strengths `{ low, high }`, for the search and for the path's ladder; "
        "`{ low, high, l1 = { low, high } }` gives one penalty its own",
    )
    timescale: TimescaleSettings | None = Field(
        default=None,
        description="range of `decay` as tau = 1/(lr * strength * steps), 1 being the whole run, "
        "instead of a range of strengths, which then follow each trial's lr, batch_size and epochs",
    )
    layers: Layers = Field(
        default="shared",
        description="strengths of the layers: one for all, strength * ratio^layer, one each "
        "(which a smaller `round` and `gp` find in fewer trials), or one for each of your groups, "
        '`{ stem = "conv*", head = ["fc", "out*"] }`, by patterns of layer names; layers of no '
        "group have the shared one",
    )
    profile: Literal["even", "gradient", "cpr"] = Field(
        default="even",
        description="factors by layer that all strengths are multiplied by (geometric mean 1): "
        "`even`, `gradient` norm over weight norm at the start, or the multipliers that a "
        "constraint on each layer's norm takes (`cpr`)",
    )
    scope: Literal["weights", "all"] = Field(
        default="weights",
        description="what is penalized: weight matrices, or biases and norm layers too",
    )
    include: Patterns = Field(
        default=(),
        description='parameters or layers that are penalized in any case, by pattern: `["*.gate"]`',
    )
    exclude: Patterns = Field(
        default=(),
        description='parameters or layers that are left alone in any case: `["*.pos_embed"]`',
    )
    trials: Count = Field(
        default=64, description="points tried in the explore phase, all penalties"
    )
    resamples: int = Field(default=1, ge=1, le=1000, description="runs of an explore trial")
    round: int = Field(
        default=16,
        ge=1,
        le=10_000,
        description="trials asked at once; it decides which results the sampler knows",
    )
    startup: int | None = Field(
        default=None,
        ge=0,
        le=100_000,
        description="trials of the quasi-random block that comes first, half of them if left out; "
        "it goes on until a trial has completed that the sampler may know",
    )
    sampler: Literal["tpe", "qmc", "random", "grid", "gp"] = Field(
        default="tpe",
        description="who proposes trials after the quasi-random block, from the best 25 of its "
        "penalty and the newest others, 192 in all",
    )
    pruner: Literal["halving", "median", "wilcoxon", "none"] = Field(
        default="halving",
        description="who stops hopeless trials, at half and at three quarters of their run: "
        "`halving` keeps the better half of those that got there, `median` what is no worse than "
        "their median (the same but for ties), `wilcoxon` what is not clearly worse than the best "
        "over at least 5 paired resamples",
    )
    control: bool = Field(
        default=False,
        description="train every pruned trial to its end afterwards, as a control: the report says "
        "whether pruning stopped one that would have won; a finished study may be launched again "
        "with it",
    )
    axes: dict[str, Axis] = Field(
        default={},
        description="what else is searched, by name: `lr`, `momentum` of `sgd`, `dropout` (takes "
        "the place of every dropout rate of the network) and `dropout.<layer>` (of that one "
        "dropout), `batch_size`, `optimizer`, "
        "`input_noise`, `label_smoothing`, `mixup`, `patience`, "
        "`model.width`, `model.depth`, `model.activation` and `model.batch_norm` of an `mlp`, "
        "`elastic_net.l1_share`, `cpr.rate`, `model.<argument>` of "
        'your own function; each `{ low, high, scale = "log" or "linear", integer = false }` or '
        "`{ choices = [...] }`",
    )

    @field_validator("penalties", "cocktail")
    @classmethod
    def _check_repeats(cls, penalties: tuple[Any, ...]) -> tuple[Any, ...]:
        names = [label_of(p) for p in penalties]
        twice = [name for i, name in enumerate(names) if name in names[:i]]
        if twice:
            raise broken(f"every penalty must be given once, found {twice[0]} twice; remove one")
        return penalties

    @property
    def names(self) -> tuple[str, ...]:
        """The names of ``penalties``: one of a person's own is called like its function."""
        return tuple(label_of(penalty) for penalty in self.penalties)

    @field_validator("axes", mode="before")
    @classmethod
    def _check_nesting(cls, axes: object) -> object:
        """``axes.model.width`` is read as the axis ``model.width``."""
        if not isinstance(axes, Mapping):
            return axes
        flat: dict[object, object] = {}
        for name, axis in axes.items():
            ends = {"low", "high", "choices"}
            if isinstance(axis, Mapping) and axis and not axis.keys() & ends:
                flat |= {f"{name}.{inner}": own for inner, own in axis.items()}
            else:
                flat[name] = axis
        return flat

    @field_validator("axes")
    @classmethod
    def _in_order(cls, axes: dict[str, Axis]) -> dict[str, Axis]:
        """Sorted, so that the order of keys in a file decides nothing."""
        return dict(sorted(axes.items()))

    @property
    def swept(self) -> frozenset[str]:
        """The axes and regularizers in which trials may differ; early stopping as patience too."""
        names = {*self.axes, *self.names, *self.cocktail}
        if any(name.startswith(DROPOUT_OF) for name in names):
            names.add("dropout")
        return frozenset(names | ({"patience"} if "early_stopping" in names else set()))

    def regularizes_with(self, name: str) -> bool:
        """Whether it is among the penalties or in the cocktail."""
        return name in self.names or name in self.cocktail

    def sweeps(self, name: str) -> bool:
        """Whether trials may differ in this regularizer or axis."""
        return name in self.swept

    def range(self, penalty: str) -> tuple[float, float]:
        """(low, high): the strengths to search for ``penalty``, its own range or the shared one."""
        if penalty in ("none", COCKTAIL):
            raise ValueError(f"{penalty!r} has no strength")
        if penalty in self.strength.own:
            own = self.strength.own[penalty]
            return own.low, own.high
        usual = REGULARIZERS.get(penalty)
        if usual is not None and usual.low is not None and usual.high is not None:
            return usual.low, usual.high
        return self.strength.low, self.strength.high


class PathSettings(Table):
    """The ladder of strengths through the best trial of each penalty, for the boundaries."""

    points: int = Field(
        default=13,
        ge=0,
        le=1000,
        description="most strengths beside the zero-strength anchor, at least 5; 0 leaves the path "
        "out",
    )
    ladder: Literal["adaptive", "even"] = Field(
        default="adaptive",
        description="`adaptive` begins with 7 strengths and adds others where a boundary is "
        "uncertain, beyond the range too if need be; `even` takes all of them at once",
    )
    width: float = Field(
        default=0.25,
        gt=0,
        le=10,
        description="decades that the interval of a boundary should have at most",
    )
    layers: Literal["none", "best", "all"] = Field(
        default="none",
        description="also a path for each layer's strength with the others held: of the `best` "
        "penalty, or of `all`",
    )
    resamples: int = Field(
        default=5,
        ge=1,
        le=1000,
        description="runs at each strength and of each confirmed setting: 5 is the floor for a "
        "usable interval, 10 is better",
    )


class HardwareSettings(Table):
    """Where it is trained; these keys may change when a study is resumed."""

    device: Annotated[str, AfterValidator(check_device)] = Field(
        default="auto", description="`auto`, `cpu`, `cuda`, `cuda:1` or `mps`"
    )
    population: Width = Field(
        default="auto",
        description="runs trained at a time; `auto` measures, 1 trains one after the other",
    )
    threads: int = Field(
        default=1,
        ge=1,
        le=1024,
        description="threads of each population on a CPU, which has one for every so many cores; "
        "more suit a network too large to stack, and round differently in float32",
    )
    precision: Literal["float32", "float64", "bfloat16"] = Field(
        default="float32",
        description="type of weights and data; `bfloat16` computes in it, where the machine can, "
        "and keeps weights, moments and losses in float32",
    )
    compile: bool = Field(
        default=False,
        description="compile the training step: about a minute at the start and a C++ compiler, "
        "for networks other than plain MLPs and for long studies",
    )


TABLES: Mapping[str, type[Table]] = {
    "study": QuestionSettings,
    "data": DataSettings,
    "model": ModelSettings,
    "training": TrainingSettings,
    "search": SearchSettings,
    "path": PathSettings,
    "hardware": HardwareSettings,
}
"""Every table of a study file in its order."""
PYTHON_ONLY = frozenset({"x", "y"})
"""Keys of ``[data]`` that no file can hold."""
