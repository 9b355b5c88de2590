"""The table of a study file that says what is learned: where rows come from, what divides them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, Strict

from sweep.study.axes import TomlTable
from sweep.study.catalogue import DATA_SETS
from sweep.study.validators import (
    ARRAYS,
    NO_DATA,
    REFERENCE,
    broken,
    check_arguments,
    check_source,
    check_time,
    check_word_or,
    found,
)

Share = Annotated[float, Field(gt=0, lt=0.9)]
Arguments = Annotated[dict[str, Any], AfterValidator(check_arguments)]
Name = Annotated[str, Field(min_length=1)]
Flag = Annotated[
    bool | Literal["auto"],
    BeforeValidator(check_word_or("auto", "true, false", lambda value: isinstance(value, bool))),
]
DataSource = Annotated[
    str | Callable[..., Any], BeforeValidator(check_source(tuple(DATA_SETS), (ARRAYS, NO_DATA)))
]
LARGEST_SIDE = 10_000


def check_size(value: object) -> object:
    """Height and width in pixels; one number stands for both."""
    sides = (value, value) if type(value) is int else value
    several = tuple(sides) if isinstance(sides, list | tuple) else ()
    if len(several) != 2 or not all(type(n) is int and 1 <= n <= LARGEST_SIDE for n in several):
        raise broken(
            f"a whole number from 1 to {LARGEST_SIDE} must be given, or [height, width], found "
            f"{found(value)}; write size = 32"
        )
    return several


def check_pad(value: object) -> object:
    """A number, or numbers by the name of an input."""
    numbers: list[Any] = list(value.values()) if isinstance(value, Mapping) else [value]
    if not numbers or not all(type(n) in (int, float) and abs(n) <= 1e15 for n in numbers):
        raise broken(
            "a number, or a table of numbers by input, from -1e15 to 1e15 must be given, found "
            f"{found(value)}; write pad = 0"
        )
    return value


def check_collate(value: object) -> object:
    """A function from Python, or a reference to one."""
    if callable(value) or (isinstance(value, str) and REFERENCE.fullmatch(value)):
        return value
    raise broken(
        "a reference to a function must be given, found "
        f"{found(value)}; name a function that can be found again"
    )


Collate = Annotated[str | Callable[..., Any], BeforeValidator(check_collate)]


class DataSettings(TomlTable):
    """What is learned, and how rows are drawn for training, validation and test."""

    name: DataSource = Field(
        description="`mnist1d`, `digits`, `breast_cancer`, `diabetes`, `csv`, `parquet`, `images`, "
        '`"file.py:function"` or `"package.module:function"` returning `(x, y)`, a `Dataset`, a '
        "dict with `x`, `y` and what rows have beside them, a DataFrame, or a dict of such for "
        "`train`, `validation` and `test`; `x` may be a tuple or a dict of arrays, and the network "
        "is called as `model(*x)` or `model(**x)`",
        examples=["mnist1d"],
    )
    path: str | None = Field(
        default=None,
        min_length=1,
        description="the csv or parquet file, or the folder of `images`, relative to the study "
        "file; images are in one folder for each class, in `train`, `val` and `test` or not",
    )
    size: Annotated[tuple[int, int], Strict(False), BeforeValidator(check_size)] | None = Field(
        default=None,
        description="`images` only: their height and width in pixels, `32` or `[32, 48]`, to which "
        "the largest centred part of that shape is resized; left out where all have one size",
    )
    color_mode: Literal["auto", "grayscale", "rgb"] = Field(
        default="auto",
        description="`images` only: one channel or three; `auto` is what all files are",
    )
    pad: Annotated[float | dict[str, float], BeforeValidator(check_pad)] | None = Field(
        default=None,
        description="the number behind items of a Dataset, or arrays of a list, that are shorter "
        "than the longest, or `{ ids = 0, times = -1.0 }` by input; shorter targets are filled "
        "with `ignore_index`, or -100; numbers that are padded are not standardized",
    )
    mask: Name | None = Field(
        default=None,
        description="with `pad`: the name of a further input, 1 where a row has a value and 0 "
        "where it was padded; behind the others where these have no names",
    )
    lengths: Name | None = Field(
        default=None,
        description="with `pad`: the name of a further input, how long each row was; behind the "
        "others, and the mask, where these have no names",
    )
    collate: Collate | None = Field(
        default=None,
        description='`"file.py:function"` or `"package.module:function"`, called once with the '
        "list of all items of a Dataset, that returns them as one batch, as the `collate_fn` of a "
        "DataLoader (which is taken too) does: pads them, adds masks",
    )
    target: str | None = Field(
        default=None,
        min_length=1,
        description="the column to predict, of a csv or parquet file or a DataFrame; the key of "
        "the target in dicts of arrays, by default `labels`, `label` or `y`; `input` for any data "
        "whose features are to be given back (reconstruction)",
    )
    groups: str | None = Field(
        default=None,
        min_length=1,
        description="the column (of a table, or key of what the data function returns) that says "
        "which rows belong together, as those of one patient: no group is in two of training, "
        "validation and test; no feature",
    )
    time: Annotated[str | bool | None, BeforeValidator(check_time)] = Field(
        default=None,
        description="the column of times, or `true` for rows in order: validation rows come later "
        "than training rows, test rows are the latest; under `kfold` there are `n_folds` windows "
        "one after the other, which hold `validation_fraction` of all times together, under "
        "`holdout` the latest alone; no feature",
    )
    window: Literal["expanding", "rolling"] = Field(
        default="expanding",
        description="with `time` and `kfold`: a window trains on all times before it, or on the "
        "latest, as many as the first window has",
    )
    gap: int = Field(
        default=0,
        ge=0,
        le=1_000_000,
        description="with `time`: points in time left out between training and validation, and "
        "before the test",
    )
    split: str | None = Field(
        default=None,
        min_length=1,
        description="the column that says what each row is for: `train`, `validation` or `test`; "
        "with validation rows `design` must be `holdout`, without them it draws them from the "
        "training rows; no feature",
    )
    weight: str | None = Field(
        default=None,
        min_length=1,
        description="the column that says how much each row counts, 0 or more, in losses and "
        "metrics; no feature",
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
    task: Literal["auto", "classification", "sequence", "multilabel", "regression"] = Field(
        default="auto",
        description="what the target is: one class for a row, one at every position of a "
        "`sequence` (N, positions), labels from 0 to 1 in several columns, or numbers; `auto` "
        "looks at it and at `training.loss`",
    )
    ignore_index: int | Literal["auto", "none"] = Field(
        default="auto",
        description="the label of rows that have none, which are left out (of a sequence: of "
        "positions, which then count nothing); `auto` refuses a label of -1 or -100 beside others "
        'from 0 on (of a sequence: takes -100), `"none"` takes it for a class',
    )
    args: Arguments = Field(
        default={}, description="arguments of the data function, e.g. `num_samples`"
    )
    cache: str | None = Field(
        default=None,
        min_length=1,
        description="a folder, relative to the study file, into which rows of a Dataset or of a "
        "csv or parquet file are decoded and from which batches are read, so that they need not "
        "fit in memory; by default `.regsweep-cache`, for a quarter of a gibibyte and more; rows "
        "are the same either way",
    )
    x: Any = Field(
        default=None,
        repr=False,
        exclude=True,
        description="features (N, ...), or a tuple or dict of such, from Python only",
    )
    y: Any = Field(
        default=None,
        repr=False,
        exclude=True,
        description="targets (N,) or (N, outputs), from Python only",
    )
    columns: Any = Field(
        default=None,
        repr=False,
        exclude=True,
        description="groups, time, split and weight as arrays, from Python only",
    )
    rows: Any = Field(
        default=None,
        repr=False,
        exclude=True,
        description="a Dataset, a DataFrame or a dict of such by part, from Python only",
    )
    splitter: Any = Field(
        default=None,
        repr=False,
        exclude=True,
        description="a scikit-learn splitter, from Python only",
    )
