"""All that is known of a network before training: built once, tried once on one batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from sweep.errors import ModelError
from sweep.networks.backward import BackwardFacts, try_backward
from sweep.networks.counter_rng import Noise
from sweep.networks.forward import check_memory, check_outputs, copied, noise_of
from sweep.networks.image_layers import ImageLayer, image_layers_for
from sweep.networks.linear_blocks import linear_blocks_of
from sweep.networks.stacked import saved_bytes, why_not_batched
from sweep.runtime.trees import Tree, first_leaf, n_values, taken
from sweep.runtime.user_code import guarded

LARGE_NETWORK, LARGE_ROW = 1_000_000, 10_000
"""Parameters, or numbers in a row, from which a network is tried on fewer rows and runs."""
FEW_ROWS = 8
"""Of a batch, for most tries of a large network: enough for batch norm."""


@dataclass(frozen=True)
class NetworkProbe:
    """What building and trying the untrained network of one shape found."""

    template: nn.Module
    """The network with the initial weights of seed 0, on the CPU. Nobody changes it."""
    parameters: Mapping[str, torch.Size]
    """Name and shape of every parameter, frozen ones and biases too."""
    backward: BackwardFacts
    noise: Noise
    strange: str
    """The random draws that the hash has no answer for; "" for none."""
    dropouts: tuple[str, ...]
    """The modules that drop, in the order in which they do."""
    dropout_rates: Mapping[str, float]
    """The rate of each of them; "" is what drops in no module of the network's."""
    is_mlp: bool
    """Whether it is a plain MLP, whose forward and backward are written out."""
    image_layers: tuple[ImageLayer, ...]
    """Of a small convolutional network, as the library in C has them; () for any other."""
    traced: bool
    """Whether its code must see itself traced to be batched."""
    why_alone: str
    """Why its runs cannot be batched; "" when they can."""
    saved_bytes: int
    """What the forward of one run's batch keeps for the backward; 0 where runs train alone."""
    module_types: frozenset[type[nn.Module]]
    same_weights: bool = False
    """Whether every run begins with the same weights for every seed: weights from a file, or a
    network that seeds torch itself. One network cannot tell: whoever builds several says so."""

    @property
    def n_parameters(self) -> int:
        """Numbers in all parameters."""
        return sum(shape.numel() for shape in self.parameters.values())

    @property
    def noisy(self) -> bool:
        """Whether it draws from torch's generator, of which there is one for all threads."""
        return self.noise is Noise.OWN


def probe_network(
    template: nn.Module,
    x: Tree[Tensor],
    output_row: tuple[int, ...],
    *,
    name: str,
    low: torch.dtype | None = None,
) -> NetworkProbe:
    """What trying the untrained network finds; raises ModelError for one that cannot be trained.

    ``x`` (B, ...) is a batch of real rows, on the device of training; ``low`` the type to compute
    in, where that is not the type of the weights; ``name`` what messages call the network. Every
    trial is made on a copy, since a forward may change buffers.
    """
    blocks = linear_blocks_of(template)
    row = taken(x, 0)
    is_mlp = bool(blocks) and blocks[0].n_inputs == n_values(row)
    image_layers = () if is_mlp else image_layers_for(template, x)
    few = taken(x, slice(FEW_ROWS)) if is_large(template, row) else x
    with guarded("model.name", name, ModelError):
        backward = try_backward(template, few, name)
        model = _copy(template, x)
        noise, strange, dropouts, dropout_rates = noise_of(model, few)
        if backward.recomputes and noise is Noise.HASHED:
            noise, strange = Noise.OWN, "checkpointing"
        check_outputs(model, x, output_row, name)
        check_memory(model, few, noise, name)
        traced, why_alone = False, backward.why_alone
        if not why_alone:
            traced, why_alone = _why_alone(template, few, low, noise, strange, is_mlp)
        # its random numbers would leave a trace, and nobody asks for the memory of one run
        saved = 0 if noise is Noise.OWN else saved_bytes(model, x)
    return NetworkProbe(
        template=template,
        parameters={key: parameter.shape for key, parameter in template.named_parameters()},
        backward=backward,
        noise=noise,
        strange=strange,
        dropouts=dropouts,
        dropout_rates=dropout_rates,
        is_mlp=is_mlp,
        image_layers=image_layers,
        traced=traced,
        why_alone=why_alone,
        saved_bytes=saved,
        module_types=frozenset(type(module) for module in template.modules()),
    )


def not_written_out(
    probe: NetworkProbe, x: Tree[Tensor], low: torch.dtype | None, name: str
) -> NetworkProbe:
    """The probe of a network that is to be computed by its own forward; the arguments are those of
    ``probe_network``.
    """
    few = taken(x, slice(FEW_ROWS)) if is_large(probe.template, taken(x, 0)) else x
    traced, why_alone = False, probe.backward.why_alone
    if not why_alone:
        with guarded("model.name", name, ModelError):
            tried = (probe.template, few, low, probe.noise, probe.strange)
            traced, why_alone = _why_alone(*tried, is_mlp=False)
    return replace(probe, is_mlp=False, image_layers=(), traced=traced, why_alone=why_alone)


def is_large(model: nn.Module, row: Tree[Tensor]) -> bool:
    """Whether a step of the network on such rows takes long enough to be sparing with."""
    n_parameters = sum(parameter.numel() for parameter in model.parameters())
    return n_parameters >= LARGE_NETWORK or n_values(row) >= LARGE_ROW


def _copy(template: nn.Module, x: Tree[Tensor]) -> nn.Module:
    return copied(template).to(first_leaf(x).device)


def _why_alone(
    template: nn.Module,
    x: Tree[Tensor],
    low: torch.dtype | None,
    noise: Noise,
    strange: str,
    is_mlp: bool,
) -> tuple[bool, str]:
    """Whether its code must see itself traced, and why runs cannot be batched, "" when they can."""
    if noise is Noise.OWN:
        return False, (
            f"it draws or seeds random numbers itself ({strange}), which would not be the same "
            "at another width"
        )
    if is_mlp:  # written out, so vmap is not asked
        return False, ""
    reason = why_not_batched(_copy(template, x), x, low, noise)
    if reason and not why_not_batched(_copy(template, x), x, low, noise, traced=True):
        return True, ""
    return False, reason
