"""What a network does beside computing: found before training, named in one line, or let be."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from sweep.errors import ModelError
from sweep.networks.alone import SeparateModules
from sweep.networks.counter_rng import Noise
from sweep.networks.forward import check_memory, check_outputs, differs_when_traced, noise_of
from sweep.networks.stacked import why_not_batched
from tests.support.training import plan, segment, split, train

X = split().x_train[:8]


class Net(nn.Module):
    """A linear layer on what ``see`` makes of its inputs."""

    def __init__(self, see: Callable[[Net, Tensor], Tensor] = lambda _, x: x) -> None:
        super().__init__()
        self.output, self.see = nn.Linear(6, 3).double(), see
        self.register_buffer("mean", torch.zeros(6, dtype=torch.float64))
        self.last, self.calls = torch.zeros(6, dtype=torch.float64), 0
        self.generator = torch.Generator().manual_seed(0)

    def forward(self, x: Tensor) -> Tensor:
        return self.output(self.see(self, x))  # type: ignore[no-any-return]


class Detached(Net):
    """No weight reaches its outputs as autograd sees them."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).detach()


def in_place(net: Net, x: Tensor) -> Tensor:
    net.mean.lerp_(x.mean(0).detach(), 0.1)
    return x - net.mean


def replacing(net: Net, x: Tensor) -> Tensor:
    net.mean = 0.9 * net.mean + 0.1 * x.mean(0).detach()
    return x - net.mean


def remembering(net: Net, x: Tensor) -> Tensor:
    net.last = 0.9 * net.last + 0.1 * x.mean(0).detach()
    return x - net.last


def counting(net: Net, x: Tensor) -> Tensor:
    net.calls += 1
    return x / net.calls


def warming_up(net: Net, x: Tensor) -> Tensor:
    net.calls += 1
    return x if net.calls > 100 else x / 10


def looking_up(net: Net, x: Tensor) -> Tensor:
    net.calls += 1
    return x * [1.0, 1.0, 1.0, 1.0, 1.0][net.calls]


def counting_only(net: Net, x: Tensor) -> Tensor:
    net.calls += 1
    return x


def showing(net: Net, x: Tensor) -> Tensor:
    net.last = x.mean(0).detach()
    return x


def own_generator(net: Net, x: Tensor) -> Tensor:
    return x + torch.randn(x.shape, dtype=x.dtype, generator=net.generator)


def from_numpy(_: Net, x: Tensor) -> Tensor:
    return x * float(np.random.normal(1, 0.1))  # noqa: NPY002


def from_python(_: Net, x: Tensor) -> Tensor:
    return x * random.gauss(1, 0.1)


def widening(_: Net, x: Tensor) -> Tensor:
    torch.set_default_dtype(torch.float64)
    return x


@pytest.mark.parametrize(
    ("see", "words"),
    [
        (replacing, r"change its buffers in place, found 'mean' replaced.*self\.mean\.copy_"),
        (remembering, "found 'last' changed in a forward; use register_buffer"),
        (counting, "found 'calls' changed in a forward; use register_buffer"),
        (warming_up, "found 'calls' changed in a forward; use register_buffer"),
        (looking_up, "found 'calls' changed in a forward; use register_buffer"),
        (own_generator, "without a generator of your own"),
    ],
)
def test_memory_that_runs_would_share_is_refused_in_one_line(
    see: Callable[[Net, Tensor], Tensor], words: str
) -> None:
    with pytest.raises(ModelError, match=words) as caught:
        check_memory(Net(see), X, noise_of(Net(see), X)[0], "net")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (
            Net(lambda net, x: x[:3] if net.training else x),
            r"training as well, found \(3",
        ),
        (Net(widening), "found default dtype changed in a forward; use"),
        (Detached(), r"outputs with gradients in training, found none; look"),
        (nn.LSTM(6, 3).double(), "found tuple for 8 rows"),
    ],
)
def test_what_goes_wrong_in_train_mode_only_is_found_before_training(
    model: nn.Module, words: str
) -> None:
    with pytest.raises(ModelError, match=words) as caught:
        check_outputs(model, X, (3,), "net")
    assert "\n" not in str(caught.value)
    assert torch.get_default_dtype() is torch.float32


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(
    ("seeds", "name"),
    [
        (torch.manual_seed, "torch.manual_seed"),
        (np.random.seed, "numpy.random"),
        (random.seed, "random"),
    ],
)
def test_a_network_that_seeds_generators_is_found_whatever_the_seed(
    seeds: Callable[[int], object], name: str, seed: int
) -> None:
    """Nothing else may then be drawn at the same time: it trains in one thread, alone."""

    def seeding(_: Net, x: Tensor) -> Tensor:
        seeds(seed)
        return x

    assert noise_of(Net(seeding), X) == (Noise.OWN, name, (), {})


@pytest.mark.parametrize("see", [in_place, showing, counting_only])
def test_buffers_changed_in_place_and_what_is_only_shown_are_let_be(
    see: Callable[[Net, Tensor], Tensor],
) -> None:
    check_memory(Net(see), X, Noise.NONE, "net")


@pytest.mark.parametrize("module", [nn.Dropout(0.3), nn.BatchNorm1d(6), nn.Identity()])
def test_modules_of_torch_remember_nothing_else(module: nn.Module) -> None:
    model = nn.Sequential(
        nn.utils.parametrizations.weight_norm(nn.Linear(6, 6)),
        nn.utils.parametrizations.spectral_norm(nn.Linear(6, 6)),
        module,
        nn.Linear(6, 3),
    ).double()
    check_memory(model, X, noise_of(model, X)[0], "net")


@pytest.mark.parametrize(("see", "name"), [(from_numpy, "numpy.random"), (from_python, "random")])
def test_numbers_drawn_beside_torch_are_named_and_a_runs_own(
    see: Callable[[Net, Tensor], Tensor], name: str
) -> None:
    def build(seed: int) -> nn.Module:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return Net(see)

    before = np.random.get_state()[1].copy(), random.getstate()  # noqa: NPY002
    assert noise_of(build(0), X) == (Noise.OWN, name, (), {})
    check_memory(build(0), X, Noise.OWN, "net")
    runs = [segment(i, "none", 0, layers=(), stop=2, seed=i) for i in range(3)]
    own = partial(SeparateModules, noise=Noise.OWN)
    together = train(runs, plan(epochs=2), width=1, build=build, stack=own)
    alone = train(runs[2:], plan(epochs=2), width=1, build=build, stack=own)
    for metric in ("val_loss", "batch_loss"):
        assert together[2].result.metrics[metric] == alone[2].result.metrics[metric]
    assert (np.random.get_state()[1] == before[0]).all()  # noqa: NPY002
    assert random.getstate() == before[1]


@pytest.mark.parametrize(
    ("see", "words"),
    [
        (lambda _, x: x if x.sum() > 0 else -x, "data-dependent control flow cannot be batched"),
        (lambda _, x: x * x.mean().item(), "a value read by .item() cannot be batched"),
        (lambda _, x: x + torch.unique(x).sum(), "the shape that _unique2 gives depends on values"),
    ],
)
def test_what_vmap_cannot_do_is_said_in_few_words(
    see: Callable[[Net, Tensor], Tensor], words: str
) -> None:
    assert why_not_batched(Net(see), X) == words
    inner = nn.Sequential(nn.Identity(), Net(see))
    assert why_not_batched(inner, X) == f"{words} (module `1`)"


class RareBranch(nn.Module):
    """Rows with a large number are cut off, unless it is traced; ``most`` says how large."""

    def __init__(self, most: float) -> None:
        super().__init__()
        self.output, self.most = nn.Linear(6, 3).double(), most

    def forward(self, x: Tensor) -> Tensor:
        if not torch.compiler.is_compiling() and (x > self.most).any():
            x = x.clamp(max=0)
        return self.output(x)  # type: ignore[no-any-return]


@pytest.mark.parametrize(("most", "differs"), [(7.0, True), (9.0, False)])
def test_a_branch_that_is_not_taken_when_traced_is_found_in_any_row(
    most: float, differs: bool
) -> None:
    rows = torch.zeros(100, 6, dtype=torch.float64)
    rows[90, 2] = 8
    assert differs_when_traced(RareBranch(most), rows, 8, Noise.NONE) is differs
    assert not torch.compiler.is_compiling()
