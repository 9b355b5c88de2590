"""Modules of every kind in the stacked population, against the same module in a plain loop."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import Tensor, nn

from sweep.networks.alone import SeparateModules
from sweep.networks.counter_rng import Noise
from sweep.networks.forward import noise_of
from sweep.networks.stacked import StackedModule, StackedModuleMaker, why_not_batched
from sweep.training.jobs import SegmentResult
from tests.support.training import plain_loop, plan, segment, split, train

ROWS = split()


class Residual(nn.Module):
    """Two branches, one parameter that is no layer's, and a weight used twice."""

    def __init__(self) -> None:
        super().__init__()
        self.inner, self.gate = nn.Linear(6, 6), nn.Parameter(torch.ones(6))
        self.output = nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        for _ in range(2):
            x = x + self.gate * torch.tanh(self.inner(x))
        return self.output(x)  # type: ignore[no-any-return]


class Tied(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.output = nn.Linear(6, 6), nn.Linear(6, 6), nn.Linear(6, 3)
        self.second.weight = self.first.weight
        self.register_buffer("scale", torch.full((6,), 0.5))
        self.register_buffer("passing", torch.ones(6), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.tanh(self.first(x)) * self.scale * self.passing
        return self.output(torch.tanh(self.second(x)))  # type: ignore[no-any-return]


class Words(nn.Module):
    """Six whole numbers per row as words."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.output = nn.Embedding(12, 4), nn.Linear(24, 3)

    def forward(self, x: Tensor) -> Tensor:
        words = self.words((2 * x).long().clamp(-6, 5) + 6)
        return self.output(words.flatten(1))  # type: ignore[no-any-return]


class Attending(nn.Module):
    """Three positions of two features each."""

    def __init__(self, dropout: float = 0.0, encoder: bool = True) -> None:
        super().__init__()
        self.enter, self.output = nn.Linear(2, 8), nn.Linear(24, 3)
        layer = nn.TransformerEncoderLayer(8, 2, 16, dropout, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2) if encoder else None
        self.attention = None if encoder else nn.MultiheadAttention(8, 2, dropout, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.enter(x.view(-1, 3, 2))
        if self.encoder is not None:
            x = self.encoder(x)
        if self.attention is not None:
            x = self.attention(x, x, x)[0]
        return self.output(x.flatten(1))  # type: ignore[no-any-return]


def frozen() -> nn.Module:
    model = nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 3))
    model[0].requires_grad_(False)
    return model


def flat(*layers: nn.Module, width: int, shape: tuple[int, ...] = (6,)) -> nn.Module:
    return nn.Sequential(nn.Unflatten(1, shape), *layers, nn.Flatten(), nn.Linear(width, 3))


MODULES: dict[str, Callable[[], nn.Module]] = {
    "conv1d and batch norm": lambda: flat(
        nn.Conv1d(1, 4, 3), nn.BatchNorm1d(4), nn.ReLU(), width=16, shape=(1, 6)
    ),
    "conv2d and pooling": lambda: flat(
        nn.Conv2d(1, 4, 2), nn.GELU(), nn.MaxPool2d((1, 2)), width=4, shape=(1, 2, 3)
    ),
    "transposed convolution": lambda: flat(nn.ConvTranspose1d(1, 2, 3), width=16, shape=(1, 6)),
    "layer norm": lambda: nn.Sequential(
        nn.LayerNorm(6), nn.Linear(6, 8), nn.SiLU(), nn.Linear(8, 3)
    ),
    "group norm": lambda: flat(nn.Conv1d(1, 4, 3), nn.GroupNorm(2, 4), width=16, shape=(1, 6)),
    "instance norm": lambda: flat(
        nn.Conv1d(1, 4, 3), nn.InstanceNorm1d(4, affine=True), nn.ReLU(), width=16, shape=(1, 6)
    ),
    "rms norm": lambda: nn.Sequential(nn.RMSNorm(6, eps=1e-6), nn.Linear(6, 3)),
    "embedding": Words,
    "transformer encoder": Attending,
    "attention": partial(Attending, encoder=False),
    "residual": Residual,
    "tied weights and buffers": Tied,
    "frozen layer": frozen,
    "bilinear": lambda: nn.Sequential(nn.Linear(6, 4), nn.PReLU(4), nn.Softmax(1), nn.Linear(4, 3)),
}


def build(name: str, seed: int) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return MODULES[name]().double()


def adamw(matrices: list[Tensor], others: list[Tensor]) -> torch.optim.Optimizer:
    return torch.optim.AdamW([*matrices, *others], lr=0.01, weight_decay=0)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_trains_in_the_population_as_in_a_plain_loop(name: str) -> None:
    training = plan("adamw", epochs=2)
    model = partial(build, name)
    assert why_not_batched(model(0), ROWS.x_train[:8]) == ""
    runs = [segment(i, "none", 0, layers=(), stop=2, seed=i, lr=0.01) for i in range(4)]
    found = train(runs, training, width=2, build=model)
    for run in runs[1::2]:
        expected = plain_loop(run, training, adamw, build=model)
        weights = found[run.trial.number].weights
        assert weights is not None
        assert weights.keys() == expected.keys(), "the keys of the module's own state_dict"
        for key, tensor in expected.items():
            torch.testing.assert_close(weights[key], tensor, atol=1e-9, rtol=0)


def test_the_state_dict_of_tied_weights_loads_into_the_module() -> None:
    one = train(
        [segment(0, "l2", 0.1, layers=("first", "output"), stop=1)],
        plan(),
        width=1,
        build=partial(build, "tied weights and buffers"),
    )[0]
    assert one.weights is not None
    assert [reading.layer for reading in one.result.layers] == ["first", "output"]
    fresh = build("tied weights and buffers", 1)
    fresh.load_state_dict(dict(one.weights))
    assert torch.equal(one.weights["first.weight"], one.weights["second.weight"])


def test_a_transformer_with_dropout_is_the_same_at_any_width_and_one_at_a_time() -> None:
    def model(seed: int) -> nn.Module:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return Attending(dropout=0.2).double()

    assert noise_of(model(0), ROWS.x_train[:8])[0] is Noise.HASHED
    runs = [segment(i, "none", 0, layers=(), stop=2, seed=i) for i in range(3)]
    results: list[dict[int, SegmentResult]] = [
        train(
            runs,
            plan(),
            width=width,
            build=model,
            stack=partial(StackedModule if batched else SeparateModules, noise=Noise.HASHED),
        )
        for width, batched in ((3, True), (2, True), (1, False))
    ]
    for number, outcome in results[0].items():
        for other in results[1:]:
            weights = other[number].weights
            assert outcome.weights is not None
            assert weights is not None
            for key, tensor in outcome.weights.items():
                torch.testing.assert_close(weights[key], tensor, atol=1e-9, rtol=0)
    assert torch.backends.mha.get_fastpath_enabled(), "the switch is put back"


@pytest.mark.parametrize("stack", [StackedModule, SeparateModules])
def test_an_embedding_keeps_its_padding_as_in_a_plain_loop(stack: StackedModuleMaker) -> None:
    def model(seed: int) -> nn.Module:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            words = Words()
            words.words = nn.Embedding(12, 4, padding_idx=6)
            return words.double()

    assert why_not_batched(model(0), ROWS.x_train[:8]) == ""
    training = plan("adamw", epochs=2)
    run = segment(0, "none", 0, layers=(), stop=2, lr=0.01)
    found = train([run], training, width=1, build=model, stack=stack)
    weights, expected = found[0].weights, plain_loop(run, training, adamw, build=model)
    assert weights is not None
    assert not weights["words.weight"][6].any()
    torch.testing.assert_close(weights["words.weight"], expected["words.weight"])


def test_a_branch_on_values_is_found_before_training() -> None:
    class Branches(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.output = nn.Linear(6, 3)

        def forward(self, x: Tensor) -> Tensor:
            return self.output(x if x.sum() > 0 else -x)  # type: ignore[no-any-return]

    assert "data-dependent" in why_not_batched(Branches().double(), ROWS.x_train[:8])
