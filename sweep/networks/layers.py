"""Which parameters a penalty acts on, what their layers are called, and how they are grouped.

Parameters are chosen by the type of their module and never by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from torch import nn

from sweep.errors import StudyError

NORM_LAYERS: tuple[type[nn.Module], ...] = (
    nn.modules.batchnorm._BatchNorm,
    nn.GroupNorm,
    nn.LayerNorm,
    nn.RMSNorm,
    nn.LocalResponseNorm,
)
EMBEDDINGS: tuple[type[nn.Module], ...] = (nn.Embedding, nn.EmbeddingBag)


def penalized_parameters(model: nn.Module, scope: str = "weights") -> tuple[str, ...]:
    """The parameters that a penalty acts on, in the model's order.

    ``weights``: trainable tensors with two or more dimensions outside norm layers and embeddings,
    chosen by the type of their module and never by name. ``all``: every trainable parameter. A tied
    weight counts once, under the first name that the model gives it, and is left alone if any of
    the modules that share it leaves it alone; frozen parameters are left out.
    """
    names: dict[int, str] = {}
    left_alone: set[int] = set()
    for module_name, module in model.named_modules():
        for name, parameter in module.named_parameters(recurse=False):
            names.setdefault(id(parameter), f"{module_name}.{name}" if module_name else name)
            if not parameter.requires_grad or (scope != "all" and _is_no_weight(module, parameter)):
                left_alone.add(id(parameter))
    return tuple(name for parameter, name in names.items() if parameter not in left_alone)


def _is_no_weight(module: nn.Module, parameter: nn.Parameter) -> bool:
    """Whether it is a bias, a scale, a shift or an embedding, as its module uses it."""
    if isinstance(module, nn.MultiheadAttention):  # its own biases have three dimensions
        return parameter.ndim <= 1 or parameter is module.bias_k or parameter is module.bias_v
    return parameter.ndim <= 1 or isinstance(module, NORM_LAYERS + EMBEDDINGS)


def layer_name(parameter: str) -> str:
    """``hidden1`` for ``hidden1.weight``: a layer is named by its module where that is clear."""
    return parameter.removesuffix(".weight")


def layer_groups(
    layers: Sequence[str], patterns: Mapping[str, Sequence[str]]
) -> dict[str, tuple[str, ...]]:
    """The layers of each group, given the patterns (``conv*``) that their names match.

    Raises StudyError for a pattern without a layer, and for a layer in two groups.
    """
    home: dict[str, str] = {}
    for group, wanted in patterns.items():
        for pattern in wanted:
            matched = [layer for layer in layers if fnmatchcase(layer, pattern)]
            if not matched:
                raise StudyError(
                    f"search.layers.{group}: a pattern must match a penalized layer, found none "
                    f"for {pattern!r}; the layers are {', '.join(layers)}"
                )
            for layer in matched:
                if home.setdefault(layer, group) != group:
                    raise StudyError(
                        f"search.layers.{group}: a layer must be in one group, found {layer} in "
                        f"{home[layer]} and {group}; narrow a pattern (the layers are "
                        f"{', '.join(layers)})"
                    )
    return {
        group: tuple(layer for layer in layers if home.get(layer) == group) for group in patterns
    }


def heads_of(model: nn.Module) -> dict[str, int]:
    """The heads of every attention, by the parameter that holds its queries, keys and values."""
    return {
        f"{name}.in_proj_weight" if name else "in_proj_weight": module.num_heads
        for name, module in model.named_modules()
        if isinstance(module, nn.MultiheadAttention) and module.in_proj_weight is not None
    }
