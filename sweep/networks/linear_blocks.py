"""The blocks of an MLP: linear layers, each with the activation and the dropout that follow it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from torch import nn

from sweep.networks.activations import WRITTEN_OUT, InPlaceActivation
from sweep.networks.chain import chain_of


@dataclass(frozen=True)
class LinearBlock:
    """One linear layer: the names of its parameters, and what follows it."""

    weight: str
    bias: str | None
    n_inputs: int
    n_outputs: int
    activation: InPlaceActivation | None = None
    dropout: float = 0.0
    """Rate of the dropout that comes after the activation."""


def linear_blocks_of(model: nn.Module) -> tuple[LinearBlock, ...]:
    """The blocks of an MLP, from the input on; () for any other network.

    An MLP is a chain of exactly these types, all of whose parameters are trained and used once,
    with no hook on any of them: then writing the network out computes what calling it would. Of two
    activations in a row the first one's gradient does not follow from the outputs of the second.
    """
    blocks: list[LinearBlock] = []
    modules = chain_of(model) or []
    for place, (name, module) in enumerate(modules):
        if type(module) is nn.Linear and has_its_shapes(module):
            bias = f"{name}.bias" if module.bias is not None else None
            wide = (module.in_features, module.out_features)
            blocks.append(LinearBlock(f"{name}.weight", bias, *wide))
        elif type(module) in WRITTEN_OUT and blocks and _ends_linear(blocks[-1]):
            blocks.append(replace(blocks.pop(), activation=WRITTEN_OUT[type(module)]))
        elif type(module) is nn.Dropout and blocks and _may_drop(blocks[-1], module.p):
            blocks.append(replace(blocks.pop(), dropout=module.p))
        elif not _flattens_rows(module, place):
            return ()
    parameters = [p for _, m in modules for p in m.parameters()]
    usual = all(p.requires_grad for p in parameters)
    once = len({id(p) for p in parameters}) == len(parameters)
    return tuple(blocks) if blocks and usual and once else ()


def has_its_shapes(module: nn.Linear) -> bool:
    """Whether weight and bias are what the layer says: others may have been put in their place."""
    wide = (module.out_features, module.in_features)
    return module.weight.shape == wide and (module.bias is None or module.bias.shape == wide[:1])


def _ends_linear(block: LinearBlock) -> bool:
    """Whether nothing comes after the linear layer as yet."""
    return block.activation is None and not block.dropout


def _may_drop(block: LinearBlock, rate: float) -> bool:
    """Whether gradients can be had from the outputs after the dropout: none was dropped before,
    and the activation's derivative follows from whether its output is 0."""
    usual = isinstance(rate, int | float) and rate < 1
    return usual and not block.dropout and block.activation in (None, WRITTEN_OUT[nn.ReLU])


def _flattens_rows(module: nn.Module, place: int) -> bool:
    flat = type(module) is nn.Flatten and (module.start_dim, module.end_dim) == (1, -1)
    return (flat and place == 0) or type(module) is nn.Identity
