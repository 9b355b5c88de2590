"""The regularized weights of a model that somebody else trains, and a number for each by pattern.

Which weights those are is ``networks.selection``'s rule, the same as in a study.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from fnmatch import fnmatchcase
from numbers import Real
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from sweep.errors import ModelError, StudyError
from sweep.networks.layers import heads_of
from sweep.networks.selection import Selection, choose_parameters, layer_name
from sweep.networks.wrappers import plain_name, unwrapped


@dataclass(frozen=True)
class Site:
    """A regularized weight."""

    layer: str
    name: str
    """As the model has it, without what wrappers add."""
    parameter: nn.Parameter
    n_heads: int
    """Heads of an attention whose weight has the rows of queries, keys and values; 0 for others."""
    scale_invariant: bool = False
    path: tuple[str, ...] = ()
    """The names of modules, and its own, that lead to it in the model."""


def plain_module(model: nn.Module) -> nn.Module:
    """The module itself, out of what torch.compile and data parallelism wrap it in.

    Raises StudyError for what is no module, and for one whose weights have no shapes yet.
    """
    if not isinstance(model, nn.Module):
        raise StudyError(
            f"Regularizer: model: an nn.Module must be given, found a {type(model).__name__}; give "
            "the network itself"
        )
    if any(map(is_lazy, model.parameters())):
        raise StudyError(
            "Regularizer: model: weights with shapes must be given, found lazy layers; call the "
            "network once before"
        )
    return unwrapped(model)


def find_sites(
    model: nn.Module,
    selection: Selection,
    idle: Set[str] = frozenset(),
    scale_invariant: Sequence[str] = (),
) -> dict[str, Site]:
    """The regularized weights by their layers, in the model's order.

    Args:
        model: The plain module.
        selection: Which parameters are regularized, where that is not the usual rule.
        idle: Names of parameters that get no gradient, and count as frozen.
        scale_invariant: Patterns of the layers whose size does not matter to the loss.

    Raises:
        ModelError: There is none.
        StudyError: A pattern matches nothing.
    """
    parameters, heads = dict(model.named_parameters()), heads_of(model)
    choices = choose_parameters(model, selection, idle)
    chosen = {
        layer_name(plain_name(choice.name)): choice.name for choice in choices if not choice.spared
    }
    if not chosen:
        reasons = dict.fromkeys(choice.spared for choice in choices)
        raise ModelError(
            "Regularizer: the model must have a weight that a penalty can act on, found all left "
            f"alone ({'; '.join(reasons) or 'it has no parameters'}); give include=[...] or "
            'scope="all", and for fully sharded data parallelism use fully_shard'
        )
    invariant = values_by_layer(chosen, dict.fromkeys(scale_invariant, 1.0), "scale_invariant")
    return {
        layer: Site(
            layer,
            plain_name(name),
            parameters[name],
            heads.get(name, 0),
            layer in invariant,
            tuple(name.split(".")),
        )
        for layer, name in chosen.items()
    }


def check_in_place(model: nn.Module, sites: Iterable[Site]) -> None:
    """ModelError for a weight that the model has no more, or that is frozen under another name: as
    where adapters or a new head took the place of its layer.

    Sharded weights come and go between the forward and the step, and are not looked at.
    """
    for site in sites:
        if _at(model, site.path) is site.parameter or is_sharded(site.parameter):
            continue
        still = any(own is site.parameter for own in model.parameters())
        if not still or not site.parameter.requires_grad:
            raise ModelError(
                f"Regularizer: the layers must stay those that it was made for, found {site.layer} "
                f"{'frozen inside of another' if still else 'replaced'}; make it once the model "
                "is complete, and the optimizer after it"
            )


def _at(model: nn.Module, path: Sequence[str]) -> nn.Parameter | None:
    """The parameter at a path of names, without the calls of ``get_parameter``: it is looked up in
    every step.
    """
    module: nn.Module | None = model
    for name in path[:-1]:
        module = module._modules.get(name) if module is not None else None
    return None if module is None else module._parameters.get(path[-1])


def values_by_layer(
    layers: Iterable[str], patterns: Mapping[str, float], key: str
) -> dict[str, float]:
    """The number of each layer that a pattern matches; a name comes before patterns.

    Raises StudyError for a pattern without a layer, a layer of two patterns, and what is no number
    that is at least 0.
    """
    if not isinstance(patterns, Mapping):
        raise StudyError(
            f"Regularizer: {key}: numbers by pattern must be given, found a "
            f'{type(patterns).__name__}; write {{"conv*": 0.5, "fc": 2.0}}'
        )
    layers, found, origin = list(layers), {}, dict[str, str]()
    for pattern, value in patterns.items():
        check_number(value, f"{key}[{pattern!r}]")
        if pattern in layers:
            continue
        matched = [layer for layer in layers if fnmatchcase(layer, pattern)]
        if not matched:
            raise StudyError(
                f"Regularizer: {key}: a pattern must match a regularized layer, found none for "
                f"{pattern!r}; the layers are {', '.join(layers)}"
            )
        for layer in matched:
            if layer in origin and layer not in patterns:
                raise StudyError(
                    f"Regularizer: {key}: a layer must have one number, found {layer} in "
                    f"{origin[layer]!r} and {pattern!r}; narrow a pattern, or give {layer!r} itself"
                )
            found[layer], origin[layer] = float(value), pattern
    own = {layer: float(value) for layer, value in patterns.items() if layer in layers}
    return found | own


def check_number(value: object, key: str) -> None:
    """Raises StudyError for what is no finite number that is at least 0."""
    fits = isinstance(value, Real) and not isinstance(value, bool)
    if not fits or not math.isfinite(value) or value < 0:  # type: ignore[arg-type, operator]
        raise StudyError(
            f"Regularizer: {key}: a number that is at least 0 must be given, found {value!r}; "
            "give 0 for a layer that is to be left alone"
        )


def rows_of(tensor: Tensor) -> Tensor:
    """A parameter as one run of a population (1, *shape): a view; a number is a vector of one."""
    plain = tensor.detach()
    return plain.unsqueeze(0) if plain.ndim else plain.view(1, 1)


def is_sharded(parameter: Tensor) -> bool:
    """Whether this process has a part of the weight, as under ``fully_shard``."""
    return hasattr(parameter, "to_local")


def local(tensor: Tensor) -> Tensor:
    """The part that this process has, which shares memory; a tensor of its own is all of it."""
    plain: Any = tensor.detach()
    found: Tensor = plain.to_local() if is_sharded(tensor) else plain
    return found


def number_like(value: float, weight: Tensor) -> Tensor:
    """One number (1,) of a weight's type, where the weight is."""
    return torch.full((1,), value, dtype=weight.dtype, device=weight.device)
