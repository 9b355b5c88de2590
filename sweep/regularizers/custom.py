"""The penalties of a study by name: builtin ones, and user-defined ones, tried before use.

A user-defined penalty is a function of one layer's weights that gives one number, or a subclass of
``Penalty`` that overrides the hooks it needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import torch
from torch import Tensor

from sweep.errors import StudyError
from sweep.records.parameters import LONGEST_PENALTY
from sweep.regularizers.catalogue import COCKTAIL, NONE, REGULARIZERS
from sweep.regularizers.penalties import PENALTIES
from sweep.regularizers.penalty import FunctionPenalty, Layer, Penalty
from sweep.runtime.user_code import guarded, label_of, resolve_function

WHERE = "search.penalties"


def penalties_by_name(sources: Iterable[object], folder: Path) -> Mapping[str, Penalty]:
    """Every builtin penalty by name, and the user-defined ones of ``sources``.

    Raises StudyError, with one line, for one that cannot be found.
    """
    own = [s for s in sources if s not in (NONE, COCKTAIL) and s not in REGULARIZERS]
    return {**PENALTIES, **{label_of(source): _load(source, folder) for source in own}}


def _load(source: object, folder: Path) -> Penalty:
    name = label_of(source)
    if name in REGULARIZERS or name in (NONE, COCKTAIL):
        raise StudyError(
            f"{WHERE}: a penalty of your own needs a name of its own, found {name!r}, which is "
            "taken; rename it"
        )
    if len(name) > LONGEST_PENALTY:
        raise StudyError(
            f"{WHERE}: a penalty's name of at most {LONGEST_PENALTY} characters must be given, "
            f"found {len(name)} in {name!r}; rename it"
        )
    found = source
    if isinstance(source, str):
        found = resolve_function(source, folder, WHERE, StudyError)
    if isinstance(found, type) and issubclass(found, Penalty):
        with guarded(WHERE, name, StudyError):
            found = found()
    if isinstance(found, Penalty):
        return found
    assert callable(found)
    return FunctionPenalty(name, found)


def try_penalty(name: str, penalty: Penalty, weights: Iterable[Tensor]) -> None:
    """Calls every hook on two runs of these weights (*shape), one of them at strength 0.

    Raises StudyError for a penalty that fails, gives the wrong shape or a number that is not
    finite, or changes the run at strength 0.
    """
    for weight in weights:
        with guarded(WHERE, name, StudyError):
            _try(name, penalty, weight)


def _try(name: str, penalty: Penalty, weight: Tensor) -> None:
    both = torch.stack([weight, weight]).clone()
    strength = torch.tensor([0.0, 1e-3]).to(both)
    begun = penalty.begin(weight.clone())
    memory = {key: torch.stack([tensor, tensor]).clone() for key, tensor in begun.items()}
    numbers = {key: torch.full_like(strength, value) for key, value in penalty.numbers.items()}
    layer, grad = Layer(both, strength, memory, numbers), torch.zeros_like(both)
    values = penalty.value(layer)
    if tuple(values.shape) != (2,) or not bool(torch.isfinite(values).all()):
        raise StudyError(
            f"{WHERE}: {name} must give one finite number for a layer, found "
            f"{'a tensor of shape ' + str(tuple(values.shape[1:])) if values.ndim != 1 else values}"
            "; sum over the weights"
        )
    penalty.add_gradient(layer, grad)
    penalty.shrink(layer, torch.full_like(strength, 1e-3))
    penalty.prox(layer, torch.full_like(both, 1e-3))
    if not torch.equal(both[0], weight) or bool(grad[0].any()):
        raise StudyError(
            f"{WHERE}: {name} must leave a run at strength 0 as it is, found its weights changed; "
            "multiply what it does by the strength"
        )
    if not bool(torch.isfinite(both).all() & torch.isfinite(grad).all()):
        raise StudyError(
            f"{WHERE}: {name} must keep weights and gradients finite, found others at strength "
            "0.001; look at what it does where a weight is 0"
        )
