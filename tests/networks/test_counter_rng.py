"""Random numbers from the hash: fair, independent, and a run's own wherever it trains."""

from __future__ import annotations

import math
from functools import cache, partial

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from torch import Tensor, nn

from sweep.metrics.number_losses import SquaredError
from sweep.networks.alone import SeparateModules
from sweep.networks.compiled import Compiled
from sweep.networks.counter_rng import CounterRNG, Keys, Noise, step_keys
from sweep.networks.forward import noise_of
from sweep.networks.linear_blocks import linear_blocks_of
from sweep.networks.mlp import FusedMLP
from sweep.networks.stacked import StackedModule, why_not_batched
from sweep.training.jobs import Segment, SegmentResult
from tests.support.training import mlp, plan, segment, solutions_in_noise, split, train

ROWS = split()
LAYERS = ("0", "3")
HASHED = partial(StackedModule, noise=Noise.HASHED)
LOOP = partial(SeparateModules, noise=Noise.HASHED)


def keys(n: int, step: int = 0) -> Tensor:
    return torch.from_numpy(step_keys(range(n), np.full(n, step)))


def test_the_hash_is_lowbias32_bit_for_bit() -> None:
    """Against the recurrence in unbounded integers (Wellons 2018)."""

    def lowbias32(x: int) -> int:
        x = (x ^ (x >> 16)) * 0x7FEB352D & 0xFFFFFFFF
        x = (x ^ (x >> 15)) * 0x846CA68B & 0xFFFFFFFF
        return x ^ (x >> 16)

    key, call, n = 0xDEADBEEF, 3, 1000
    signed = torch.tensor([key - 2**32], dtype=torch.int32)
    noise = CounterRNG(Keys(signed))
    noise.n_calls = call
    found = noise.bits((1, n)).view(-1).tolist()
    words = [(p * 0x9E3779B1 + key + call * 0x85EBCA77) & 0xFFFFFFFF for p in range(n)]
    assert [bits & 0xFFFFFFFF for bits in found] == [lowbias32(word) for word in words]


@pytest.mark.parametrize("rate", [0.0, 0.05, 0.5, 0.9])
def test_masks_drop_the_share_that_was_asked_for(rate: float) -> None:
    noise = CounterRNG(Keys(keys(50)))
    kept = noise.keep((50, 4000), torch.float64, 1 - rate)
    dropped = int((kept == 0).sum())
    assert stats.binomtest(dropped, kept.numel(), rate).pvalue > 1e-4 if rate else dropped == 0
    per_run = (kept == 0).sum(1).double()
    assert float(per_run.std()) < 1.5 * (4000 * rate * (1 - rate)) ** 0.5 + 1e-9


def test_runs_steps_calls_and_positions_are_independent() -> None:
    """Correlations of 64 streams, neighbouring in every way, are those of independent numbers."""
    n = 4096
    streams = []
    for step in range(4):
        noise = CounterRNG(Keys(keys(4, step)))
        streams += [*noise.uniform((4, n), torch.float64), *noise.uniform((4, n), torch.float64)]
        streams += [*noise.uniform((4, n + 1), torch.float64)[:, 1:]]
        streams += [*noise.uniform((4, n), torch.float64)]
    matrix = torch.corrcoef(torch.stack(streams)) - torch.eye(len(streams), dtype=torch.float64)
    assert float(matrix.abs().max()) < 5 / n**0.5
    for stream in streams:
        assert stats.kstest(stream.numpy(), "uniform").pvalue > 1e-4
        lagged = torch.corrcoef(torch.stack([stream[1:], stream[:-1]]))[0, 1]
        assert abs(float(lagged)) < 5 / n**0.5


def test_normal_and_exponential_numbers_have_their_distributions() -> None:
    like = torch.empty(2, 5000, dtype=torch.float64)
    with CounterRNG(Keys(keys(2))):
        normal, exponential = torch.randn_like(like), torch.empty_like(like).exponential_(2.0)
        uniform = torch.rand(2, 5000)
    assert stats.kstest(normal.numpy().ravel(), "norm").pvalue > 1e-4
    assert stats.kstest(exponential.numpy().ravel(), "expon", (0, 0.5)).pvalue > 1e-4
    assert stats.kstest(uniform.numpy().ravel(), "uniform").pvalue > 1e-4


class Noisy(nn.Module):
    """Draws in every way that has an answer."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.inner = mlp(seed)

    def forward(self, x: Tensor) -> Tensor:
        if self.training:
            x = x + 0.1 * torch.randn_like(x) + 0.1 * torch.rand(x.shape, dtype=x.dtype)
            x = F.alpha_dropout(x, 0.1) * torch.bernoulli(torch.full_like(x, 0.8))
            x = F.dropout(x, 0.2) + 0.1 * torch.empty_like(x).normal_()
        return self.inner(x)  # type: ignore[no-any-return]


def dropping(seed: int, rate: float = 0.3) -> nn.Module:
    first, act, last = mlp(seed)
    return nn.Sequential(first, act, nn.Dropout(rate), last).double()


def chain(seed: int, rate: float = 0.3) -> nn.Module:
    first, _, last = mlp(seed)
    return nn.Sequential(first, nn.ReLU(), nn.Dropout(rate), last).double()


BUILDS = {"dropout": dropping, "everything": Noisy}


def runs(stop: int = 3, **params: float) -> list[Segment]:
    return [segment(i, "none", 0, layers=(), stop=stop, seed=i, **params) for i in range(5)]


def same(found: SegmentResult, expected: SegmentResult, atol: float = 1e-9) -> None:
    assert found.weights is not None
    assert expected.weights is not None
    for key, tensor in expected.weights.items():
        torch.testing.assert_close(found.weights[key], tensor, atol=atol, rtol=0)


@cache
def alone(name: str) -> dict[int, SegmentResult]:
    """The runs, one at a time in a loop."""
    return train(runs(), plan(epochs=3), width=1, build=BUILDS[name], stack=LOOP)


@settings(max_examples=8, deadline=None)
@given(st.permutations(range(5)), st.integers(1, 5), st.sampled_from(sorted(BUILDS)))
def test_a_noisy_run_is_the_same_in_any_slot_at_any_width_and_one_at_a_time(
    order: list[int], width: int, name: str
) -> None:
    build, training = BUILDS[name], plan(epochs=3)
    segments = runs()
    company = train([segments[i] for i in order], training, width=width, build=build, stack=HASHED)
    for number, outcome in alone(name).items():
        same(company[number], outcome)


def test_a_noisy_run_stopped_at_a_rung_goes_on_as_if_it_had_never_stopped() -> None:
    training = plan(epochs=4)
    whole = train(runs(4), training, width=5, build=dropping, stack=HASHED)
    halves = train(runs(2), training, width=3, build=dropping, stack=HASHED)
    rest = [
        Segment(o.segment.run, o.segment.trial, 4, o.checkpoint, keep_weights=True)
        for o in halves.values()
    ]
    for number, outcome in train(rest, training, width=2, build=dropping, stack=HASHED).items():
        same(outcome, whole[number])


def test_a_chain_with_dropout_drops_what_vmap_drops() -> None:
    assert linear_blocks_of(chain(0))[0].dropout == 0.3
    training = plan(epochs=3)
    written = train(runs(), training, width=5, build=chain, stack=FusedMLP)
    batched = train(runs(), training, width=5, build=chain, stack=HASHED)
    for number, outcome in batched.items():
        same(written[number], outcome)


@pytest.mark.long
def test_compiled_dropout_drops_what_vmap_drops() -> None:
    training = plan(epochs=2)
    compiled = train(
        runs(2), training, width=5, build=dropping, stack=partial(Compiled, noise=Noise.HASHED)
    )
    batched = train(runs(2), training, width=5, build=dropping, stack=HASHED)
    for number, outcome in batched.items():
        same(compiled[number], outcome)


@pytest.mark.parametrize("stack", [HASHED, LOOP, FusedMLP], ids=["vmap", "loop", "chain"])
def test_a_swept_rate_takes_the_place_of_the_modules_own(stack: type[StackedModule]) -> None:
    """Every run at a rate of its own trains like a module built with that rate."""
    training = plan(epochs=3, dropout=math.nan)
    rates = (0.1, 0.45, 0.7)
    swept = train(
        [
            segment(i, "none", 0, layers=(), stop=3, seed=i, dropout=rate)
            for i, rate in enumerate(rates)
        ],
        training,
        width=3,
        build=chain,
        stack=stack,
    )
    for i, rate in enumerate(rates):
        fixed = partial(chain, rate=rate)
        own = train(runs()[i : i + 1], plan(epochs=3), width=1, build=fixed, stack=stack)
        same(swept[i], own[i])


@pytest.mark.parametrize("stack", [HASHED, FusedMLP], ids=["vmap", "chain"])
def test_a_swept_rate_of_zero_is_no_dropout_bit_for_bit(stack: type[StackedModule]) -> None:
    def without(seed: int) -> nn.Module:
        first, act, _, last = chain(seed)
        return nn.Sequential(first, act, nn.Identity(), last)

    training = plan(epochs=3, dropout=math.nan)
    zero = train(runs(dropout=0.0), training, width=5, build=chain, stack=stack)
    plain = train(runs(), plan(epochs=3), width=5, build=without, stack=stack)
    for number, outcome in plain.items():
        same(zero[number], outcome, atol=0)


def deep(seed: int, first: float = 0.3, second: float = 0.3) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layers = [
            nn.Linear(6, 7),
            nn.ReLU(),
            nn.Dropout(first),
            nn.Linear(7, 7),
            nn.ReLU(),
            nn.Dropout(second),
            nn.Linear(7, 3),
        ]
    return nn.Sequential(*layers).double()


@pytest.mark.parametrize("stack", [HASHED, LOOP, FusedMLP], ids=["vmap", "loop", "chain"])
def test_every_dropout_of_a_network_may_have_a_rate_of_its_own(stack: type[StackedModule]) -> None:
    """Like modules built with these rates; a layer without an axis has that of all, or its own."""
    _, _, dropouts, rates_of = noise_of(deep(0), ROWS.x_train[:4])
    assert dropouts == ("2", "5")
    assert rates_of == {"2": 0.3, "5": 0.3}
    params = ({"dropout.2": 0.1, "dropout.5": 0.6}, {"dropout": 0.2, "dropout.5": 0.5}, {})
    rates = ((0.1, 0.6), (0.2, 0.5), (0.3, 0.3))
    swept = train(
        [segment(i, "none", 0, layers=(), stop=3, seed=i, **own) for i, own in enumerate(params)],
        plan(epochs=3, dropout=math.nan, dropouts=dropouts),
        width=3,
        build=deep,
        stack=stack,
    )
    for i, (first, second) in enumerate(rates):
        fixed = partial(deep, first=first, second=second)
        own = train(runs()[i : i + 1], plan(epochs=3), width=1, build=fixed, stack=stack)
        same(swept[i], own[i])


def test_dropout_keeps_the_expected_output() -> None:
    """The mean over many masks is the output without dropout: inverted dropout."""
    x = torch.ones(400, 1, 50, dtype=torch.float64)
    with CounterRNG(Keys(keys(400))):
        dropped = F.dropout(x, 0.4)
    assert dropped.unique().tolist() == pytest.approx([0.0, 1 / 0.6])
    assert float(dropped.mean()) == pytest.approx(1.0, abs=4 * (0.4 / 0.6 / x.numel()) ** 0.5)


def test_what_has_no_answer_is_named() -> None:
    class Permutes(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x[:, torch.randperm(6)]

    model = nn.Sequential(Permutes(), nn.Linear(6, 3)).double()
    assert noise_of(model, ROWS.x_train[:4]) == (Noise.OWN, "aten::randperm", (), {})
    reason = why_not_batched(model, ROWS.x_train[:4], noise=Noise.HASHED)
    assert "aten::randperm" in reason
    assert noise_of(dropping(0), ROWS.x_train[:4]) == (Noise.HASHED, "", ("2",), {"2": 0.3})
    assert noise_of(mlp(0), ROWS.x_train[:4]) == (Noise.NONE, "", (), {})


def test_dropout_of_inputs_of_a_linear_model_is_ridge_in_the_inputs_own_scale() -> None:
    """Inverted dropout q solves (X'X + q / (1 - q) diag(X'X)) w = X'y (Wager, Wang & Liang 2013).

    Every row is there 20 times, with masks of its own. The mean over 24 seeds must be within 5 of
    its standard errors, which are small beside what dropout does to the weights.
    """

    def dropped(seed: int) -> nn.Module:
        model = nn.Sequential(nn.Dropout(0.5), nn.Linear(4, 1, bias=False)).double()
        nn.init.zeros_(model[1].weight)  # type: ignore[arg-type]
        return model

    rng = np.random.default_rng(0)
    x = rng.normal(size=(20, 4)) @ rng.normal(size=(4, 4))
    y = x @ [1.0, -2.0, 0.5, 0.0] + rng.normal(size=20)
    rate = 0.4
    training = plan(
        "sgd",
        epochs=120,
        batch=400,
        steps_per_epoch=1,
        loss=SquaredError(),
        lr=0.03,
        momentum=0.0,
        dropout=rate,
    )
    mean, error = solutions_in_noise(x, y, training, build=dropped, stack=HASHED, weight="1.weight")
    gram = x.T @ x
    ridge = np.linalg.solve(gram + rate / (1 - rate) * np.diag(np.diag(gram)), x.T @ y)
    plain = np.linalg.solve(gram, x.T @ y)
    assert (np.abs(mean - ridge) < 5 * error).all()
    assert (10 * error < np.abs(ridge - plain).max()).all()
