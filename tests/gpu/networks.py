"""Small networks of every kind, the rows that they are tried on, and runs of every penalty."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor, nn

from sweep.data.splits import Split
from sweep.networks.counter_rng import CounterRNG, Keys, Noise, step_keys
from sweep.networks.mlp import FusedMLP
from sweep.networks.selection import layer_name, penalized_parameters
from sweep.networks.stacked import StackedModule
from sweep.regularizers.penalties import PENALTIES
from sweep.training.jobs import Segment, SegmentResult
from tests.support.training import segment, split

FEATURES = 16
TOLERANCE = 1e-9
KINDS = ("none", *PENALTIES)
WAITING = ("group_lasso",)
"""Penalties whose step waits for the device: populations with them are trained step by step."""
RECORDED = tuple(kind for kind in KINDS if kind not in WAITING)
STRONG = {"max_norm": 1.5, "cpr": 1.5}
"""Their strengths are inverse bounds, which small ones leave far off."""
StackedModuleMaker = Callable[[nn.Module, torch.device], StackedModule]


class Sequences(nn.Module):
    """A transformer's encoder layer over rows cut into sequences, and the mean of its outputs."""

    def __init__(self, length: int, width: int, d_model: int, heads: int, n_outputs: int):
        super().__init__()
        self.length, self.width = length, width
        self.into = nn.Linear(width, d_model)
        self.encoder = nn.TransformerEncoderLayer(
            d_model, heads, 2 * d_model, dropout=0.0, batch_first=True
        )
        self.norm = nn.LayerNorm(d_model)
        self.output = nn.Linear(d_model, n_outputs)

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.into(x.reshape(x.shape[0], self.length, self.width))
        return self.output(self.norm(self.encoder(hidden)).mean(1))


def _mlp() -> list[nn.Module]:
    return [nn.Linear(FEATURES, 24), nn.ReLU(), nn.Linear(24, 12), nn.Tanh(), nn.Linear(12, 3)]


def _batch_norm() -> list[nn.Module]:
    return [nn.Linear(FEATURES, 24), nn.BatchNorm1d(24), nn.ReLU(), nn.Linear(24, 3)]


def _cnn() -> list[nn.Module]:
    first: list[nn.Module] = [nn.Unflatten(1, (1, 4, 4)), nn.Conv2d(1, 4, 3, padding=1), nn.Tanh()]
    return [*first, nn.Conv2d(4, 6, 3), nn.ReLU(), nn.Flatten(), nn.Linear(24, 3)]


def _transformer() -> list[nn.Module]:
    return [Sequences(4, 4, 8, 2, 3)]


def _dropout() -> list[nn.Module]:
    return [nn.Linear(FEATURES, 24), nn.ReLU(), nn.Dropout(0.2), nn.Linear(24, 3)]


@dataclass(frozen=True)
class Kind:
    """A network and what computes many of it at once."""

    parts: Callable[[], list[nn.Module]]
    stack: StackedModuleMaker = StackedModule
    noisy: bool = False

    def build(self, seed: int, dtype: torch.dtype = torch.float64) -> nn.Module:
        """The network with the initial weights of a seed, on the CPU."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return nn.Sequential(*self.parts()).to(dtype)

    @property
    def layers(self) -> list[str]:
        return [layer_name(name) for name in penalized_parameters(self.build(0))]


NETWORKS: Mapping[str, Kind] = {
    "mlp by vmap": Kind(_mlp),
    "mlp as a chain": Kind(_mlp, FusedMLP),
    "batch norm": Kind(_batch_norm),
    "cnn": Kind(_cnn),
    "transformer": Kind(_transformer),
    "dropout by vmap": Kind(_dropout, partial(StackedModule, noise=Noise.HASHED), noisy=True),
    "dropout as a chain": Kind(_dropout, FusedMLP, noisy=True),
}


def rows(dtype: torch.dtype = torch.float64, n: int = 70) -> Split:
    """The problem that all these networks learn, on the CPU."""
    one = split(n=n, features=FEATURES)
    x, x_validation = one.x_train.to(dtype), one.x_validation.to(dtype)
    return replace(one, x_train=x, x_validation=x_validation)


def rows_on(device: torch.device) -> Split:
    """The same rows there, for a plain loop."""
    one = rows()
    return replace(one, x_train=one.x_train.to(device), y_train=one.y_train.to(device))


def one_of(number: int, penalty: str, layers: list[str], stop: int, **params: float) -> Segment:
    """A run of this penalty, whose strength, seed and learning rate follow from its number."""
    strength = 0.0 if penalty == "none" else STRONG.get(penalty, 0.01 + 0.004 * (number % 11))
    params = {"lr": 0.003 * (1 + number % 5)} | params
    return segment(number, penalty, strength, layers=layers, stop=stop, seed=number % 3, **params)


def one_of_each(kind: Kind, stop: int) -> list[Segment]:
    """A run of every penalty, and one of none."""
    return [one_of(i, penalty, kind.layers, stop) for i, penalty in enumerate(KINDS)]


def loss_with_noise(n_steps: int, seed: int, device: torch.device):  # type: ignore[no-untyped-def]
    """The loss of a plain loop whose dropout masks come from the hash."""

    def loss_of(model: nn.Module, x: Tensor, y: Tensor, epoch: int, step: int) -> Tensor:
        counter = torch.tensor([epoch * n_steps + step]).numpy()
        keys = Keys(torch.from_numpy(step_keys([seed], counter)).to(device))
        with CounterRNG(keys, stacked=False):
            return nn.functional.cross_entropy(model(x), y)

    return loss_of


def far(found: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> float:
    """The largest relative difference of two state_dicts, of numbers below 1 the absolute one."""
    worst = 0.0
    for key, tensor in expected.items():
        mine, theirs = found[key].detach().cpu().double(), tensor.detach().cpu().double()
        difference = ((mine - theirs).abs() / theirs.abs().clamp_min(1)).max()
        worst = max(worst, float(difference.nan_to_num(float("inf"))))
    return worst


def weights_of(outcome: SegmentResult) -> Mapping[str, Tensor]:
    assert outcome.weights is not None
    return outcome.weights
