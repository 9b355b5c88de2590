"""Which weights have no size that matters: those whose scale the network takes out again.

A weight W that feeds a norm layer may be multiplied by any number c > 0 without a change of the
outputs, so that sum W * dL/dW = 0 for any loss (Euler's identity for functions of degree 0;
van Laarhoven 2017, "L2 regularization versus batch and weight normalization"). A penalty on its
size then does not hold the network back: it only makes the steps relative to W larger. Found by
trying that identity, since what lies between weight and norm decides: pooling or ReLU keep it,
a bias before a ReLU does not. One backward pass tries it for all layers at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn

from sweep.inspection._small_eps import SmallEps
from sweep.metrics.loss import Loss
from sweep.networks.forward import copied
from sweep.runtime.random_state import isolated
from sweep.runtime.torch_state import seed_torch

ROUNDING = 1e-9
"""|<W, g>| / (|W| |g|) is below where W is invariant and eps is out of the way: 1e-17 to 1e-13 in
Linear and Conv before batch, group, instance, layer and root-mean-square norms. For other weights
it is the cosine of two unrelated directions, about n^-1/2 in n dimensions (1e-4 for a hundred
million weights); biases before ReLUs left 1e-4 of it in deep wide networks."""
EPS_COUNTS = 2e-2
"""Norm layers add eps to a variance v, which breaks the identity by about eps / v. Where that is
more than this, eps holds the weight's size in training too, and the weight is not invariant."""
DRAWS = 2
ROWS = 8


def scale_invariant(
    model: nn.Module, x: Tensor, y: Tensor, loss: Loss, layers: Mapping[str, str]
) -> dict[str, str]:
    """The layers whose weights are scale-invariant, in train mode.

    Args:
        model: The network; it is left as it is.
        x: Training rows (N, ...), of which eight are used.
        y: Their targets.
        loss: What is trained on.
        layers: The parameter's name of every layer.

    Returns:
        By layer, ``unit`` where the scale of each output unit is free of its own, as before batch
        norm, or ``layer`` where only that of all together is, as before layer norm or a group norm
        of several channels.
    """
    model = copied(model).cpu().double().train()
    parameters = dict(model.named_parameters())
    x, y = x[:ROWS].detach().cpu().clone(), y[:ROWS].detach().cpu().clone()
    x = x.double() if x.is_floating_point() else x
    y = y.double() if y.is_floating_point() else y
    found = {layer: "unit" for layer, name in layers.items() if parameters[name].ndim > 1}
    for draw in range(DRAWS):
        with torch.random.fork_rng(devices=[]), isolated(draw):
            seed_torch(draw)
            _randomize(parameters.values())
            weights = {layer: parameters[layers[layer]] for layer in found}
            as_trained = _identities(model, weights, x, y, loss)
            with SmallEps():  # type: ignore[no-untyped-call]
                exact = _identities(model, weights, x, y, loss)
        for layer, by_unit in exact.items():
            if as_trained[layer].sum().abs() > EPS_COUNTS or by_unit.sum().abs() > ROUNDING:
                del found[layer]
            elif (by_unit.abs() > ROUNDING).any():
                found[layer] = "layer"
    return found


@torch.no_grad()
def _randomize(parameters: Iterable[nn.Parameter]) -> None:
    """Moves weights and biases away from where they start, which may be a special place.

    By uniform numbers: normal ones take more than twice as long to draw.
    """
    for parameter in parameters:
        spread = parameter[0].numel() ** -0.5 if parameter.ndim > 1 else 0.5
        moves = torch.empty_like(parameter).uniform_(-1.0, 1.0)
        parameter.add_(moves, alpha=spread * 3**0.5)


def _identities(
    model: nn.Module, weights: Mapping[str, Tensor], x: Tensor, y: Tensor, loss: Loss
) -> dict[str, Tensor]:
    """By layer <W_u, g_u> / (|W| |g|) of every output unit u; infinite where there is no gradient.

    One backward pass gives the gradients g of all weights.
    """
    if not weights:
        return {}
    output = model(x).unsqueeze(0)
    _, slope = loss.loss_and_gradient(output.detach(), y.unsqueeze(0))
    sloped = (
        output * slope
    ).sum()  # a scalar: for others autograd loads torch's compiler's algebra
    grads = torch.autograd.grad(sloped, list(weights.values()), allow_unused=True)
    found = {}
    for (layer, weight), grad in zip(weights.items(), grads, strict=True):
        w = weight.detach().flatten(1)
        g = torch.zeros_like(w) if grad is None else grad.flatten(1)
        size = w.norm() * g.norm()
        inner = (w * g).sum(1)
        known = bool(0 < size < torch.inf)
        found[layer] = inner / size if known else torch.full_like(inner, torch.inf)
    return found
