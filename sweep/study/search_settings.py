"""The table ``[search]`` of a study file: what is swept, how far, and by which sampler."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, Strict, field_validator

from sweep.records.parameters import ALL_DROPOUTS, DROPOUT
from sweep.regularizers.catalogue import (
    COCKTAIL,
    NONE,
    REGULARIZERS,
    has_one_strength,
    settings_of,
)
from sweep.runtime.user_code import label_of
from sweep.study.axes import Axis, StrengthSettings, TimescaleSettings, TomlTable
from sweep.study.validators import Layers, broken, check_one_of, check_source, found

Count = Annotated[int, Field(ge=1, le=100_000)]
PENALTIES_ELSEWHERE = {
    **dict.fromkeys(
        ("weight_decay", "weightdecay", "wd"),
        "the names here are decay (decoupled, as AdamW has it) and l2 (in the gradient, as SGD and "
        "Adam have it)",
    ),
    "ridge": "its name here is l2",
    "lasso": "its name here is l1",
}
"""What penalties are called elsewhere, and what to write instead."""


def check_penalty(value: object) -> object:
    """A penalty by its name here, or the user's function."""
    if isinstance(value, str) and (advice := PENALTIES_ELSEWHERE.get(value.lower())):
        raise broken(f"a penalty by its name here must be given, found {found(value)}; {advice}")
    return check_source((NONE, *REGULARIZERS, COCKTAIL))(value)


PenaltySource = Annotated[str | Any, BeforeValidator(check_penalty)]
Ingredient = Annotated[
    str, AfterValidator(check_one_of(tuple(filter(has_one_strength, REGULARIZERS))))
]
NamePatterns = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Strict(False)]


class SearchSettings(TomlTable):
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
        description="range of `decay` as tau = 1/(strength * sum of lr over the steps), 1 being "
        "the whole run, instead of a range of strengths, which then follow each trial's lr, "
        "batch_size, epochs and schedule; of `decay_independent` without the lr, by the "
        "schedule's factors alone",
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
    include: NamePatterns = Field(
        default=(),
        description='parameters or layers that are penalized in any case, by pattern: `["*.gate"]`',
    )
    exclude: NamePatterns = Field(
        default=(),
        description='parameters or layers that are left alone in any case: `["*.pos_embed"]`',
    )
    trials: Count = Field(
        default=64, description="points tried in the explore phase, all penalties"
    )
    resamples: int = Field(default=1, ge=1, le=1000, description="runs of an explore trial")
    finalists: int = Field(
        default=3,
        ge=1,
        le=1000,
        description="how many of the best settings of each penalty are repeated, on "
        "`path.resamples` resamples that were not searched, before the best of them is gone on "
        "with; 1 takes the best trial of the search, which the resample that it was searched on "
        "may flatter. There are none where settings differ in the strength alone, or where the "
        "search has as many resamples or more",
    )
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
        "dropout), `batch_size`, `epochs`, `optimizer`, "
        "`input_noise`, `label_smoothing`, `mixup`, `patience`, "
        "`augment.<transform>` (its amount), "
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
        """The names of ``penalties``; a function is called by its own name."""
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
        """The axes and regularizers in which trials may differ, as settings of training too."""
        names = {*self.axes, *self.names, *self.cocktail}
        names |= {ALL_DROPOUTS for name in names if name in DROPOUT}
        return frozenset(names | settings_of(names))

    def regularizes_with(self, name: str) -> bool:
        """Whether it is among the penalties or in the cocktail."""
        return name in self.names or name in self.cocktail

    def sweeps(self, name: str) -> bool:
        """Whether trials may differ in this regularizer or axis."""
        return name in self.swept

    def range(self, penalty: str) -> tuple[float, float]:
        """(low, high): the strengths to search for ``penalty``, its own range or the shared one."""
        if not has_one_strength(penalty):
            raise ValueError(f"{penalty!r} has no strength")
        if penalty in self.strength.own:
            own = self.strength.own[penalty]
            return own.low, own.high
        usual = REGULARIZERS.get(penalty)
        if usual is not None and usual.low is not None and usual.high is not None:
            return usual.low, usual.high
        return self.strength.low, self.strength.high
