"""What of a study's training is looked at with its network before any run is trained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from sweep.errors import StudyError
from sweep.launchers.context import TrainingContext
from sweep.regularizers.penalty import Layer, Penalty
from sweep.study.study import Study


class Halving(Penalty):
    """Halves weights after each step, and knows no subgradient."""

    name = "halving"

    def prox(self, layer: Layer, step: Tensor) -> None:
        layer.weight.mul_(1 - layer.per_run(layer.strength) / 2)


class Vectors(nn.Module):
    """A network without a matrix."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(64))
        self.shift = nn.Parameter(torch.zeros(10))

    def forward(self, x: Tensor) -> Tensor:
        return (x * self.scale).sum(1, keepdim=True) * 0.01 + self.shift


def context(model: Any = None, penalties: Any = ("decay",), axes: Any = None, **training: Any):  # type: ignore[no-untyped-def]
    return TrainingContext(
        Study(
            study={"name": "a"},
            data={"name": "digits"},
            model=model or {"hidden": [4]},
            training={"epochs": 2, **training},
            search={"penalties": list(penalties), "axes": axes or {}},
        )
    )


def closure(groups: list[dict[str, Any]], lr: float) -> Any:
    return torch.optim.LBFGS([p for group in groups for p in group["params"]], lr=lr)


def nothing(groups: list[dict[str, Any]], lr: float) -> Any:
    return None


def some(groups: list[dict[str, Any]], lr: float) -> Any:
    return torch.optim.SGD(groups[:1], lr=lr)


class Evaluating(torch.optim.SGD):
    def eval(self) -> None:
        """As optimizers that keep two sets of weights have it."""


def evaluating(groups: list[dict[str, Any]], lr: float) -> Any:
    return Evaluating(groups, lr=lr)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (closure, "closure run without an error, found TypeError"),
        (nothing, "nothing must return a torch.optim.Optimizer, found NoneType"),
        (some, "some must train the parameters of the groups that it gets, found others"),
        (evaluating, "evaluating must need no eval() before an evaluation"),
    ],
)
def test_an_optimizer_of_ones_own_is_tried(make: Callable[..., Any], words: str) -> None:
    with pytest.raises(StudyError) as caught:
        context(optimizer=make)
    assert str(caught.value).startswith("training.optimizer: ")
    assert words.replace("closure run", "closure must run") in str(caught.value)


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (lambda share: 0.5 - share, "must give a number that is at least 0, found -"),
        (lambda share: None, "must give a number that is at least 0, found None at"),
        (lambda share: 1 / share, "must run without an error, found ZeroDivisionError"),
    ],
)
def test_a_schedule_of_ones_own_is_asked_all_along(
    factor: Callable[[float], Any], words: str
) -> None:
    with pytest.raises(StudyError) as caught:
        context(schedule=factor)
    assert str(caught.value).startswith("training.schedule: ")
    assert words in str(caught.value)


def test_a_warmup_is_no_longer_than_the_run() -> None:
    with pytest.raises(StudyError, match=r"training.warmup: .* the run of 32 steps, found 33"):
        context(schedule="cosine", warmup=33)
    axes = {"warmup": {"choices": [10, 40]}}
    with pytest.raises(StudyError, match=r"search.axes.warmup: .* found 40"):
        context(schedule="cosine", axes=axes)
    assert context(schedule="cosine", warmup=32).plan.schedule.warmup == 32


def test_muon_needs_a_matrix() -> None:
    with pytest.raises(StudyError, match=r"training.optimizer: muon needs a network with weight"):
        context(model=Vectors, penalties=["none"], optimizer="muon")


def test_a_factor_needs_a_parameter() -> None:
    with pytest.raises(StudyError, match=r"training.lr_of: .* found none for 'body\*'"):
        context(lr_of={"body*": 0.1})


def test_more_batches_than_rows_make_no_step() -> None:
    with pytest.raises(StudyError, match=r"training.accumulate: .* found 64 \* 100"):
        context(accumulate=100)


@pytest.mark.parametrize("optimizer", ["lion", "muon"])
def test_a_proximal_step_alone_needs_an_optimizer_with_a_metric(optimizer: str) -> None:
    with pytest.raises(StudyError, match=r"search.penalties: Halving must have add_subgradient"):
        context(penalties=[Halving], optimizer=optimizer)
    assert context(penalties=[Halving], optimizer="rmsprop").penalties["Halving"]


def test_what_trains_nothing_is_refused() -> None:
    with pytest.raises(StudyError, match="must be above 0 in some step of a run, found 0 in all"):
        context(schedule=lambda share: 0.0)
    with pytest.raises(StudyError, match="learning rate above 0, found 0 for all"):
        context(lr_of={"hidden*": 0.0, "*": 0.0})
    assert context(lr_of={"output*": 0.1, "*": 0.0})  # the rest is frozen
    axes = {"lr_of.*": {"low": 0.1, "high": 1.0}}
    assert context(lr_of={"*": 0.0}, axes=axes)


@pytest.mark.parametrize("ending", [nn.Sigmoid(), nn.Softmax(1), None])
def test_a_sigmoid_or_softmax_before_a_loss_of_logits_is_warned_of(
    ending: nn.Module | None, caplog: pytest.LogCaptureFixture
) -> None:
    layers = [nn.Linear(64, 10), *([] if ending is None else [ending])]
    context(model=lambda: nn.Sequential(*layers))
    assert ("takes logits, found outputs from 0 to 1" in caplog.text) == (ending is not None)
