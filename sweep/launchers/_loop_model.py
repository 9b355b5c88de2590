"""What is kept of a PyTorch model that a loop of the user's returns: norms and zeros by layer."""

from __future__ import annotations

from torch import nn, optim, zeros

from sweep.networks.selection import layer_name, penalized_parameters


def load_ahead() -> None:
    """Loads what torch loads with the first optimizer: 800 modules, in two seconds."""
    optim.SGD([nn.Parameter(zeros(1))], lr=1.0)


def layers_of(model: nn.Module) -> list[tuple[str, float, int, int]]:
    """Name, Euclidean norm, exact zeros and number of weights of every layer that has weights."""
    parameters = dict(model.named_parameters())
    found = []
    for name in penalized_parameters(model):
        weight = parameters[name].detach()
        zeros, norm = int((weight == 0).sum()), float(weight.double().norm())
        found.append((layer_name(name), norm, zeros, weight.numel()))
    return found
