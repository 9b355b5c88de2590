"""The lines to paste: they run, and train as the study's confirm phase did."""

from __future__ import annotations

import ast
import math
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import sweep
from sweep.data.resampling import permutation
from sweep.launchers.context import TrainingContext
from sweep.phases.best import content_of, lines_to_paste, retrain_best
from sweep.records.trial import Phase, Trial
from sweep.regularizers.catalogue import REGULARIZERS
from sweep.regularizers.usage import ELSEWHERE, TORCH_OPTIMIZERS, usage_lines
from sweep.study.catalogue import OPTIMIZERS
from tests.support.training import mlp

PENALTIES = ("l2", "decay", "l1", "group_lasso")


def text_of(lines: tuple[str, ...]) -> str:
    return "\n".join(lines)


def optimizer_of(line: str, model: nn.Module) -> torch.optim.Optimizer:
    names: dict[str, Any] = {
        "torch": torch,
        "model": model,
        "reg": sweep.Regularizer(model, "none"),
    }
    exec(line, names)
    made = names["optimizer"]
    assert isinstance(made, torch.optim.Optimizer)
    return made


def test_every_builtin_optimizer_has_its_line() -> None:
    assert TORCH_OPTIMIZERS.keys() == OPTIMIZERS.keys()
    assert all(TORCH_OPTIMIZERS[n].has_metric == o.has_metric for n, o in OPTIMIZERS.items())


@pytest.mark.parametrize("given", [False, True])
@pytest.mark.parametrize("name", [n for n, o in TORCH_OPTIMIZERS.items() if "torch" in o.call])
def test_the_optimizer_has_the_studys_numbers(name: str, given: bool) -> None:
    numbers = {n: v / 2 if given else v for n, v in OPTIMIZERS[name].numbers.items()}
    lines = usage_lines("l1", 0.1, name, 0.03, settings=numbers if given else {})
    group = optimizer_of(lines[1], mlp(0)).param_groups[0]
    found = dict(group, **dict(zip(("beta1", "beta2"), group.get("betas", ()), strict=False)))
    spelled = {"beta2": "alpha"} if "alpha" in group else {}
    assert found["lr"] == 0.03
    for number, value in numbers.items():
        assert found[spelled.get(number, number)] == pytest.approx(value), number


@pytest.mark.parametrize("penalty", ["none", "cocktail", "mine", *REGULARIZERS])
@pytest.mark.parametrize("optimizer", ["sgd", "adamw", "lion", "my_optimizer"])
def test_lines_are_python_for_everything(penalty: str, optimizer: str) -> None:
    settings = {"dropout": 0.2, "schedule": "cosine", "dropout.fc": 0.1, "include": ("*.gate",)}
    for source in ("", "best.pt"):
        table = {"a": 0.1, "b": 0.2}
        lines = usage_lines(penalty, table, optimizer, 0.1, settings=settings, source=source)
        ast.parse(text_of(lines))
        assert any("optimizer = " in line for line in lines)
        assert any('schedule = "cosine"' in line for line in lines)


def test_what_is_done_elsewhere_is_said_for_every_regularizer_that_acts_on_no_weights() -> None:
    others = {name for name, known in REGULARIZERS.items() if not known.of_weights}
    assert others | {"patience"} == set(ELSEWHERE)
    (first, *_) = usage_lines("early_stopping", 0.25, "sgd", 0.1)
    assert "stop after 4 epochs" in first
    (first, *_) = usage_lines("l2", 0.25, "sgd", 0.1, settings={"patience": 3})
    assert "stop after 3 epochs" in first


def test_only_decay_under_a_coupled_optimizer_is_left_to_the_step() -> None:
    for penalty, optimizer, left in (
        ("decay", "sgd", True),
        ("cocktail", "rmsprop", True),
        ("decay", "adam", False),
        ("l1", "sgd", False),
    ):
        text = text_of(usage_lines(penalty, 0.1, optimizer, 0.1))
        assert ("weight_decay=0.0" in text) == left, (penalty, optimizer)


def test_texts_of_a_database_stay_within_their_lines() -> None:
    """Names and values may be any text there, and somebody pastes the lines."""
    odd = "x)\nimport os #"
    settings = {
        "schedule": odd,
        f"lr_of.{odd}": 0.1,
        "include": (odd,),
        "momentum": np.float64(0.5),
    }
    settings |= {"dropout": math.nan, "mixup": odd}
    for names in ((odd, "sgd"), ("l1", odd), (odd, odd)):
        for source in ("", odd):
            lines = usage_lines(names[0], {odd: 0.1, "b": 0.2}, names[1], 0.1, settings=settings)
            lines += usage_lines(names[0], 0.1, names[1], 0.1, settings=settings, source=source)
            assert not any("\n" in line for line in lines)
            found = ast.walk(ast.parse(text_of(lines)))
            assert not any(isinstance(node, ast.Import) for node in found)
    assert "momentum=0.5" in text_of(usage_lines("l1", 0.1, "sgd", 0.1, settings=settings))


# ---- against the confirm phase -----------------------------------------------------------------


def build(n_inputs: int, n_outputs: int) -> nn.Module:
    return nn.Sequential(nn.Linear(n_inputs, 8), nn.Tanh(), nn.Linear(8, n_outputs))


@pytest.fixture(scope="module", params=["sgd", "adamw"])
def home(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[sweep.Study, sweep.Store, Path]]:
    """A study that has run, with a strength for each layer of each penalty's best trial."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(120, 6))
    study = sweep.Study(
        study={"name": "home"},
        data=(x, (x[:, :3] + rng.normal(size=(120, 3))).argmax(1)),
        model=build,
        training={"optimizer": request.param, "lr": 0.02, "epochs": 3, "batch_size": 16},
        search={
            "penalties": PENALTIES,
            "strength": {"low": 1e-3, "high": 1e-1},
            "layers": "free",
            "trials": 4,
            "round": 4,
        },
        path={"points": 0, "resamples": 2},
        hardware={"precision": "float64", "device": "cpu"},
    )
    folder = tmp_path_factory.mktemp("home")
    store = sweep.open_store(f"sqlite:///{folder}/sweep.db")
    sweep.run_study(study, store)
    yield study, store, folder
    store.close()


def trained_by(lines: tuple[str, ...], context: TrainingContext) -> float:
    """The validation loss of the confirm phase's run 0 where these lines train it."""
    draw = context.draws[Phase.CONFIRM][0]
    rows, model, plan = context.splits.get(draw, True), context.build(draw.seed), context.plan

    def loader() -> Iterator[tuple[Tensor, Tensor]]:
        for epoch in range(plan.epochs):
            order = torch.from_numpy(permutation(draw.seed, epoch, len(rows.y_train)))
            for chosen in order.split(plan.batch_size)[: plan.steps_per_epoch]:
                yield rows.x_train[chosen], rows.y_train[chosen]

    names = {"model": model, "loader": loader(), "criterion": F.cross_entropy}
    exec(f"import torch\nimport sweep\n{text_of(lines)}", names)
    with torch.no_grad():
        return float(F.cross_entropy(model(rows.x_validation), rows.y_validation))


def confirmed(store: sweep.Store, penalty: str) -> tuple[Trial, float]:
    """The trial that the confirm phase took of a penalty, and the loss of its run 0."""
    trials = [s.trial for s in store.read_trials("home")]
    trial = next(t for t in trials if t.phase == Phase.CONFIRM and t.penalty == penalty)
    runs = [r for r in store.read_runs("home") if (r.trial, r.number) == (trial.number, 0)]
    return trial, runs[0].metrics["val_loss"]


def test_the_lines_train_to_the_confirm_phases_loss(
    home: tuple[sweep.Study, sweep.Store, Path],
) -> None:
    study, store, _ = home
    context = TrainingContext(study)
    losses = {}
    for penalty in PENALTIES:
        trial, loss = confirmed(store, penalty)
        strengths = dict(trial.strengths)
        assert strengths.keys() == {"0", "2"}
        lines = usage_lines(penalty, strengths, study.training.optimizer_name, 0.02)
        assert sum(not line.startswith("#") for line in lines) == 6
        losses[penalty] = trained_by(lines, context)
        assert losses[penalty] == pytest.approx(loss, rel=1e-9), penalty
    free = trained_by(usage_lines("none", 0.0, study.training.optimizer_name, 0.02), context)
    assert min(abs(loss / free - 1) for loss in losses.values()) > 1e-6


def test_the_file_and_its_lines_train_as_the_winner_was(
    home: tuple[sweep.Study, sweep.Store, Path],
) -> None:
    study, store, folder = home
    winner, path = retrain_best(study, store), folder / "best.pt"
    torch.save(content_of(study, winner), path)
    lines = lines_to_paste(study, winner, str(path))
    assert f"Regularizer.of({str(path)!r}, model)" in text_of(lines)
    loss = trained_by(lines, TrainingContext(study))
    assert loss == pytest.approx(winner.metrics["val_loss"], rel=1e-9)


# ---- what a file may say -----------------------------------------------------------------------


def content(**changes: Any) -> dict[str, Any]:
    stored = {
        "penalties": {"elastic_net": {"0": 0.1, "2": 0.2}},
        "numbers": {"elastic_net.l1_share": 0.3},
        "scope": "weights",
        "include": [],
        "exclude": [],
        "idle": [],
        "scale_invariant": [],
        "lr_of": {},
        "elsewhere": {},
        "window": [0.0, 1.0],
    }
    return {"regularizer": stored | changes}


def huber(weight: Tensor) -> Tensor:
    return F.huber_loss(weight, torch.zeros_like(weight), reduction="sum")


def test_a_file_gives_the_same_as_its_words() -> None:
    reg = sweep.Regularizer.of(content(exclude=[]), mlp(0))
    assert reg.layers == {"0": {"elastic_net": 0.1}, "2": {"elastic_net": 0.2}}
    assert sweep.Regularizer.of(content(penalties={}, numbers={}), mlp(0)).layers == {}
    own = content(penalties={"huber": {"0": 0.1, "2": 0.0}}, numbers={})
    found = sweep.Regularizer.of(own, mlp(0), penalties={"huber": huber})
    assert found.layers == {"0": {"huber": 0.1}, "2": {}}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"window": [0.2, 1.0]}, "act in the whole run must be stored, found penalty_from = 0.2"),
        ({"penalties": {"huber": {"0": 1.0, "2": 1.0}}, "numbers": {}}, "huber of the study's own"),
        ({"penalties": {"l1": {"0": 1.0}}, "numbers": {}}, "0 \\(\\) missing and 1 \\(2\\) beside"),
    ],
)
def test_a_file_that_cannot_be_followed_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(sweep.errors.SweepError, match=words):
        sweep.Regularizer.of(content(**changes), mlp(0))


def test_a_regularizer_that_is_ones_own_to_do_is_warned_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sweep.Regularizer.of(content(elsewhere={"mixup": 0.2}), mlp(0))
    assert "mixup is yours to do" in caplog.text


def test_other_files_are_refused_in_one_line(tmp_path: Path) -> None:
    text, weights = tmp_path / "text.pt", tmp_path / "weights.pt"
    text.write_text(textwrap.dedent("no weights"))
    torch.save(mlp(0).state_dict(), weights)
    for path, words in (
        (tmp_path / "none.pt", "No such file"),
        (text, "must be given, found"),
        (weights, "found no 'regularizer' in it"),
    ):
        with pytest.raises(sweep.StudyError, match=words) as raised:
            sweep.Regularizer.of(path, mlp(0))
        assert "\n" not in str(raised.value)
