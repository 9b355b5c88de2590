"""Layers by the library in C against autograd, one network at a time, in float64."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from torch import Tensor, nn

from sweep.networks._mlp_kernel import KernelLayers, Layer, functions
from sweep.networks._stretches import LibraryBlocks, TorchBlock, suits_library
from sweep.networks.mlp import FusedMLP
from sweep.runtime.torch_state import limited_threads

pytestmark = pytest.mark.skipif(not functions()[0], reason=f"the library {functions()[1]}")
SIZES = ((40, 100, 100, 10), (1, 1), (7, 16, 17, 3), (33, 8, 9, 1), (5, 130, 2))
EXACT = {torch.float64: 1e-12, torch.float32: 2e-5}


class Case:
    """R networks of these sizes, a batch, and what it gives."""

    def __init__(self, sizes: tuple[int, ...], n: int, n_rows: int, dtype: torch.dtype, bias: bool):
        torch.manual_seed(n_rows)
        self.layers, start = list[Layer](), 3
        for i, (n_in, n_out) in enumerate(pairwise(sizes)):
            end = start + n_in * n_out
            relu = i + 2 < len(sizes) or not bias
            self.layers.append(Layer(n_in, n_out, start, end if bias else -1, relu))
            start = end + n_out
        self.theta = torch.randn(n, start + 2, dtype=dtype) / 3
        self.grad = torch.zeros_like(self.theta)
        self.x = torch.randn(n, n_rows, sizes[0], dtype=dtype)
        self.slope = torch.randn(n, n_rows, sizes[-1], dtype=dtype)
        self.hidden = [torch.empty(n, n_rows, size, dtype=dtype) for size in sizes[1:]]
        self.below = torch.empty_like(self.x)

    def run(self) -> tuple[Tensor, Tensor, Tensor]:
        kernel = KernelLayers(self.layers, self.theta, self.grad, self.x.shape[1])
        last = kernel.outputs(self.x)
        kernel.forward(self.x, self.hidden)
        torch.testing.assert_close(last, self.hidden[-1], atol=0, rtol=0, equal_nan=True)
        kernel.backward(self.slope.clone(), self.below)
        return self.hidden[-1], self.grad, self.below

    def by_autograd(self) -> tuple[Tensor, Tensor, Tensor]:
        theta, x = (t.double().requires_grad_() for t in (self.theta, self.x))
        h = x
        for layer in self.layers:
            end = layer.weight + layer.n_inputs * layer.n_outputs
            shape = (-1, layer.n_outputs, layer.n_inputs)
            h = h @ theta[:, layer.weight : end].reshape(shape).mT
            if layer.bias >= 0:
                h = h + theta[:, None, layer.bias : layer.bias + layer.n_outputs]
            h = h.relu() if layer.relu else h
        h.backward(self.slope.double())
        assert theta.grad is not None
        assert x.grad is not None
        return h.detach(), theta.grad, x.grad


@pytest.mark.parametrize("dtype", EXACT, ids=str)
@pytest.mark.parametrize("n_rows", [1, 5, 64, 97, 250])
@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_layers_and_gradients_are_autograds(
    sizes: tuple[int, ...], n_rows: int, dtype: torch.dtype
) -> None:
    for bias in (True, False):
        case = Case(sizes, 3, n_rows, dtype, bias)
        for found, expected in zip(case.run(), case.by_autograd(), strict=True):
            scale = float(expected.abs().max()) + 1e-30
            error = float((found.double() - expected).abs().max())
            assert error <= EXACT[dtype] * scale


def test_no_bit_depends_on_other_networks_or_rows() -> None:
    case = Case(SIZES[0], 5, 97, torch.float32, True)
    together = [t.clone() for t in case.run()]
    kernel = KernelLayers(case.layers, case.theta[2:3].clone(), None, 1)
    alone = kernel.outputs(case.x[2:3, 41:42].contiguous())
    assert torch.equal(alone[0, 0], together[0][2, 41])
    grad = torch.zeros(1, case.theta.shape[1])
    kernel = KernelLayers(case.layers, case.theta[3:4].clone(), grad, 97)
    hidden = [h[3:4].clone() for h in case.hidden]
    kernel.forward(case.x[3:4].contiguous(), hidden)
    kernel.backward(case.slope[3:4].clone(), None)
    assert torch.equal(grad[0], together[1][3])


def test_what_is_not_a_number_goes_on_as_in_torch() -> None:
    case = Case((4, 5, 2), 1, 3, torch.float32, True)
    case.x[0, 1, 2] = torch.nan
    out, grad, _ = case.run()
    assert out[0, 1].isnan().all()
    assert out[0, [0, 2]].isfinite().all()
    assert grad[:, case.layers[0].weight + 2].isnan().all()


def test_gaps_and_other_types_are_refused() -> None:
    case = Case((4, 5, 2), 2, 3, torch.float32, True)
    with pytest.raises(ValueError, match="a library in C wants"):
        KernelLayers(case.layers, case.theta[:, :-1], None, 3)
    kernel = KernelLayers(case.layers, case.theta, case.grad, 3)
    for wrong in (case.x.double(), case.x[:, :2], case.x.mT):
        with pytest.raises(ValueError, match="a library in C wants"):
            kernel.outputs(wrong)


def test_a_backward_wants_what_its_forward_kept() -> None:
    case = Case((4, 5, 2), 2, 3, torch.float32, True)
    kernel = KernelLayers(case.layers, case.theta, case.grad, 3)
    with pytest.raises(ValueError, match="all outputs of the forward"):
        kernel.backward(case.slope, None)
    kernel.outputs(case.x)
    with pytest.raises(ValueError, match="all outputs of the forward"):
        kernel.backward(case.slope, None)
    kernel = KernelLayers(case.layers, case.theta, None, 3)
    kernel.forward(case.x, case.hidden)
    with pytest.raises(ValueError, match="gradients' places"):
        kernel.backward(case.slope, None)


def test_a_chain_with_dropout_and_tanh_is_cut_where_the_library_ends() -> None:
    torch.manual_seed(0)
    parts = [nn.Linear(6, 9), nn.ReLU(), nn.Linear(9, 8), nn.Tanh(), nn.Linear(8, 7), nn.ReLU()]
    model = nn.Sequential(*parts, nn.Dropout(0.5), nn.Linear(7, 3))
    stack = FusedMLP(model, torch.device("cpu"))
    theta = stack.row_of(model).repeat(2, 1)
    stretches = stack._stretches(theta, torch.zeros_like(theta), 4)
    assert [(s.first, s.end) for s in stretches] == [(0, 2), (2, 3), (3, 4)]
    assert all(isinstance(s, LibraryBlocks) for s in stretches)


def test_large_layers_and_lanes_of_several_threads_are_torchs() -> None:
    model = nn.Sequential(nn.Linear(600, 600), nn.ReLU(), nn.Linear(600, 3))
    stack = FusedMLP(model, torch.device("cpu"))
    theta = stack.row_of(model)[None]
    assert not suits_library(stack.blocks, theta)
    assert all(isinstance(s, TorchBlock) for s in stack._stretches(theta, None, 4))
    small = FusedMLP(nn.Sequential(nn.Linear(6, 3)), torch.device("cpu"))
    rows = torch.zeros(1, 64)
    assert suits_library(small.blocks, rows)
    with limited_threads(2):
        assert not suits_library(small.blocks, rows)
