"""Penalties by their definitions: argmins on a grid, autograd, closed forms, exact zeros."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from sweep.regularizers.penalties import PENALTIES
from sweep.regularizers.penalty import FunctionPenalty, Layer, Memory, Penalty, soft_threshold

SHAPES = {"linear": (4, 3), "wide": (3, 5), "conv": (4, 2, 3), "bias": (4,)}


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def layer_of(
    penalty: Penalty, weight: Tensor, strength: Tensor, n_heads: int = 0, **numbers: float
) -> Layer:
    """The layer as a population would hold it, its memory begun from other weights."""
    begun = [penalty.begin(w.detach() + 0.1) for w in weight]
    memory: Memory = {key: torch.stack([b[key] for b in begun]) for key in begun[0]}
    own = {**penalty.numbers, **numbers}
    tensors = {name: torch.full_like(strength, value) for name, value in own.items()}
    return Layer(weight, strength, memory, tensors, n_heads, torch.ones_like(strength))


@settings(max_examples=100, deadline=None)
@given(st.floats(-5, 5), st.floats(0, 5))
def test_soft_threshold_is_the_argmin_of_its_definition_on_a_grid(w: float, t: float) -> None:
    grid = torch.linspace(-6, 6, 120_001, dtype=torch.float64)
    objective = 0.5 * (grid - w) ** 2 + t * grid.abs()
    best = grid[objective.argmin()]
    found = soft_threshold(torch.tensor(w, dtype=torch.float64), torch.tensor(t))
    assert abs(float(found) - float(best)) < 2e-4


@settings(max_examples=60, deadline=None)
@given(st.floats(-5, 5), st.floats(0, 3), st.floats(0.01, 2), st.floats(0, 1))
def test_the_elastic_nets_prox_is_the_argmin_of_its_definition_on_a_grid(
    w: float, strength: float, step: float, share: float
) -> None:
    grid = torch.linspace(-6, 6, 120_001, dtype=torch.float64)
    penalty = share * grid.abs() + (1 - share) * grid**2
    best = grid[((grid - w) ** 2 / (2 * step) + strength * penalty).argmin()]
    weight = torch.tensor([[w]], dtype=torch.float64)
    strengths = torch.tensor([strength], dtype=torch.float64)
    layer = layer_of(PENALTIES["elastic_net"], weight, strengths, l1_share=share)
    PENALTIES["elastic_net"].prox(layer, torch.full((1, 1), step, dtype=torch.float64))
    assert abs(float(weight) - float(best)) < 2e-4


@settings(max_examples=40, deadline=None)
@given(
    st.floats(-2, 2),
    st.floats(-2, 2),
    st.floats(0.01, 2),
    st.floats(0.05, 2),
    st.floats(0.05, 2),
)
def test_the_group_lassos_prox_is_the_argmin_on_a_grid_in_any_diagonal_metric(
    w1: float, w2: float, strength: float, step1: float, step2: float
) -> None:
    def objective(v1: Tensor, v2: Tensor) -> Tensor:
        pull = strength * math.sqrt(2) * (v1**2 + v2**2).sqrt()
        return (v1 - w1) ** 2 / (2 * step1) + (v2 - w2) ** 2 / (2 * step2) + pull

    steps = torch.tensor([[[step1, step2]]], dtype=torch.float64)
    weight = torch.tensor([[[w1, w2]]], dtype=torch.float64)
    layer = layer_of(PENALTIES["group_lasso"], weight, torch.tensor([strength]).double())
    PENALTIES["group_lasso"].prox(layer, steps)
    found = objective(*weight[0, 0])
    axis = torch.linspace(-2, 2, 401, dtype=torch.float64)
    assert found <= objective(axis[:, None], axis[None, :]).min() + 1e-12
    inside = (w1 / step1) ** 2 + (w2 / step2) ** 2 <= 2 * strength**2
    assert bool((weight == 0).all()) == inside


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_equal_steps_of_any_shape_give_the_group_lassos_closed_form(dtype: torch.dtype) -> None:
    weight, strength = random(3, 8, 6).to(dtype), torch.tensor([0.0, 0.5, 9.0], dtype=dtype)
    one, many = weight.clone(), weight.clone()
    penalty = PENALTIES["group_lasso"]
    penalty.prox(layer_of(penalty, one, strength), torch.full((3, 1, 1), 0.3, dtype=dtype))
    penalty.prox(layer_of(penalty, many, strength), torch.full((3, 8, 6), 0.3, dtype=dtype))
    torch.testing.assert_close(one, many)
    assert torch.equal(one == 0, many == 0)
    norm = weight[1].norm(dim=1, keepdim=True)
    expected = (1 - 0.3 * 0.5 * math.sqrt(6) / norm).clamp_min(0) * weight[1]
    torch.testing.assert_close(one[1], expected)
    assert (one[2] == 0).all()


def test_the_group_lasso_holds_with_steps_that_differ_a_millionfold() -> None:
    exponents = 3 * random(1, 50, 1, seed=1) + random(1, 50, 20, seed=2)
    weight, steps, strength = random(1, 50, 20), 10 ** exponents.clamp(-6, 6), 0.1
    before = weight.clone()
    layer = layer_of(PENALTIES["group_lasso"], weight, torch.tensor([strength]).double())
    PENALTIES["group_lasso"].prox(layer, steps.clone())
    alive = weight[0].norm(dim=1) > 0
    pull = strength * math.sqrt(20) * weight[0] / weight[0].norm(dim=1, keepdim=True)
    residual = (weight[0] - before[0]) / steps[0] + pull
    assert 0 < int(alive.sum()) < 50
    assert float((residual * steps[0])[alive].abs().max()) < 1e-6
    assert ((before[0] / steps[0])[~alive].norm(dim=1) <= strength * math.sqrt(20)).all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_group_lasso_is_the_same_from_any_norm_remembered(dtype: torch.dtype) -> None:
    """And a unit's numbers do not depend on how long the others take."""
    exponents = 2 * random(1, 40, 1, seed=1) + random(1, 40, 12, seed=2)
    weight, steps = random(1, 40, 12).to(dtype), (10**exponents).to(dtype)
    penalty, strength = PENALTIES["group_lasso"], torch.tensor([0.1], dtype=dtype)
    found = []
    for start in (5.0, 0.0, 1e-3, 1.0, 1e6):
        one = weight.clone()
        layer = layer_of(penalty, one, strength)
        layer.memory["norm"].fill_(start)
        penalty.prox(layer, steps.clone())
        found.append(one)
    assert 0 < int((found[0] == 0).all(dim=2).sum()) < 40
    tolerance = 1e-5 if dtype == torch.float32 else 1e-12
    for one in found[1:]:
        torch.testing.assert_close(one, found[0], rtol=tolerance, atol=0)
    for unit in range(40):
        alone = weight[:, unit : unit + 1].clone()
        layer = layer_of(penalty, alone, strength)
        layer.memory["norm"].fill_(5.0)
        penalty.prox(layer, steps[:, unit : unit + 1].clone())
        assert torch.equal(alone[0, 0], found[0][0, unit])


def test_heads_of_an_attention_are_removed_whole() -> None:
    weight = random(1, 24, 8)  # queries, keys and values of 4 heads of 2 rows
    weight[0].view(3, 4, 2, 8)[:, 1] *= 0.01
    before = weight.clone()
    layer = Layer(weight, torch.tensor([0.1]).double(), n_heads=4)
    PENALTIES["group_lasso"].prox(layer, torch.ones(1, 1, 1).double())
    heads, old = (w[0].view(3, 4, 2, 8).transpose(0, 1).flatten(1) for w in (weight, before))
    assert (heads[1] == 0).all()
    shrunk = 1 - 0.1 * math.sqrt(48) / old[0].norm()
    torch.testing.assert_close(heads[0], shrunk * old[0])


def test_l1_prox_takes_a_threshold_per_run_and_gives_exact_zeros() -> None:
    weight = torch.tensor([[0.5, -0.2, 0.05], [0.5, -0.2, 0.05]], dtype=torch.float64)
    step = torch.full((2, 1), 0.1, dtype=torch.float64)
    PENALTIES["l1"].prox(Layer(weight, torch.tensor([1.0, 3.0], dtype=torch.float64)), step)
    expected = torch.tensor([[0.4, -0.1, 0.0], [0.2, 0.0, 0.0]], dtype=torch.float64)
    torch.testing.assert_close(weight, expected)
    assert weight[0, 2] == 0
    assert int((weight[1] == 0).sum()) == 2


@pytest.mark.parametrize("shape", sorted(SHAPES))
@pytest.mark.parametrize("name", sorted(PENALTIES))
def test_zero_strength_changes_nothing_bit_for_bit(name: str, shape: str) -> None:
    penalty, size = PENALTIES[name], SHAPES[shape]
    if penalty.of_matrices and shape == "bias":
        return
    weight, grad = random(3, *size).float(), random(3, *size, seed=1).float()
    weight[2] = 0
    before = weight.clone(), grad.clone()
    lr = torch.full((3,), 0.1)
    layer = layer_of(penalty, weight, torch.zeros(3))
    for step in (layer.per_run(lr), torch.rand(3, *size)):
        penalty.add_gradient(layer, grad)
        penalty.shrink(layer, lr)
        penalty.prox(layer, step)
        penalty.follow(layer, weight.clone(), lr)
        if penalty.acts_in("prox"):
            penalty.keep_side(layer, penalty.add_subgradient(layer, grad))
    if penalty.acts_in("project") and name != "cpr":
        penalty.project(layer)
    assert torch.equal(weight, before[0])
    assert torch.equal(grad, before[1])
    assert (penalty.value(layer) == 0).all()


@pytest.mark.parametrize("shape", ["linear", "wide", "conv"])
@pytest.mark.parametrize("name", ["l2", "l2_sp", "orthogonal", "spectral"])
def test_the_gradient_is_that_of_the_value(name: str, shape: str) -> None:
    penalty, weight = PENALTIES[name], random(2, *SHAPES[shape], seed=1).requires_grad_()
    layer = layer_of(penalty, weight, torch.tensor([0.3, 2.0], dtype=torch.float64))
    grad = torch.zeros_like(weight)
    with torch.no_grad():
        for _ in range(300):  # the power iteration settles
            grad.zero_()
            penalty.add_gradient(layer, grad)
    (expected,) = torch.autograd.grad(penalty.value(layer).sum(), weight)
    torch.testing.assert_close(grad, expected)


def test_values_are_what_their_formulas_say() -> None:
    weight, strength = random(2, 4, 3), torch.tensor([0.3, 2.0], dtype=torch.float64)

    def value(name: str, **numbers: float) -> Tensor:
        penalty = PENALTIES[name]
        return penalty.value(layer_of(penalty, weight, strength, **numbers)) / strength

    square = weight.flatten(1).square().sum(1)
    torch.testing.assert_close(value("l2"), square)
    torch.testing.assert_close(value("l2_sp"), torch.full((2,), 12 * 0.01, dtype=torch.float64))
    size = weight.flatten(1).abs().sum(1)
    torch.testing.assert_close(value("elastic_net", l1_share=0.25), 0.25 * size + 0.75 * square)
    units = math.sqrt(3) * weight.norm(dim=2).sum(1)
    torch.testing.assert_close(value("group_lasso"), units)
    gram = weight.mT @ weight - torch.eye(3)
    torch.testing.assert_close(value("orthogonal"), gram.square().sum((1, 2)))
    largest = torch.linalg.svdvals(weight)[:, 0]
    torch.testing.assert_close(value("spectral").sqrt(), largest, rtol=1e-2, atol=0)


def test_decay_without_gradients_shrinks_geometrically() -> None:
    weight = torch.ones(1, 3, dtype=torch.float64)
    lr, strength = torch.tensor([0.01], dtype=torch.float64), torch.tensor([5.0]).double()
    for _ in range(10):
        PENALTIES["decay"].shrink(Layer(weight, strength), lr)
    torch.testing.assert_close(weight, torch.full((1, 3), 0.95**10, dtype=torch.float64))


def test_max_norm_is_torchs_renorm_at_the_inverse_of_the_strength() -> None:
    weight = random(1, 5, 3, 2)
    expected = weight[0].renorm(2, 0, 1 / 0.4)
    PENALTIES["max_norm"].project(Layer(weight, torch.tensor([0.4]).double()))
    torch.testing.assert_close(weight[0], expected, rtol=1e-6, atol=0)
    assert 0 < int((weight[0].flatten(1).norm(dim=1) < 2.49).sum()) < 5


def test_cpr_brings_a_layer_to_its_bound_and_leaves_one_inside_alone() -> None:
    penalty, start = PENALTIES["cpr"], random(2, 6, 4)
    begun = [penalty.begin(w) for w in start]
    memory = {key: torch.stack([b[key] for b in begun]) for key in begun[0]}
    weight, numbers = start.clone(), {"rate": torch.ones(2).double()}
    layer = Layer(weight, torch.tensor([4.0, 0.5]).double(), memory, numbers)
    pushed = 0.05 * random(2, 6, 4, seed=2)
    for _ in range(3000):
        penalty.project(layer)
        weight.mul_(0.95).add_(pushed)  # an optimizer that settles
    square = weight.flatten(1).square().sum(1) / start.flatten(1).square().sum(1)
    assert float(square[0]) == pytest.approx(1 / 4, rel=1e-6)
    assert float(memory["multiplier"][0]) > 0
    free = start[1].clone()
    for _ in range(3000):
        free = 0.95 * free + pushed[1]
    torch.testing.assert_close(weight[1], free)


def test_a_function_of_the_weights_becomes_a_penalty_with_autograds_gradient() -> None:
    def huber(weight: Tensor) -> Tensor:
        return torch.nn.functional.huber_loss(weight, torch.zeros_like(weight), reduction="sum")

    penalty, weight = FunctionPenalty("huber", huber), 2 * random(2, 4, 3)
    strength, grad = torch.tensor([0.0, 0.7]).double(), torch.zeros(2, 4, 3).double()
    penalty.add_gradient(Layer(weight, strength), grad)
    expected = 0.7 * weight[1].clamp(-1, 1)
    torch.testing.assert_close(grad, torch.stack([torch.zeros_like(expected), expected]))
    values = penalty.value(Layer(weight, strength))
    torch.testing.assert_close(values, torch.stack([values[0] * 0, 0.7 * huber(weight[1])]))


def test_hooks_are_called_where_they_are_overridden_and_nowhere_else() -> None:
    hooks = ("add_gradient", "shrink", "prox", "project")
    found = {name: {h for h in hooks if p.acts_in(h)} for name, p in PENALTIES.items()}
    assert found["l2"] == found["orthogonal"] == {"add_gradient"}
    assert found["decay"] == {"shrink"}
    assert found["l1"] == found["group_lasso"] == {"prox"}
    assert found["max_norm"] == found["cpr"] == {"project"}


def test_the_largest_strength_is_where_the_lasso_and_the_grouped_lasso_give_zero() -> None:
    from sklearn.linear_model import Lasso

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(50, 6)), rng.normal(size=50)
    x, y = x - x.mean(0), y - y.mean()
    gradient = torch.tensor(-2 * x.T @ y / 50)[None]  # of the mean squared error at zero
    most = PENALTIES["l1"].strength_max(gradient)
    assert most is not None
    below, above = (Lasso(alpha=f * most / 2, tol=1e-12).fit(x, y).coef_ for f in (0.999, 1.001))
    assert (above == 0).all()
    assert (below != 0).sum() == 1
    grouped = PENALTIES["group_lasso"].strength_max(gradient)
    assert grouped == pytest.approx(float(gradient.norm()) / math.sqrt(6))
    assert PENALTIES["elastic_net"].strength_max(gradient) == pytest.approx(2 * most)
    assert PENALTIES["l2"].strength_max(gradient) is None
