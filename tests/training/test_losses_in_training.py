"""Every loss in training: stacked, written out and alone, as a plain loop with torch's own loss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sweep.data.splits import Split
from sweep.metrics.class_losses import BinaryCrossEntropy, CrossEntropy
from sweep.metrics.custom_loss import own_loss
from sweep.metrics.loss import Loss
from sweep.metrics.number_losses import (
    AbsoluteError,
    GaussianLoss,
    HuberLoss,
    PoissonLoss,
    QuantileLoss,
    SquaredError,
)
from sweep.metrics.tasks import IGNORED
from sweep.networks.alone import SeparateModules
from sweep.networks.mlp import FusedMLP
from sweep.networks.stacked import StackedModule
from tests.support.training import plain_loop, plan, segment, train

N, VALIDATION = 70, 30
DRAWS = torch.Generator().manual_seed(0)
X = torch.randn(N + VALIDATION, 6, generator=DRAWS, dtype=torch.float64)
NUMBERS = X @ torch.randn(6, 2, generator=DRAWS, dtype=torch.float64)
CLASSES = NUMBERS.argmax(1) + (X[:, 0] > 1)
POSITIONS = torch.stack([CLASSES, (X[:, 1] > 0).long(), torch.where(X[:, 2] > 0, 2, IGNORED)], 1)
CLASS_WEIGHT = torch.tensor([1.0, 3.0, 0.5]).double()

RowLosses = Callable[[Tensor, Tensor], Tensor]


def expectile(output: Tensor, target: Tensor) -> Tensor:
    """A loss of one's own, for each row (Newey & Powell 1987)."""
    error = target - output
    return (torch.where(error > 0, 0.8, 0.2) * error.square()).mean(1)


@dataclass(frozen=True)
class Case:
    loss: Loss
    target: Tensor
    n_outputs: int
    rows: RowLosses
    """The losses of rows by torch's functions, times what each counts."""
    counts: Callable[[Tensor], Tensor] = lambda target: torch.ones(len(target)).double()
    """What each row counts."""


def per_row(function: Callable[..., Tensor], **options: object) -> RowLosses:
    return lambda output, target: function(output, target, reduction="none", **options).mean(1)


CASES = {
    "cross_entropy": Case(CrossEntropy(), CLASSES, 3, partial(F.cross_entropy, reduction="none")),
    "class_weight": Case(
        CrossEntropy(CLASS_WEIGHT.tolist()),
        CLASSES,
        3,
        partial(F.cross_entropy, weight=CLASS_WEIGHT, reduction="none"),
        lambda target: CLASS_WEIGHT[target],
    ),
    "sequence": Case(
        CrossEntropy(positions=True),
        POSITIONS,
        9,
        lambda output, target: F.cross_entropy(
            output.transpose(1, 2), target, reduction="none"
        ).sum(1),
        lambda target: (target != IGNORED).sum(1).double(),
    ),
    "bce": Case(
        BinaryCrossEntropy((2.0,)),
        (NUMBERS > 0).double(),
        2,
        per_row(F.binary_cross_entropy_with_logits, pos_weight=torch.tensor(2.0).double()),
    ),
    "mse": Case(SquaredError(), NUMBERS, 2, per_row(F.mse_loss)),
    "mae": Case(AbsoluteError(), NUMBERS, 2, per_row(F.l1_loss)),
    "huber": Case(HuberLoss(0.5), NUMBERS, 2, per_row(F.huber_loss, delta=0.5)),
    "quantile": Case(
        QuantileLoss((0.1, 0.9)),
        NUMBERS[:, :1],
        2,
        lambda output, target: sum(  # type: ignore[arg-type,return-value]
            torch.maximum(q * (target[:, 0] - o), (q - 1) * (target[:, 0] - o)) / 2
            for q, o in zip((0.1, 0.9), output.unbind(1), strict=True)
        ),
    ),
    "poisson": Case(
        PoissonLoss(), NUMBERS.abs().round(), 2, per_row(F.poisson_nll_loss, log_input=True)
    ),
    "gaussian_nll": Case(
        GaussianLoss(),
        NUMBERS[:, :1],
        2,
        lambda o, t: F.gaussian_nll_loss(o[:, :1], t, o[:, 1:].exp(), reduction="none").mean(1),
    ),
    "own": Case(
        own_loss(expectile, Path(), NUMBERS, (2,), weighted=False, of_classes=False),
        NUMBERS,
        2,
        expectile,
    ),
}


def build(n_outputs: int, sequence: bool, seed: int) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layers: list[nn.Module] = [nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, n_outputs)]
        layers += [nn.Unflatten(1, (3, 3))] if sequence else []
        return nn.Sequential(*layers).double()


def weights_of(x: Tensor) -> Tensor:
    """Weights that rows carry in their inputs, some of them 0."""
    return (x[:, 3].abs() - 0.1).clamp_min(0)


def rows_of(case: Case, weighted: bool) -> Split:
    weight = weights_of(X) if weighted else None
    parts = X[:N], case.target[:N], X[N:], case.target[N:]
    split = Split(*parts, None, None, {"loss": 1.0}, VALIDATION / N)
    if weight is None:
        return split
    return replace(split, w_train=weight[:N], w_validation=weight[N:])


@pytest.mark.parametrize("weighted", [False, True], ids=["even", "weighted"])
@pytest.mark.parametrize("name", CASES)
def test_runs_train_and_are_scored_as_in_a_plain_loop(name: str, weighted: bool) -> None:
    case, data = CASES[name], rows_of(CASES[name], weighted)
    sequence = name == "sequence"
    own = partial(build, case.n_outputs, sequence)
    row = (3, 3) if sequence else (case.n_outputs,)
    training = plan(loss=case.loss, output_row=row, epochs=2)

    def mean(model: nn.Module, x: Tensor, target: Tensor) -> Tensor:
        count = case.counts(target) * (weights_of(x) if weighted else 1)
        weight = weights_of(x) if weighted else 1
        return (case.rows(model(x), target) * weight).sum() / count.sum()

    ways = [StackedModule, SeparateModules] + ([] if sequence else [FusedMLP])
    runs = [segment(i, "none", 0, layers=(), stop=2, seed=i) for i in range(3)]
    model = own(2)
    wanted = plain_loop(
        runs[2],
        training,
        lambda matrices, others: torch.optim.Adam([*matrices, *others], lr=0.01),
        build=own,
        data=data,
        loss_of=lambda model, x, target, epoch, step: mean(model, x, target),
    )
    model.load_state_dict(wanted)
    with torch.no_grad():
        score = float(mean(model, data.x_validation, data.y_validation))
    for way in ways:
        found = train(runs, training, width=3, build=own, data=data, stack=way)[2]
        assert found.weights is not None
        for key, tensor in wanted.items():
            torch.testing.assert_close(found.weights[key], tensor, rtol=1e-9, atol=1e-9)
        assert found.result.metrics["val_loss"] == pytest.approx(score, rel=1e-9)
