"""Which weights have no size that matters: those whose scale the network takes out again.

A weight W that feeds a norm layer may be multiplied by any number c > 0 without a change of the
outputs, so that sum W * dL/dW = 0 for whatever loss (Euler's identity for functions of degree 0;
van Laarhoven 2017, "L2 regularization versus batch and weight normalization"). A penalty on its
size then does not hold the network back: it only makes the steps relative to W larger. Found by
trying that identity, since what lies between weight and norm decides: pooling or ReLU keep it,
a bias before a ReLU does not.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn

from sweep.metrics.losses import loss_and_gradient
from sweep.runtime.random_state import isolated

MAGNIFIED = 1000.0
"""The weight in question is made so much larger than the others. Norm layers add eps = 1e-5 to a
variance v, which breaks the identity by about eps / v, and so by 1e-11 / v."""
THRESHOLD = 1e-8
"""|<W, g>| / (|W| |g|) is below where W is invariant: 1e-13 to 1e-10 in Linear and Conv before
batch, group, instance and layer norms, and more only where v < 1e-3, so that eps counts in
training too. For other weights it is the cosine of two unrelated directions, about n^-1/2 in n
dimensions (1e-4 for a hundred million weights); what a bias before a ReLU, or a saturated sigmoid,
leaves of it was never below 1e-6."""
DRAWS = 2
ROWS = 64


def scale_invariant(
    model: nn.Module, x: Tensor, y: Tensor, task: str, layers: Mapping[str, str]
) -> dict[str, str]:
    """The layers whose weights are scale-invariant, in train mode; ``layers`` has each parameter.

    ``unit`` where the scale of each output unit is free of its own, as before batch norm, ``layer``
    where only that of all together is, as before layer norm or a group norm of several channels.
    """
    model = copy.deepcopy(model).cpu().double().train()
    parameters = dict(model.named_parameters())
    x, y = x[:ROWS].cpu(), y[:ROWS].cpu()
    x = x.double() if x.is_floating_point() else x
    y = y.double() if y.is_floating_point() else y
    found = {layer: "unit" for layer, name in layers.items() if parameters[name].ndim > 1}
    for draw in range(DRAWS):
        with torch.random.fork_rng(devices=[]), isolated(draw):
            torch.manual_seed(draw)
            _randomize(parameters.values())
            for layer in list(found):
                weight = parameters[layers[layer]]
                level = _level(model, weight, x, y, task)
                if not level:
                    del found[layer]
                elif level == "layer":
                    found[layer] = level
    return found


@torch.no_grad()
def _randomize(parameters: Iterable[nn.Parameter]) -> None:
    """Moves weights and biases away from where they start, which may be a special place."""
    for parameter in parameters:
        spread = parameter[0].numel() ** -0.5 if parameter.ndim > 1 else 0.5
        parameter.add_(spread * torch.randn_like(parameter))


def _level(model: nn.Module, weight: nn.Parameter, x: Tensor, y: Tensor, task: str) -> str:
    """``unit``, ``layer``, or "" where the scale of ``weight`` matters (or nothing can be said)."""
    before = weight.detach().clone()
    with torch.no_grad():
        weight.mul_(MAGNIFIED)
    output = model(x).unsqueeze(0)
    _, slope = loss_and_gradient(task, output.detach(), y.unsqueeze(0))
    (grad,) = torch.autograd.grad(output, weight, slope, allow_unused=True)
    with torch.no_grad():
        w = weight.flatten(1).clone()
        weight.copy_(before)
    if grad is None:
        return ""
    g = grad.flatten(1)
    inner = (w * g).sum(1)
    size = w.norm() * g.norm()
    if not bool(0 < size < torch.inf) or bool(inner.sum().abs() > THRESHOLD * size):
        return ""
    return "unit" if bool((inner.abs() <= THRESHOLD * size).all()) else "layer"
