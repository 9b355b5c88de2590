"""Networks written out as chains against the same networks through vmap and autograd."""

from __future__ import annotations

from functools import partial

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations

from sweep.metrics.class_losses import CrossEntropy
from sweep.metrics.loss import Loss
from sweep.metrics.number_losses import HuberLoss, SquaredError
from sweep.networks.linear_blocks import linear_blocks_of
from sweep.networks.mlp import FusedMLP
from sweep.networks.stacked import StackedModule
from tests.support.training import plan, segment, train

CPU = torch.device("cpu")
CHAINS = {
    "relu": lambda: [nn.Linear(12, 7), nn.ReLU(), nn.Linear(7, 5), nn.ReLU(), nn.Linear(5, 3)],
    "tanh without a bias": lambda: [nn.Linear(12, 7, bias=False), nn.Tanh(), nn.Linear(7, 3)],
    "one layer": lambda: [nn.Linear(12, 3)],
    "nested": lambda: [nn.Sequential(nn.Linear(12, 4), nn.Sigmoid()), nn.Linear(4, 3), nn.Tanh()],
    "flattened": lambda: [
        nn.Flatten(),
        nn.Linear(12, 5),
        nn.Identity(),
        nn.ReLU(),
        nn.Linear(5, 3),
    ],
    "one activation at two places": lambda: [
        nn.Linear(12, 7),
        (relu := nn.ReLU()),
        nn.Sequential(nn.Linear(7, 5), relu),
        nn.Linear(5, 3),
    ],
}


def chain(name: str, seed: int = 0) -> nn.Sequential:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return nn.Sequential(*CHAINS[name]()).double()


@pytest.mark.parametrize("loss", [CrossEntropy(), SquaredError(), HuberLoss()], ids=type)
@pytest.mark.parametrize("name", CHAINS)
def test_a_chain_computes_what_vmap_and_autograd_do(name: str, loss: Loss) -> None:
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(3, 8, 12, generator=generator, dtype=torch.float64)
    y = torch.randn(3, 8, 3, generator=generator, dtype=torch.float64)
    if isinstance(loss, CrossEntropy):
        y = y.argmax(2)
    if name == "flattened":
        x = x.view(3, 8, 3, 4)
    stacks = [StackedModule(chain(name), CPU), FusedMLP(chain(name), CPU)]
    theta = torch.stack([stacks[0].row_of(chain(name, seed)) for seed in range(3)])
    found: list[tuple[Tensor, ...]] = []
    for stack in stacks:
        grad = torch.full_like(theta, torch.nan)
        losses = stack.step(theta, grad, {}, loss)(x, y)
        found.append((losses, *stack.slots(grad), stack.outputs(theta, {}, x)))
    for expected, written in zip(*found, strict=True):
        torch.testing.assert_close(written, expected, atol=1e-12, rtol=0)


def frozen() -> nn.Sequential:
    model = chain("relu")
    model[0].weight.requires_grad_(False)
    return model


def hooked() -> nn.Sequential:
    model = chain("relu")
    model[1].register_forward_hook(lambda module, args, output: output * 2)
    return model


def tied() -> nn.Sequential:
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4), nn.Linear(4, 3))
    model[2].weight = model[0].weight
    return model


def twice() -> nn.Sequential:
    layer = nn.Linear(4, 4)
    return nn.Sequential(layer, nn.ReLU(), layer, nn.Linear(4, 3))


def of_other_shapes() -> nn.Sequential:
    """Torch takes the weight and the bias as they are, whatever the layer says of itself."""
    model = nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 3))
    model[1].bias = nn.Parameter(torch.zeros(1))
    return model


def patched() -> nn.Sequential:
    model = nn.Sequential(nn.Linear(4, 3))
    model[0].forward = lambda x: 2 * x
    return model


class Doubled(nn.Sequential):
    def forward(self, x: Tensor) -> Tensor:
        return 2 * super().forward(x)


OTHERS = {
    "frozen weight": frozen,
    "hook": hooked,
    "tied weights": tied,
    "layer twice": twice,
    "other shapes": of_other_shapes,
    "forward replaced": patched,
    "own forward": lambda: Doubled(nn.Linear(4, 3)),
    "no activation first": lambda: nn.Sequential(nn.ReLU(), nn.Linear(4, 3)),
    "dropout after tanh": lambda: nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Dropout(0.1)),
    "dropout twice": lambda: nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.1), nn.Dropout(0.1)),
    "batch norm": lambda: nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Linear(4, 3)),
    "flattened late": lambda: nn.Sequential(nn.Linear(4, 4), nn.Flatten(), nn.Linear(4, 3)),
    "parametrized": lambda: nn.Sequential(parametrizations.orthogonal(nn.Linear(4, 4))),
    "two activations in a row": lambda: nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.ReLU()),
    "no layer": lambda: nn.Sequential(nn.Identity()),
}


@pytest.mark.parametrize("name", OTHERS)
def test_whatever_calling_it_could_do_otherwise_is_no_chain(name: str) -> None:
    assert linear_blocks_of(OTHERS[name]()) == ()


def test_a_chains_runs_do_not_depend_on_their_company_bit_for_bit() -> None:
    build = partial(_mlp_of, 6)
    runs = [
        segment(i, kind, 0.02 * i, layers=("0", "2"), stop=3, seed=i, lr=0.004 * (1 + i))
        for i, kind in enumerate(("l2", "decay", "l1", "none", "l1"))
    ]
    together = train(runs, plan(), width=5, build=build, stack=FusedMLP)
    for run in runs:
        alone = train([run], plan(), width=1, build=build, stack=FusedMLP)[run.trial.number].weights
        found = together[run.trial.number].weights
        assert alone is not None
        assert found is not None
        assert all(torch.equal(found[key], alone[key]) for key in alone)


def _mlp_of(n_inputs: int, seed: int) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return nn.Sequential(nn.Linear(n_inputs, 40), nn.ReLU(), nn.Linear(40, 3)).double()
