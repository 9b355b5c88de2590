"""Which weights a ``Regularizer`` takes hold of, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import sweep
from sweep.errors import ModelError, StudyError
from sweep.regularizers.penalty import Layer, Penalty
from sweep.toolkit.regularizer import Regularizer
from tests.support.training import mlp
from tests.toolkit.loops import Lion

LR = 0.1


class Tied(nn.Module):
    """An output that is the hidden layer's weight once more, a frozen layer, and a norm."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = nn.Linear(4, 4)
        self.norm = nn.LayerNorm(4)
        self.body = nn.Linear(4, 4).requires_grad_(False)
        self.output = nn.Linear(4, 4)
        self.output.weight = self.hidden.weight

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.output(self.body(self.norm(self.hidden(x))))
        return found


def one_step(model: nn.Module, reg: Regularizer, optimizer: torch.optim.Optimizer) -> None:
    """A step whose loss has no gradient: what happens is the regularizer's."""
    weights = [p for p in model.parameters() if p.requires_grad]
    (sum((p * 0).sum() for p in weights) + reg.loss()).backward()
    optimizer.step()
    reg.step(optimizer)


def test_it_is_at_the_door() -> None:
    assert sweep.Regularizer is Regularizer


def test_a_tied_weight_shrinks_once_and_a_frozen_one_not_at_all() -> None:
    model = Tied()
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    reg = Regularizer(model, "decay", 0.5)
    assert list(reg.layers) == ["hidden"]
    groups = reg.parameter_groups(lr=LR)
    assert sorted(p.ndim for group in groups for p in group["params"]) == [1, 1, 1, 1, 2]
    one_step(model, reg, torch.optim.AdamW(groups))
    for name, weight in model.named_parameters():
        factor = 1 - LR * 0.5 if name == "hidden.weight" else 1.0
        torch.testing.assert_close(weight, before[name] * factor)


def test_the_heads_of_an_attention_are_its_units() -> None:
    """Each shrinks by lr * strength * sqrt(n), n the weights of its queries, keys and values."""
    model = nn.MultiheadAttention(4, 2).double()
    start = model.in_proj_weight.detach().clone().view(3, 2, 2, 4)
    reg = Regularizer(model, "group_lasso", {"in_proj_weight": 0.5, "out_proj": 0.0})
    one_step(model, reg, torch.optim.SGD(reg.parameter_groups(lr=LR)))
    norms = start.square().sum((0, 2, 3), keepdim=True).sqrt()
    expected = start * (1 - LR * 0.5 * 24**0.5 / norms).clamp(min=0)
    torch.testing.assert_close(model.in_proj_weight.detach(), expected.view(12, 4))


def test_groups_have_the_decay_of_their_layers_and_others_none() -> None:
    model = mlp(0)
    reg = Regularizer(model, "decay", 0.1, layers={"0": 0.5})
    groups = reg.parameter_groups(lr=LR, betas=(0.8, 0.9))
    found = {id(p): g for g in groups for p in g["params"]}
    decays = [found[id(p)]["weight_decay"] for p in model.parameters()]
    assert decays == [0.05, 0.0, 0.1, 0.0]
    assert all(g["lr"] == LR and g["betas"] == (0.8, 0.9) for g in groups)
    for other in ("l1", "none"):
        assert {
            g["weight_decay"] for g in Regularizer(mlp(0), other, 0.1).parameter_groups(LR)
        } == {0.0}


def test_rates_of_parameters_multiply_theirs_alone() -> None:
    model = mlp(0)
    reg = Regularizer(model, "decay_independent", 0.1, lr_of={"0*": 0.1})
    rates = {id(p): g for g in reg.parameter_groups(lr=LR) for p in g["params"]}
    first, last = (rates[id(model.get_parameter(f"{i}.weight"))] for i in (0, 2))
    assert (first["lr"], last["lr"]) == (pytest.approx(0.01), LR)
    assert first["lr"] * first["weight_decay"] == pytest.approx(0.1)
    assert last["lr"] * last["weight_decay"] == pytest.approx(0.1)


def test_strengths_are_given_by_pattern_by_name_and_as_a_table() -> None:
    def of(strength: Any, **more: Any) -> dict[str, float]:
        found = Regularizer(mlp(0), "l1", strength, **more).layers
        return {layer: own["l1"] for layer, own in found.items() if own}

    assert of(0.1) == {"0": 0.1, "2": 0.1}
    assert of(0.1, layers={"*": 2.0, "2": 0.0}) == {"0": 0.2}
    assert of({"0": 0.1, "[2]": 0.3}) == {"0": 0.1, "2": 0.3}
    assert of(0.1, scope="all").keys() == {"0", "0.bias", "2", "2.bias"}
    assert of(0.1, exclude=["2"]).keys() == {"0"}


def test_wrapped_models_have_the_names_of_what_is_in_them() -> None:
    plain = mlp(0)
    compiled = torch.compile(plain, backend="eager")
    assert Regularizer(compiled, "l1", 0.1).layers == Regularizer(plain, "l1", 0.1).layers
    parallel = nn.DataParallel(nn.Sequential(torch.compile(nn.Linear(2, 2), backend="eager")))
    assert list(Regularizer(parallel, "l1", 0.1).layers) == ["0"]


def huber(weight: Tensor) -> Tensor:
    return torch.nn.functional.huber_loss(weight, torch.zeros_like(weight), reduction="sum")


class Halving(Penalty):
    name = "halving"

    def project(self, layer: Layer) -> None:
        layer.weight.mul_(layer.per_run(1 - layer.strength / 2))


def test_functions_and_penalties_of_ones_own_act_too() -> None:
    model, lr = mlp(0), 0.01
    weight = model.get_parameter("0.weight")
    start = weight.detach().clone()
    reg = Regularizer(model, {huber: 0.3, Halving: 1.0})
    one_step(model, reg, torch.optim.SGD(reg.parameter_groups(lr=lr)))
    torch.testing.assert_close(weight.detach(), (start - lr * 0.3 * start.clamp(-1, 1)) / 2)


def test_the_loss_is_the_penaltys_value_and_0_for_what_acts_afterwards() -> None:
    model = mlp(0)
    square = sum(p.square().sum().item() for p in model.parameters() if p.ndim > 1)
    assert Regularizer(model, "l2", 0.1).loss().item() == pytest.approx(0.1 * square)
    for later in ("decay", "l1", "group_lasso", "cpr", "none"):
        term = Regularizer(model, later, 0.1).loss()
        assert term.item() == 0.0
        assert term.dtype == torch.float64


def test_a_model_that_moves_takes_what_is_remembered_along() -> None:
    model = mlp(0)
    reg = Regularizer(model, "l2_sp", 0.1)
    model.float()
    one_step(model, reg, torch.optim.SGD(reg.parameter_groups(lr=LR)))
    assert model.get_parameter("0.weight").dtype == torch.float32
    assert reg.loss().item() < 1e-9


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda m: Regularizer(m, "elasticnet", 1.0),
            "a known name must be given, found 'elasticnet'; did you mean e",
        ),
        (lambda m: Regularizer(m, "dropout", 0.3), "acts on weights must be given, found dropout"),
        (lambda m: Regularizer(m, "cocktail", 0.3), "the ingredients of a cocktail must be given"),
        (
            lambda m: Regularizer(m, 3, 0.3),
            "a name, a Penalty or a function must be given, found 3",
        ),
        (lambda m: Regularizer(m, "l1"), "strength: a number .* must be given for l1, found none"),
        (lambda m: Regularizer(m, "l1", -1.0), "at least 0 must be given, found -1.0"),
        (lambda m: Regularizer(m, "l1", float("nan")), "must be given, found nan"),
        (lambda m: Regularizer(m, {"l1": 0.1}, 0.1), "each penalty must have its own"),
        (
            lambda m: Regularizer(m, "l1", 0.1, layers={"conv*": 2}),
            "found none for 'conv\\*'; the l",
        ),
        (lambda m: Regularizer(m, "l1", 0.1, layers={"[02]": 2, "0*": 1}), "found 0 in '\\[02\\]'"),
        (lambda m: Regularizer(m, "l1", {"0": 0.1}), "found none for 2; give 0 to leave it alone"),
        (
            lambda m: Regularizer(m, "l1", 0.1, numbers={"cpr.rate": 1}),
            "found 'cpr.rate'; they have",
        ),
        (
            lambda m: Regularizer(m, "elastic_net", 0.1, numbers={"elastic_net.l1_share": 2}),
            "l1_share.\\]: at most 1 must be given, found 2",
        ),
        (lambda m: Regularizer(m, "l1", 0.1, scope="biases"), "found 'biases'; choose one"),
        (lambda m: Regularizer(m, "decay_corrected", 0.1), "must be given for decay_corrected"),
        (lambda m: Regularizer(m, "l1", 0.1, include=["x"]), "include: a pattern must match"),
        (lambda m: Regularizer(m, "decay", 0.1).parameter_groups(LR, weight_decay=0.1), "left out"),
        (lambda m: Regularizer(m, "decay", 0.1).parameter_groups(-LR), "lr: a number that"),
    ],
)
def test_what_cannot_be_right_gets_one_line(make: Callable[[nn.Module], Any], words: str) -> None:
    with pytest.raises(StudyError, match=words) as raised:
        make(mlp(0))
    assert "\n" not in str(raised.value)


def test_a_model_without_weights_is_refused() -> None:
    with pytest.raises(ModelError, match="found all left alone \\(of a norm layer\\)"):
        Regularizer(nn.LayerNorm(3), "l1", 0.1)


OPTIMIZERS: dict[str, tuple[str, Callable[[Any, nn.Module], torch.optim.Optimizer], str]] = {
    "coupled": (
        "decay",
        lambda reg, m: torch.optim.SGD(reg.parameter_groups(LR), momentum=0.9),
        "decays beside the gradient must be given, found SGD",
    ),
    "of all parameters": (
        "l1",
        lambda reg, m: torch.optim.AdamW(m.parameters()),
        "the weight_decay of 0 must be 0 in its group, found 0.01",
    ),
    "of other parameters": (
        "l1",
        lambda reg, m: torch.optim.SGD(mlp(1).parameters(), lr=LR),
        "found one with none of those that are regularized",
    ),
    "without a metric": (
        "l1",
        lambda reg, m: Lion(reg.parameter_groups(LR)),
        "l1 needs an optimizer with a step size for every weight, found Lion",
    ),
    "without the rate": (
        "decay_independent",
        lambda reg, m: torch.optim.SGD(m.parameters(), lr=LR),
        "must be known for decay_independent",
    ),
}


@pytest.mark.parametrize("case", OPTIMIZERS)
def test_an_optimizer_that_cannot_do_it_is_refused(case: str) -> None:
    penalty, make, words = OPTIMIZERS[case]
    model = mlp(0)
    reg = Regularizer(model, penalty, 0.1)
    with pytest.raises((StudyError, ModelError), match=words):
        one_step(model, reg, make(reg, model))


def test_a_step_without_its_loss_is_refused_where_that_matters() -> None:
    model = mlp(0)
    reg = Regularizer(model, "decay", 0.1)
    optimizer = torch.optim.SGD(reg.parameter_groups(LR, weight_decay=0.0))
    with pytest.raises(StudyError, match="loss\\(\\) must be called in every step"):
        reg.step(optimizer)


def test_a_state_of_other_penalties_is_refused() -> None:
    state = Regularizer(mlp(0), "cpr", 1.0).state_dict()
    with pytest.raises(
        StudyError, match="the state of l1 on 0, 2 must be given, found that of cpr"
    ):
        Regularizer(mlp(0), "l1", 1.0).load_state_dict(state)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Regularizer(5, "l1", 1.0), "model: an nn.Module must be given, found a int"),  # type: ignore[arg-type]
        (lambda: Regularizer(nn.LazyLinear(3), "l1", 1.0), "model: weights with shapes must be"),
        (
            lambda: Regularizer(mlp(4), "l1", 1.0, layers=["hidden1"]),  # type: ignore[arg-type]
            "layers: numbers by pattern must be given, found a list",
        ),
        (
            lambda: Regularizer(mlp(4), "l1", 1.0).load_state_dict({"a": 1}),
            "what state_dict() of a regularizer gave must be given, found a",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(
    make: Callable[[], object], words: str
) -> None:
    with pytest.raises(StudyError) as refused:
        make()
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_torch_cannot_read_is_refused_in_one_short_line(tmp_path: Path) -> None:
    path = tmp_path / "other.pt"
    path.write_bytes(b"garbage")
    with pytest.raises(StudyError, match=r"other\.pt: .* found one that torch cannot read"):
        Regularizer.of(path, nn.Linear(2, 2))
