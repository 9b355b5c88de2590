"""Losses against torch's own and against formulas: values, gradients, weights, best constants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.metrics import accuracy_score
from torch import Tensor

import sweep
from sweep.errors import StudyError
from sweep.metrics._constant import fitted_constant
from sweep.metrics.class_losses import BinaryCrossEntropy, CrossEntropy
from sweep.metrics.custom_loss import OwnBatchLoss, OwnLoss, own_loss
from sweep.metrics.loss import Loss
from sweep.metrics.number_losses import (
    AbsoluteError,
    GaussianLoss,
    HuberLoss,
    PoissonLoss,
    QuantileLoss,
    SquaredError,
)
from sweep.metrics.scores import Scores
from sweep.metrics.tasks import IGNORED

R, B, HERE = 3, 11, Path(__file__).parent


def drawn(*shape: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return 2 * torch.randn(shape, generator=generator, dtype=torch.float64)


def classes(*shape: int, n: int = 4) -> Tensor:
    return torch.randint(0, n, shape, generator=torch.Generator().manual_seed(1))


WEIGHT = torch.tensor([0.5, 1.0, 2.0, 7.0]).double()
POSITIONS = torch.where(drawn(R, B, 5, seed=2) > 2, IGNORED, classes(R, B, 5))
QUANTILES = (0.1, 0.5, 0.9)


def pinball(output: Tensor, target: Tensor) -> Tensor:
    """By its definition, quantile after quantile."""
    losses = []
    for column in range(target.shape[1]):
        for i, share in enumerate(QUANTILES):
            error = target[:, column] - output[:, len(QUANTILES) * column + i]
            losses.append(torch.where(error >= 0, share * error, (share - 1) * error))
    return torch.stack(losses).mean()


@dataclass(frozen=True)
class Case:
    loss: Loss
    output: Tensor
    target: Tensor
    torchs: Callable[[Tensor, Tensor], Tensor]
    """The mean loss of one run as torch computes it."""


CASES = {
    "cross_entropy": Case(CrossEntropy(), drawn(R, B, 4), classes(R, B), F.cross_entropy),
    "class_weight": Case(
        CrossEntropy(WEIGHT.tolist()),
        drawn(R, B, 4),
        classes(R, B),
        lambda o, t: F.cross_entropy(o, t, weight=WEIGHT),
    ),
    "sequence": Case(
        CrossEntropy(positions=True),
        drawn(R, B, 5, 4),
        POSITIONS,
        lambda o, t: F.cross_entropy(o.transpose(1, 2), t),
    ),
    "weighted sequence": Case(
        CrossEntropy(WEIGHT.tolist(), positions=True),
        drawn(R, B, 5, 4),
        POSITIONS,
        lambda o, t: F.cross_entropy(o.transpose(1, 2), t, weight=WEIGHT),
    ),
    "bce of two classes": Case(
        BinaryCrossEntropy(),
        drawn(R, B, 1),
        classes(R, B, n=2),
        lambda o, t: F.binary_cross_entropy_with_logits(o[:, 0], t.double()),
    ),
    "bce of labels": Case(
        BinaryCrossEntropy((3.0, 1.0, 0.2)),
        drawn(R, B, 3),
        classes(R, B, 3, n=2).double(),
        lambda o, t: F.binary_cross_entropy_with_logits(
            o, t, pos_weight=torch.tensor([3.0, 1.0, 0.2], dtype=torch.float64)
        ),
    ),
    "mse": Case(SquaredError(), drawn(R, B, 2), drawn(R, B, 2, seed=3), F.mse_loss),
    "images": Case(SquaredError(), drawn(R, B, 1, 3, 3), drawn(R, B, 1, 3, 3, seed=3), F.mse_loss),
    "mae": Case(AbsoluteError(), drawn(R, B, 2), drawn(R, B, 2, seed=3), F.l1_loss),
    "huber": Case(
        HuberLoss(0.7),
        drawn(R, B, 2),
        drawn(R, B, 2, seed=3),
        lambda o, t: F.huber_loss(o, t, delta=0.7),
    ),
    "quantile": Case(QuantileLoss(QUANTILES), drawn(R, B, 6), drawn(R, B, 2, seed=3), pinball),
    "poisson": Case(
        PoissonLoss(), drawn(R, B, 2), classes(R, B, 2, n=9).double(), F.poisson_nll_loss
    ),
    "gaussian_nll": Case(
        GaussianLoss(),
        drawn(R, B, 4),
        drawn(R, B, 2, seed=3),
        lambda o, t: F.gaussian_nll_loss(o[:, :2], t, o[:, 2:].exp()),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_losses_and_their_gradients_are_torchs(name: str) -> None:
    case = CASES[name]
    leaf = case.output.clone().requires_grad_()
    wanted = torch.stack([case.torchs(o, t) for o, t in zip(leaf, case.target, strict=True)])
    (slope,) = torch.autograd.grad(wanted.sum(), leaf)
    losses, found = case.loss.loss_and_gradient(case.output.clone(), case.target)
    torch.testing.assert_close(losses, wanted.detach(), rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(found, slope, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_a_weight_is_so_many_copies_of_a_row(name: str) -> None:
    """Also one of 0, and in the scores of a part that comes in batches with padding."""
    case, counts = CASES[name], torch.tensor([0, 1, 2, 3, 1, 1, 2, 1, 0, 4, 1])
    copies = [part.repeat_interleave(counts, dim=1) for part in (case.output, case.target)]
    weight = counts.double().expand(R, B)
    losses, slope = case.loss.loss_and_gradient(case.output.clone(), case.target, weight)
    wanted, by_copy = case.loss.loss_and_gradient(copies[0].clone(), copies[1])
    torch.testing.assert_close(losses, wanted, rtol=1e-12, atol=1e-12)
    sums = torch.zeros_like(slope).index_add_(1, torch.arange(B).repeat_interleave(counts), by_copy)
    torch.testing.assert_close(slope, sums, rtol=1e-12, atol=1e-12)

    scores, whole = (Scores(case.loss, R, torch.device("cpu")) for _ in range(2))
    for rows in (slice(0, 6), slice(6, B)):
        output, target, own = case.output[:, rows], case.target[:, rows], weight[:, rows]
        padded = [torch.cat([part, part[:, :1]], dim=1) for part in (output, target, own)]
        there = torch.ones(R, padded[0].shape[1], dtype=torch.bool)
        there[:, -1] = False
        scores.add(padded[0], padded[1], there, padded[2])
    whole.add(*copies)
    found, wanted_scores = scores.close().values, whole.close().values
    assert found.keys() == wanted_scores.keys()
    for metric, values in found.items():
        np.testing.assert_allclose(values, wanted_scores[metric], rtol=1e-6)
    np.testing.assert_allclose(found["loss"], losses.numpy(), rtol=1e-12)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("weighs", [False, True])
def test_no_constant_has_a_smaller_loss(name: str, weighs: bool) -> None:
    """Neither one that is found numerically, nor any of its neighbours."""
    case = CASES[name]
    target, row = case.target.flatten(0, 1), tuple(case.output.shape[2:])
    weight = drawn(len(target), seed=4).abs() if weighs else None
    plain = None if weight is None else weight.numpy()

    def mean(constant: np.ndarray) -> float:
        output = torch.from_numpy(np.broadcast_to(constant, row).copy()).expand(len(target), *row)
        weights = None if weight is None else weight[None]
        return float(case.loss.mean(output[None], target[None], weights))

    constant = case.loss.constant(target.numpy(), plain, row)
    least = mean(constant)
    rng = np.random.default_rng(5)
    for _ in range(30):
        assert mean(constant + 0.02 * rng.normal(size=constant.shape)) >= least - 1e-12
    corners = case.loss.name in ("mae", "quantile")  # and so many best constants
    if not corners and "sequence" not in name:  # whose constant is the same at all positions
        found = fitted_constant(case.loss, target.numpy(), plain, row)
        assert mean(found) >= least - 1e-12
        if name != "images":
            np.testing.assert_allclose(mean(found), least, atol=1e-7)


def test_quantiles_of_the_constant_are_numpys() -> None:
    target = drawn(101, 2).numpy()
    found = QuantileLoss(QUANTILES).constant(target, None, (6,)).reshape(2, 3)
    wanted = np.quantile(target, QUANTILES, axis=0, method="inverted_cdf").T
    np.testing.assert_array_equal(found, wanted)


def test_a_label_that_no_row_has_may_come_later() -> None:
    constant = BinaryCrossEntropy().constant(np.array([[0.0, 1], [1, 1]]), None, (2,))
    np.testing.assert_allclose(1 / (1 + np.exp(-constant)), [1 / 2, 3 / 4])


@pytest.mark.parametrize("weight", [None, np.array([1.0, 1.0, 0.0])])
def test_a_column_without_any_count_has_a_rate_too(weight: np.ndarray | None) -> None:
    """Also where rows with counts weigh nothing; that of other columns is their mean."""
    target = np.array([[0.0, 1.0], [0.0, 2.0], [0.0 if weight is None else 5.0, 3.0]])
    constant = PoissonLoss().constant(target, weight, (2,))
    wanted = [1 / 4, 2.0] if weight is None else [1 / 3, 1.5]
    np.testing.assert_allclose(np.exp(constant), wanted)


def test_a_missing_class_of_positions_has_a_share_too() -> None:
    target = np.array([[0, 0, 1], [0, IGNORED, 1]])
    constant = CrossEntropy(positions=True).constant(target, None, (3, 3))
    np.testing.assert_allclose(np.exp(constant), np.array([4, 3, 1]) / 8)


# ---- losses of one's own ---------------------------------------------------------------------


def focal(output: Tensor, target: Tensor) -> Tensor:
    """Lin et al. 2017, equation 4, with gamma = 2; for each row."""
    log_share = F.log_softmax(output, -1).gather(-1, target[:, None])[:, 0]
    return -((1 - log_share.exp()) ** 2) * log_share


def by_a_loop(output: Tensor, target: Tensor) -> Tensor:
    """Which vmap cannot batch."""
    return torch.stack([(o - float(t)).abs().sum() for o, t in zip(output, target, strict=True)])


def of_the_batch(output: Tensor, target: Tensor) -> Tensor:
    """No mean over rows."""
    return (output - target).square().mean().sqrt()


def weighing(output: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    return (weight[:, None] * (output - target).square()).sum() / weight.sum()


NUMBERS = drawn(20, 1)


def test_a_loss_of_ones_own_is_computed_as_it_stands() -> None:
    found = own_loss(focal, HERE, classes(20), (4,), False, True)
    assert isinstance(found, OwnLoss)
    assert (found.by_rows, found.batched) == (True, True)
    output, target = drawn(R, B, 4), classes(R, B)
    wanted = torch.stack([focal(o, t).mean() for o, t in zip(output, target, strict=True)])
    torch.testing.assert_close(found.mean(output, target), wanted)
    weight = drawn(R, B).abs()
    own = torch.stack([focal(o, t) for o, t in zip(output, target, strict=True)])
    torch.testing.assert_close(
        found.mean(output, target, weight), (own * weight).sum(1) / weight.sum(1)
    )
    hits = found.hits(output, target)
    assert hits is not None
    assert torch.equal(hits[0], output.argmax(2) == target)


def test_a_loss_that_cannot_be_batched_is_computed_run_by_run() -> None:
    found = own_loss(by_a_loop, HERE, NUMBERS, (1,), False, False)
    assert not found.batched
    assert not found.recordable
    torch.testing.assert_close(
        found.mean(drawn(R, B, 1), drawn(R, B, 1, seed=3)),
        (drawn(R, B, 1) - drawn(R, B, 1, seed=3)).abs().mean((1, 2)),
    )


def fails_far_out(output: Tensor, target: Tensor) -> Tensor:
    """As one that checks what it gets, which vmap cannot batch."""
    if float(output.detach().abs().max()) > 50:
        raise ValueError("far out")
    return (output - target).square().sum(-1)


def fails_far_out_of_batch(output: Tensor, target: Tensor) -> Tensor:
    return fails_far_out(output, target).mean().sqrt()


@pytest.mark.parametrize("function", [fails_far_out, fails_far_out_of_batch])
def test_a_loss_that_fails_later_fails_in_its_run_alone(
    function: Callable[..., Tensor], caplog: pytest.LogCaptureFixture
) -> None:
    tried = own_loss(function, HERE, NUMBERS, (1,), False, False)
    output, target = drawn(R, B, 1), drawn(R, B, 1, seed=3)
    wanted = tried.mean(output, target)
    output[1, 0] = 60
    with pytest.raises(StudyError, match=r"training.loss: fails_far_out.* ValueError: far out"):
        tried.mean(output, target)
    losses, slopes = tried.for_runs().loss_and_gradient(output, target)
    assert losses.isnan().tolist() == [False, True, False]
    assert torch.equal(losses[[0, 2]], wanted[[0, 2]])
    assert slopes.isfinite().flatten(1).all(1).tolist() == [True, False, True]
    assert "ValueError: far out; try it on its own first; the run" in caplog.text


def test_a_loss_of_the_batch_is_scored_on_all_rows_at_once() -> None:
    found = own_loss(of_the_batch, HERE, NUMBERS, (1,), False, False)
    assert isinstance(found, OwnBatchLoss)
    output, target = drawn(R, B, 1), drawn(R, B, 1, seed=3)
    scores = Scores(found, R, torch.device("cpu"))
    there = torch.ones(R, 6, dtype=torch.bool)
    there[1, 5] = False  # padding of the second run
    scores.add(output[:, :5], target[:, :5])
    scores.add(output[:, 5:], target[:, 5:], there)
    rows = [B, B - 1, B]
    wanted = [of_the_batch(output[i, :n], target[i, :n]) for i, n in enumerate(rows)]
    np.testing.assert_allclose(scores.close().loss, torch.stack(wanted).numpy(), rtol=1e-12)


def test_a_loss_that_takes_weights_gets_them() -> None:
    found = own_loss(weighing, HERE, NUMBERS, (1,), True, False)
    output, target, weight = drawn(R, B, 1), drawn(R, B, 1, seed=3), drawn(R, B).abs()
    plain, weighted = SquaredError(), found.mean(output, target, weight)
    torch.testing.assert_close(weighted, plain.mean(output, target, weight))
    torch.testing.assert_close(found.mean(output, target), plain.mean(output, target))


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda output, target: 1.0, "as a tensor, found float"),
        (lambda output, target: (output - target).square(), r"of shape \(8, 1\) for 8 rows"),
        (lambda output, target: (output - target).argmax(), r"found torch.int64 of shape \(\)"),
        (lambda output, target: (output * 0).log().sum(), "not finite for outputs near 0"),
        (lambda output, target: (output.detach() - target).square().mean(), "found none: element"),
        (lambda output, target: output.mean() * torch.rand(()), "two calls that differ"),
        (lambda output: output.mean(), "found TypeError"),
        (lambda output, target, weight: (output - target)[:, 0].abs(), "one number for the batch"),
        (lambda output, target: (output[:, 0] - target).abs().mean(1), "depends on this row alone"),
        (lambda output, target: F.mse_loss(output, target, reduction="sum"), "twice as much"),
        (lambda output, target: output.sub(target.mul_(1.01)).abs().mean(1), "found them changed"),
    ],
)
def test_what_is_no_loss_is_refused(function: Callable[..., Tensor], message: str) -> None:
    with pytest.raises(StudyError, match=message) as raised:
        own_loss(function, HERE, NUMBERS, (1,), False, False)
    assert str(raised.value).startswith("training.loss: ")
    assert "\n" not in str(raised.value)


def test_a_loss_of_a_batch_without_weights_is_refused_where_rows_have_them() -> None:
    with pytest.raises(StudyError, match="must take the weights of rows"):
        own_loss(of_the_batch, HERE, NUMBERS, (1,), True, False)


def test_weights_of_classes_are_no_weights_of_rows() -> None:
    """torch's own functions have a parameter ``weight`` that means something else."""
    output, target = drawn(R, B, 4), classes(R, B)
    for function in (F.cross_entropy, partial(F.cross_entropy, label_smoothing=0.1)):
        found = own_loss(function, HERE, classes(20), (4,), False, True)
        wanted = torch.stack([function(o, t) for o, t in zip(output, target, strict=True)])
        torch.testing.assert_close(found.mean(output, target), wanted)


def test_a_loss_in_which_rows_of_weight_0_count_is_refused() -> None:
    """(B, 1) losses times (B,) weights are all pairs, whose mean knows no row's own weight."""

    def pairs(output: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        return (weight * (output - target).abs()).mean() / weight.mean()

    with pytest.raises(StudyError, match="must leave rows of weight 0 out"):
        own_loss(pairs, HERE, NUMBERS, (1,), True, False)


def test_a_loss_of_the_batch_has_an_accuracy() -> None:
    found = own_loss(F.cross_entropy, HERE, classes(20), (4,), False, True)
    output, target = drawn(R, B, 4), classes(R, B)
    scores = Scores(found, R, torch.device("cpu"))
    scores.add(output[:, :5], target[:, :5])
    scores.add(output[:, 5:], target[:, 5:])
    values = scores.close().values
    wanted = [accuracy_score(t, o.argmax(1)) for o, t in zip(output, target, strict=True)]
    np.testing.assert_allclose(values["accuracy"], wanted, rtol=1e-6)  # counted in float32
    assert not np.isnan(values["loss"]).any()


def test_counts_that_training_rows_lack_may_come_later() -> None:
    """One count in one row more: the mean of 19 rows of 0 and one of 1."""
    constant = PoissonLoss().constant(np.zeros((19, 1)), None, (1,))
    np.testing.assert_allclose(constant, np.log(1 / 20), rtol=1e-12)


def test_an_accuracy_that_the_loss_does_not_know_is_refused() -> None:
    """Two classes and one output: no logit for each class."""

    def one_logit(output: Tensor, target: Tensor) -> Tensor:
        return F.softplus(output[:, 0]) - output[:, 0] * target

    study = sweep.Study(
        study={"name": "accuracy", "metrics": ["accuracy"]},
        data=(drawn(60, 3).numpy(), np.arange(60) % 2),
        model={"outputs": 1},
        training={"loss": one_logit},
    )
    with pytest.raises(StudyError, match=r"study.metrics\[0\]: accuracy needs a logit for each"):
        sweep.check(study)


def test_a_loss_that_falls_for_ever_has_no_constant() -> None:
    endless = own_loss(
        lambda output, target: -output.exp().mean(), HERE, NUMBERS, (1,), False, False
    )
    with pytest.raises(StudyError, match="must be finite and bounded below"):
        endless.constant(NUMBERS.numpy(), None, (1,))
