"""Recurrent layers and padded embeddings of several runs at once, against torch run by run."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence

from sweep.networks._batchable import BatchableFunctions
from sweep.networks.counter_rng import CounterRNG, Keys, Noise
from sweep.networks.stacked import why_not_batched

RUNS, STEPS, ROWS = 3, 5, 4
KINDS: dict[str, Callable[..., nn.Module]] = {
    "lstm": nn.LSTM,
    "gru": nn.GRU,
    "tanh": nn.RNN,
    "relu": lambda *sizes, **options: nn.RNN(*sizes, nonlinearity="relu", **options),
}


class Everything(nn.Module):
    """All that a recurrent layer gives, each with a weight of its own."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer.double()

    def forward(self, x: Tensor, states: list[Tensor]) -> Tensor:
        first = tuple(states) if isinstance(self.layer, nn.LSTM) else states[0]
        outputs, last = self.layer(x, first)
        ends = last if isinstance(last, tuple) else (last,)
        return sum((k + 1) * t.sin().sum() for k, t in enumerate([outputs, *ends]))  # type: ignore[return-value]


def made(make: Callable[[], nn.Module], seed: int) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return make()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("n_layers", [1, 2])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("batch_first", [False, True])
def test_outputs_and_all_gradients_are_those_of_torch(
    kind: str, bias: bool, n_layers: int, bidirectional: bool, batch_first: bool
) -> None:
    def make() -> nn.Module:
        return Everything(
            KINDS[kind](
                2,
                3,
                bias=bias,
                num_layers=n_layers,
                bidirectional=bidirectional,
                batch_first=batch_first,
            )
        )

    models = [made(make, seed) for seed in range(RUNS)]
    random = torch.Generator().manual_seed(1)
    first, second = (ROWS, STEPS) if batch_first else (STEPS, ROWS)
    x = torch.randn(RUNS, first, second, 2, generator=random, dtype=torch.float64)
    n_states = n_layers * (2 if bidirectional else 1)
    states = [
        torch.randn(RUNS, n_states, ROWS, 3, generator=random, dtype=torch.float64)
        for _ in range(2 if kind == "lstm" else 1)
    ]
    for tensor in (x, *states):
        tensor.requires_grad_()
    expected = torch.stack(
        [model(x[i], [state[i] for state in states]) for i, model in enumerate(models)]
    )
    inputs = torch.autograd.grad(expected.sum(), [x, *states], retain_graph=True)
    expected.sum().backward()
    weights, _ = stack_module_state(models)
    with BatchableFunctions():
        found = vmap(lambda w, x, s: functional_call(models[0], w, (x, s)))(weights, x, states)
    gradients = torch.autograd.grad(found.sum(), [*weights.values(), x, *states])
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(gradients[len(weights) :], inputs)
    for name, gradient in zip(weights, gradients, strict=False):
        theirs = torch.stack([dict(model.named_parameters())[name].grad for model in models])
        torch.testing.assert_close(gradient, theirs, msg=name)


@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_dropout_between_layers_is_the_same_at_any_width(kind: str) -> None:
    model = made(lambda: KINDS[kind](2, 3, num_layers=3, dropout=0.5).double(), 0)
    x = torch.randn(STEPS, ROWS, 2, dtype=torch.float64)
    keys = torch.tensor([3, 4, 5], dtype=torch.int32)
    with BatchableFunctions(), CounterRNG(Keys(keys)):
        found = vmap(lambda x: model(x)[0], randomness="different")(x.expand(3, *x.shape))
    for i in range(3):
        with CounterRNG(Keys(keys[i : i + 1]), stacked=False):
            torch.testing.assert_close(found[i], model(x)[0])
    assert not torch.equal(found[0], found[1]), "it drops"


class Tied(nn.Module):
    """A table that is the last layer too: only what the embedding gives the padding is left out."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(6, 3, padding_idx=-4).double()

    def forward(self, x: Tensor) -> Tensor:
        functional = F.embedding(input=x, weight=self.table.weight, padding_idx=2)
        plain = torch.embedding(self.table.weight, x, 2) + torch.embedding(self.table.weight, x, -2)
        return F.linear((self.table(x) * functional * plain).mean(1), self.table.weight)


def test_the_padding_of_an_embedding_gets_no_gradient_from_it() -> None:
    models = [made(Tied, seed) for seed in range(RUNS)]
    x = torch.randint(0, 6, (RUNS, ROWS, STEPS), generator=torch.Generator().manual_seed(0))
    assert (x == 2).any()
    expected = torch.stack([model(x[i]) for i, model in enumerate(models)])
    expected.sin().sum().backward()
    weights, _ = stack_module_state(models)
    with BatchableFunctions():
        found = vmap(lambda w, x: functional_call(models[0], w, (x,)))(weights, x)
    (gradient,) = torch.autograd.grad(found.sin().sum(), list(weights.values()))
    torch.testing.assert_close(found, expected)
    theirs = torch.stack([model.table.weight.grad for model in models])
    torch.testing.assert_close(gradient, theirs)
    assert theirs[:, 2].abs().min() > 0, "from the last layer"


class Packed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer, self.output = nn.GRU(1, 3, batch_first=True), nn.Linear(3, 2)

    def forward(self, x: Tensor) -> Tensor:
        lengths = torch.arange(len(x), 0, -1).clamp(max=x.shape[1])
        packed = pack_padded_sequence(x[..., None], lengths, batch_first=True)
        return self.output(self.layer(packed)[1][0])  # type: ignore[no-any-return]


class Projected(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.LSTM(1, 4, proj_size=2, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x[..., None])[0][:, -1]  # type: ignore[no-any-return]


@pytest.mark.parametrize(("make", "reason"), [(Packed, "packed"), (Projected, "proj_size")])
def test_packed_and_projected_sequences_train_alone(
    make: Callable[[], nn.Module], reason: str
) -> None:
    assert reason in why_not_batched(made(make, 0), torch.randn(ROWS, STEPS), noise=Noise.NONE)


@pytest.mark.parametrize("dim", [0, 1, 2, -1])
def test_normed_weights_are_those_of_torch(dim: int) -> None:
    """Batched by torch they would be computed run by run, after a warning."""
    random = torch.Generator().manual_seed(dim)
    v = torch.randn(RUNS, 4, 5, 6, generator=random, dtype=torch.float64)
    g = torch.randn(RUNS, *(4 + i if i == dim else 1 for i in range(3)), dtype=torch.float64)
    for tensor in (v, g):
        tensor.requires_grad_()
    with BatchableFunctions():
        found = vmap(lambda v, g: torch._weight_norm(v, g, dim))(v, g)
    expected = torch.stack([torch._weight_norm(v[i], g[i], dim) for i in range(RUNS)])
    torch.testing.assert_close(found, expected)
    gradients = (torch.autograd.grad(t.sin().sum(), [v, g]) for t in (found, expected))
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other)
