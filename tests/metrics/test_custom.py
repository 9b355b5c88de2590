"""Custom metrics: what they are called with, where they go, and what is said of their faults."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
import torch.nn.functional as F
from sklearn.datasets import load_diabetes
from torch import Tensor

import sweep
from dashboards.pages.render import render_study
from dashboards.pages.report import gather
from sweep.errors import StudyError
from sweep.launchers.context import TrainingContext
from sweep.metrics.class_losses import CrossEntropy
from sweep.metrics.custom import OwnMetric
from sweep.metrics.judges import make_judges
from sweep.metrics.metric import ACCURACY, LOSS, Metric, metric_of, metrics_of
from sweep.metrics.scores import Scores
from sweep.records.trial import Progress, State
from tests.support.training import plan, segment, train

METRIC_FILE = """
import torch.nn.functional as F

def sureness(output, target):
    return -F.cross_entropy(output, target)
"""
STUDY = """
[study]
name = "{name}"
{objective}
[data]
name = "breast_cancer"
[model]
hidden = [6]
[training]
lr = 2e-2
epochs = 4
[search]
penalties = ["decay"]
strength = {{ low = 1e-2, high = 30.0 }}
trials = 8
round = 2
[path]
points = 5
resamples = 3
row_losses = 0
[hardware]
population = 8
precision = "float64"
"""
OWN = 'objective = "own.py:sureness"\nmaximize = true'
PARTS = ("val", "train", "test", "null")


def own(function: Callable[..., Any]) -> OwnMetric:
    return OwnMetric("mine", function, "own.py:mine", torch.float64)


def median_error(output: Tensor, target: Tensor) -> float:
    """No mean over rows: it needs all rows of a run, and none of another's."""
    return float((output.argmax(1) - target).abs().median() + output[:, 0].median())


# ---- what it is called with ----------------------------------------------------------------------


def test_each_run_is_judged_by_all_of_its_own_rows_and_by_nothing_else() -> None:
    """Splits of unequal length, in batches, padded: against one call per run."""
    rng = torch.Generator().manual_seed(0)
    lengths = (7, 10, 9)
    outputs = torch.randn(3, 10, 4, generator=rng, dtype=torch.float64)
    targets = torch.randint(4, (3, 10), generator=rng)
    there = torch.tensor([[row < n for row in range(10)] for n in lengths])
    scores = Scores(CrossEntropy(), 3, torch.device("cpu"), [own(median_error)])
    for rows in (slice(0, 6), slice(6, 10)):
        scores.add(outputs[:, rows], targets[:, rows], there[:, rows] if rows.stop > 7 else None)
    expected = [median_error(outputs[run, :n], targets[run, :n]) for run, n in enumerate(lengths)]
    assert scores.close().values["mine"].tolist() == expected
    assert set(scores.values) == {"loss", "accuracy", "mine"}


def test_what_the_function_does_to_its_tensors_is_seen_nowhere_else() -> None:
    def spoiling(output: Tensor, target: Tensor) -> float:
        output.zero_()
        target.zero_()
        return 1.0

    outputs, targets = torch.randn(2, 5, 3), torch.ones(2, 5, dtype=torch.int64)
    before = outputs.clone()
    scores = Scores(CrossEntropy(), 2, torch.device("cpu"), [own(spoiling)])
    scores.add(outputs, targets)
    scores.close()
    assert torch.equal(outputs, before)
    assert targets.eq(1).all()


def test_the_null_value_is_that_of_the_predictor_whose_loss_is_the_null_loss() -> None:
    def explained(output: Tensor, target: Tensor) -> float:
        assert output.shape == target.shape
        return float(1 - (output - target).square().mean() / target.square().mean())

    x, y = load_diabetes(return_X_y=True)
    study = sweep.Study(
        study={"name": "own", "objective": explained, "maximize": True},
        data={"x": x, "y": y, "standardize": True},
        model={"name": "linear"},
    )
    split = TrainingContext(study).first_split
    squares = float(split.y_validation.square().mean())
    assert split.null["explained"] == pytest.approx(1 - split.null["loss"] / squares, abs=1e-6)
    assert set(split.null) == {"loss", "explained"}


# ---- where it goes -------------------------------------------------------------------------------


def launched(folder: Path, name: str, objective: str, **options: Any) -> sweep.Store:
    (folder / "own.py").write_text(METRIC_FILE)
    path = folder / f"{name}.toml"
    path.write_text(STUDY.format(name=name, objective=objective))
    store = sweep.open_store(f"sqlite:///{folder}/{name}.db")
    sweep.run_study(sweep.load_study(path), store, **options)
    return store


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, sweep.Store, sweep.Store]:
    """The same study judged by its loss, and by minus its loss as a custom metric."""
    folder = tmp_path_factory.mktemp("judged")
    return folder, launched(folder, "loss", ""), launched(folder, "own", OWN)


Judged = tuple[Path, sweep.Store, sweep.Store]


def test_a_metric_that_is_the_loss_is_searched_and_pruned_as_the_loss(judged: Judged) -> None:
    frames = [sweep.trials_frame(s, n) for s, n in zip(judged[1:], ("loss", "own"), strict=True)]
    columns = ["trial", "phase", "penalty", "strength", "state", "epochs", "val_loss", "test_loss"]
    pd.testing.assert_frame_equal(*(frame[columns] for frame in frames), rtol=1e-6)
    assert "pruned" in set(frames[1]["state"])
    for part in PARTS[:3]:
        values = frames[1][f"{part}_sureness"].to_numpy()
        np.testing.assert_allclose(values, -frames[1][f"{part}_loss"], rtol=1e-9)


def test_every_part_of_every_run_and_epoch_has_its_value(judged: Judged) -> None:
    runs, curves = sweep.runs_frame(judged[2], "own"), sweep.curves_frame(judged[2], "own")
    for part in PARTS:
        mine, loss = runs[f"{part}_sureness"].to_numpy(), runs[f"{part}_loss"].to_numpy()
        np.testing.assert_allclose(mine, -loss, rtol=1e-9)
        assert np.isfinite(mine).any()
    wide = curves.pivot(index=["trial", "run", "epoch"], columns="metric", values="value")
    for part in PARTS[:3]:
        np.testing.assert_allclose(wide[f"{part}_sureness"], -wide[f"{part}_loss"], rtol=1e-9)
    assert "val_sureness" not in sweep.runs_frame(judged[1], "loss")


def test_a_metric_that_is_the_loss_has_the_boundaries_of_the_loss(judged: Judged) -> None:
    rows = sweep.boundaries_frame(judged[2], "own").set_index("metric")
    assert sorted(rows.index) == ["val_accuracy", "val_loss", "val_sureness"]
    numbers = [c for c in rows.select_dtypes("number") if c != "n_strengths"]
    mine, loss = rows.loc["val_sureness", numbers], rows.loc["val_loss", numbers]
    np.testing.assert_allclose(
        mine.drop(["best_loss", "threshold_loss", "null_loss"]).astype(float),
        loss.drop(["best_loss", "threshold_loss", "null_loss"]).astype(float),
        rtol=1e-6,
    )
    assert mine["best_loss"] == pytest.approx(loss["best_loss"])  # minus minus the loss
    assert rows.loc["val_sureness", "verdict"] == rows.loc["val_loss", "verdict"]


def test_a_study_with_its_own_metric_goes_on_where_it_stopped(
    judged: Judged, tmp_path: Path
) -> None:
    class Stop(Exception):
        pass

    def stop(progress: Progress) -> None:
        if progress.share > 0.3:
            raise Stop

    with pytest.raises(Stop):
        launched(tmp_path, "own", OWN, observer=stop)
    again = launched(tmp_path, "own", OWN)
    frames = [sweep.trials_frame(store, "own") for store in (again, judged[2])]
    pd.testing.assert_frame_equal(*(f.drop(columns="seconds") for f in frames), rtol=1e-9)


def test_a_run_that_got_its_best_epoch_back_has_its_metric_of_that_epoch(tmp_path: Path) -> None:
    text = STUDY.replace("epochs = 4", "epochs = 12\npatience = 2").replace("lr = 2e-2", "lr = 0.3")
    (tmp_path / "own.py").write_text(METRIC_FILE)
    (tmp_path / "own.toml").write_text(text.format(name="own", objective=OWN))
    store = sweep.open_store(f"sqlite:///{tmp_path}/own.db")
    sweep.run_study(sweep.load_study(tmp_path / "own.toml"), store)
    runs = sweep.runs_frame(store, "own")
    assert (runs["best_epoch"] < runs["epochs"]).any()
    for part in PARTS:
        np.testing.assert_allclose(runs[f"{part}_sureness"], -runs[f"{part}_loss"], rtol=1e-9)


def test_the_report_draws_it_first_and_the_loss_beside_it(judged: Judged) -> None:
    frames = gather(judged[2], "own")
    text = render_study(frames)
    assert "decay: sureness against strength" in text
    assert "Judged by loss and accuracy" in text
    assert "has the highest validation sureness" in text
    assert "difference of sureness" in text
    sign, table = frames.paths["decay"]["val_sureness"], frames.paths["decay"]
    assert frames.best("decay") == table["strength"][sign[table["strength"] > 0].idxmax()]


def test_optuna_is_told_which_way_is_better(judged: Judged) -> None:
    import optuna

    folder = judged[0]
    found = optuna.load_study(study_name="own", storage=f"sqlite:///{folder}/own.db")
    assert found.direction == optuna.study.StudyDirection.MAXIMIZE
    best = sweep.trials_frame(judged[2], "own")["val_sureness"].max()
    assert found.best_value == pytest.approx(best)


# ---- records -------------------------------------------------------------------------------------


def test_losses_are_made_of_metrics_and_back() -> None:
    values = np.array([0.2, 0.7])
    for metric in (LOSS, ACCURACY, Metric("mine"), Metric("mine", maximize=True)):
        assert metric.as_loss(metric.as_loss(values)) == pytest.approx(values)
        worse = np.diff(metric.as_loss(values))[0] > 0
        assert worse != metric.maximize
    assert ACCURACY.as_loss(0.9) == pytest.approx(0.1)
    assert [m.resolution(50) for m in (LOSS, ACCURACY, Metric("mine"))] == [0, 0.02, 0]


def test_studies_stored_before_there_were_own_metrics_have_their_objective() -> None:
    assert metric_of("val_loss", False) == LOSS
    assert metric_of("val_accuracy", True) == ACCURACY
    assert metric_of("val_f1", True) == Metric("f1", maximize=True)
    assert metrics_of("regression", [LOSS]) == (LOSS,)
    assert metrics_of("classification", [Metric("f1")])[-1] == Metric("f1")


# ---- faults --------------------------------------------------------------------------------------


def raising(output: Tensor, target: Tensor) -> float:
    raise ValueError("needs\nmore rows")


def leaving(output: Tensor, target: Tensor) -> float:
    raise SystemExit(3)


def drawing(output: Tensor, target: Tensor) -> float:
    return float(torch.rand(()))


def of_untrained(output: Tensor, target: Tensor) -> float:
    """Undefined for constant outputs, as a correlation is."""
    return math.nan if bool((output == output[0]).all()) else 1.0


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (raising, "raising must run without an error, found ValueError: more rows; try it"),
        (leaving, r"leaving must run without an error, found it called sys.exit\(3\)"),
        (drawing, "must return the same number for the same rows"),
        (of_untrained, r"one finite number, found nan; .* what guessing is worth"),
        (lambda o, t: "good", "found '<lambda>'; its name becomes"),
    ],
    ids=["raises", "exits", "random", "constant", "nameless"],
)
def test_a_bad_metric_gets_one_line_before_anything_trains(
    function: Callable[..., Any], words: str
) -> None:
    with pytest.raises(StudyError) as caught:
        TrainingContext(
            sweep.Study(study={"name": "own", "objective": function}, data={"name": "digits"})
        )
    assert len(str(caught.value).splitlines()) == 1
    assert "study.objective: " in str(caught.value)
    assert re.search(words, str(caught.value))


@pytest.mark.parametrize("value", ["0.5", None, True, [0.5], torch.ones(3), math.inf, 1j])
def test_only_one_finite_number_is_a_value(value: object) -> None:
    with pytest.raises(StudyError, match=r"own\.py:mine must return one finite"):
        own(lambda output, target: value)(torch.zeros(2, 3), torch.zeros(2))


@pytest.mark.parametrize(
    "value", [1, 0.5, np.float32(0.5), np.array([2.0]), torch.tensor(0.25), torch.ones(1, 1)]
)
def test_any_kind_of_number_is_a_value(value: Any) -> None:
    found = own(lambda output, target: value)(torch.zeros(2, 3), torch.zeros(2))
    assert type(found) is float
    assert found == np.asarray(value).item()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ('objective = "val_loss"\nmaximize = true', "study.maximize: val_loss is minimized"),
        ('objective = "val_accuracy"\nmaximize = false', "val_accuracy is maximized"),
        ('objective = "own.py:accuracy_at_5"', "does not begin with loss or accuracy"),
        (f'objective = "own.py:{"a" * 31}"', "1 to 30 letters"),
        ('objective = "f1"', "found 'f1'; did you mean val_f1?"),
        ('objective = "none.py:f1"', "study.objective: the file must exist, found no 'none.py'"),
        ('objective = "own.py:f1"\nmaximize = 1', "study.maximize: true or false must be given"),
    ],
)
def test_what_no_objective_can_be_is_told_with_the_study(
    tmp_path: Path, settings: str, words: str
) -> None:
    (tmp_path / "own.py").write_text(METRIC_FILE)
    path = tmp_path / "own.toml"
    path.write_text(STUDY.format(name="own", objective=settings))
    with pytest.raises(StudyError) as caught:
        sweep.load_study(path)
    assert words in str(caught.value)


def test_a_function_that_the_file_lacks_is_told_with_the_nearest_name(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(METRIC_FILE)
    path = tmp_path / "own.toml"
    path.write_text(STUDY.format(name="own", objective='objective = "own.py:surenes"'))
    study = sweep.load_study(path)
    with pytest.raises(StudyError, match=r"study\.objective: .* did you mean sureness"):
        make_judges(study.study.named_metrics, study.folder, torch.float64, CrossEntropy())


def test_a_run_in_which_the_metric_fails_is_recorded_as_failed_and_others_go_on() -> None:
    def moderate(output: Tensor, target: Tensor) -> float:
        if float(output.abs().max()) > 50:
            raise ValueError("too large")
        return float(F.cross_entropy(output, target))

    runs = [segment(i, "none", 0.0, layers=(), stop=4, lr=lr) for i, lr in enumerate((0.01, 30.0))]
    found = train(runs, plan("sgd", judges=(own(moderate),)), width=2)
    good, bad = found[0].result, found[1].result
    assert good.state is State.COMPLETE
    assert good.metrics["val_mine"] == pytest.approx(good.metrics["val_loss"], rel=1e-9)
    assert bad.state is State.FAILED
    assert "found ValueError: too large" in bad.note
    assert math.isfinite(bad.metrics["val_loss"])


def test_outputs_that_are_not_finite_are_never_given_to_the_metric() -> None:
    def strict(output: Tensor, target: Tensor) -> float:
        assert output.isfinite().all()
        return 0.0

    runs = [segment(0, "none", 0.0, layers=(), stop=4, lr=math.inf)]
    result = train(runs, plan("sgd", judges=(own(strict),)), width=1)[0].result
    assert result.state is State.DIVERGED
