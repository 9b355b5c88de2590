"""From which strength on a penalty leaves nothing of a linear model, known before any training.

At zero weights the best prediction is a constant. A penalty with a kink at zero holds the weights
there as long as its slope is at least the loss's, so the largest slope of the loss is the smallest
such strength: the one that glmnet's path begins with (Friedman, Hastie & Tibshirani 2010, section
2.5). Larger strengths than this need not be searched.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from sweep.metrics.loss import Loss
from sweep.networks.linear_blocks import linear_blocks_of
from sweep.regularizers.penalty import Penalty
from sweep.runtime.trees import Tree

LEAST_LOGIT = -700.0
"""Stands for the logarithm of the share of a class that is not there."""


def find_strength_max(
    model: nn.Module, x: Tree[Tensor], y: Tensor, loss: Loss, penalties: Mapping[str, Penalty]
) -> dict[str, float]:
    """The smallest strength whose solution is zero, by penalty, of those that have one.

    ``x`` (N, ...) and ``y`` (N, ...) are the training rows. {} for a model that is more than one
    linear layer: there the loss has no slope at zero weights.
    """
    blocks = linear_blocks_of(model)
    if len(blocks) != 1 or blocks[0].activation is not None or blocks[0].dropout:
        return {}
    assert isinstance(x, Tensor), "no plain MLP takes several"
    rows = x.double().flatten(1)
    target = y.double() if y.is_floating_point() else y
    constant = rows.new_zeros(blocks[0].n_outputs)
    if blocks[0].bias is not None:
        best = loss.constant(target.numpy(), None, (blocks[0].n_outputs,))
        constant = torch.from_numpy(best).clamp_min(LEAST_LOGIT)
    output = constant.expand(1, len(rows), -1).clone()
    _, slope = loss.loss_and_gradient(output, target.unsqueeze(0))
    gradient = slope[0].T @ rows
    found = {name: penalty.strength_max(gradient) for name, penalty in penalties.items()}
    return {name: strength for name, strength in found.items() if strength is not None}
