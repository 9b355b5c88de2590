"""Starting profiles: how the layers' strengths compare before any search, from one short look.

``gradient``: the norm of a layer's gradient over that of its weights at the start, so that loss and
penalty pull every layer in the same ratio (Ishii & Sato 2018, "Layer-wise weight decay for deep
neural networks"). ``cpr``: one run of the study's model in which each layer's norm is held at its
start by a multiplier of its own (Franke et al. 2024, "Improving deep learning optimization through
constrained parameter regularization"); what the multipliers come to is the profile.

Both compute in float64 on the CPU, from the first draw of the explore phase, and factors have three
digits: so a profile is a function of the study, and does not depend on how a sum was rounded.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from sweep.data.resampling import permutation
from sweep.errors import StudyError
from sweep.networks.forward import copied
from sweep.runtime.random_state import isolated
from sweep.runtime.torch_state import seed_torch
from sweep.training.jobs import TrainingPlan

LEAST_SHARE = 1e-3
"""A multiplier below this share of the largest counts as this share: a layer may need none."""
MULTIPLIER_STEP = 1.0
"""mu, the step by which a multiplier follows the mean square that is too much (their default)."""


class Trainee:
    """A copy of the model in float64, in train mode, and the batches of one run."""

    def __init__(self, model: nn.Module, x: Tensor, y: Tensor, plan: TrainingPlan, seed: int):
        self.model = copied(model).double().train()
        self.x, self.y = _wide(x), _wide(y)
        self.plan, self.seed = plan, seed
        self.parameters = dict(self.model.named_parameters())

    @contextmanager
    def seeded(self) -> Iterator[None]:
        """What the model draws comes from the seed, and leaves no trace."""
        with torch.random.fork_rng(devices=[]), isolated(self.seed):
            seed_torch(self.seed)
            yield

    def batches(self, epoch: int) -> Iterator[Tensor]:
        """The rows of each batch of an epoch: those that a run of this seed trains on."""
        order = torch.from_numpy(permutation(self.seed, epoch, len(self.x)))
        yield from torch.split(order, self.plan.batch_size)[: self.plan.steps_per_epoch]

    def backward(self, rows: Tensor) -> None:
        """Adds the gradient of a batch's mean loss to every parameter's."""
        output = self.model(self.x[rows]).unsqueeze(0)
        _, slope = self.plan.loss.loss_and_gradient(output.detach(), self.y[rows].unsqueeze(0))
        output.backward(slope)


def _wide(rows: Tensor) -> Tensor:
    return rows.cpu().double() if rows.is_floating_point() else rows.cpu()


def starting_profile(kind: str, trainee: Trainee, layers: Mapping[str, str]) -> dict[str, float]:
    """Factors by layer, with a geometric mean of 1; ``layers`` has each layer's parameter."""
    return (gradient_profile if kind == "gradient" else cpr_profile)(trainee, layers)


def gradient_profile(trainee: Trainee, layers: Mapping[str, str]) -> dict[str, float]:
    """Factors by layer, proportional to gradient norm over weight norm at the start.

    The gradient is that of the training rows' mean loss.
    """
    with trainee.seeded():
        for rows in trainee.batches(0):
            trainee.backward(rows)
    ratios = {}
    for layer, name in layers.items():
        weight = trainee.parameters[name]
        grad = torch.zeros_like(weight) if weight.grad is None else weight.grad
        norms = float(grad.norm()) / trainee.plan.steps_per_epoch, float(weight.detach().norm())
        if not all(math.isfinite(norm) and norm > 0 for norm in norms):
            raise StudyError(
                "search.profile: every layer must have weights and a gradient other than zero at "
                f"the start, found norms {norms[1]:.3g} and {norms[0]:.3g} in {layer}; "
                'set profile = "even"'
            )
        ratios[layer] = norms[0] / norms[1]
    return _evened(ratios)


def cpr_profile(trainee: Trainee, layers: Mapping[str, str]) -> dict[str, float]:
    """Factors by layer, proportional to the mean over a run of its multiplier lambda.

    After each step of SGD or Adam lambda <- max(0, lambda + mu / n * (||W||^2 - kappa))
    and W <- W - 2 * lambda * W, with n weights in W and kappa = ||W||^2 at the start.
    """
    plan = trainee.plan
    weights = {layer: trainee.parameters[name] for layer, name in layers.items()}
    bounds = {layer: float(weight.detach().square().sum()) for layer, weight in weights.items()}
    now, sums = dict.fromkeys(layers, 0.0), dict.fromkeys(layers, 0.0)
    trained = [p for p in trainee.parameters.values() if p.requires_grad]
    usual = plan.optimizer.usual
    optimizer: torch.optim.Optimizer = (
        torch.optim.SGD(trained, lr=plan.lr, momentum=usual.numbers["momentum"])
        if "momentum" in usual.numbers
        else torch.optim.Adam(trained, lr=plan.lr)
    )
    with trainee.seeded():
        for epoch in range(plan.epochs):
            for rows in trainee.batches(epoch):
                optimizer.zero_grad()
                trainee.backward(rows)
                optimizer.step()
                for layer, weight in weights.items():
                    now[layer] = hold_norm(weight, now[layer], bounds[layer])
                    sums[layer] += now[layer]
    largest = max(sums.values())
    if not all(map(math.isfinite, sums.values())) or largest <= 0:
        found = "none that did" if largest <= 0 else "a run that diverged"
        raise StudyError(
            "search.profile: training must make the weights of a layer grow for cpr to hold them "
            f'back, found {found}; set profile = "even" or "gradient"'
        )
    return _evened({layer: max(own, LEAST_SHARE * largest) for layer, own in sums.items()})


@torch.no_grad()
def hold_norm(weight: Tensor, multiplier: float, bound: float) -> float:
    """One step of the constraint on ``weight``, changed in place; returns its new multiplier."""
    excess = float(weight.square().sum()) - bound
    multiplier = max(0.0, multiplier + MULTIPLIER_STEP / weight.numel() * excess)
    weight.mul_(1 - 2 * multiplier)
    return multiplier


def _evened(raw: Mapping[str, float]) -> dict[str, float]:
    """Divided by their geometric mean, to three digits."""
    middle = math.fsum(math.log(value) for value in raw.values()) / len(raw)
    return {layer: float(f"{value / math.exp(middle):.3g}") for layer, value in raw.items()}


def in_words(factors: Mapping[str, float]) -> str:
    """``hidden1 x0.5, output x2``."""
    return ", ".join(f"{layer} x{factor:g}" for layer, factor in factors.items())
