"""Starting profiles against their definitions: even pulls, and the multipliers of a constraint."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.optimize import minimize
from torch import Tensor, nn

import sweep
from sweep.errors import SweepError
from sweep.inspection._starting_profiles import Trainee, cpr_profile, gradient_profile
from sweep.launchers.context import TrainingContext
from sweep.metrics.number_losses import SquaredError
from tests.support.training import mlp, plan, split

LAYERS = {"first": "0.weight", "second": "2.weight"}


def test_gradient_profile_makes_loss_and_penalty_pull_every_layer_in_one_ratio() -> None:
    rows = split()
    whole = plan("sgd", batch=70)
    factors = gradient_profile(Trainee(mlp(1), rows.x_train, rows.y_train, whole, 0), LAYERS)
    model = mlp(1)
    nn.functional.cross_entropy(model(rows.x_train), rows.y_train).backward()  # type: ignore[no-untyped-call]
    weights = dict(model.named_parameters())
    pulls = []
    for layer, name in LAYERS.items():
        weight = weights[name]
        assert weight.grad is not None
        pulls.append(float(weight.grad.norm() / (factors[layer] * weight.detach().norm())))
    assert pulls[0] == pytest.approx(pulls[1], rel=0.01), "factors have three digits"
    assert math.prod(factors.values()) == pytest.approx(1, rel=0.01)
    assert factors["first"] != pytest.approx(1, rel=0.1)


class TwoBlocks(nn.Module):
    """A linear model whose weights are two layers."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(3, 1, bias=False), nn.Linear(4, 1, bias=False)
        with torch.no_grad():
            self.first.weight.fill_(0.3)
            self.second.weight.fill_(0.2)

    def forward(self, x: Tensor) -> Tensor:
        return self.first(x[:, :3]) + self.second(x[:, 3:])  # type: ignore[no-any-return]


def test_cpr_profile_is_that_of_the_multipliers_of_the_constrained_problem() -> None:
    """Karush-Kuhn-Tucker: the gradient is -2 * multiplier * W on each layer that is held back."""
    random = np.random.default_rng(0)
    x = random.normal(size=(60, 7))
    y = x @ [1.0, -2.0, 1.5, 0.5, 0.5, -1.0, 0.3]

    def gradient(w: np.ndarray) -> np.ndarray:
        return 2 * x.T @ (x @ w - y) / len(x)

    start = np.r_[[0.3] * 3, [0.2] * 4]
    blocks = (slice(0, 3), slice(3, 7))
    best = minimize(
        lambda w: np.square(x @ w - y).mean(),
        start,
        jac=gradient,
        method="SLSQP",
        constraints=[
            {
                "type": "ineq",
                "fun": lambda w, b=b: np.square(start[b]).sum() - np.square(w[b]).sum(),
            }
            for b in blocks
        ],
        options={"ftol": 1e-14},
    ).x
    norm = np.linalg.norm
    exact = [float(norm(gradient(best)[b]) / norm(best[b])) for b in blocks]
    one_batch = plan(
        "sgd", batch=60, epochs=800, loss=SquaredError(), lr=0.02, momentum=0.0, steps_per_epoch=1
    )
    trainee = Trainee(TwoBlocks(), torch.tensor(x), torch.tensor(y)[:, None], one_batch, 0)
    factors = cpr_profile(trainee, {"first": "first.weight", "second": "second.weight"})
    assert exact[0] / exact[1] > 1.2
    assert factors["first"] / factors["second"] == pytest.approx(exact[0] / exact[1], rel=0.03)


class Idle(nn.Module):
    """A layer that nothing depends on, as at an initialisation with zeros after it."""

    def __init__(self, n_inputs: int, n_outputs: int) -> None:
        super().__init__()
        self.idle, self.bias = nn.Linear(n_inputs, n_outputs), nn.Parameter(torch.zeros(n_outputs))

    def forward(self, x: Tensor) -> Tensor:
        return self.bias + 0 * self.idle(x)  # type: ignore[no-any-return]


def study(profile: str, model: object = None, precision: str = "float32") -> sweep.Study:
    random = torch.Generator().manual_seed(0)
    x = torch.randn(120, 6, generator=random)
    return sweep.Study(
        study={"name": "profiled"},
        data=(x, (x[:, 0] > 0).long()),
        model=model or {"hidden": [8], "batch_norm": True, "dropout": 0.2},
        training={"epochs": 3, "batch_size": 12, "lr": 0.01},
        search={"penalties": ["l2"], "profile": profile, "trials": 4},
        path={"points": 5, "resamples": 2},
        hardware={"population": 4, "precision": precision},
    )


@pytest.mark.parametrize("profile", ["gradient", "cpr"])
def test_every_strength_is_multiplied_by_its_layers_factor_and_the_facts_say_it(
    profile: str, tmp_path: Path
) -> None:
    store = sweep.open_store(f"sqlite:///{tmp_path}/profiled.db")
    sweep.run_study(study(profile), store)
    facts = sweep.read_study(store, "profiled")
    factors = facts["profile_factors"]
    assert facts["profile"] == profile
    assert set(factors) == {"hidden1", "output"}
    assert len(set(factors.values())) == 2
    trials = sweep.trials_frame(store, "profiled")
    assert {"explore", "path", "confirm"} == set(trials["phase"])
    for layer, factor in factors.items():
        np.testing.assert_allclose(trials[f"strength.{layer}"], factor * trials["strength"])


@pytest.mark.parametrize("profile", ["gradient", "cpr"])
def test_a_profile_is_a_function_of_the_study_whatever_the_precision(profile: str) -> None:
    first, again, wide = (
        TrainingContext(study(profile, precision=precision)).layer_report.factors
        for precision in ("float32", "float32", "float64")
    )
    assert first == again == wide


def test_an_even_profile_changes_no_strength_and_no_fingerprint() -> None:
    even = study("even")
    assert TrainingContext(even).layer_report.factors == {}
    assert even.fingerprint_without("search.profile") == even.fingerprint
    assert study("cpr").fingerprint != even.fingerprint


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        (
            "gradient",
            "search.profile: every layer must have weights and a gradient other than zero at the "
            'start, found norms {norm:.3g} and 0 in idle; set profile = "even"',
        ),
        (
            "cpr",
            "search.profile: training must make the weights of a layer grow for cpr to hold them "
            'back, found none that did; set profile = "even" or "gradient"',
        ),
    ],
)
def test_a_profile_that_cannot_be_told_gets_one_line(profile: str, words: str) -> None:
    shop = TrainingContext(study(profile, Idle))
    weight = shop.build(shop.layer_report.seed).get_parameter("idle.weight")
    with pytest.raises(SweepError) as caught:
        _ = shop.layer_report.factors
    assert str(caught.value) == words.format(norm=float(weight.detach().norm()))
