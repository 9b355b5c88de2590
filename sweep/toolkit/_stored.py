"""What ``sweep best`` wrote of a winner's regularizers, read for a model that is to be trained."""

from __future__ import annotations

import logging
import os
import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from sweep.errors import ModelError, StudyError
from sweep.networks.selection import Selection
from sweep.records.parameters import number_of
from sweep.regularizers.penalties import PENALTIES
from sweep.regularizers.penalty import FunctionPenalty, Penalty
from sweep.regularizers.usage import elsewhere
from sweep.toolkit._acting import Acting

logger = logging.getLogger("sweep")

KEY = "regularizer"
"""Where the file has it."""


Made = dict[str, Any]
"""The arguments of a regularizer that say which weights it takes, and their rates."""


@dataclass(frozen=True)
class Stored:
    """The winner's regularizers as they are stored."""

    origin: str
    """What messages call the file."""
    content: Mapping[str, Any]

    def named(
        self, own: Mapping[str, Penalty | Callable[[Tensor], Tensor]]
    ) -> dict[Penalty, Mapping[str, float]]:
        """The penalties, each with the strengths of all layers; ``own`` are the user's by name."""
        found: dict[Penalty, Mapping[str, float]] = {}
        for name, strengths in self.content["penalties"].items():
            penalty = own.get(name, PENALTIES.get(name))
            if penalty is None:
                raise StudyError(
                    f"{self.origin}: the penalty {name} of the study's own must be given, found "
                    f"none; write Regularizer.of(file, model, penalties={{{name!r}: ...}})"
                )
            if not isinstance(penalty, Penalty):
                penalty = FunctionPenalty(name, penalty)
            found[penalty] = strengths
        return found

    def selected(self) -> tuple[Selection, frozenset[str]]:
        """What says which weights are regularized."""
        patterns = (tuple(self.content["include"]), tuple(self.content["exclude"]))
        return Selection(self.content["scope"], *patterns), frozenset(self.content["idle"])

    def arguments(self) -> dict[str, Any]:
        """What else a ``Regularizer`` is made with."""
        start, end = self.content["window"]
        if (start, end) != (0.0, 1.0):
            raise StudyError(
                f"{self.origin}: penalties that act in the whole run must be stored, found "
                f"penalty_from = {start:g} and penalty_until = {end:g}; write "
                "Regularizer(model, ...) with the strengths in it, and call it in that part alone"
            )
        for name, value in self.content["elsewhere"].items():
            words = elsewhere(name, value)
            logger.warning("%s: the study's %s is yours to do: %s", self.origin, name, words)
        keys = ("numbers", "scale_invariant", "scope", "include", "exclude", "idle", "lr_of")
        return {key: self.content[key] for key in keys}

    def check_layers(self, layers: Mapping[str, object]) -> None:
        """Raises ModelError where the model's regularized layers are not the study's."""
        wanted = {name for own in self.content["penalties"].values() for name in own}
        if wanted != set(layers):
            missing, more = sorted(wanted - set(layers)), sorted(set(layers) - wanted)
            raise ModelError(
                f"{self.origin}: a model with the regularized layers of the study must be given, "
                f"found {_counted(missing)} missing and {_counted(more)} beside them; build the "
                "network of the study, and freeze what was frozen there"
            )


def stored_content(acting: Acting, made: Made) -> dict[str, Any]:
    """A regularizer as a file may have it; it acts in the whole run, and nothing acts elsewhere."""
    numbers = {
        number_of(one.penalty.name, name): value
        for one in acting.penalties
        for name, value in one.numbers.items()
    }
    penalties = {
        one.penalty.name: {layer: one.strengths.get(layer, 0.0) for layer in acting.sites}
        for one in acting.penalties
    }
    fixed = {"elsewhere": {}, "window": [0.0, 1.0]}
    return {"penalties": penalties, "numbers": numbers, **made, **fixed}


def read_stored(source: str | os.PathLike[str] | Mapping[str, Any]) -> Stored:
    """What a file of ``sweep best``, or its content, has; StudyError for another file."""
    origin, content = "best.pt", source
    if not isinstance(source, Mapping):
        origin = os.fspath(source)
        try:
            content = torch.load(source, map_location="cpu", weights_only=True)
        except OSError as error:
            raise StudyError(
                f"{origin}: a file that `sweep best` wrote must be given, found: "
                f"{error.strerror or error}; check the path"
            ) from error
        except (RuntimeError, EOFError, pickle.UnpicklingError) as error:
            raise StudyError(
                f"{origin}: a file that `sweep best` wrote must be given, found one that torch "
                "cannot read as tensors alone; check the path"
            ) from error
    if not isinstance(content, Mapping) or KEY not in content:
        raise StudyError(
            f"{origin}: a file that `sweep best` wrote must be given, found no {KEY!r} in it; "
            "write it again with this version"
        )
    return Stored(origin, content[KEY])


def _counted(names: list[str]) -> str:
    return f"{len(names)} ({', '.join(names[:3])}{', ...' if len(names) > 3 else ''})"
