"""The family of decays against closed forms and published algorithms."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from sweep.regularizers.penalties import PENALTIES
from sweep.regularizers.penalty import Layer
from sweep.training import _muon
from sweep.training._optim import OPTIMIZERS as STACKED
from sweep.training.jobs import TrainingPlan
from sweep.training.schedules import Schedule, factors
from tests.support.descent import LAYER, descend
from tests.support.long_cases import long
from tests.support.training import mlp, plan, segment, split, train

SCHEDULES = (
    Schedule(),
    Schedule("linear", final_lr=0.1),
    Schedule("cosine", warmup=0.2),
    Schedule("one_cycle", warmup=0.3, final_lr=1e-4),
    Schedule("step", gamma=0.1, milestones=(0.5, 0.75)),
    Schedule("exponential", final_lr=0.01),
    Schedule("wsd", warmup=3, cooldown=0.25),
    Schedule("mine", own=lambda share: 1 - share**2),
)


class Still(nn.Module):
    """A network whose weights get gradients of zero."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(6, 3).double()

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(x) * 0.0  # type: ignore[no-any-return]


def still(seed: int) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Still()


@pytest.mark.parametrize("optimizer", sorted(STACKED))
@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda schedule: schedule.name)
def test_without_a_gradient_decay_is_a_product_over_the_steps(
    schedule: Schedule, optimizer: str
) -> None:
    """w0 * prod(1 - lr_t * s); for the independent one lr_t is the factor; the corrected one has
    lr_t^2 / lr on a weight whose size does not matter; the cautious one shrinks what stands still.
    """
    lr, strength, epochs = 0.05, 0.7, 5
    training = plan(optimizer, epochs=epochs, schedule=schedule)
    f = factors(schedule, epochs * training.steps_per_epoch)
    wanted = {
        "decay": np.prod(1 - lr * f * strength),
        "decay_independent": np.prod(1 - f * strength),
        "decay_corrected": np.prod(1 - lr * f**2 * strength),
        "decay_cautious": np.prod(1 - lr * f * strength),
    }
    training = replace(training, scale_invariant=frozenset({"fc.weight"}))
    runs = [
        segment(i, name, strength, layers=("fc",), stop=epochs, lr=lr)
        for i, name in enumerate(wanted)
    ]
    found = train(runs, training, width=len(runs), build=still)
    start = still(0).state_dict()["fc.weight"]
    for i, product in enumerate(wanted.values()):
        weights = found[i].weights
        assert weights is not None
        torch.testing.assert_close(weights["fc.weight"], start * product, atol=1e-12, rtol=0)


def test_the_corrected_decay_knows_the_rate_of_its_own_parameter() -> None:
    """At a constant rate it is plain decay: the parameter's factor is in both rates."""
    training = plan("sgd", epochs=5, lr_of={"fc*": 0.1})
    training = replace(training, scale_invariant=frozenset({"fc.weight"}))
    names = ("decay", "decay_corrected")
    runs = [segment(i, name, 0.5, layers=("fc",), stop=5, lr=0.1) for i, name in enumerate(names)]
    found = train(runs, training, width=2, build=still)
    first, second = (found[i].weights for i in range(2))
    assert first is not None
    assert second is not None
    torch.testing.assert_close(first["fc.weight"], second["fc.weight"], atol=1e-14, rtol=0)


def test_the_corrected_decay_is_plain_where_the_size_matters() -> None:
    schedule = Schedule("cosine")
    training = plan("sgd", epochs=5, schedule=schedule)
    runs = [
        segment(i, name, 0.5, layers=("fc",), stop=5, lr=0.1)
        for i, name in enumerate(("decay", "decay_corrected"))
    ]
    found = train(runs, training, width=2, build=still)
    first, second = (found[i].weights for i in range(2))
    assert first is not None
    assert second is not None
    assert torch.equal(first["fc.weight"], second["fc.weight"])


@pytest.mark.parametrize("optimizer", ["sgd", "adamw", "lion"])
def test_the_cautious_decay_is_the_papers_algorithm(optimizer: str) -> None:
    """w <- w - lr * (u + s * 1(u * w >= 0) * w), u the step ("Cautious weight decay", 2025)."""
    epochs, lr, strength = 6, 0.02, 3.0
    training = plan(optimizer, epochs=epochs, schedule=Schedule("cosine"))
    names = ("0", "2")
    one = segment(0, "decay_cautious", strength, layers=names, stop=epochs, lr=lr)
    found = train([one], training, width=1)[0].weights
    assert found is not None
    for name, wanted in cautious_loop(training, lr, strength).items():
        torch.testing.assert_close(found[name], wanted, atol=1e-9, rtol=0)


def cautious_loop(training: TrainingPlan, lr: float, strength: float) -> Mapping[str, Tensor]:
    from sweep.data.resampling import permutation
    from tests.training.test_optimizers import Lion

    model, data = mlp(0), split()
    parameters = list(model.parameters())
    makers: dict[str, Any] = {
        "sgd": lambda: torch.optim.SGD(parameters, lr, momentum=0.9),
        "adamw": lambda: torch.optim.AdamW(parameters, lr, weight_decay=0.0),
        "lion": lambda: Lion(parameters, lr, 0.9, 0.99),
    }
    optimizer = makers[training.optimizer.name]()
    n_steps = training.epochs * training.steps_per_epoch
    rates = lr * factors(training.schedule, n_steps)
    for step in range(n_steps):
        epoch, k = divmod(step, training.steps_per_epoch)
        order = torch.from_numpy(permutation(0, epoch, len(data.x_train)))
        rows = order[k * training.batch_size : (k + 1) * training.batch_size]
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(data.x_train[rows]), data.y_train[rows]).backward()
        before = [p.detach().clone() for p in parameters]
        optimizer.param_groups[0]["lr"] = float(rates[step])
        optimizer.step()
        with torch.no_grad():
            for p, w in zip(parameters, before, strict=True):
                if p.ndim > 1:
                    u = w - p
                    p -= float(rates[step]) * strength * w * (u * w >= 0)
    return {name: p.detach() for name, p in model.named_parameters()}


# ---- where training ends -----------------------------------------------------------------------


class Regression:
    """Least squares of one linear layer, |X W' - Y|^2 / n, and its solution."""

    def __init__(self, n_outputs: int = 1):
        rng = np.random.default_rng(0)
        self.x = rng.normal(size=(40, 6))
        truth = rng.normal(size=(6, n_outputs)) * 2
        self.y = self.x @ truth + rng.normal(size=(40, n_outputs)) * 0.1
        self.solution = np.linalg.lstsq(self.x, self.y, rcond=None)[0].T
        self.shape = (n_outputs, 6)
        self._gram = torch.tensor(self.x.T @ self.x) * 2 / 40
        self._pull = torch.tensor(self.y.T @ self.x) * 2 / 40

    def gradient(self, weights: Tensor) -> Tensor:
        """(R, outputs, inputs), by weights of this shape."""
        return weights @ self._gram - self._pull

    def ends(
        self,
        optimizer: str,
        penalty: str,
        strengths: Sequence[float],
        *,
        n_steps: int,
        lr: float,
        **settings: Any,
    ) -> list[np.ndarray]:
        """Where training under a cosine ends with each of these strengths."""
        runs = [
            segment(i, penalty, s, layers=(LAYER,), stop=1, lr=lr) for i, s in enumerate(strengths)
        ]
        found = descend(
            optimizer,
            runs,
            self.gradient,
            shape=self.shape,
            n_steps=n_steps,
            schedule=Schedule("cosine"),
            **settings,
        )
        return list(found.numpy())


@pytest.mark.parametrize("optimizer", [long("adamw"), "lion"])
def test_decay_under_a_sign_like_step_ends_in_a_box(optimizer: str) -> None:
    """Xie & Li 2024: at the minimum of the loss subject to |w| <= 1/strength."""
    problem, strengths = Regression(), (0.5, 1.0, 0.01)
    short = {"beta2": 0.9} if optimizer == "adamw" else {}
    found = problem.ends(optimizer, "decay", strengths, n_steps=2500, lr=0.02, **short)
    for weight, strength in zip(found, strengths, strict=True):
        assert np.abs(weight).max() <= 1 / strength + 1e-6
        np.testing.assert_allclose(weight, boxed(problem, 1 / strength), atol=2e-3)


def boxed(problem: Regression, bound: float) -> np.ndarray:
    from scipy.optimize import lsq_linear

    result = lsq_linear(problem.x, problem.y[:, 0], (-bound, bound), tol=1e-14)
    return np.asarray(result.x)[None]


@pytest.mark.parametrize(
    ("adjust_lr", "scale"), [long("original", 1.0), ("match_rms_adamw", 0.2 * math.sqrt(6))]
)
def test_decay_under_muon_ends_in_a_spectral_ball(
    adjust_lr: str, scale: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With exact polar factors |W| <= a / strength, a the step's scale (Chen, Li & Liu 2025)."""

    def polar(matrices: Tensor) -> Tensor:
        left, _, right = torch.linalg.svd(matrices, full_matrices=False)
        return left @ right

    monkeypatch.setattr(_muon, "orthogonalised", polar)
    problem, strength = Regression(4), 0.5
    (weight,) = problem.ends(
        "muon", "decay", [strength], n_steps=1500, lr=0.02, adjust_lr=adjust_lr
    )
    radius = scale / strength
    assert np.linalg.svd(weight, compute_uv=False).max() == pytest.approx(radius, abs=2e-3)
    # at a minimum over the ball, -gradient is in its normal cone: <-G, W> = radius * |G|_*
    slope = problem.gradient(torch.tensor(weight)[None])[0].numpy()
    nuclear = np.linalg.svd(slope, compute_uv=False).sum()
    assert -(slope * weight).sum() == pytest.approx(radius * nuclear, rel=5e-3)


@pytest.mark.parametrize(
    ("optimizer", "lr"), [long("adamw", 0.02), ("sgd", 0.01), long("lion", 0.01)]
)
def test_the_cautious_decay_ends_at_ordinary_least_squares(optimizer: str, lr: float) -> None:
    problem = Regression()
    short = {"beta2": 0.9} if optimizer == "adamw" else {}
    (weight,) = problem.ends(optimizer, "decay_cautious", [0.5], n_steps=2500, lr=lr, **short)
    np.testing.assert_allclose(weight, problem.solution, atol=5e-4)
    (plain,) = problem.ends(optimizer, "decay", [0.5], n_steps=2500, lr=lr, **short)
    assert np.abs(plain - problem.solution).max() > 1e-2


def test_the_corrected_decay_holds_the_norm_under_a_schedule() -> None:
    """E|w|^2 under SGD on gradients that are noise across w: lr_t / (2 * decay_t) stays where it is
    with decay_t = s * lr_t / lr, and falls with the rate under plain decay (Defazio 2025).
    """
    lr, strength, n_steps, n_runs, size = 0.1, 1.0, 600, 200, 30
    strengths = torch.full((n_runs,), strength, dtype=torch.float64)
    base = torch.full_like(strengths, lr)
    schedule = factors(Schedule("linear", final_lr=0.05), n_steps)
    generator = torch.Generator().manual_seed(0)
    ends = {}
    for name in ("decay", "decay_corrected"):
        w = torch.randn(n_runs, size, generator=generator, dtype=torch.float64)
        w *= math.sqrt(lr / (2 * strength) / size) / w.norm(dim=1, keepdim=True) * math.sqrt(size)
        squares = []
        for f in schedule:
            rate = torch.full_like(strengths, lr * f)
            g = torch.randn(n_runs, size, generator=generator, dtype=torch.float64)
            g -= (g * w).sum(1, keepdim=True) / w.square().sum(1, keepdim=True) * w
            g /= g.norm(dim=1, keepdim=True)
            PENALTIES[name].shrink(Layer(w, strengths, base_lr=base, scale_invariant=True), rate)
            w -= rate[:, None] * g
            squares.append(float(w.square().sum(1).mean()))
        ends[name] = squares[-1] / squares[100]
    assert ends["decay_corrected"] == pytest.approx(1, abs=0.1)
    assert ends["decay"] < 0.7
