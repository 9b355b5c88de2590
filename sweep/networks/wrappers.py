"""What torch wraps a network in, and how its parameters are called without that."""

from __future__ import annotations

from torch import nn

WRAPPED = ("_orig_mod.", "_checkpoint_wrapped_module.")
"""What torch.compile and activation checkpointing add to the names of parameters."""


def unwrapped(model: nn.Module) -> nn.Module:
    """The module itself, out of what torch.compile and data parallelism wrap it in."""
    while True:
        inner = getattr(model, "_orig_mod", None)
        if inner is None and isinstance(
            model, nn.DataParallel | nn.parallel.DistributedDataParallel
        ):
            inner = model.module
        if not isinstance(inner, nn.Module):
            return model
        model = inner


def plain_name(name: str) -> str:
    """A parameter's name without what wrappers add."""
    for part in WRAPPED:
        name = name.replace(part, "")
    return name
