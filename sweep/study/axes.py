"""The inner tables of a study file: metrics, ranges of strengths and timescales, swept axes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Strict,
    Tag,
    field_validator,
    model_validator,
)

from sweep.study.validators import broken, check_metric, found

WEAKEST, STRONGEST = 1e-30, 1e30
"""Strengths outside are 0 or infinity in float32, to its precision."""


class TomlTable(BaseModel):
    """A TOML table that refuses unknown keys and lax types, and cannot be changed afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class MetricSettings(TomlTable):
    """A metric in the list, and which way is better."""

    metric: Annotated[str | Callable[..., Any], BeforeValidator(check_metric)] = Field(
        description='the name of a metric, `"file.py:function"` or `"package.module:function"`',
        examples=["metrics.py:f1"],
    )
    maximize: bool | None = Field(
        default=None,
        description="whether more is better; by default less is, of your own function",
    )


class Range(TomlTable):
    """Strengths from low to high, searched on a logarithmic scale."""

    low: float = Field(description="weakest strength", examples=[1e-6])
    high: float = Field(description="strongest strength", examples=[10.0])

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not 0 < self.low < self.high:
            raise broken(
                f"0 < low < high must hold, got low={self.low}, high={self.high}; "
                "zero strength is tried anyway, so begin above it"
            )
        if self.low < WEAKEST or self.high > STRONGEST:
            raise broken(
                f"strengths from {WEAKEST} to {STRONGEST} must be given, got low={self.low}, "
                f"high={self.high}; narrow the range"
            )
        return self


class StrengthSettings(Range):
    """The range of strengths of all penalties, and of those that have their own."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Range] = Field(init=False)
    others: ClassVar[type[Range]] = Range
    """What stands under the names of regularizers."""

    low: float = Field(
        default=1e-6, description="weakest strength of penalties without their own range"
    )
    high: float = Field(
        default=10.0, description="strongest strength of penalties without their own range"
    )

    @property
    def own(self) -> Mapping[str, Range]:
        """The ranges of single penalties."""
        return self.__pydantic_extra__


class RangeAxis(TomlTable):
    """A swept number between bounds."""

    low: float = Field(description="lower bound", examples=[3e-4])
    high: float = Field(description="upper bound", examples=[1e-2])
    scale: Literal["log", "linear"] = Field(
        default="log", description="how the axis is divided evenly"
    )
    integer: bool = Field(default=False, description="whole numbers only")

    @property
    def choices(self) -> None:
        """A range has none."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.low < self.high:
            raise broken(
                f"low < high must hold, got low={self.low}, high={self.high}; "
                "exchange them, or leave the axis out"
            )
        if self.scale == "log" and self.low <= 0:
            raise broken(
                f"0 < low must hold on a log scale, got low={self.low}; "
                'raise it or set scale = "linear"'
            )
        if self.integer and not (self.low.is_integer() and self.high.is_integer()):
            raise broken(
                f"whole bounds must be given with integer = true, got low={self.low}, "
                f"high={self.high}; round them"
            )
        return self


class ChoiceAxis(TomlTable):
    """A swept quantity that takes one of several values."""

    choices: Annotated[
        tuple[bool | int | float | str, ...], Strict(False), Field(min_length=2, max_length=100)
    ] = Field(description="the values to choose from", examples=[(0.1, 0.3)])

    @model_validator(mode="before")
    @classmethod
    def _check_kind(cls, axis: object) -> object:
        if isinstance(axis, Mapping) and (both := RangeAxis.model_fields.keys() & axis.keys()):
            raise broken(
                "either choices or low and high must be given, found choices and "
                f"{', '.join(sorted(both))}; remove one of them"
            )
        return axis

    @field_validator("choices", mode="before")
    @classmethod
    def _check(cls, values: object) -> object:
        if isinstance(values, list | tuple):
            for i, value in enumerate(values):
                if not isinstance(value, int | float | str):
                    raise broken(f"numbers or text must be given, found {found(value)}; replace it")
                if isinstance(value, float) and not math.isfinite(value):
                    raise broken(f"finite numbers must be given, found {value}; replace it")
                if value in values[:i]:
                    raise broken(
                        f"every choice must be given once, found {found(value)} twice; remove one"
                    )
        return values


def _axis_kind(value: object) -> str:
    if isinstance(value, Mapping):
        return "~choices" if "choices" in value else "~range"
    return "~choices" if isinstance(value, ChoiceAxis) else "~range"


Axis = Annotated[
    Annotated[RangeAxis, Tag("~range")] | Annotated[ChoiceAxis, Tag("~choices")],
    Discriminator(_axis_kind),
]


class TimescaleSettings(TomlTable):
    """A range of tau = 1/(strength * sum of lr over the steps), the memory of `decay`."""

    low: float = Field(gt=0, le=1e6, description="shortest: strongest decay", examples=[0.03])
    high: float = Field(gt=0, le=1e6, description="longest: weakest decay", examples=[30.0])
    unit: Literal["run", "epochs"] = Field(
        default="run",
        description="what both count: whole runs, or epochs of a run",
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.low < self.high:
            raise broken(
                f"low < high must hold, got low={self.low}, high={self.high}; exchange them"
            )
        return self
