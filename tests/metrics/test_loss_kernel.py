"""Losses by the library in C against torch's in float64, and what it leaves to torch."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from sweep.metrics._loss_kernel import (
    BINARY,
    BINARY_OF_SHARES,
    CROSS_ENTROPY,
    CROSS_ENTROPY_OF_SHARES,
    SQUARED_ERROR,
    WIDEST,
    functions,
    loss_and_gradient,
    suits,
)
from sweep.metrics.class_losses import CrossEntropy

pytestmark = pytest.mark.skipif(not functions()[0], reason=f"the library {functions()[1]}")
EXACT = {torch.float64: 1e-14, torch.float32: 3e-7}
KINDS = {
    "classes": CROSS_ENTROPY,
    "shares": CROSS_ENTROPY_OF_SHARES,
    "squares": SQUARED_ERROR,
    "binary": BINARY,
    "labels": BINARY_OF_SHARES,
}


def batch(name: str, width: int, dtype: torch.dtype, n_rows: int = 7) -> tuple[Tensor, Tensor]:
    torch.manual_seed(width)
    output = 8 * torch.randn(3, n_rows, width, dtype=torch.float64)
    if name == "classes":
        return output.to(dtype), torch.randint(width, (3, n_rows))
    if name == "binary":
        return output[..., :1].to(dtype), torch.randint(2, (3, n_rows))
    target = torch.randn(3, n_rows, width, dtype=torch.float64)
    shown = {"shares": target.softmax(2), "labels": target.sigmoid()}
    return output.to(dtype), shown.get(name, target).to(dtype)


def by_torch(
    name: str, output: Tensor, target: Tensor, weight: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    leaf = output.double().requires_grad_()
    if name == "squares":
        rows = (leaf - target).square().mean(2)
    elif name in ("binary", "labels"):
        wanted = target.view_as(leaf).double()
        rows = F.binary_cross_entropy_with_logits(leaf, wanted, reduction="none").mean(2)
    else:
        wanted = target if name == "classes" else target.double().mT
        rows = F.cross_entropy(leaf.mT, wanted, reduction="none")
    share = torch.ones_like(rows) if weight is None else weight.double()
    losses = (rows * share).sum(1) / share.sum(1)
    (slope,) = torch.autograd.grad(losses.sum(), leaf)
    return losses.detach(), slope


@pytest.mark.parametrize("dtype", EXACT, ids=str)
@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("width", [1, 2, 10, 33, WIDEST])
def test_losses_and_gradients_are_torchs(width: int, name: str, dtype: torch.dtype) -> None:
    output, target = batch(name, width, dtype)
    assert suits(KINDS[name], output, target)
    for found, expected in zip(
        loss_and_gradient(KINDS[name], output, target), by_torch(name, output, target), strict=True
    ):
        error = float((found.double() - expected).abs().max())
        assert error <= EXACT[dtype] * max(1.0, float(expected.abs().max()))


@pytest.mark.parametrize("dtype", EXACT, ids=str)
@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("width", [1, 10])
def test_rows_with_weights_have_torchs_losses(width: int, name: str, dtype: torch.dtype) -> None:
    output, target = batch(name, width, dtype)
    weight = torch.rand(output.shape[:2], dtype=torch.float64).to(dtype)
    weight[:, 0] = 0
    found = loss_and_gradient(KINDS[name], output, target, weight)
    for own, expected in zip(found, by_torch(name, output, target, weight), strict=True):
        error = float((own.double() - expected).abs().max())
        assert error <= EXACT[dtype] * max(1.0, float(expected.abs().max()))
    losses, slope = loss_and_gradient(KINDS[name], output, target, torch.zeros_like(weight))
    assert not losses.any()
    assert not slope.any()


def test_weights_of_classes_are_those_of_their_rows() -> None:
    output, classes = batch("classes", 3, torch.float64)
    loss = CrossEntropy([0.5, 2.0, 3.0])
    for weight in (None, torch.rand(classes.shape, dtype=torch.float64)):
        found = loss.untraced(output, classes, weight)
        for own, expected in zip(
            found, loss.loss_and_gradient(output, classes, weight), strict=True
        ):
            torch.testing.assert_close(own, expected, rtol=0, atol=1e-14)


@pytest.mark.parametrize("name", KINDS)
def test_no_bit_depends_on_other_networks(name: str) -> None:
    output, target = batch(name, 10, torch.float32)
    assert len(output) == 3
    losses, slope = loss_and_gradient(KINDS[name], output, target)
    for r in range(3):
        alone = loss_and_gradient(KINDS[name], output[r : r + 1], target[r : r + 1])
        assert torch.equal(alone[0][0], losses[r])
        assert torch.equal(alone[1][0], slope[r])


def test_far_logits_have_a_loss_and_no_number_makes_none() -> None:
    output = torch.tensor([[[1e30, 0.0], [0.0, -1e30]], [[torch.nan, 0.0], [torch.inf, 0.0]]])
    losses, _ = loss_and_gradient(CROSS_ENTROPY, output, torch.tensor([[0, 0], [0, 0]]))
    assert losses[0] == 0
    assert torch.isnan(losses[1])


def test_a_class_that_is_none_makes_no_number() -> None:
    output = torch.zeros(2, 2, 3)
    losses, _ = loss_and_gradient(CROSS_ENTROPY, output, torch.tensor([[0, 3], [1, 2]]))
    assert torch.isnan(losses).tolist() == [True, False]


def test_what_it_does_not_know_is_torchs() -> None:
    output, classes = torch.zeros(2, 4, 3), torch.zeros(2, 4, dtype=torch.int64)
    assert suits(CROSS_ENTROPY, output, classes)
    for wrong in (output.half(), output[..., 0], torch.zeros(2, 4, WIDEST + 1), output[:, :3]):
        assert not suits(CROSS_ENTROPY, wrong, classes)
    for target in (classes.int(), torch.zeros(2, 4, 3)):
        assert not suits(CROSS_ENTROPY, output, target)
    for target in (classes, torch.zeros(2, 4), torch.zeros(2, 4, 3, dtype=torch.float64)):
        assert not suits(SQUARED_ERROR, output, target)
    weighed, _ = CrossEntropy().untraced(output, classes, torch.ones(2, 4))
    assert weighed.tolist() == pytest.approx([1.0986123, 1.0986123])
