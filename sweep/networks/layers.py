"""How the layers of a network are grouped, and which of them are attentions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from torch import nn

from sweep.errors import StudyError


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
