"""Metrics known by name against scikit-learn and scipy, in float64, for many runs at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr
from sklearn import metrics as sk
from torch import Tensor

from sweep.errors import StudyError
from sweep.metrics.catalogue import CLASSIFICATION, METRICS, REGRESSION, NamedMetric
from sweep.metrics.class_losses import CrossEntropy
from sweep.metrics.judges import make_judges
from sweep.metrics.judging import Judged, KeptRows, StackedRows
from sweep.metrics.loss import Loss
from sweep.metrics.metric import Metric
from sweep.metrics.number_losses import GaussianLoss, PoissonLoss, QuantileLoss
from sweep.metrics.scores import Scores

LENGTHS = (23, 40, 31, 40)
"""Rows of four runs: others are padding."""
Oracle = Callable[[np.ndarray, np.ndarray, np.ndarray], float]
"""Of targets, outputs, and weights."""


def softmax(z: np.ndarray) -> np.ndarray:
    return np.asarray(torch.from_numpy(z).softmax(-1))


def two(z: np.ndarray) -> dict[str, Any]:
    return {} if z.shape[1] == 2 else {"average": "macro"}


def positive(z: np.ndarray) -> np.ndarray:
    return softmax(z)[:, 1] if z.shape[1] == 2 else softmax(z)


def of_labels(function: Callable[..., float], **more: Any) -> Oracle:
    return lambda t, z, w: function(t, z.argmax(1), sample_weight=w, **two(z), **more)


CLASS_ORACLES: Mapping[str, Oracle] = {
    "balanced_accuracy": lambda t, z, w: sk.balanced_accuracy_score(
        t, z.argmax(1), sample_weight=w
    ),
    "f1": of_labels(sk.f1_score),
    "precision": of_labels(sk.precision_score, zero_division=0),
    "recall": of_labels(sk.recall_score),
    "auroc": lambda t, z, w: sk.roc_auc_score(t, positive(z), sample_weight=w, multi_class="ovr"),
    "average_precision": lambda t, z, w: sk.average_precision_score(
        t, positive(z), sample_weight=w
    ),
    "log_loss": lambda t, z, w: sk.log_loss(t, softmax(z), sample_weight=w),
    "brier": lambda t, z, w: sk.brier_score_loss(t, positive(z), sample_weight=w),
}
NUMBER_ORACLES: Mapping[str, Oracle] = {
    "r2": lambda t, z, w: sk.r2_score(t, z, sample_weight=w),
    "explained_variance": lambda t, z, w: sk.explained_variance_score(t, z, sample_weight=w),
    "mae": lambda t, z, w: sk.mean_absolute_error(t, z, sample_weight=w),
    "rmse": lambda t, z, w: sk.root_mean_squared_error(t, z, sample_weight=w),
    "mape": lambda t, z, w: sk.mean_absolute_percentage_error(t, z, sample_weight=w),
}


LOSS = CrossEntropy()


def named(*names: str) -> list[NamedMetric]:
    return [NamedMetric(METRICS[name].metric, name, i) for i, name in enumerate(names)]


def judged(names: list[str], rows: StackedRows) -> dict[str, Judged]:
    (judge,) = make_judges(named(*names), Path(), torch.float64, LOSS)
    return {found.name: found for found in judge.judge(rows, np.ones(len(rows.output), bool))}


def stacked(output: Tensor, target: Tensor, weight: Tensor | None, padded: bool) -> StackedRows:
    """The rows as two batches; only the later one may have padding."""
    lengths = torch.tensor(LENGTHS if padded else (output.shape[1],) * len(output))
    kept = KeptRows()
    for part in (slice(0, 20), slice(20, 40)):
        there = torch.arange(40)[part] < lengths[:, None]
        mask = None if there.all() else there
        own = None if weight is None else weight[:, part]
        kept.add(output[:, part], target[:, part], mask, own)
    return kept.stacked()


def check(
    oracles: Mapping[str, Oracle], output: Tensor, target: Tensor, weighted: bool, padded: bool
) -> None:
    rng = torch.Generator().manual_seed(5)
    weight = torch.rand(4, 40, generator=rng, dtype=torch.float64) + 0.1
    rows = stacked(output, target, weight if weighted else None, padded)
    found = judged(list(oracles), rows)
    for name, oracle in oracles.items():
        for run, n in enumerate(LENGTHS if padded else (40,) * 4):
            own = weight[run, :n] if weighted else torch.ones(n, dtype=torch.float64)
            expected = oracle(target[run, :n].numpy(), output[run, :n].numpy(), own.numpy())
            assert found[name].values[run] == pytest.approx(expected, abs=1e-9), (name, run)
        assert not found[name].faults


# ---- against scikit-learn ------------------------------------------------------------------------


@pytest.mark.parametrize("padded", [False, True], ids=["whole", "padded"])
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("tied", [False, True], ids=["scores", "ties"])
@pytest.mark.parametrize("n_classes", [2, 4])
def test_metrics_of_classes_are_scikit_learns(
    n_classes: int, tied: bool, weighted: bool, padded: bool
) -> None:
    rng = torch.Generator().manual_seed(n_classes)
    output = torch.randn(4, 40, n_classes, generator=rng, dtype=torch.float64)
    if tied:
        output = output.round()
    target = torch.stack(
        [torch.randperm(40, generator=rng) % n_classes for _ in range(4)]
    )  # each class in the first 23 rows
    check(CLASS_ORACLES, output, target, weighted, padded)


@pytest.mark.parametrize("padded", [False, True], ids=["whole", "padded"])
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("n_outputs", [1, 3])
def test_metrics_of_numbers_are_scikit_learns(n_outputs: int, weighted: bool, padded: bool) -> None:
    rng = torch.Generator().manual_seed(n_outputs)
    shape = (4, 40, n_outputs)
    target = torch.randn(shape, generator=rng, dtype=torch.float64) * 3 + 1
    output = target + torch.randn(shape, generator=rng, dtype=torch.float64)
    check(NUMBER_ORACLES, output, target, weighted, padded)


@pytest.mark.parametrize("padded", [False, True], ids=["whole", "padded"])
def test_the_rank_correlation_is_scipys(padded: bool) -> None:
    rng = torch.Generator().manual_seed(0)
    output = torch.randn(4, 40, 1, generator=rng, dtype=torch.float64)
    target = (output + torch.randn(4, 40, 1, generator=rng, dtype=torch.float64)).round()
    oracle: Oracle = lambda t, z, w: spearmanr(t[:, 0], z[:, 0]).statistic  # noqa: E731
    check({"spearman": oracle}, output, target, False, padded)


def test_one_output_is_the_logit_of_the_second_class() -> None:
    rng = torch.Generator().manual_seed(1)
    logit = torch.randn(2, 30, 1, generator=rng, dtype=torch.float64)
    target = torch.randint(2, (2, 30), generator=rng)
    pair = torch.cat([torch.zeros_like(logit), logit], 2)
    names = list(CLASS_ORACLES)
    two_outputs = judged(names, StackedRows(pair, target))
    for one in (target, target[..., None].double()):  # as classes, and as a column of 0 and 1
        found = judged(names, StackedRows(logit, one))
        for name in names:
            assert found[name].values.tolist() == two_outputs[name].values.tolist()


def test_labels_have_the_mean_over_labels() -> None:
    rng = torch.Generator().manual_seed(2)
    output = torch.randn(2, 50, 3, generator=rng, dtype=torch.float64)
    target = torch.randint(2, (2, 50, 3), generator=rng)
    oracles: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
        "f1": lambda t, z: sk.f1_score(t, z > 0, average="macro"),
        "precision": lambda t, z: sk.precision_score(t, z > 0, average="macro"),
        "recall": lambda t, z: sk.recall_score(t, z > 0, average="macro"),
        "auroc": lambda t, z: sk.roc_auc_score(t, z),
        "average_precision": lambda t, z: sk.average_precision_score(t, z),
        "log_loss": lambda t, z: float(
            torch.nn.functional.binary_cross_entropy_with_logits(
                torch.from_numpy(z), torch.from_numpy(t).double()
            )
        ),
        "brier": lambda t, z: float(np.mean((1 / (1 + np.exp(-z)) - t) ** 2)),
    }
    found = judged(list(oracles), StackedRows(output, target.double()))
    for name, oracle in oracles.items():
        for run in range(2):
            expected = oracle(target[run].numpy(), output[run].numpy())
            assert found[name].values[run] == pytest.approx(expected, abs=1e-9), name


def test_every_metric_has_an_oracle_here() -> None:
    of_task = {
        t: {k.name for k in METRICS.values() if k.task == t} for t in (CLASSIFICATION, REGRESSION)
    }
    assert of_task[CLASSIFICATION] == {"accuracy", *CLASS_ORACLES}
    assert of_task[REGRESSION] == {"spearman", *NUMBER_ORACLES}


def test_the_better_direction_is_that_of_better_outputs() -> None:
    """Outputs nearer to the truth are better by every metric, in its own direction."""
    rng = torch.Generator().manual_seed(3)
    noise = torch.randn(1, 200, 3, generator=rng, dtype=torch.float64)
    target = torch.randint(3, (1, 200), generator=rng)
    truth = torch.nn.functional.one_hot(target, 3).double()
    good, bad = (StackedRows(s * truth + noise, target) for s in (3.0, 0.5))
    truth = truth + torch.arange(200)[None, :, None] / 50
    close, far = (StackedRows(truth + s * noise, truth) for s in (0.2, 2.0))
    for oracles, better, worse in ((CLASS_ORACLES, good, bad), (NUMBER_ORACLES, close, far)):
        names = [*oracles, *(["spearman"] if oracles is NUMBER_ORACLES else [])]
        first, second = judged(names, better), judged(names, worse)
        for name in names:
            higher = first[name].values[0] > second[name].values[0]
            assert higher == METRICS[name].maximize, name


def test_many_runs_are_judged_in_parts_of_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = torch.Generator().manual_seed(4)
    output = torch.randn(5, 30, 3, generator=rng)
    places = torch.arange(30).expand(5, 30)
    rows = StackedRows(output, places % 3, places < 25)
    whole = judged(["auroc", "f1"], rows)
    monkeypatch.setattr("sweep.metrics.judges.MOST_NUMBERS", 200)
    parts = judged(["auroc", "f1"], rows)
    for name, found in whole.items():
        assert found.values.tolist() == parts[name].values.tolist()


# ---- what is not defined -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", [name for name, kind in METRICS.items() if kind.of_varied_targets and kind.of_labels]
)
def test_a_class_without_rows_is_a_fault_of_the_run(name: str) -> None:
    output = torch.eye(3, dtype=torch.float64).repeat(1, 4, 1)[:, :10]
    target = torch.tensor([[0, 1] * 5])
    found = judged([name], StackedRows(output, target))[name]
    assert math.isnan(found.values[0])
    assert found.faults[0].startswith(f"study.metrics[0]: {name} needs rows of every class")


def test_a_class_that_is_never_predicted_has_no_precision() -> None:
    constant = torch.tensor([0.0, 1.0, 0.0], dtype=torch.float64).expand(1, 30, 3)
    target = torch.arange(30)[None] % 3
    found = judged(list(CLASS_ORACLES), StackedRows(constant, target))
    assert found["precision"].values[0] == pytest.approx(1 / 9)
    assert found["auroc"].values[0] == 0.5
    assert found["average_precision"].values[0] == pytest.approx(1 / 3)
    assert not any(one.faults for one in found.values())


@pytest.mark.parametrize("name", ["r2", "explained_variance", "spearman"])
def test_targets_that_are_all_equal_are_a_fault(name: str) -> None:
    output = torch.arange(8.0)[None, :, None]
    target = torch.full_like(output, 0.1)
    there = torch.arange(8)[None] < 7
    target[0, 7] = 5.0  # padding
    found = judged([name], StackedRows(output, target, there))[name]
    assert "targets that differ" in found.faults[0]
    constant = StackedRows(target, output, there)
    value = judged([name], constant)[name].values[0]
    assert value <= 1e-12  # guessing explains nothing


def test_runs_that_are_not_judged_have_neither_value_nor_fault() -> None:
    output = torch.tensor([math.nan, 0.0])[:, None, None].expand(2, 6, 2)
    rows = StackedRows(output, torch.arange(6).expand(2, 6) % 2)
    (judge,) = make_judges(named("f1", "auroc"), Path(), torch.float64, LOSS)
    for found in judge.judge(rows, np.array([False, True])):
        assert np.isnan(found.values).tolist() == [True, False]
        assert not found.faults


def test_labels_between_0_and_1_are_refused() -> None:
    rows = StackedRows(torch.zeros(1, 6, 2), torch.full((1, 6, 2), 0.5))
    with pytest.raises(StudyError, match=r"study\.metrics\[0\]: f1 needs labels of 0 or 1"):
        judged(["f1"], rows)


def test_outputs_of_another_shape_and_weights_of_ranks_are_refused() -> None:
    numbers = torch.zeros(1, 6, 1)
    with pytest.raises(StudyError, match=r"study\.metrics\[0\]: r2 needs one output for each"):
        judged(["r2"], StackedRows(torch.zeros(1, 6, 3), numbers))
    with pytest.raises(StudyError, match=r"study\.metrics\[1\]: spearman takes no weights"):
        judged(["mae", "spearman"], StackedRows(numbers, numbers, None, torch.ones(1, 6)))


# ---- functions of one's own ----------------------------------------------------------------------


def test_a_function_gets_weights_only_where_it_asks_for_them() -> None:
    def plain(output: Tensor, target: Tensor) -> float:
        return float(output.mean())

    def weighted(output: Tensor, target: Tensor, weight: Tensor) -> float:
        return float((output[:, 0] * weight).sum() / weight.sum())

    own = [NamedMetric(Metric(f.__name__), f, None) for f in (plain, weighted)]
    judges = make_judges(own, Path(), torch.float64, LOSS)
    output, weight = torch.arange(6.0).view(1, 6, 1), torch.arange(6.0)[None]
    there = torch.tensor([[True] * 5 + [False]])
    values = {}
    for given in (None, weight):
        rows = StackedRows(output, output, there, given)
        values[given is None] = [
            found.values[0] for j in judges for found in j.judge(rows, np.array([True]))
        ]
    assert values[True] == [2.0, 2.0]
    assert values[False] == [2.0, 3.0]


def test_several_judges_add_to_loss_and_accuracy() -> None:
    def spread(output: Tensor, target: Tensor) -> float:
        return float(output.std())

    listed = [*named("accuracy", "f1", "auroc"), NamedMetric(Metric("spread"), spread, 3)]
    rng = torch.Generator().manual_seed(0)
    output = torch.randn(2, 30, 3, generator=rng)
    target = torch.arange(30).expand(2, 30) % 3
    scores, plain = (
        Scores(LOSS, 2, torch.device("cpu"), judges)
        for judges in (make_judges(listed, Path(), torch.float32, LOSS), ())
    )
    for one in (scores, plain):
        for part in (slice(0, 20), slice(20, 30)):
            one.add(output[:, part], target[:, part])
        one.close()
    assert list(scores.values) == ["loss", "accuracy", "f1", "auroc", "spread"]
    for name in plain.values:
        assert scores.values[name].tolist() == plain.values[name].tolist()
    f1 = [sk.f1_score(target[i], output[i].argmax(1), average="macro") for i in range(2)]
    assert scores.values["f1"] == pytest.approx(f1, abs=1e-9)


@pytest.mark.parametrize(
    ("loss", "predicted"),
    [
        (PoissonLoss(), lambda output: output.exp()),
        (QuantileLoss((0.1, 0.5, 0.9)), lambda output: output[..., [1, 4]]),
        (GaussianLoss(), lambda output: output[..., :2]),
    ],
)
def test_numbers_are_judged_by_what_is_predicted(
    loss: Loss, predicted: Callable[[Tensor], Tensor]
) -> None:
    """Counts by rates and not by their logarithms, quantiles by the median, and so on."""
    rng = torch.Generator().manual_seed(0)
    n_outputs = {"poisson": 2, "quantile": 6, "gaussian_nll": 4}[loss.name]
    output = torch.randn(1, 30, n_outputs, generator=rng, dtype=torch.float64)
    target = torch.rand(1, 30, 2, generator=rng, dtype=torch.float64)
    (judge,) = make_judges(named("mae"), Path(), torch.float64, loss)
    (found,) = judge.judge(StackedRows(output, target), np.ones(1, bool))
    wanted = sk.mean_absolute_error(target[0], predicted(output)[0])
    assert found.values == pytest.approx(wanted, abs=1e-12)


def test_quantiles_without_the_median_predict_nothing() -> None:
    (judge,) = make_judges(named("mae"), Path(), torch.float64, QuantileLoss((0.1, 0.9)))
    rows = StackedRows(torch.zeros(1, 3, 2), torch.zeros(1, 3, 1))
    with pytest.raises(StudyError, match="add the quantile 0"):
        list(judge.judge(rows, np.ones(1, bool)))
