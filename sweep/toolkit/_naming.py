"""How a person names penalties and their strengths, and what is refused of it in one line."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from torch import Tensor, nn

from sweep.errors import StudyError
from sweep.records.parameters import number_of
from sweep.regularizers.catalogue import COCKTAIL, NONE, REGULARIZERS, asks_invariance
from sweep.regularizers.penalties import PENALTIES
from sweep.regularizers.penalty import FunctionPenalty, Penalty
from sweep.regularizers.usage import elsewhere
from sweep.toolkit._layers import Site, check_number, values_by_layer

Source = str | Penalty | type[Penalty] | Callable[[Tensor], Tensor]
"""A penalty's name, one of the user's own, or a function of one layer's weights."""
Strength = float | Mapping[str, float]
"""One number for all layers, or one for each by pattern of its name."""


def penalties_of(
    penalty: Source | Mapping[Any, Strength | None], strength: Strength | None
) -> list[tuple[Penalty, Strength]]:
    """The penalties that are named, each with its strength; none for the name ``none``."""
    if isinstance(penalty, Mapping):
        if strength is not None:
            raise StudyError(
                "Regularizer: strength: each penalty must have its own beside it, found one more; "
                'write {"decay": 0.01, "l1": 1e-4}'
            )
        return [_with_strength(_resolved(one), own) for one, own in penalty.items()]
    if penalty == NONE:
        return []
    return [_with_strength(_resolved(penalty), strength)]


def _with_strength(penalty: Penalty, strength: Strength | None) -> tuple[Penalty, Strength]:
    known = REGULARIZERS.get(penalty.name)
    if strength is None and known is not None and not known.has_strength:
        return penalty, 1.0
    if strength is None:
        raise StudyError(
            f"Regularizer: strength: a number that is at least 0 must be given for {penalty.name}, "
            "found none; give strength=..."
        )
    return penalty, strength


def _resolved(source: Source) -> Penalty:
    if isinstance(source, Penalty):
        return source
    if isinstance(source, str):
        return _named(source)
    if isinstance(source, type) and issubclass(source, Penalty):
        return source()
    if callable(source) and not isinstance(source, type | nn.Module):
        return FunctionPenalty(getattr(source, "__name__", type(source).__name__), source)
    raise StudyError(
        f"Regularizer: penalty: a name, a Penalty or a function must be given, found {source!r}; "
        f"the names are {', '.join(PENALTIES)}"
    )


def _named(name: str) -> Penalty:
    if name in PENALTIES:
        return PENALTIES[name]
    if name in REGULARIZERS:
        raise StudyError(
            f"Regularizer: penalty: one that acts on weights must be given, found {name}; for it: "
            f"{elsewhere(name, REGULARIZERS[name].low or 0.1)}"
        )
    if name == COCKTAIL:
        raise StudyError(
            f"Regularizer: penalty: the ingredients of a {COCKTAIL} must be given, found its name; "
            'write {"decay": 0.01, "l1": 1e-4}, or take Regularizer.of(file, model)'
        )
    near = get_close_matches(name, PENALTIES, 1)
    hint = f"did you mean {near[0]}?" if near else f"the names are {', '.join(PENALTIES)}"
    raise StudyError(f"Regularizer: penalty: a known name must be given, found {name!r}; {hint}")


def strengths_of(
    name: str, strength: Strength, sites: Mapping[str, Site], factors: Mapping[str, float]
) -> dict[str, float]:
    """The strength of every layer: one number, or a table of all of them, times its factor."""
    if not isinstance(strength, Mapping):
        check_number(strength, "strength")
        return {layer: float(strength) * factors.get(layer, 1.0) for layer in sites}
    table = values_by_layer(sites, strength, "strength")
    for layer in sites:
        if layer not in table:
            raise StudyError(
                f"Regularizer: strength: every regularized layer must have one for {name}, found "
                f"none for {layer}; give 0 to leave it alone"
            )
    return {layer: table[layer] * factors.get(layer, 1.0) for layer in sites}


def numbers_of(penalties: list[Penalty], given: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """The numbers of each penalty beside its strength, as given (``elastic_net.l1_share``) or
    usual.
    """
    known = {number_of(p.name, number): (p, number) for p in penalties for number in p.numbers}
    found = {penalty.name: dict(penalty.numbers) for penalty in penalties}
    for name, value in given.items():
        if name not in known:
            raise StudyError(
                f"Regularizer: numbers: a number of these penalties must be named, found {name!r}; "
                f"they have {', '.join(known) or 'none'}"
            )
        check_number(value, f"numbers[{name!r}]")
        penalty, number = known[name]
        if value > penalty.largest_numbers.get(number, math.inf):
            raise StudyError(
                f"Regularizer: numbers[{name!r}]: at most {penalty.largest_numbers[number]:g} must "
                f"be given, found {value!r}; lower it"
            )
        found[penalty.name][number] = float(value)
    return found


def check_arguments(
    penalties: Sequence[Penalty], scope: str, scale_invariant: Sequence[str] | None
) -> None:
    """Raises StudyError for what does not fit together."""
    if scope not in ("weights", "all"):
        raise StudyError(
            f"Regularizer: scope: weights or all must be given, found {scope!r}; choose one"
        )
    names = [penalty.name for penalty in penalties]
    if len(set(names)) < len(names):
        raise StudyError(
            f"Regularizer: penalty: each must be given once, found {', '.join(names)}; remove one"
        )
    asks = [name for name in names if asks_invariance(name)]
    if asks and scale_invariant is None:
        raise StudyError(
            "Regularizer: scale_invariant: the layers whose size does not matter to the loss must "
            f"be given for {asks[0]}, found none; give their names ([] where there is none: "
            "`sweep check` finds them)"
        )
