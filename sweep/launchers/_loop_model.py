"""What is kept of a PyTorch model that a loop of the user's returns: norms and zeros by layer.

Of the winner that is trained again for its weights, these too.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn, optim, save, zeros

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


def keep_model(model: nn.Module, regularizer: Any, path: str) -> None:
    """Writes the tensors of the model's state, and what the regularizer is made again from."""
    state = {
        name: value.detach().cpu()
        for name, value in model.state_dict().items()
        if isinstance(value, Tensor)
    }
    content = None if regularizer is None else regularizer.content()
    save({"state_dict": state, "regularizer": content}, path)
