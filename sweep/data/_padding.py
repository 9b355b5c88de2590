"""What ``data.pad`` says: the number behind shorter items, and what else their rows get."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sweep.errors import DataError
from sweep.metrics.tasks import IGNORED
from sweep.records.division import COLUMN_KEYS
from sweep.study.data_settings import DataSettings
from sweep.study.validators import INPUT

TARGETS = ("labels", "label", "y")
"""What targets are called in a dict by custom."""


@dataclass(frozen=True)
class Padding:
    """What is put behind shorter arrays, and what else a row gets."""

    values: float | Mapping[str, float]
    mask: str | None
    lengths: str | None
    label: int | None
    """What is put behind shorter targets; None where every label is a class."""
    targets: tuple[str, ...]
    """What targets may be called in a dict."""
    beside: tuple[str, ...]
    """What is no input in a dict, and no target."""
    scaled: bool
    """Whether rows are to be scaled."""

    @classmethod
    def of(cls, settings: DataSettings) -> Padding | None:
        """What the study says; None where it has no ``data.pad``."""
        if settings.pad is None:
            return None
        given = settings.ignore_index
        label = {"auto": IGNORED, "none": None}[given] if isinstance(given, str) else given
        targets = TARGETS if settings.target in (None, INPUT) else (settings.target,)
        named = {key: getattr(settings, key) for key in COLUMN_KEYS}
        beside = tuple(name if isinstance(name, str) else key for key, name in named.items())
        scaled = settings.standardize is True
        return cls(settings.pad, settings.mask, settings.lengths, label, targets, beside, scaled)

    @property
    def facts(self) -> tuple[object, ...]:
        """All that decides what rows become."""
        held = (self.values, self.mask, self.lengths, self.label)
        return (*held, self.targets, self.beside, self.scaled)

    @property
    def further(self) -> list[str]:
        """The names of the inputs that rows get beside their own."""
        return [name for name in (self.mask, self.lengths) if name is not None]

    def number(self, key: str, dtype: np.dtype) -> np.generic:
        """What is put behind an input; DataError where it has none, or its type cannot hold it."""
        given = self.values
        if isinstance(given, Mapping):
            if key not in given:
                raise DataError(
                    "data.pad: every input of unequal length needs a number to pad it with, found "
                    f"none for {key} beside {', '.join(given)}; add it"
                )
            given = given[key]
        return _held(given, key, dtype)

    def label_for(self, dtype: np.dtype) -> np.generic:
        """What is put behind a target; DataError where it is of numbers, or all labels count."""
        if self.label is None or dtype.kind not in "iu":
            raise DataError(
                "data.pad: targets of unequal length must be labels, of which data.ignore_index "
                f"is none, found {dtype}; give targets one length"
            )
        return _held(self.label, "the target", dtype)


def _held(number: float, key: str, dtype: np.dtype) -> np.generic:
    """The number in this type."""
    if dtype.kind in "fiub":
        with np.errstate(over="ignore"):
            typed: np.generic = dtype.type(np.asarray(number).astype(dtype))
        if typed == number or dtype.kind == "f":
            return typed
    raise DataError(
        f"data.pad: {key} must be able to hold the number, found {number:g} for {dtype}; choose "
        "another, or convert it"
    )
