"""The baselines: the default is a run like any other, boosted trees are scikit-learn's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import f1_score, r2_score, roc_auc_score
from threadpoolctl import threadpool_limits

import sweep
from dashboards.gather.confirmed import confirm_table
from dashboards.sections.confirm import confirm_rows
from sweep.data.datasets import load_data
from sweep.errors import StudyError
from sweep.launchers._loss import make_criterion
from sweep.launchers.context import TrainingContext
from sweep.metrics.columns import Part
from sweep.phases._baselines import boost
from sweep.records.trial import Phase, Run
from sweep.study.study import Study


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    """Trees of few rows: several threads take longer to wait for each other than to grow them."""
    with threadpool_limits(1):
        yield


def study_of(data: str, **search: object) -> Study:
    return Study(
        study={"name": "compared", "metrics": ["r2"] if data == "diabetes" else ["f1", "auroc"]},
        data={"name": data},
        model={"hidden": [8]},
        training={"epochs": 3, "lr": 5e-3},
        search={"penalties": ["l2"], "trials": 4, **search},
        path={"points": 0, "resamples": 2},
    )


@pytest.mark.parametrize("data", ["breast_cancer", "diabetes"])
def test_boosted_trees_score_what_scikit_learns_do_on_the_same_rows(data: str) -> None:
    shop = TrainingContext(study_of(data))
    run = Run(0, 0, shop.draws[Phase.BASELINE][0])
    split = shop.split_of(run, True)[1]
    result = boost(run, split, shop.data.task, shop.study_data.judges)
    found = result.metrics
    assert split.x_test is not None
    assert split.y_test is not None
    x, y = split.x_train.double().numpy(), split.y_train.numpy()
    seed = run.draw.seed % 2**31
    if data == "breast_cancer":
        classes = HistGradientBoostingClassifier(random_state=seed).fit(x, y)
        labels = split.y_test.numpy()
        shares = classes.predict_proba(split.x_test.double().numpy())
        expected = -np.log(shares[np.arange(len(labels)), labels]).mean()
        assert found["test_accuracy"] > 0.9
        assert found["test_f1"] == pytest.approx(f1_score(labels, shares.argmax(1)))
        assert found["test_auroc"] == pytest.approx(roc_auc_score(labels, shares[:, 1]))
        named = {"f1", "auroc"}
    else:
        trees = HistGradientBoostingRegressor(random_state=seed).fit(x, y[:, 0])
        error = trees.predict(split.x_test.double().numpy()) - split.y_test.numpy()[:, 0]
        expected = (error**2).mean()
        assert found["test_r2"] == pytest.approx(
            r2_score(split.y_test, trees.predict(split.x_test))
        )
        named = {"r2"}
    assert found["test_loss"] == pytest.approx(float(expected))
    assert set(result.own) == {f"{part}_{name}" for part in Part for name in named}


def test_boosted_trees_count_rows_by_their_weights() -> None:
    shop = TrainingContext(study_of("breast_cancer"))
    run = Run(0, 0, shop.draws[Phase.BASELINE][0])
    whole = shop.split_of(run, True)[1]
    split = replace(whole, x_train=whole.x_train[:80], y_train=whole.y_train[:80])
    assert split.x_test is not None
    assert split.y_test is not None
    rng = torch.Generator().manual_seed(0)
    weights = [torch.rand(len(x), generator=rng) for x in (split.x_train, split.x_test)]
    parts = {"w_train": weights[0], "w_validation": None, "w_test": weights[1]}
    found = boost(run, replace(split, **parts), shop.data.task).metrics
    trees = HistGradientBoostingClassifier(random_state=run.draw.seed % 2**31)
    x, x_test = (rows.double().numpy() for rows in (split.x_train, split.x_test))
    trees.fit(x, split.y_train.numpy(), sample_weight=weights[0].numpy())
    shares = trees.predict_proba(x_test)
    losses = -np.log(shares[np.arange(len(shares)), split.y_test.numpy()])
    assert found["test_loss"] == pytest.approx(np.average(losses, weights=weights[1].numpy()))


def test_baselines_meet_the_test_split_once_and_are_no_winner(tmp_path: Path) -> None:
    store = sweep.open_store(f"sqlite:///{tmp_path}/compared.db")
    study = study_of("breast_cancer", baselines=["default", "gradient_boosting"])
    for _ in range(2):  # a finished study trains nothing again
        sweep.run_study(study, store)
    trials, runs = sweep.trials_frame(store, "compared"), sweep.runs_frame(store, "compared")
    mine = trials[trials["phase"] == "baseline"].set_index("path")
    assert list(mine.index) == ["default", "gradient_boosting"]
    assert mine.loc["default", ["penalty", "strength"]].tolist() == ["decay", 0.01]
    assert (runs["trial"].isin(mine["trial"])).sum() == 4
    facts = store.read_study("compared")
    assert facts.winner not in set(mine["trial"])
    table = confirm_table(trials, runs, facts)
    assert table["setting"].tolist()[-2:] == ["the usual default", "boosted trees"]
    assert [row["strength"] for row in confirm_rows(table)][-2:] == ["0.010", "–"]


@pytest.mark.parametrize(
    ("target", "training", "found"),
    [
        (np.arange(60) % 3, {"class_weight": "balanced"}, "cross_entropy with class_weight"),
        (np.arange(120).reshape(60, 2) % 3, {"loss": "cross_entropy"}, "of every position"),
        (np.arange(60) % 2, {"loss": "bce"}, "found the loss bce"),
        (np.arange(60) % 7, {"loss": "mae"}, "found the loss mae"),
        (np.arange(60) % 3, {}, ""),
        (np.arange(60) / 7, {}, ""),
    ],
)
def test_trees_are_refused_beside_a_loss_that_they_are_not_judged_by(
    target: np.ndarray, training: dict[str, Any], found: str
) -> None:
    study = sweep.Study(
        study={"name": "a"},
        data=(np.random.default_rng(0).normal(size=(60, 2)), target),
        training=training,
        search={"penalties": ["decay"], "baselines": ["gradient_boosting"]},
    )
    data = load_data(study.data, study.folder, study.training.loss_name)
    if not found:
        make_criterion(study, data)
        return
    with pytest.raises(StudyError, match=f"^search.baselines: .*{found}"):
        make_criterion(study, data)
