"""Input noise, label smoothing and mixup against plain loops, torch's losses and closed forms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy import stats
from torch import Tensor, nn

import sweep
from sweep.data.splits import Split
from sweep.launchers.context import TrainingContext
from sweep.metrics.class_losses import CrossEntropy
from sweep.metrics.loss import Loss
from sweep.metrics.number_losses import SquaredError
from sweep.networks.alone import SeparateModules
from sweep.networks.compiled import Compiled
from sweep.networks.counter_rng import INPUTS, hashed_normal, step_keys
from sweep.networks.mlp import FusedMLP
from sweep.networks.stacked import StackedModule
from sweep.study.search_settings import SearchSettings
from sweep.study.settings import TrainingSettings
from sweep.training.augmentation import AUGMENTATIONS, BatchAugmentation, mixing_shares
from sweep.training.jobs import Segment, SegmentResult, TrainingPlan
from tests.support.training import (
    LossOf,
    mlp,
    plain_loop,
    plan,
    segment,
    solutions_in_noise,
    split,
    train,
)

LOOP = SeparateModules
WAYS = {"vmap": StackedModule, "loop": LOOP, "chain": FusedMLP, "compiled": Compiled}
NUMBERS: tuple[dict[str, float], ...] = (
    {"input_noise": 0.3, "label_smoothing": 0.0, "mixup": 0.0},
    {"input_noise": 0.0, "label_smoothing": 0.2, "mixup": 0.0},
    {"input_noise": 0.0, "label_smoothing": 0.0, "mixup": 0.4},
    {"input_noise": 0.7, "label_smoothing": 0.1, "mixup": 2.0},
    {"input_noise": 0.0, "label_smoothing": 0.0, "mixup": 0.0},
)


def augmented(epochs: int = 3, **changes: object) -> TrainingPlan:
    return plan(epochs=epochs, swept=frozenset(AUGMENTATIONS), **changes)


def runs(stop: int = 3, **others: float) -> list[Segment]:
    return [
        segment(i, "none", 0, layers=(), stop=stop, seed=i, **numbers | {"lr": 0.01} | others)
        for i, numbers in enumerate(NUMBERS)
    ]


def numbers_of_rows(seed: int = 0) -> Split:
    """The rows of ``split`` with three numbers to predict."""
    rows = split(seed)
    weights = torch.from_numpy(np.random.default_rng(seed).normal(size=(6, 3)))
    return replace(
        rows, y_train=(rows.x_train @ weights).sin(), y_validation=rows.x_validation @ weights
    )


def as_published(one: Segment, training: TrainingPlan, seen: list[float]) -> LossOf:
    """The loss of a step as the papers write it, with this run's draws; they go into ``seen``."""
    seed, own = one.run.draw.seed, one.trial.params
    steps = training.steps_per_epoch

    def criterion(output: Tensor, target: Tensor) -> Tensor:
        if isinstance(training.loss, SquaredError):
            return F.mse_loss(output, target)
        return F.cross_entropy(output, target, label_smoothing=float(own["label_smoothing"]))

    def loss_of(model: nn.Module, x: Tensor, y: Tensor, epoch: int, step: int) -> Tensor:
        share = float(mixing_shares(seed, epoch, steps, float(own["mixup"]))[step])
        key = torch.from_numpy(step_keys([seed], np.array([epoch * steps + step + INPUTS])))
        noise = hashed_normal(key, (1, *x.shape), x.dtype)[0]
        other = [*range(len(x))][-1:] + [*range(len(x))][:-1]
        mixed = share * x + (1 - share) * x[other] + float(own["input_noise"]) * noise
        output = model(mixed)
        loss = share * criterion(output, y) + (1 - share) * criterion(output, y[other])
        seen.append(float(loss.detach()))
        return loss

    return loss_of


@pytest.mark.parametrize("loss", [CrossEntropy(), SquaredError()], ids=lambda loss: loss.name)
@pytest.mark.parametrize("way", WAYS)
def test_every_way_trains_like_a_plain_loop_with_the_published_losses(
    way: str, loss: Loss, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch, "compile", lambda graph, fullgraph: graph)  # as it was traced
    training = augmented(loss=loss)
    data, segments = split(), runs()
    if isinstance(loss, SquaredError):
        data, segments = numbers_of_rows(), runs(label_smoothing=0.0)
    found = train(segments, training, width=5, data=data, stack=WAYS[way])
    for one in segments:
        seen: list[float] = []
        expected = plain_loop(
            one,
            training,
            lambda matrices, others: torch.optim.Adam([*matrices, *others], lr=0.01),
            data=data,
            loss_of=as_published(one, training, seen),
        )
        outcome = found[one.trial.number]
        assert outcome.weights is not None
        for key, tensor in expected.items():
            torch.testing.assert_close(outcome.weights[key], tensor, atol=1e-9, rtol=0)
        by_epoch = np.reshape(seen, (3, -1)).mean(1)
        curves = {curve.metric: curve.values for curve in outcome.result.curves}
        np.testing.assert_allclose(curves["batch_loss"], by_epoch, atol=1e-9)


def test_training_loss_is_read_without_any_of_them() -> None:
    outcome = train(runs(), augmented(), width=5)[3]
    model, rows = mlp(0), split()
    assert outcome.weights is not None
    model.load_state_dict(dict(outcome.weights))
    with torch.no_grad():
        loss = F.cross_entropy(model(rows.x_train), rows.y_train)
    assert outcome.result.metrics["train_loss"] == pytest.approx(float(loss))
    assert abs(outcome.result.metrics["batch_loss"] - float(loss)) > 0.01


def test_loss_and_slope_of_smoothed_labels_are_torchs() -> None:
    generator = torch.Generator().manual_seed(0)
    output = 20 * torch.randn(1, 7, 4, generator=generator, dtype=torch.float64)
    classes = torch.randint(0, 4, (1, 7), generator=generator)
    for smoothing in (0.0, 0.1, 0.9):
        leaf = output.clone().requires_grad_()
        expected = F.cross_entropy(leaf[0], classes[0], label_smoothing=smoothing)
        expected.backward()  # type: ignore[no-untyped-call]
        shares = F.one_hot(classes, 4).double() * (1 - smoothing) + smoothing / 4
        losses, slope = CrossEntropy().loss_and_gradient(output, shares)
        torch.testing.assert_close(losses[0], expected.detach())
        torch.testing.assert_close(slope, leaf.grad)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("way", ["vmap", "loop", "chain"])
def test_numbers_of_zero_change_no_bit(way: str, dtype: torch.dtype) -> None:
    rows = split()
    floats = {n: getattr(rows, n).to(dtype) for n in ("x_train", "x_validation")}

    def build(seed: int) -> nn.Module:
        return mlp(seed).to(dtype)

    def last(training: TrainingPlan) -> SegmentResult:
        data = replace(rows, **floats)
        return train(runs(), training, width=5, data=data, build=build, stack=WAYS[way])[4]

    without = train(
        [segment(4, "none", 0, layers=(), stop=3, seed=4, lr=0.01)],
        plan(epochs=3, dtype=dtype),
        width=1,
        data=replace(rows, **floats),
        build=build,
        stack=WAYS[way],
    )[4]
    same_bits(last(augmented(dtype=dtype)), without)


def same_bits(one: SegmentResult, other: SegmentResult) -> None:
    assert one.weights is not None
    assert other.weights is not None
    assert all(torch.equal(one.weights[key], other.weights[key]) for key in one.weights)
    for mine, theirs in zip(one.result.curves, other.result.curves, strict=True):
        assert (mine.metric, mine.epochs, mine.values) == (
            theirs.metric,
            theirs.epochs,
            theirs.values,
        )


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), (3, 4, 0, 2, 1)])
@pytest.mark.parametrize("width", [1, 2, 5])
def test_a_run_is_the_same_at_any_width_and_after_a_checkpoint(
    width: int, order: tuple[int, ...]
) -> None:
    """In float32, bit for bit."""
    training, rows = augmented(4, dtype=torch.float32), split()
    data = replace(rows, x_train=rows.x_train.float(), x_validation=rows.x_validation.float())

    def some(segments: list[Segment], width: int) -> dict[int, SegmentResult]:
        return train(
            segments,
            training,
            width=width,
            data=data,
            build=lambda s: mlp(s).float(),
            stack=FusedMLP,
        )

    whole = some(runs(4), 5)
    mixing_shares.cache_clear()
    first = some([runs(1 + i % 3)[i] for i in order], width)
    rest = [replace(runs(4)[i], checkpoint=first[i].checkpoint) for i in order]
    for number, outcome in some(rest, width).items():
        same_bits(outcome, whole[number])


@pytest.mark.parametrize("concentration", [0.1, 0.4, 1.0, 8.0])
def test_shares_of_mixtures_follow_the_beta_distribution(concentration: float) -> None:
    found = np.concatenate(
        [mixing_shares(seed, epoch, 100, concentration) for seed in range(20) for epoch in range(5)]
    )
    assert stats.kstest(found, stats.beta(concentration, concentration).cdf).pvalue > 1e-3
    spread = 1 / (4 * (2 * concentration + 1))
    error = spread / np.sqrt(len(found))
    assert found.mean() == pytest.approx(0.5, abs=4 * np.sqrt(spread / len(found)))
    assert found.var() == pytest.approx(spread, abs=5 * error)
    assert len(np.unique(found)) > 0.9 * len(found)


def test_noise_is_normal_and_a_runs_own_at_any_width() -> None:
    keys = torch.from_numpy(step_keys([7, 8, 9, 10, 11], np.full(5, INPUTS + 3)))
    together = hashed_normal(keys, (5, 101, 99), torch.float64)
    assert stats.kstest(together.ravel(), "norm").pvalue > 1e-3
    for i in range(5):
        alone = hashed_normal(keys[i : i + 1], (1, 101, 99), torch.float64)
        assert torch.equal(alone[0], together[i])
        shares = float((together[i] * together[i - 1]).mean())
        assert abs(shares) < 4 / 9999**0.5


def _flat(seed: int) -> nn.Module:
    layer = nn.Linear(4, 1).double()
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    return nn.Sequential(layer)


def test_noise_on_the_inputs_of_a_linear_model_is_ridge() -> None:
    """Bishop (1995): noise of deviation s adds s^2 |w|^2 to the mean squared error.

    Every row is there 20 times, each time with noise of its own. The mean over 24 seeds must be
    within 5 of its standard errors, which are small beside what noise does to the weights.
    """
    rng = np.random.default_rng(0)
    x = rng.normal(size=(20, 4)) @ rng.normal(size=(4, 4))
    x = (x - x.mean(0)) / x.std(0)
    y = x @ [1.0, -2.0, 0.5, 0.0] + rng.normal(size=20)
    y -= y.mean()
    deviation = 0.7
    training = plan(
        "sgd",
        epochs=300,
        batch=400,
        steps_per_epoch=1,
        loss=SquaredError(),
        lr=0.05,
        momentum=0.0,
        output_row=(1,),
        input_noise=deviation,
    )
    mean, error = solutions_in_noise(x, y, training, build=_flat, stack=FusedMLP, weight="0.weight")
    ridge = np.linalg.solve(x.T @ x + 20 * deviation**2 * np.eye(4), x.T @ y)
    plain = np.linalg.solve(x.T @ x, x.T @ y)
    assert (np.abs(mean - ridge) < 5 * error).all()
    assert (20 * error < np.abs(ridge - plain).max()).all()


def test_nothing_is_done_where_the_study_uses_none() -> None:
    draws: Callable[[TrainingPlan], dict[str, torch.Tensor]] = lambda p: BatchAugmentation(  # noqa: E731
        p, 2
    ).draws([(0, 0)], 2)
    assert draws(plan()) == {}
    assert draws(plan(mixup=0.1))["shares"].shape == (4, 2)
    x, y = torch.ones(2, 5, 6), torch.zeros(2, 5, dtype=torch.int64)
    targets, more = BatchAugmentation(plan(), 2).change(x, y, None, None, None)
    assert targets is y
    assert more is None
    assert (x == 1).all()


class Looks(nn.Module):
    """Looks words up."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.output = nn.Embedding(9, 4), nn.Linear(24, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.output(self.words(x).flatten(1))  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", ["input_noise", "mixup"])
@pytest.mark.parametrize("table", ["training", "search.axes"])
def test_rows_that_are_looked_up_are_not_augmented(name: str, table: str) -> None:
    words = np.random.default_rng(0).integers(0, 9, size=(60, 6))
    changes = {"training": {name: 0.1}, "search": {}}
    if table == "search.axes":
        changes = {"training": {}, "search": {"axes": {name: {"low": 0.1, "high": 0.2}}}}
    one = sweep.Study(
        study={"name": "words"}, data=(words, words[:, 0] % 2), model=Looks, **changes
    )
    expected = (
        f"{table}.{name}: rows of any numbers must be given, found whole numbers that the network "
        "looks up; leave it out"
    )
    with pytest.raises(sweep.StudyError) as caught:
        TrainingContext(one)
    assert str(caught.value) == expected
    one = one.model_copy(update={"training": TrainingSettings(), "search": SearchSettings()})
    assert TrainingContext(one).splits.row_dtype == torch.int64


def test_numbers_to_predict_are_not_smoothed_as_labels() -> None:
    x = np.random.default_rng(0).normal(size=(60, 6))
    one = sweep.Study(
        study={"name": "numbers"},
        data=(x, x[:, 0] / 3),
        model={"name": "linear"},
        training={"label_smoothing": 0.1},
    )
    with pytest.raises(sweep.StudyError) as caught:
        TrainingContext(one)
    assert str(caught.value) == (
        "training.label_smoothing: classes under a plain cross-entropy must be given, found the "
        "loss mse; leave it out"
    )
