"""The estimators keep scikit-learn's contract, and predict as their parts computed by hand."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.linear_model import RidgeCV
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

import sweep
from sweep import RegularizedClassifier, RegularizedRegressor
from sweep.estimators._row_parts import TrainingRows, study_data

QUICK: dict[str, Any] = {
    "penalties": ["l2"], "trials": 2, "points": 5, "cv": 2, "epochs": 2, "hidden": (8,),
    "random_state": 0,
}  # fmt: skip
KNOWN = {
    "check_sample_weight_equivalence_on_dense_data": "a row of weight 2 stands in one batch and in "
    "one fold, two rows in two: a network trained in batches differs, as SGDClassifier does",
}
CHECKED = {**QUICK, "epochs": 25, "lr": 0.01, "hidden": (16,)}
CHEAP = (
    "check_do_not_raise_errors_in_init_or_set_params",
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_estimator_tags_renamed",
    "check_estimators_unfitted",
    "check_no_attributes_set_in_init",
    "check_parameters_default_constructible",
    "check_mixin_order",
    "check_valid_tag_types",
    "check_complex_data",
    "check_supervised_y_no_nan",
    "check_estimators_empty_data_messages",
    "check_fit2d_1sample",
    "check_fit1d",
    "check_classifiers_one_label",
    "check_all_zero_sample_weights_error",
)
"""Checks of scikit-learn's that train nothing."""


@pytest.fixture(scope="module")
def classifier() -> RegularizedClassifier:
    x, y = load_breast_cancer(return_X_y=True)
    words = np.array(["malignant", "benign"])[y]
    return RegularizedClassifier(**{**QUICK, "epochs": 6}).fit(x[:300], words[:300])


def checks(estimator: Any) -> Any:
    from sklearn.utils import estimator_checks

    found = estimator_checks.estimator_checks_generator(estimator)
    for made, check in found:
        name = getattr(check, "func", check).__name__
        if name in CHEAP:
            yield pytest.param(made, check, id=f"{type(estimator).__name__}-{name}")


@pytest.mark.parametrize(
    ("estimator", "check"),
    [*checks(RegularizedClassifier(**QUICK)), *checks(RegularizedRegressor(**QUICK))],
)
def test_checks_of_scikit_learn_that_train_nothing_pass(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.mark.long
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", [RegularizedClassifier, RegularizedRegressor])
def test_all_checks_of_scikit_learn_pass(kind: Any) -> None:
    check_estimator(kind(**CHECKED), expected_failed_checks=KNOWN)


def test_what_is_predicted_is_what_the_network_computes(classifier: RegularizedClassifier) -> None:
    x, y = load_breast_cancer(return_X_y=True)
    new, network = x[300:], classifier.network_
    np.testing.assert_allclose(network.x_mean, x[:300].mean(0), rtol=1e-12)
    np.testing.assert_allclose(network.x_scale, x[:300].std(0), rtol=1e-12)
    layers = [m for m in network.module.modules() if hasattr(m, "weight")]
    (a, b), (c, d) = ([p.detach().numpy() for p in m.parameters()] for m in layers)
    hidden = np.maximum((new - x[:300].mean(0)) / x[:300].std(0) @ a.T + b, 0)
    exponents = np.exp(hidden @ c.T + d)
    shares = exponents / exponents.sum(1, keepdims=True)
    np.testing.assert_allclose(classifier.predict_proba(new), shares, rtol=1e-9, atol=1e-12)
    assert classifier.classes_.tolist() == ["benign", "malignant"]
    assert (classifier.predict(new) == classifier.classes_[shares.argmax(1)]).all()
    assert classifier.score(new, np.array(["malignant", "benign"])[y[300:]]) > 0.85


def test_boundaries_are_read_after_fit(classifier: RegularizedClassifier) -> None:
    frame = classifier.boundaries_
    assert list(frame.columns) == sweep.describe_frame("boundaries_frame")["column"].tolist()
    assert frame["penalty"].tolist() == ["l2", "l2"]
    assert set(frame["n_resamples"]) == {2}
    assert frame.query("metric == 'val_loss'")["sentence"].tolist() == classifier.sentences_
    mine = classifier.trials_.query("phase == 'confirm' and penalty == 'l2'")
    assert classifier.strength_ in (*mine["strength"], 0.0)
    assert classifier.n_features_in_ == 30


def test_a_linear_network_meets_ridge_on_the_diabetes_data() -> None:
    x, y = load_diabetes(return_X_y=True)
    mine = RegularizedRegressor(
        ["l2"],
        hidden=(),
        trials=2,
        points=5,
        cv=2,
        epochs=20,
        lr=0.02,
        batch_size=64,
        random_state=0,
    ).fit(x[:300], y[:300])
    ridge = RidgeCV(np.logspace(-3, 2, 11)).fit(x[:300], y[:300])
    assert r2_score(ridge.predict(x[300:]), mine.predict(x[300:])) > 0.95
    again = pickle.loads(pickle.dumps(mine))
    np.testing.assert_array_equal(again.predict(x[300:]), mine.predict(x[300:]))


@pytest.mark.long
def test_it_stands_in_a_pipeline_and_in_a_grid() -> None:
    x, y = load_diabetes(return_X_y=True)
    pipeline = make_pipeline(StandardScaler(), RegularizedRegressor(**QUICK))
    grid = GridSearchCV(pipeline, {"regularizedregressor__hidden": [(), (4,)]}, cv=2)
    grid.fit(x[:80], y[:80])
    assert set(grid.best_params_) == {"regularizedregressor__hidden"}
    assert clone(grid.best_estimator_).get_params()["regularizedregressor__trials"] == 2


@pytest.mark.long
def test_rows_of_weight_0_count_nothing_and_seeds_give_the_same_network() -> None:
    x, y = load_diabetes(return_X_y=True)
    weight = np.r_[np.ones(60), np.zeros(60)]
    weighted = RegularizedRegressor(**QUICK).fit(x[:120], y[:120], sample_weight=weight)
    fewer = RegularizedRegressor(**QUICK).fit(x[:60], y[:60], sample_weight=np.ones(60))
    np.testing.assert_array_equal(weighted.predict(x), fewer.predict(x))


@pytest.mark.long
def test_groups_and_splitters_divide_the_rows() -> None:
    x, y = load_diabetes(return_X_y=True)
    groups = np.repeat(np.arange(20), 5)
    grouped = RegularizedRegressor(**QUICK).fit(x[:100], y[:100], groups=groups)
    assert set(grouped.boundaries_["design"]) == {"kfold"}
    for cv in (KFold(2), GroupKFold(2)):
        own = RegularizedRegressor(**{**QUICK, "cv": cv}).fit(x[:100], y[:100], groups=groups)
        assert set(own.boundaries_["n_resamples"]) == {2}


def test_every_class_of_few_rows_is_trained_on() -> None:
    y = np.array([0] * 6 + [1] * 5 + [2])
    rows = TrainingRows(np.zeros((12, 3)), y)
    for seed in range(20):
        table = study_data(rows, 5, True, seed)
        assert table["design"] == "holdout"
        assert set(y[table["split"] == "train"]) == {0, 1, 2}
        assert {"validation", "test"} < set(table["split"])
    assert study_data(rows.take(np.arange(11)), 5, True, 0)["design"] == "kfold"


@pytest.mark.long
def test_a_database_keeps_the_studies_of_all_fits(tmp_path: Path) -> None:
    x, y = load_diabetes(return_X_y=True)
    database = f"sqlite:///{tmp_path}/sweep.db"
    one, two = (
        RegularizedRegressor(**QUICK, database=database).fit(x[:n], y[:n]) for n in (40, 50)
    )
    store = sweep.open_store(database)
    assert store.study_names() == [one.study_name_, two.study_name_]
    kept = sweep.boundaries_frame(store, one.study_name_)["sentence"].tolist()
    assert kept == one.boundaries_["sentence"].tolist()
