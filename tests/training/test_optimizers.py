"""Every stacked optimizer against torch's own, or a published algorithm, one run at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from sweep.data.resampling import permutation
from sweep.study.catalogue import OPTIMIZERS as KNOWN
from sweep.training._muon import Matrix, StackedMuon
from sweep.training._optim import OPTIMIZERS
from sweep.training._optimizer import StackedOptimizer
from sweep.training.jobs import Segment, TrainingPlan
from sweep.training.schedules import Schedule, factors
from tests.support.long_cases import long
from tests.support.training import mlp, optimizer_plan, plan, segment, split, train

CPU = torch.device("cpu")
SHAPE = (3, 2)
DECAYS = {"0": 0.05, "2": 0.3}
"""Of the layers of a small network."""
N_STEPS = 120
RATES = (5e-4, 2e-3, 1e-3)
"""Small enough that no run arrives: where gradients vanish, steps that do not shorten with them
make chaos of roundings.
"""


class Lion(torch.optim.Optimizer):
    """Chen et al. 2023, algorithm 2, line by line."""

    def __init__(self, params: list[Tensor], lr: float, beta1: float, beta2: float):
        super().__init__(params, {"lr": lr, "beta1": beta1, "beta2": beta2})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        for group in self.param_groups:
            for p in group["params"]:
                m = self.state[p].setdefault("m", torch.zeros_like(p))
                c = group["beta1"] * m + (1 - group["beta1"]) * p.grad
                p -= group["lr"] * torch.sign(c)
                self.state[p]["m"] = group["beta2"] * m + (1 - group["beta2"]) * p.grad


def torchs(name: str, weight: Tensor, n: Mapping[str, float], flags: Mapping[str, Any]) -> Any:
    """The optimizer that torch has for these numbers."""
    betas = (n.get("beta1", 0.9), n.get("beta2", 0.999))
    momentum, eps, lr = n.get("momentum", 0.0), n.get("eps", 1e-8), n["lr"]
    makers: dict[str, Callable[[], Any]] = {
        "sgd": lambda: torch.optim.SGD(
            [weight], lr, momentum=momentum, dampening=n["dampening"], **flags
        ),
        "adam": lambda: torch.optim.Adam([weight], lr, betas=betas, eps=eps, **flags),
        "adamw": lambda: torch.optim.AdamW(
            [weight], lr, betas=betas, eps=eps, weight_decay=0.0, **flags
        ),
        "nadam": lambda: torch.optim.NAdam(
            [weight], lr, betas=betas, eps=eps, momentum_decay=n["momentum_decay"]
        ),
        "rmsprop": lambda: torch.optim.RMSprop(
            [weight], lr, alpha=betas[1], eps=eps, momentum=momentum
        ),
        "lion": lambda: Lion([weight], lr, *betas),
        "muon": lambda: torch.optim.Muon(
            [weight],
            lr,
            weight_decay=0.0,
            momentum=momentum,
            nesterov=flags.get("nesterov", True),
            adjust_lr_fn=flags.get("adjust_lr", "original"),
        ),
    }
    return makers[name]()


@pytest.fixture(autouse=True)
def torch_orthogonalises_in_the_type_of_the_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """Torch's Muon rounds to bfloat16 before it multiplies, which ours does not."""
    from torch.optim import _muon

    def wide(grad: Tensor, numbers: tuple[float, float, float], steps: int, eps: float) -> Tensor:
        a, b, c = numbers
        x = grad.T if grad.shape[0] > grad.shape[1] else grad
        x = x / x.norm().clamp(min=eps)
        for _ in range(steps):
            gram = x @ x.T
            x = a * x + (b * gram + c * gram @ gram) @ x
        return x.T if grad.shape[0] > grad.shape[1] else x

    monkeypatch.setattr(_muon, "_zeropower_via_newtonschulz", wide)


def gradient_of(run: int) -> Callable[[Tensor], Tensor]:
    """An ill-conditioned bowl with a cubic term, so that gradients keep changing."""
    generator = torch.Generator().manual_seed(run)
    matrix = torch.randn(6, 6, generator=generator, dtype=torch.float64)
    bowl = matrix @ matrix.T / 6 + torch.eye(6, dtype=torch.float64)
    return lambda w: bowl @ w + 0.1 * w**2 - 1


def rates(run: int) -> Tensor:
    """Learning rates that climb and fall, as factors, each run by its own."""
    steps = torch.arange(N_STEPS, dtype=torch.float64)
    return ((steps + 1) / 40).clamp(max=1) * (1 + torch.cos(steps / (60 + 7 * run))) / 2


def made(
    name: str, runs: Sequence[Mapping[str, float]], flags: Mapping[str, Any]
) -> StackedOptimizer:
    swept = {key for own in runs for key in own} - {"lr"}
    plan = optimizer_plan(name, swept_numbers=frozenset(swept), **flags)
    if name == "muon":
        matrix = Matrix(slice(0, 6), SHAPE)
        return StackedMuon(plan, len(runs), 6, CPU, torch.float64, [matrix])
    return OPTIMIZERS[name](plan, len(runs), 6, CPU, torch.float64)


def stacked(
    name: str, runs: Sequence[Mapping[str, float]], flags: Mapping[str, Any], scheduled: bool
) -> Tensor:
    optimizer = made(name, runs, flags)
    for i, own in enumerate(runs):
        one = segment(0, "none", 0, layers=(), stop=1, **own)
        optimizer.admit(i, one, None)
    theta = torch.linspace(-1, 1, 6, dtype=torch.float64).repeat(len(runs), 1)
    gradients = [gradient_of(run) for run in range(len(runs))]
    table = torch.stack([own["lr"] * rates(i) for i, own in enumerate(runs)], dim=1)
    if scheduled:
        optimizer.begin_epoch(table.numpy())
    for k in range(N_STEPS):
        grad = torch.stack([gradient(w) for gradient, w in zip(gradients, theta, strict=True)])
        if scheduled:
            optimizer.begin_step(k, table[k])
        optimizer.update(theta, grad)
    return theta


def alone(
    name: str, run: int, own: Mapping[str, float], flags: Mapping[str, Any], scheduled: bool
) -> Tensor:
    weight = torch.linspace(-1, 1, 6, dtype=torch.float64).view(SHAPE).requires_grad_()
    numbers = {**KNOWN[name].numbers, **own}
    optimizer = torchs(name, weight, numbers, flags)
    gradient, factors = gradient_of(run), rates(run)
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda k: float(factors[min(k, N_STEPS - 1)]) if scheduled else 1.0
    )
    for _ in range(N_STEPS):
        weight.grad = gradient(weight.detach().flatten()).view(SHAPE)
        optimizer.step()
        scheduler.step()
    return weight.detach().flatten()


def kinds() -> Iterator[Any]:
    """The optimizers with their flags, and numbers that runs have of their own."""
    yield "sgd", {}, {"momentum": (0.0, 0.5, 0.9)}
    yield "sgd", {"nesterov": True}, {"momentum": (0.3, 0.5, 0.9)}
    yield "sgd", {}, {"momentum": (0.0, 0.5, 0.9), "dampening": (0.3, 0.0, 0.7)}
    for name in ("adam", "adamw"):
        yield name, {}, {}
        yield name, {"amsgrad": True}, {}
    yield "adam", {}, {"beta1": (0.8, 0.9, 0.0), "beta2": (0.99, 0.995, 0.999)}
    yield "adam", {"amsgrad": True}, {"eps": (1e-3, 1e-8, 0.1)}
    yield "nadam", {}, {}
    yield "nadam", {}, {"momentum_decay": (0.0, 4e-3, 0.1), "beta1": (0.5, 0.9, 0.8)}
    yield "rmsprop", {}, {}
    yield "rmsprop", {}, {"momentum": (0.0, 0.5, 0.6), "beta2": (0.995, 0.99, 0.999)}
    yield "lion", {}, {}
    yield "lion", {}, {"beta1": (0.8, 0.9, 0.0), "beta2": (0.99, 0.995, 0.999)}
    yield "muon", {}, {}
    yield "muon", {"nesterov": False}, {"momentum": (0.5, 0.9, 0.0)}
    yield "muon", {"adjust_lr": "match_rms_adamw"}, {}


@pytest.mark.parametrize(
    ("fused_from", "scheduled"), [(0, True), (100, True), long(0, False), long(100, False)]
)
@pytest.mark.parametrize(("name", "flags", "swept"), list(kinds()))
def test_each_run_moves_as_torchs_optimizer_moves_it(
    name: str,
    flags: Mapping[str, Any],
    swept: Mapping[str, tuple[float, ...]],
    fused_from: int,
    scheduled: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sweep.training._adam.FUSED_FROM", fused_from)
    runs = [{"lr": lr, **{k: v[i] for k, v in swept.items()}} for i, lr in enumerate(RATES)]
    together = stacked(name, runs, flags, scheduled)
    for i, own in enumerate(runs):
        wanted = alone(name, i, own, flags, scheduled)
        torch.testing.assert_close(together[i], wanted, atol=1e-9, rtol=0)


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
def test_a_step_at_rate_zero_moves_nothing(name: str) -> None:
    optimizer = made(name, [{"lr": 0.1}], {})
    theta = torch.ones(1, 6, dtype=torch.float64)
    for k in range(2):  # epochs of one step, whose gradients are 0 and then 1
        optimizer.begin_epoch(np.zeros((1, 1)))
        optimizer.begin_step(0, torch.zeros(1, dtype=torch.float64))
        optimizer.update(theta, torch.full_like(theta, float(k)))
    assert torch.equal(theta, torch.ones_like(theta))


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
def test_a_factor_of_a_weight_multiplies_its_rate(name: str) -> None:
    """One run with factors moves as several runs with rates."""
    both, whole = made(name, [{"lr": 0.01}] * 2, {}), made(name, [{"lr": 0.01}] * 2, {})
    both.factors = torch.full((2, 6), 0.3, dtype=torch.float64)
    for optimizer, lr in ((both, 0.02), (whole, 0.006)):
        optimizer.set_number("lr", 0, lr)
    thetas = [torch.linspace(-1, 1, 6, dtype=torch.float64).repeat(2, 1) for _ in range(2)]
    for k in range(50):
        for optimizer, theta in zip((both, whole), thetas, strict=True):
            optimizer.update(theta, gradient_of(k % 3)(theta.T).T.contiguous())
    torch.testing.assert_close(thetas[0][0], thetas[1][0], atol=1e-12, rtol=0)
    if both.has_metric:
        sizes = [o.step_sizes(0, 1, slice(0, 6)).expand(1, 6) for o in (both, whole)]
        torch.testing.assert_close(*sizes, atol=1e-12, rtol=1e-9)


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
def test_a_run_that_stops_and_goes_on_elsewhere_ends_the_same(name: str) -> None:
    one = segment(0, "none", 0, layers=(), stop=1, lr=0.02)
    here, there = made(name, [{"lr": 1.0}] * 2, {}), made(name, [{"lr": 1.0}] * 3, {})
    here.admit(0, one, None)
    theta = torch.linspace(-1, 1, 6, dtype=torch.float64).repeat(3, 1)
    for _ in range(5):
        here.update(theta[:1], gradient_of(0)(theta[:1].T).T.contiguous())
    there.admit(2, one, here.checkpoint(0))
    there.move(2, 1)
    moved = theta[:1].repeat(2, 1)
    for _ in range(5):
        here.update(theta[:1], gradient_of(0)(theta[:1].T).T.contiguous())
        there.update(moved, gradient_of(0)(moved.T).T.contiguous())
    torch.testing.assert_close(theta[0], moved[1], atol=1e-14, rtol=0)


@pytest.mark.parametrize("lr_of", [{}, {"2.bias": 0.5}])
def test_muon_moves_matrices_as_torchs_and_the_rest_as_adamw(lr_of: dict[str, float]) -> None:
    """Vectors have AdamW's betas and the same learning rate, and no decay here."""
    training = plan(
        "muon", epochs=12, lr=0.02, schedule=Schedule("cosine", warmup=0.2), lr_of=lr_of
    )
    one = segment(0, "decay", DECAYS, layers=tuple(DECAYS), stop=12)
    found = train([one], training, width=1)[0].weights
    assert found is not None
    for name, weight in muon_loop(one, training, lr_of).items():
        torch.testing.assert_close(found[name], weight, atol=1e-9, rtol=0)


def muon_loop(
    one: Segment, training: TrainingPlan, lr_of: Mapping[str, float]
) -> Mapping[str, Tensor]:
    """Torch's own two optimizers, which share a schedule."""
    data, model = split(), mlp(0)
    named = list(model.named_parameters())
    matrices = [{"params": [p], "weight_decay": DECAYS[name[0]]} for name, p in named if p.ndim > 1]
    vectors = [
        {"params": [p], "lr": 0.02 * lr_of.get(name, 1.0)} for name, p in named if p.ndim == 1
    ]
    optimizers = (
        torch.optim.Muon(matrices, lr=0.02, weight_decay=0.0),
        torch.optim.AdamW(vectors, lr=0.02, weight_decay=0.0),
    )
    table = factors(training.schedule, training.epochs * training.steps_per_epoch)
    schedulers = [
        torch.optim.lr_scheduler.LambdaLR(o, lambda k: float(table[min(k, len(table) - 1)]))
        for o in optimizers
    ]
    for epoch in range(one.stop):
        order = torch.from_numpy(permutation(0, epoch, len(data.x_train)))
        for rows in order.split(training.batch_size)[: training.steps_per_epoch]:
            model.zero_grad()
            F.cross_entropy(model(data.x_train[rows]), data.y_train[rows]).backward()
            for optimizer, scheduler in zip(optimizers, schedulers, strict=True):
                optimizer.step()
                scheduler.step()
    return {name: p.detach() for name, p in named}
