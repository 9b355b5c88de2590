"""What is kept of a PyTorch model that a loop of the user's returns: norms and zeros by layer.

Of the winner that is trained again for its weights, these too. Layers and weights are called as in
the network itself, without what compiling or data parallelism wrap it in.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn, optim, save, zeros
from torch.nn.parameter import is_lazy

from sweep.networks.selection import layer_name, penalized_parameters
from sweep.networks.wrappers import plain_name, unwrapped


def load_ahead() -> None:
    """Loads what torch loads with the first optimizer: 800 modules, in two seconds."""
    optim.SGD([nn.Parameter(zeros(1))], lr=1.0)


def layers_of(returned: Any) -> list[tuple[str, float, int, int]]:
    """Name, Euclidean norm, exact zeros and number of weights of every layer that has weights."""
    if not isinstance(returned, nn.Module):
        return []
    model = unwrapped(returned)
    parameters = dict(model.named_parameters())
    found = []
    for name in penalized_parameters(model):
        weight = parameters[name].detach()
        zeros, norm = int((weight == 0).sum()), float(weight.double().norm())
        found.append((layer_name(plain_name(name)), norm, zeros, weight.numel()))
    return found


def keep_model(returned: Any, regularizer: Any, path: str) -> None:
    """Writes the tensors of the model's state, none where no model was returned, and what the
    regularizer is made again from.
    """
    model = unwrapped(returned) if isinstance(returned, nn.Module) else None
    state = {
        plain_name(name): value.detach().cpu()
        for name, value in ({} if model is None else model.state_dict()).items()
        if isinstance(value, Tensor) and not is_lazy(value)
    }
    content = None if regularizer is None else regularizer.content()
    save({"state_dict": state, "regularizer": content}, path)
