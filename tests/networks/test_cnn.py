"""Convolutional networks by the library in C against torch, one network at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call

from sweep.metrics.class_losses import CrossEntropy
from sweep.networks._image_kernel import functions
from sweep.networks.cnn import LARGEST, FusedCNN, suits_library
from sweep.networks.counter_rng import CounterRNG, Keys
from sweep.networks.image_layers import image_layers_of
from sweep.networks.stacked import StackedModule
from sweep.runtime.torch_state import limited_threads

CPU = torch.device("cpu")
BUILT = pytest.mark.skipif(not functions(), reason="the library was not built")
N_CLASSES = 3


class Network(NamedTuple):
    """The layers of a network, and the shape of its inputs."""

    layers: Callable[[], list[nn.Module]]
    row: tuple[int, ...]


def head(n: int) -> list[nn.Module]:
    return [nn.Flatten(), nn.Linear(n, N_CLASSES)]


NETWORKS: Mapping[str, Network] = {
    "3x3": Network(lambda: [nn.Conv2d(1, 5, 3, padding=1), nn.ReLU(), *head(5 * 49)], (1, 7, 7)),
    "1x1 without bias": Network(
        lambda: [nn.Conv2d(3, 17, 1, bias=False), nn.ReLU(), *head(17 * 12)], (3, 4, 3)
    ),
    "5x5 with stride": Network(
        lambda: [nn.Conv2d(2, 16, 5, 2, 2), nn.ReLU(), nn.Conv2d(16, 9, 3), *head(9 * 4)],
        (2, 7, 8),
    ),
    "kernel and stride of two sizes": Network(
        lambda: [nn.Conv2d(4, 8, (3, 1), (1, 2), (2, 0)), *head(8 * 8 * 3)], (4, 6, 5)
    ),
    "padding beyond the kernel": Network(
        lambda: [nn.Conv2d(2, 3, 1, padding=2), nn.Conv2d(3, 4, 3), *head(4 * 5 * 4)], (2, 3, 2)
    ),
    "batch norms": Network(
        lambda: [
            nn.Conv2d(1, 16, 3, padding=1),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.Sequential(nn.Conv2d(16, 11, 3), nn.BatchNorm2d(11, eps=1e-3, momentum=0.3)),
            nn.ReLU(inplace=True),
            nn.AdaptiveAvgPool2d(1),
            *head(11),
        ],
        (1, 8, 9),
    ),
    "norms of all kinds": Network(
        lambda: [
            nn.BatchNorm2d(2),
            nn.Conv2d(2, 6, 3),
            nn.ReLU(),
            nn.BatchNorm2d(6, affine=False),
            nn.Flatten(),
            nn.Linear(6 * 9, 7),
            nn.BatchNorm1d(7, momentum=None),
            nn.ReLU(),
            nn.Linear(7, N_CLASSES),
        ],
        (2, 5, 5),
    ),
    "pools": Network(
        lambda: [
            nn.Conv2d(2, 6, 5, padding=2),
            nn.MaxPool2d(2),
            nn.ReLU(),
            nn.Conv2d(6, 9, 3, padding=1),
            nn.AvgPool2d(2),
            nn.Flatten(),
            nn.ReLU(),
            nn.Linear(9 * 4, N_CLASSES),
        ],
        (2, 9, 9),
    ),
    "pools that overlap": Network(
        lambda: [nn.MaxPool2d(3, 1), nn.Conv2d(1, 4, 2), nn.AvgPool2d((2, 3), 1), *head(4 * 4)],
        (1, 6, 7),
    ),
    "an mlp with norms": Network(
        lambda: [
            nn.Flatten(),
            nn.BatchNorm1d(18),
            nn.Linear(18, 33),
            nn.BatchNorm1d(33),
            nn.ReLU(),
            nn.Linear(33, N_CLASSES),
        ],
        (2, 9),
    ),
    "norms of rows": Network(
        lambda: [
            nn.LayerNorm(18),
            nn.Linear(18, 21),
            nn.LayerNorm(21, eps=1e-3, bias=False),
            nn.ReLU(),
            nn.Linear(21, 4),
            nn.LayerNorm(4, elementwise_affine=False),
            nn.Dropout(0.3),
            nn.Linear(4, N_CLASSES),
        ],
        (18,),
    ),
    "sequences": Network(
        lambda: [
            nn.Unflatten(1, (2, 20)),
            nn.Conv1d(2, 8, 5, stride=2, padding=3),
            nn.BatchNorm1d(8),
            nn.ReLU(),
            nn.MaxPool1d(3, stride=2),
            nn.AvgPool1d(2),
            nn.AdaptiveAvgPool1d(1),
            *head(8),
        ],
        (40,),
    ),
    "dropouts": Network(
        lambda: [
            nn.Conv2d(2, 5, 3),
            nn.ReLU(),
            nn.Dropout(0.3),
            nn.Conv2d(5, 6, 3, padding=1),
            nn.Flatten(),
            nn.Dropout(0.5),
            nn.Linear(6 * 12, 12),
            nn.ReLU(),
            nn.Dropout(0.1),
            nn.Linear(12, N_CLASSES),
        ],
        (2, 5, 6),
    ),
}
N_STEPS, N_ROWS = 3, 13
EXACT = {torch.float64: 1e-10, torch.float32: 2e-4}


class Trained:
    """Runs of a network, a few batches, and what each of these gives."""

    def __init__(self, name: str, n: int, dtype: torch.dtype = torch.float64):
        self.network, self.n, self.dtype = NETWORKS[name], n, dtype
        self.models = [self.made(seed) for seed in range(n)]
        self.stack = FusedCNN(self.models[0], CPU, row=self.network.row)
        self.theta = torch.stack([self.stack.row_of(model) for model in self.models])
        self.grad = torch.full_like(self.theta, torch.nan)
        states = [self.stack.constants_of(model) for model in self.models]
        self.constants = {key: torch.stack([s[key] for s in states]) for key in states[0]}

    def made(self, seed: int) -> nn.Sequential:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            model = nn.Sequential(*self.network.layers()).to(self.dtype)
            for parameter in model.parameters():
                parameter.data.add_(torch.randn_like(parameter), alpha=0.1)
            return model

    def batches(self) -> Iterator[tuple[Tensor, Tensor, Keys]]:
        """Of every run its own, which depend on its place alone."""
        for k in range(N_STEPS):
            xs, ys = [], []
            for r in range(self.n):
                rng = torch.Generator().manual_seed(100 * k + r)
                shape = (N_ROWS, *self.network.row)
                xs.append(torch.randn(shape, generator=rng, dtype=self.dtype))
                ys.append(torch.randint(0, N_CLASSES, (N_ROWS,), generator=rng))
            keys = Keys(torch.arange(self.n, dtype=torch.int32) * 7 + k)
            yield torch.stack(xs), torch.stack(ys), keys

    def run(self) -> list[Tensor]:
        """Losses, gradients and buffers of every step, and at last the outputs in eval mode."""
        found = list[Tensor]()
        self.stack.train(True)
        step = self.stack.step(self.theta, self.grad, self.constants, CrossEntropy())
        for x, y, keys in self.batches():
            found += [step(x, y, keys), *(g.clone() for g in self.stack.slots(self.grad))]
            found += [self.constants[key].clone() for key in self.constants]
        self.stack.train(False)
        return [*found, self.stack.outputs(self.theta, self.constants, x)]

    def by_torch(self) -> list[Tensor]:
        found = list[list[Tensor]]()
        batches = list(self.batches())
        for r, model in enumerate(self.models):
            own = list[Tensor]()
            for x, y, keys in batches:
                model.zero_grad()
                with CounterRNG(keys.of_run(r), False):
                    loss = nn.functional.cross_entropy(model(x[r]), y[r])
                loss.backward()
                parameters = dict(model.named_parameters())
                own += [loss.detach(), *(parameters[key].grad for key in self.stack.slices)]
                buffers = dict(model.named_buffers())
                own += [buffers[key].clone() for key in self.constants]
            model.eval()
            found.append([*own, model(batches[-1][0][r]).detach()])
        return [torch.stack(each) for each in zip(*found, strict=True)]


@BUILT
@pytest.mark.parametrize("dtype", EXACT, ids=str)
@pytest.mark.parametrize("name", NETWORKS)
def test_losses_gradients_statistics_and_outputs_are_those_of_torch(
    name: str, dtype: torch.dtype
) -> None:
    case = Trained(name, 2, dtype)
    for found, expected in zip(case.run(), case.by_torch(), strict=True):
        near = EXACT[dtype]
        torch.testing.assert_close(found, expected, rtol=near, atol=near)


@BUILT
@pytest.mark.parametrize("name", ["batch norms", "norms of rows", "dropouts"])
def test_no_bit_depends_on_how_many_runs_there_are(name: str) -> None:
    many = Trained(name, 7, torch.float32).run()
    for n in (1, 3):
        for found, expected in zip(Trained(name, n, torch.float32).run(), many, strict=True):
            assert torch.equal(found, expected[:n])


@BUILT
def test_no_output_depends_on_how_many_rows_are_evaluated() -> None:
    case = Trained("batch norms", 2, torch.float32)
    x = torch.cat([x for x, _, _ in case.batches()], 1)
    case.stack.train(False)
    whole = case.stack.outputs(case.theta, case.constants, x)
    for n in (1, 5, 8):
        found = case.stack.outputs(case.theta, case.constants, x[:, :n].contiguous())
        assert torch.equal(found, whole[:, :n])


@BUILT
def test_numbers_that_are_not_finite_stay_so() -> None:
    case = Trained("pools", 2)
    x, y, _ = next(case.batches())
    x[0, 0, 0, 0, 0] = torch.nan
    step = case.stack.step(case.theta, case.grad, case.constants, CrossEntropy())
    assert step(x, y).isfinite().tolist() == [False, True]
    finite = torch.stack([g.flatten(1).isfinite().all(1) for g in case.stack.slots(case.grad)])
    assert finite.all(0).tolist() == [False, True]


@BUILT
def test_weights_that_are_large_or_threads_that_are_many_are_left_to_torch() -> None:
    case = Trained("1x1 without bias", 2)
    layers = case.stack.layers
    assert suits_library(layers, CPU, torch.float64, 1)
    assert not suits_library(layers, CPU, torch.float64, 2)
    assert not suits_library(layers, torch.device("cuda"), torch.float64, 1)
    assert not suits_library(layers, CPU, torch.bfloat16, 1)
    wide = nn.Sequential(nn.Conv2d(1, LARGEST // 9 + 1, 3), *head(LARGEST // 9 + 1))
    assert not suits_library(image_layers_of(wide, (1, 3, 3)), CPU, torch.float64, 1)
    with limited_threads(2):
        assert case.stack.compiled_parts(case.theta, case.grad, case.constants, N_ROWS) is None
        by_vmap = case.run()
    again = Trained("1x1 without bias", 2).run()
    for found, expected in zip(again, by_vmap, strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-10)


@BUILT
def test_a_norm_of_one_number_is_refused_as_by_torch() -> None:
    model = nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Linear(4, 3))
    stack = FusedCNN(model, CPU, row=(2,))
    theta = stack.row_of(model)[None]
    constants = {key: tensor[None].clone() for key, tensor in stack.constants_of(model).items()}
    assert stack.compiled_parts(theta, theta.clone(), constants, 1) is None
    step = stack.step(theta, theta.clone(), constants, CrossEntropy())
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        step(torch.ones(1, 1, 2), torch.zeros(1, 1, dtype=torch.long))


@BUILT
def test_a_network_in_training_is_not_taken_for_one_that_is_evaluated() -> None:
    """Somebody who asks for outputs while the statistics are those of a batch gets torch's."""
    case = Trained("batch norms", 1)
    x, _, _ = next(case.batches())
    case.stack.train(True)
    expected = StackedModule(case.models[0], CPU)
    expected.train(True)
    constants = {key: tensor.clone() for key, tensor in case.constants.items()}
    wanted = expected.outputs(case.theta, constants, x)
    torch.testing.assert_close(case.stack.outputs(case.theta, case.constants, x), wanted)
    model = case.models[0]
    tensors = {key: tensor[0] for key, tensor in case.constants.items()}
    model.eval()
    assert not torch.allclose(functional_call(model, tensors, (x[0],)), wanted[0])
