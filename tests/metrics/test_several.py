"""A study with several metrics: where each goes, and what the list may not hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from torch import Tensor

import sweep
from dashboards.gather.frames import Frames
from dashboards.pages.render import render_study
from dashboards.pages.report import gather
from dashboards.sections import regimes
from sweep.errors import StoreError, StudyError
from sweep.launchers.study_data import StudyData
from sweep.metrics.metric import ACCURACY, LOSS, Metric

METRIC_FILE = """
import torch.nn.functional as F

def sureness(output, target):
    return -F.cross_entropy(output, target)

def f1(output, target):
    return 0.0

def auroc_low(output, target):
    return 0.0
"""
STUDY = """
[study]
name = "several"
{question}
[data]
name = "{data}"
[model]
hidden = [6]
[training]
lr = 2e-2
epochs = 3
[search]
penalties = ["decay"]
strength = {{ low = 1e-2, high = 30.0 }}
trials = 4
round = 2
pruner = "none"
[path]
points = 5
resamples = 2
row_losses = 0
[hardware]
population = 8
precision = "float64"
"""
LISTED = 'metrics = ["auroc", "log_loss", { metric = "own.py:sureness", maximize = true }]'
QUESTION = f'objective = "val_auroc"\n{LISTED}'
PARTS = ("val", "train", "test", "null")


def loaded(folder: Path, question: str, data: str = "breast_cancer") -> sweep.Study:
    (folder / "own.py").write_text(METRIC_FILE)
    path = folder / "several.toml"
    path.write_text(STUDY.format(question=question, data=data))
    return sweep.load_study(path)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> sweep.Store:
    folder = tmp_path_factory.mktemp("several")
    store = sweep.open_store(f"sqlite:///{folder}/several.db")
    sweep.run_study(loaded(folder, QUESTION), store)
    return store


@pytest.fixture(scope="module")
def frames(store: sweep.Store) -> Frames:
    return gather(store, "several")


# ---- where they go -------------------------------------------------------------------------------


def test_every_part_has_every_metric(store: sweep.Store) -> None:
    """The logarithmic loss is the loss, and its negative sureness, in every part and epoch."""
    runs, curves = (f(store, "several") for f in (sweep.runs_frame, sweep.curves_frame))
    for part in PARTS:
        loss = runs[f"{part}_loss"].to_numpy()
        np.testing.assert_allclose(runs[f"{part}_log_loss"], loss, rtol=1e-9)
        np.testing.assert_allclose(runs[f"{part}_sureness"], -loss, rtol=1e-9)
        assert (runs[f"{part}_auroc"].isna() == np.isnan(loss)).all()
    assert (runs["null_auroc"] == 0.5).all()
    wide = curves.pivot(index=["trial", "run", "epoch"], columns="metric", values="value")
    for part in PARTS[:3]:
        np.testing.assert_allclose(wide[f"{part}_log_loss"], wide[f"{part}_loss"], rtol=1e-9)
        assert (wide[f"{part}_auroc"].isna() == wide[f"{part}_loss"].isna()).all()


def test_every_metric_has_its_boundaries(store: sweep.Store) -> None:
    rows = sweep.boundaries_frame(store, "several").set_index("metric")
    names = ("loss", "accuracy", "auroc", "log_loss", "sureness")
    assert sorted(rows.index) == sorted(f"val_{name}" for name in names)
    numbers = ["best", "best_loss", "overfitting_ends", "underfitting_starts", "strength_min"]
    expected = rows.loc["val_loss", numbers].astype(float)
    for metric in ("val_log_loss", "val_sureness"):  # minus minus the loss
        found = rows.loc[metric, numbers].astype(float)
        pd.testing.assert_series_equal(found, expected, check_names=False, rtol=1e-6)
    assert "(val_auroc" in rows.loc["val_auroc", "sentence"]


def test_the_objective_of_the_list_is_what_is_made_best(store: sweep.Store, frames: Frames) -> None:
    trials = sweep.trials_frame(store, "several")
    free = trials[trials["phase"].isin(["explore", "path"]) & (trials["strength"] > 0)]
    assert frames.objective == Metric("auroc", maximize=True)
    table = frames.paths["decay"]
    strengths = table.loc[table["strength"] > 0].set_index("strength")["val_auroc"]
    assert frames.best("decay") == strengths.idxmax()
    assert free["val_auroc"].notna().all()


def test_the_page_has_a_table_and_a_figure_for_every_metric(frames: Frames) -> None:
    assert list(frames.study.metrics.items()) == [
        ("auroc", True), ("log_loss", False), ("sureness", True)
    ]  # fmt: skip
    section = regimes.section(frames)
    assert section is not None
    assert [row["judged by"] for row in section.rows] == [
        "auroc", "loss", "accuracy", "log_loss", "sureness"
    ]  # fmt: skip
    by_metric = {row["judged by"]: row for row in section.rows}
    for key in ("best strength (estimate)", "underfitting starts", "verdict"):
        assert by_metric["log_loss"][key] == by_metric["loss"][key]
    titles = [chart.title for chart in section.charts]
    assert titles == [f"decay: {row} against strength" for row in by_metric]
    assert section.choices == list(by_metric)
    text = render_study(frames)
    assert "Judged by loss, accuracy, log loss and sureness" in text.replace("log_loss", "log loss")
    assert text.count('type="radio" name="regimes-choice"') == len(by_metric)
    assert "has the highest validation auroc" in text


def test_a_study_that_gets_another_metric_is_another_study(
    store: sweep.Store, tmp_path: Path
) -> None:
    more = loaded(tmp_path, QUESTION.replace('"auroc", ', '"auroc", "f1", '))
    with pytest.raises(StoreError, match="several"):
        sweep.run_study(more, store)


# ---- what the list may hold ----------------------------------------------------------------------


def test_metrics_are_known_with_their_directions(tmp_path: Path) -> None:
    question = loaded(tmp_path, LISTED).study
    assert question.metric == LOSS
    assert [one.metric for one in question.named_metrics] == [
        Metric("auroc", True), Metric("log_loss"), Metric("sureness", True)
    ]  # fmt: skip
    assert loaded(tmp_path, 'objective = "val_f1"').study.metric == Metric("f1", True)
    assert loaded(tmp_path, 'metrics = ["accuracy"]').study.metric == LOSS
    both = 'objective = "own.py:sureness"\nmaximize = true\nmetrics = ["own.py:sureness"]'
    assert [one.metric for one in loaded(tmp_path, both).study.named_metrics] == [
        Metric("sureness", True)
    ]
    named = loaded(tmp_path, f'objective = "val_sureness"\n{LISTED}').study
    assert named.metric == Metric("sureness", True)


def test_accuracy_in_the_list_is_the_one_that_is_there_anyway(tmp_path: Path) -> None:
    made = StudyData(loaded(tmp_path, 'metrics = ["accuracy", "brier"]'))
    assert made.metrics == (LOSS, ACCURACY, Metric("brier"))
    assert [name for judge in made.judges for name in judge.names] == ["brier"]


def test_functions_from_python_are_kept_by_their_reference() -> None:
    def spread(output: Tensor, target: Tensor) -> float:
        return float(output.std())

    study, other = (
        sweep.Study(
            study={"name": "own", "metrics": [{"metric": spread, "maximize": maximize}, "f1"]},
            data={"name": "digits"},
        )
        for maximize in (True, False)
    )
    assert 'spread", maximize = true }, "f1"]' in study.text
    assert study.fingerprint != other.fingerprint
    assert study.study.named_metrics[0].metric == Metric("spread", maximize=True)


def test_an_empty_list_changes_no_fingerprint() -> None:
    data = {"name": "digits"}
    plain, empty, one = (
        sweep.Study(study={"name": "own", **more}, data=data)
        for more in ({}, {"metrics": []}, {"metrics": ["f1"]})
    )
    assert plain.fingerprint == empty.fingerprint != one.fingerprint


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ('metrics = ["f2"]', "study.metrics[0]: one of accuracy, balanced_accuracy, f1"),
        ('metrics = ["auroc", 3]', "study.metrics[1]: a name or a function must be given, found 3"),
        (
            'metrics = "f1"',
            "study.metrics: a list must be given, found 'f1'; write metrics = [\"f1\"]",
        ),
        ('metrics = ["f1", "own.py:f1"]', "study.metrics[1]: every metric must have a name of its"),
        ('metrics = ["f1", "f1"]', "found a second f1"),
        ('objective = "own.py:f1"\nmetrics = ["f1"]', "study.objective: every metric must have a"),
        ('metrics = ["auroc", "own.py:auroc_low"]', "found auroc_low beside auroc"),
        ('metrics = ["none.py:f1"]', "study.metrics[0]: the file must exist, found no 'none.py'"),
        ('metrics = ["own.py:lossless"]', "does not begin with loss or accuracy"),
        ('metrics = [{ metric = "f1", maximize = false }]', "val_f1 is maximized, found False"),
        ('metrics = [{ metric = "f1", maximise = true }]', "did you mean maximize?"),
        ("metrics = [{ maximize = true }]", "study.metrics[0].metric: it must be given"),
        ('metrics = ["r2"]', "study.metrics[0]: r2 needs numbers to predict, found classes"),
        ('objective = "val_f2"', "study.objective: val_loss, val_accuracy, val_<name> of one of"),
        ('objective = "val_f1"\nmaximize = false', "study.maximize: val_f1 is maximized"),
        (f'objective = "val_sureness"\nmaximize = false\n{LISTED}', "say it once, in { metric ="),
        (f'objective = "own.py:sureness"\nmaximize = false\n{LISTED}', "val_sureness is maximized"),
    ],
)
def test_what_no_list_can_hold_is_told_with_the_study(
    tmp_path: Path, question: str, words: str
) -> None:
    with pytest.raises(StudyError) as caught:
        loaded(tmp_path, question)
    assert words in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("metric", "words"),
    [("f1", "f1 needs classes, found a regression"), ("mape", "set data.standardize = false")],
)
def test_metrics_that_do_not_fit_numbers_are_refused(
    tmp_path: Path, metric: str, words: str
) -> None:
    with pytest.raises(StudyError) as caught:
        StudyData(loaded(tmp_path, f'metrics = ["{metric}"]', "diabetes"))
    assert words in str(caught.value)
    assert "study.metrics[0]: " in str(caught.value)


def of_arrays(x: np.ndarray, y: np.ndarray, *metrics: str, **tables: Any) -> StudyData:
    data = {"x": x, "y": y, **tables.pop("data", {})}
    return StudyData(
        sweep.Study(study={"name": "own", "metrics": list(metrics)}, data=data, **tables)
    )


def rows_of(n: int, features: int = 3) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(n, features))


def test_a_part_without_a_class_is_refused_before_training() -> None:
    """Two rows of a class are in training and in test, and none is in validation."""
    y = np.array([0] * 30 + [1] * 28 + [2] * 2)

    def made(*metrics: str) -> StudyData:
        return of_arrays(rows_of(60), y, *metrics, data={"test_fraction": 0.4})

    assert made("log_loss", "brier").metrics[2:] == (Metric("log_loss"), Metric("brier"))
    with pytest.raises(StudyError, match=r"study\.metrics\[1\]: auroc needs rows of every class"):
        made("brier", "auroc")


def test_a_part_whose_targets_are_all_equal_is_refused_before_training() -> None:
    y = np.zeros(40)
    y[0] = 1.0
    data = {"task": "regression"}
    assert of_arrays(rows_of(40), y, "mae", data=data).metrics == (LOSS, Metric("mae"))
    with pytest.raises(StudyError, match=r"study\.metrics\[0\]: r2 needs targets that differ"):
        of_arrays(rows_of(40), y, "r2", data=data)


def test_shares_of_targets_that_are_0_are_refused() -> None:
    y = np.arange(40.0)
    with pytest.raises(StudyError, match="mape divides by the targets, found some that are 0"):
        of_arrays(rows_of(40), y, "mape", data={"task": "regression"})
    made = of_arrays(rows_of(40), y + 1, "mape", data={"task": "regression"})
    assert made.first_split.null["mape"] > 0


def test_weights_of_rows_count_in_every_metric() -> None:
    """Rows of weight 2 are rows that are there twice; those of weight 0 are not there."""
    x, y = rows_of(80), np.arange(80) % 2
    weight = np.arange(80) % 3 / 1.0
    made = of_arrays(x, y, "average_precision", "brier", data={"weight": weight})
    split = made.first_split
    assert split.w_validation is not None
    times = split.w_validation.long()
    wanted = split.y_validation.repeat_interleave(times)
    counted = split.y_train.repeat_interleave(split.w_train.long())  # type: ignore[union-attr]
    share = float(counted.double().mean())
    assert split.null["average_precision"] == pytest.approx(float(wanted.double().mean()))
    assert split.null["brier"] == pytest.approx(float((share - wanted.double()).square().mean()))
    with pytest.raises(StudyError, match="spearman takes no weights of rows"):
        of_arrays(x, x[:, 0], "spearman", data={"weight": weight, "task": "regression"})


def test_two_classes_with_one_output_are_judged_as_with_two() -> None:
    y = (rows_of(80)[:, 0] > 0.3).astype(int)
    names = ("f1", "auroc", "brier", "balanced_accuracy")
    one, two = (
        of_arrays(rows_of(80), y, *names, training={"loss": loss})
        for loss in ("bce", "cross_entropy")
    )
    assert one.first_split.null == pytest.approx(two.first_split.null)


def test_of_labels_only_what_is_known_of_each_is_taken() -> None:
    y = (rows_of(80) > 0.2).astype(int)
    made = of_arrays(rows_of(80), y, "f1", "auroc", training={"loss": "bce"})
    assert made.first_split.null["auroc"] == 0.5
    for metric in ("accuracy", "balanced_accuracy", "r2"):
        with pytest.raises(StudyError, match=f"{metric} needs .* found a multilabel"):
            of_arrays(rows_of(80), y, metric, training={"loss": "bce"})


def test_outputs_that_are_no_logits_of_classes_are_refused() -> None:
    def margin(output: Tensor, target: Tensor) -> Tensor:
        return (output.mean(1) - target).square()

    y = np.arange(60) % 3
    with pytest.raises(StudyError, match=r"auroc needs a logit for each of 3 classes, found .*5"):
        of_arrays(rows_of(60), y, "auroc", training={"loss": margin}, model={"outputs": 5})


def test_accuracy_is_no_objective_of_outputs_without_classes() -> None:
    def margin(output: Tensor, target: Tensor) -> Tensor:
        return (output[:, 0] - target).square()

    def made(objective: str) -> StudyData:
        study = {"name": "own", "objective": objective}
        tables: dict[str, Any] = {"training": {"loss": margin}, "model": {"outputs": 1}}
        data = (rows_of(60), np.arange(60) % 2)
        return StudyData(sweep.Study(study=study, data=data, **tables))

    assert set(made("val_loss").first_split.null) == {"loss"}
    with pytest.raises(StudyError, match=r"study\.objective: accuracy needs .*margin and outputs"):
        made("val_accuracy")


def test_a_function_without_weights_is_refused_where_rows_have_them() -> None:
    def unlike(output: Tensor, target: Tensor) -> float:
        return float((output.argmax(1) != target).double().mean())

    def unlike_by_weight(output: Tensor, target: Tensor, weight: Tensor) -> float:
        return float((weight * (output.argmax(1) != target)).sum() / weight.sum())

    x, y, weight = rows_of(60), np.arange(60) % 2, 1.0 + np.arange(60) % 3

    def made(function: Any, **beside: Any) -> StudyData:
        study = {"name": "own", "metrics": [function]}
        return StudyData(sweep.Study(study=study, data={"x": x, "y": y, **beside}))

    null = made(unlike_by_weight, weight=weight).first_split.null
    assert null["unlike_by_weight"] == pytest.approx(1 - null["accuracy"])
    assert "unlike" in made(unlike).first_split.null
    with pytest.raises(StudyError, match=r"study\.metrics\[0\]: .*unlike must take the weights"):
        made(unlike, weight=weight)
