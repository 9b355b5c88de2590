"""The tables of a study file: every key with its type, its default, its bounds and its meaning.

Each class is one TOML table, read strictly: a string is no number, true is no whole number, but a
whole number may stand for a number. The descriptions are printed in ``studies/README.md``. Rules
that join several tables are in ``_rules``, the table of the search in ``search_settings``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Strict, Tag

from sweep.metrics.catalogue import METRICS, NamedMetric
from sweep.metrics.metric import Metric
from sweep.study._bounds import DEPTH, SHARE, WIDTH, Activation
from sweep.study._metrics import listed_metrics, objective_of
from sweep.study.axes import MetricSettings, TomlTable
from sweep.study.catalogue import NETWORKS, USUAL_NETWORK, network
from sweep.study.data_settings import Arguments, DataSettings
from sweep.study.search_settings import SearchSettings
from sweep.study.training_settings import TrainingSettings
from sweep.study.validators import (
    check_code,
    check_device,
    check_gpus,
    check_metric,
    check_name,
    check_objective,
    check_source,
    check_text,
    check_word_or,
)

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
ModelSource = Annotated[str | Callable[..., Any], BeforeValidator(check_source(tuple(NETWORKS)))]


ModelOutput = Annotated[str, Field(min_length=1)] | Annotated[int, Field(ge=0)]


Objective = Annotated[str | Callable[..., Any], BeforeValidator(check_objective)]
MetricEntry = Annotated[
    Annotated[str | Callable[..., Any], BeforeValidator(check_metric), Tag("~word")]
    | Annotated[MetricSettings, Tag("~table")],
    Discriminator(
        lambda value: "~table" if isinstance(value, Mapping | MetricSettings) else "~word"
    ),
]


class QuestionSettings(TomlTable):
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
        "`val_accuracy`, `val_<name>` of another of the `metrics`, or your own metric, "
        '`"file.py:function"` or `"package.module:function"`, called as `function(output, target)` '
        "with the outputs (N, C) and targets of one run and returning one number",
    )
    maximize: bool | None = Field(
        default=None,
        description="whether more of your own metric is better; by default less is",
    )
    metrics: Annotated[tuple[MetricEntry, ...], Strict(False), Field(max_length=32)] = Field(
        default=(),
        description="what runs are judged by beside the loss, and the accuracy where there are "
        f"classes: {', '.join(f'`{name}`' for name in METRICS)} (each under Metrics), or "
        "functions as for `objective`, of which less is better, or more in "
        '`{ metric = "file.py:function", maximize = true }`; a loop of your own computes them '
        "itself and reports them by their names, and no function is called",
    )

    @property
    def metric(self) -> Metric:
        """What the objective measures, and which way is better."""
        return objective_of(self._listed, self.objective, self.maximize).metric

    @property
    def named_metrics(self) -> tuple[NamedMetric, ...]:
        """All metrics that are named, the objective last where it is not in the list."""
        objective = objective_of(self._listed, self.objective, self.maximize)
        names = {one.metric.name for one in self._listed}
        missing = objective.metric.name not in names and not objective.metric.built_in
        return (*self._listed, *([objective] if missing else []))

    @property
    def _listed(self) -> tuple[NamedMetric, ...]:
        return tuple(listed_metrics(self.metrics, self.objective, self.maximize))


class ModelSettings(TomlTable):
    """The network."""

    name: ModelSource = Field(
        default=USUAL_NETWORK,
        description='`mlp`, `cnn`, `linear`, `"file.py:function"` or `"package.module:function"` '
        "returning an `nn.Module`",
    )
    hidden: Annotated[
        tuple[Annotated[int, WIDTH.field], ...],
        Strict(False),
        Field(min_length=1, max_length=int(DEPTH.high)),
    ] = Field(default=(100, 100), description="units of the hidden layers of an `mlp`")
    activation: Activation = Field(default="relu", description="what follows each hidden layer")
    channels: Annotated[
        tuple[Annotated[int, Field(ge=1, le=10_000)], ...],
        Strict(False),
        Field(min_length=1, max_length=16),
    ] = Field(default=(16, 32), description="channels of the convolutions of a `cnn`")
    batch_norm: bool = Field(
        default=False, description="batch normalization after each hidden layer"
    )
    dropout: Annotated[float, SHARE.field] = Field(
        default=0.0,
        description="rate of the dropout after each activation of an `mlp` or `cnn`",
    )
    outputs: Annotated[int, Field(ge=1, le=10_000_000)] | None = Field(
        default=None,
        description="numbers that the network gives for a row, or for a position of a sequence; "
        "left out, what the loss needs: classes, labels, target columns, `quantile` one for each "
        "quantile of each column, `gaussian_nll` two for each column",
    )
    args: Arguments = Field(default={}, description="arguments of the model function")
    output: ModelOutput | None = Field(
        default=None,
        description="which part of what a function's network gives is its output: a name, or a "
        "place from 0 on; by default a tensor, the first of several, or `logits`",
    )

    @property
    def sets_dropout(self) -> bool:
        """Whether ``dropout`` is the rate of the network's dropouts; a function sets its own."""
        known = network(self.name)
        return known is not None and known.dropout


FEWEST_STRENGTHS = 9
"""Of a path with a budget of runs: with 8, intervals held the end of overfitting of a ridge
regression in 70 %, with 9 in 95 %."""
STRENGTH_RUNS = 6
"""Runs of the budget that each strength takes at least."""
FEWEST_RUNS = FEWEST_STRENGTHS * STRENGTH_RUNS
"""Those that are spent on so many strengths."""


class PathSettings(TomlTable):
    """The ladder of strengths through the best trial of each penalty, for the boundaries."""

    points: int = Field(
        default=13,
        ge=0,
        le=1000,
        description="most strengths beside the zero-strength anchor, at least 5; 0 leaves the path "
        "out. A path takes (points + 1) * resamples runs at most, or `runs`",
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
        description="runs at each strength, unless `runs` is given, and of each finalist and each "
        "confirmed setting: 5 is the floor for a usable interval, 10 is better",
    )
    runs: int | None = Field(
        default=None,
        ge=FEWEST_RUNS,
        le=10_000,
        description="most runs of a path of `fresh` data: every strength gets 3 resamples, and "
        "then the strengths at the boundaries one after the other, until all intervals have the "
        f"wanted `width`; there is a strength for every {STRENGTH_RUNS} runs at most, or `points`, "
        "and "
        "`resamples` are those of finalists and confirmed settings. Fewer would leave too few "
        "strengths. Left out, every strength has all resamples",
    )
    row_losses: int = Field(
        default=20_000,
        ge=0,
        le=10_000_000,
        description="where runs share rows (`resample`, `kfold`, `holdout`) and have at most so "
        "many validation rows, what each row loses is kept, and whether it is wrong, and "
        "intervals rest on all rows; 0 keeps none",
    )

    @property
    def most_resamples(self) -> int:
        """The most resamples that a strength of a path may get."""
        return self.resamples if self.runs is None else self.runs // 2

    @property
    def most_runs(self) -> int:
        """The most runs of one path, the anchor's counted."""
        if not self.points:
            return 0
        return (self.points + 1) * self.resamples if self.runs is None else self.runs


class HardwareSettings(TomlTable):
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
    cpus: Annotated[float, Field(ge=0, le=10_000)] | None = Field(
        default=None,
        description="of your own loop on Ray: the cores that a run asks for; left out, as many as "
        "`threads`",
    )
    gpus: Annotated[float, AfterValidator(check_gpus)] | None = Field(
        default=None,
        description="of your own loop on Ray: the GPUs that a run asks for, a share of one (`0.25` "
        "trains four on each) or a whole number; above 0 `run.device` is `cuda`, which is the one "
        "that Ray shows it; left out, 1 where the device is `cuda` here, and else none",
    )


CheckCode = Annotated[str, AfterValidator(check_code)]


class ReportSettings(TomlTable):
    """What the report says; these keys change no result, and may change when a study is resumed."""

    ignore: Annotated[tuple[CheckCode, ...], Strict(False)] = Field(
        default=(),
        description="codes of checks that are switched off, as `sweep/checks/CHECKS.md` has "
        "them; the page lists them as such",
    )


TABLES: Mapping[str, type[TomlTable]] = {
    "study": QuestionSettings,
    "data": DataSettings,
    "model": ModelSettings,
    "training": TrainingSettings,
    "search": SearchSettings,
    "path": PathSettings,
    "hardware": HardwareSettings,
    "report": ReportSettings,
}
"""Every table of a study file in its order."""
PYTHON_ONLY = frozenset({"x", "y", "columns", "rows", "splitter"})
"""Keys of ``[data]`` that no file can hold."""
