"""Every penalty in the stacked population against a plain PyTorch loop and independent solvers."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy.optimize import brentq
from torch import Tensor, nn

from sweep.data.resampling import permutation
from sweep.data.splits import Split
from sweep.metrics.class_losses import CrossEntropy
from sweep.metrics.loss import Loss
from sweep.metrics.number_losses import SquaredError
from sweep.networks.selection import Selection
from sweep.regularizers.penalties import PENALTIES
from sweep.regularizers.penalty import Layer
from sweep.training._adam import StackedAdam
from sweep.training.jobs import Segment, TrainingPlan
from tests.support.long_cases import long
from tests.support.training import mlp, optimizer_plan, plan, segment, split, train

LAYERS = ("0", "2")
STRENGTHS = {"0": 0.03, "2": 0.1}


class Plain:
    """Each penalty on one weight as its paper has it, with nothing stacked and nothing clever."""

    def __init__(self, weight: Tensor, strength: float):
        self.weight, self.strength = weight, strength
        self.start, self.multiplier = weight.detach().clone(), 0.0
        self.left = torch.linalg.svd(self.start)[0][:, 0]

    def loss(self, name: str) -> Tensor:
        w = self.weight
        if name == "l2":
            return self.strength * (w**2).sum()
        if name == "l2_sp":
            return self.strength * ((w - self.start) ** 2).sum()
        if name == "orthogonal":
            return self.strength * ((w.T @ w - torch.eye(w.shape[1])) ** 2).sum()
        if name == "spectral":
            right = F.normalize(w.detach().T @ self.left, dim=0)
            self.left = F.normalize(w.detach() @ right, dim=0)
            return self.strength * (self.left @ w @ right) ** 2
        return torch.zeros(())

    def after(self, name: str, step: Tensor) -> None:
        w, s = self.weight, self.strength
        if name == "l1":
            w.copy_(torch.where(w.abs() > step * s, w - torch.sign(w) * step * s, 0))
        elif name == "elastic_net":
            kept = torch.where(w.abs() > step * s / 2, w - torch.sign(w) * step * s / 2, 0)
            w.copy_(kept / (1 + step * s))
        elif name == "group_lasso":
            for unit, row in enumerate(w):
                w[unit] = grouped(row, step.expand_as(w)[unit] * s * math.sqrt(len(row)))
        elif name == "max_norm":
            w.copy_(w.renorm(2, 0, 1 / s if s else math.inf))
        elif name == "cpr":
            bound = float(self.start.square().sum()) / s if s else math.inf
            beyond = (float(w.square().sum()) - bound) / w.numel()
            self.multiplier = max(0.0, self.multiplier + beyond)
            w -= 2 * self.multiplier * w


def grouped(row: Tensor, pull: Tensor) -> Tensor:
    """argmin of sum (v - w)^2 / (2 p) + |v|, its norm by bisection."""

    def beyond(norm: float) -> float:
        return float((row**2 / (norm + pull) ** 2).sum()) - 1

    if not pull.any():
        return row
    if beyond(0) <= 0:
        return torch.zeros_like(row)
    norm = brentq(beyond, 0, float(row.norm()), xtol=1e-15, rtol=1e-14)
    return row * norm / (norm + pull)


def loop(name: str, one: Segment, training: TrainingPlan, data: Split) -> dict[str, Tensor]:
    """The run in an ordinary loop with torch's optimizer."""
    model = mlp(one.run.draw.seed)
    lr = float(one.trial.params["lr"])
    matrices = [p for p in model.parameters() if p.ndim > 1]
    plain = [Plain(w, one.trial.strengths[k]) for w, k in zip(matrices, LAYERS, strict=True)]
    adam = training.optimizer.name == "adam"
    optimizer = (
        torch.optim.Adam(model.parameters(), lr=lr)
        if adam
        else torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    )
    for epoch in range(one.stop):
        order = permutation(one.run.draw.seed, epoch, len(data.x_train))
        for i in range(training.steps_per_epoch):
            rows = torch.from_numpy(order[i * training.batch_size : (i + 1) * training.batch_size])
            loss = F.cross_entropy(model(data.x_train[rows]), data.y_train[rows])
            optimizer.zero_grad()
            (loss + sum(p.loss(name) for p in plain)).backward()
            with torch.no_grad():
                if name == "decay":
                    for p in plain:
                        p.weight *= 1 - lr * p.strength
                optimizer.step()
                for p in plain:
                    step = torch.tensor(lr / (1 - 0.9), dtype=torch.float64)
                    if adam:
                        state = optimizer.state[p.weight]
                        second = state["exp_avg_sq"] / (1 - 0.999 ** float(state["step"]))
                        step = lr / (second.sqrt() + 1e-8)
                    p.after(name, step)
    return {key: tensor.detach() for key, tensor in model.state_dict().items()}


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize(
    ("name", "scale", "tolerance"),
    [
        ("l2", 1, 1e-12),
        ("decay", 1, 1e-12),
        ("l1", 1, 1e-12),
        ("elastic_net", 1, 1e-12),
        ("group_lasso", 0.3, 1e-10),
        ("l2_sp", 1, 1e-12),
        ("orthogonal", 0.1, 1e-12),
        ("spectral", 1, 1e-7),  # the power iteration begins close to the singular vector
        ("max_norm", 20, 1e-6),  # renorm adds 1e-7 to every norm
        ("cpr", 30, 1e-12),
    ],
)
def test_a_penalty_in_the_population_is_the_plain_loops(
    name: str, scale: float, tolerance: float, optimizer: str
) -> None:
    training, data = plan(optimizer, epochs=5), split()
    by_layer = {layer: strength * scale for layer, strength in STRENGTHS.items()}
    runs = [
        segment(0, name, by_layer, layers=LAYERS, stop=5, seed=0, lr=0.02),
        segment(1, "none", 0.0, layers=LAYERS, stop=5, seed=0, lr=0.02),
        segment(2, name, {"0": 0.0, "2": by_layer["2"]}, layers=LAYERS, stop=5, seed=3, lr=0.01),
    ]
    found = train(runs, training, width=3, data=data)
    free = found[1].weights
    for one in (runs[0], runs[2]):
        weights = found[one.trial.number].weights
        assert weights is not None
        assert free is not None
        for key, expected in loop(name, one, training, data).items():
            torch.testing.assert_close(weights[key], expected, atol=tolerance, rtol=0)
        assert float((weights["2.weight"] - free["2.weight"]).abs().max()) > 20 * tolerance


# ---- solutions, against scikit-learn and closed forms --------------------------------------------


def regression(n_outputs: int = 1) -> Split:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(80, 8)) @ (np.eye(8) + 0.3 * rng.normal(size=(8, 8)))
    y = x[:, :3] @ rng.normal(size=(3, n_outputs)) + rng.normal(size=(80, n_outputs))
    xs, ys = torch.tensor((x - x.mean(0)) / x.std(0)), torch.tensor((y - y.mean(0)) / y.std(0))
    return Split(xs, ys, xs, ys, None, None, {"loss": 1.0}, 1.0)


def zeros(n_inputs: int, n_outputs: int):  # type: ignore[no-untyped-def]
    def build(seed: int) -> nn.Module:
        model = nn.Linear(n_inputs, n_outputs).double()
        nn.init.zeros_(model.weight)
        nn.init.zeros_(model.bias)
        return model

    return build


SQUARED = SquaredError()


def solve(
    optimizer: str,
    name: str,
    strengths: tuple[float, ...],
    data: Split,
    loss: Loss = SQUARED,
    lr: float = 0.05,
    epochs: int = 300,
) -> list[np.ndarray]:
    """The weights that full-batch training ends at, one for each strength."""
    n, outputs = len(data.x_train), int(data.y_train.max()) + 1
    outputs = data.y_train.shape[1] if loss is SQUARED else outputs
    training = plan(optimizer, epochs=epochs, batch=n, steps_per_epoch=1, loss=loss, lr=lr)
    runs = [segment(i, name, s, layers=("weight",), stop=epochs) for i, s in enumerate(strengths)]
    found = train(
        runs, training, width=len(runs), build=zeros(data.x_train.shape[1], outputs), data=data
    )
    weights = [found[i].weights for i in range(len(strengths))]
    assert all(w is not None for w in weights)
    return [w["weight"].numpy() for w in weights if w is not None]


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize(
    ("name", "alpha", "ratio"), [long("l1", 0.5, 1), ("elastic_net", 0.75, 1 / 3)]
)
def test_l1_and_the_elastic_net_end_at_scikit_learns_solutions_with_their_zeros(
    name: str, alpha: float, ratio: float, optimizer: str
) -> None:
    """mse + s |w| is twice scikit-learn's objective at alpha = s/2, l1_ratio = 1, and
    mse + s/2 |w| + s/2 w^2 at alpha = 3s/4, l1_ratio = 1/3.
    """
    from sklearn.linear_model import ElasticNet

    data, strengths = regression(), (0.2, 0.8)
    x, y = data.x_train.numpy(), data.y_train.numpy()[:, 0]
    for strength, found in zip(strengths, solve(optimizer, name, strengths, data), strict=True):
        model = ElasticNet(alpha=alpha * strength, l1_ratio=ratio, tol=1e-14, max_iter=100_000)
        expected = model.fit(x, y).coef_
        assert ((found[0] == 0) == (expected == 0)).all()
        assert (expected == 0).any()
        np.testing.assert_allclose(found[0], expected, atol=1e-6)


@pytest.mark.parametrize("optimizer", [long("sgd"), "adam"])
def test_the_group_lasso_ends_at_the_convex_solution(optimizer: str) -> None:
    """Outputs are separate problems: given |w|, each is a ridge regression; bisection finds |w|."""
    data, strengths = regression(3), (0.05, 0.25)
    x, y = data.x_train.numpy(), data.y_train.numpy()
    for strength, found in zip(
        strengths, solve(optimizer, "group_lasso", strengths, data), strict=True
    ):
        for unit in range(3):
            # the loss is the mean over 3 outputs: (1/3) mse_unit + s sqrt(8) |w|
            pull = 3 * strength * math.sqrt(8)
            slope = 2 * x.T @ y[:, unit] / len(x)

            def ridge(norm: float, slope: np.ndarray = slope, pull: float = pull) -> np.ndarray:
                a = 2 * x.T @ x / len(x) + pull / norm * np.eye(8)
                return np.asarray(np.linalg.solve(a, slope))

            if np.linalg.norm(slope) <= pull:
                assert (found[unit] == 0).all()
                continue
            norm = brentq(lambda s: np.linalg.norm(ridge(s)) - s, 1e-9, 10, xtol=1e-14)
            np.testing.assert_allclose(found[unit], ridge(norm), atol=1e-6)


@pytest.mark.parametrize("optimizer", [long("sgd"), "adam"])
def test_l1_ends_at_scikit_learns_logistic_regression_with_its_zeros(optimizer: str) -> None:
    """Two rows of opposite weights: strength * |w1 - w0| in all, so C = 1 / (n * strength)."""
    from sklearn.linear_model import LogisticRegression

    data, strengths = split(n=120), (0.01, 0.05)
    two = data.y_train.clamp(max=1)
    null = {"loss": 0.7, "accuracy": 0.5}
    rows = Split(data.x_train, two, data.x_train, two, None, None, null, 1.0)
    lr = 0.05 if optimizer == "adam" else 1.0
    found = solve(optimizer, "l1", strengths, rows, CrossEntropy(), lr, epochs=400)
    for strength, weights in zip(strengths, found, strict=True):
        model = LogisticRegression(
            l1_ratio=1, C=1 / (120 * strength), solver="saga", tol=1e-12, max_iter=1_000_000
        )
        expected = model.fit(rows.x_train.numpy(), two.numpy()).coef_[0]
        difference = weights[1] - weights[0]
        assert ((difference == 0) == (expected == 0)).all()
        assert (expected == 0).any()
        np.testing.assert_allclose(difference, expected, atol=1e-6)


@pytest.mark.long
def test_decoupled_decay_under_adam_keeps_weights_in_a_box_and_is_no_l2() -> None:
    """|w| <= 1 / strength (Xie & Li 2024), and inside of it ordinary least squares."""
    data = regression()
    x, y = data.x_train, data.y_train[:, 0]
    ordinary = torch.linalg.lstsq(x, y[:, None]).solution[:, 0]
    theta = torch.zeros(2, 8, dtype=torch.float64)
    layer = Layer(theta, torch.tensor([0.1, 4.0], dtype=torch.float64))
    adam = StackedAdam(optimizer_plan("adam"), 2, 8, torch.device("cpu"), torch.float64)
    for slot in range(2):
        adam.set_number("lr", slot, 0.002)
    for _ in range(15_000):
        grad = 2 * (theta @ x.T - y) @ x / len(x)
        PENALTIES["decay"].shrink(layer, adam.lr[:, 0])
        adam.update(theta, grad)
    torch.testing.assert_close(theta[0], ordinary, atol=1e-2, rtol=0)
    assert float(ordinary.abs().max()) > 1 / 4
    assert float(theta[1].abs().max()) <= 1 / 4 + 1e-6
    assert float(theta[1].abs().max()) > 0.9 / 4


class OfAllShapes(nn.Module):
    """Parameters of every shape: one number, a vector, matrices, and a convolution."""

    def __init__(self, seed: int, scale: tuple[int, ...]) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.convolution = nn.Conv1d(1, 2, 3, padding=1)
            self.head = nn.Linear(12, 3)
        self.scale = nn.Parameter(torch.full(scale, 1.5))
        self.double()

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.head(self.convolution(x.unsqueeze(1)).flatten(1) * self.scale)
        return found


MATRICES, VECTORS = ("convolution", "head"), ("convolution.bias", "head.bias", "scale")


def trained(name: str, strengths: dict[str, float], scale: tuple[int, ...]) -> dict[str, Tensor]:
    """The weights of a run in which all parameters may be penalized, at the end."""
    everything = plan("sgd", selection=Selection("all"), lr=0.05)
    one = segment(0, name, strengths, layers=(), stop=2)
    found = train([one], everything, width=1, build=lambda seed: OfAllShapes(seed, scale))
    assert found[0].weights is not None
    return dict(found[0].weights)


@pytest.mark.parametrize("name", sorted(PENALTIES))
def test_penalties_of_matrices_leave_vectors_alone_and_the_others_do_not(name: str) -> None:
    matrices = dict.fromkeys(MATRICES, 0.5)
    alone = trained(name, matrices | dict.fromkeys(VECTORS, 0.0), ())
    all_at_once = trained(name, matrices | dict.fromkeys(VECTORS, 5.0), ())
    same = {key: torch.equal(alone[key], all_at_once[key]) for key in alone}
    assert all(same.values()) == PENALTIES[name].of_matrices, same


@pytest.mark.parametrize("name", sorted(PENALTIES))
def test_one_number_is_penalized_as_a_vector_of_one(name: str) -> None:
    strengths = dict.fromkeys((*MATRICES, *VECTORS), 0.5)
    number, vector = trained(name, strengths, ()), trained(name, strengths, (1,))
    assert number.pop("scale").shape == ()
    assert vector.pop("scale").shape == (1,)
    for key, tensor in number.items():
        assert torch.equal(tensor, vector[key]), key
