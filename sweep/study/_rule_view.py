"""What rules between the keys of a study read: the keys that are sound, and which were given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sweep.metrics.tasks import CLASSIFICATION, REGRESSION
from sweep.study._messages import Fault, Location
from sweep.study.catalogue import data_set, loss


class FaultyKey(Exception):
    """A rule asked for a key that is at fault by itself."""


@dataclass(frozen=True)
class View:
    """The sound keys of a study, by dotted name, and which of them were given."""

    values: Mapping[str, Mapping[str, Any]]
    given: frozenset[str]
    folder: Path

    def __call__(self, key: str) -> Any:
        table, name = key.split(".")
        if name not in self.values[table]:
            raise FaultyKey(key)
        return self.values[table][name]


def is_regression(view: View) -> bool:
    """Whether it is known before the rows are read that there is a number to predict."""
    known, builtin = data_set(view("data.name")), loss(view("training.loss"))
    if builtin is not None and view("data.task") == "auto":
        return builtin.of_numbers
    return view("data.task") == REGRESSION or (known is not None and known.regression is True)


def is_classification(view: View) -> bool:
    """Whether it is known before the rows are read that there are classes."""
    known, task = data_set(view("data.name")), view("data.task")
    guessed = task == "auto" and known is not None and known.regression is False
    return task == CLASSIFICATION or guessed


def fault(key: str, text: str, *inside: str) -> Fault:
    """A fault at a dotted key, or at the keys ``inside`` of it."""
    location: Location = (*key.split("."), *inside)
    return Fault(location, text)
