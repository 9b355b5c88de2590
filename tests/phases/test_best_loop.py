"""The model of the winner that a loop of the user's trained: kept as it was, and taken home."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import sweep
from sweep.launchers.loop_context import LoopContext
from sweep.phases._best_loop import _trained, elsewhere_of, lines_of_loop, segment_of
from sweep.phases._best_model import BestModel
from sweep.phases.best import content_of
from sweep.records.trial import Phase, Trial

LOOP = """
import torch
from torch import nn

def build(seed):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 1)).double()

def rows(seed):
    random = torch.Generator().manual_seed(seed)
    x = torch.randn(40, 4, generator=random, dtype=torch.float64)
    return x, x[:, :1] + torch.randn(40, 1, generator=random, dtype=torch.float64)

def fit(model, reg, x, y, epochs):
    optimizer = torch.optim.AdamW(reg.parameter_groups(lr=0.05))
    for _ in range(epochs):
        loss = nn.functional.mse_loss(model(x[:20]), y[:20]) + reg.loss()
        optimizer.zero_grad(); loss.backward(); optimizer.step(); reg.step(optimizer)
        with torch.no_grad():
            output = model(x)
        yield [float(nn.functional.mse_loss(output[i:j], y[i:j])) for i, j in ((0, 20), (20, 40))]

def train(run):
    model, (x, y) = build(run.seed), rows(run.split_seed)
    reg = run.regularizer(model, layers={"2": 0.5})
    for fit_loss, loss in fit(model, reg, x, y, run.epochs):
        run.report(train_loss=fit_loss, val_loss=loss)
    return model
"""
TRIAL = Trial(3, Phase.CONFIRM, 0, "l1", 0.02, {}, {"epochs": 3})
Kept = tuple[sweep.Study, dict[str, float], BestModel]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """The study, what a run of it came to, and what its process kept."""
    folder = tmp_path_factory.mktemp("kept")
    (folder / "loop.py").write_text(LOOP)
    study = sweep.Study(
        study={"name": "kept"},
        training={"function": f"{folder}/loop.py:train"},
        search={"penalties": ["l1"], "axes": {"epochs": {"choices": [3, 4]}}},
    )
    context = LoopContext(study, "cpu")
    segment = segment_of(context, TRIAL)
    metrics, found = _trained(context, segment)
    job = context.job_of(segment)
    regularizer = {**found["regularizer"], "elsewhere": elsewhere_of(job)}
    weights, settings = found["state_dict"], {"seed": job.seed, "split_seed": job.split_seed}
    run = segment.run
    return study, metrics, BestModel(weights, TRIAL, metrics, {}, settings, regularizer, run, job)


def loop_of() -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(LOOP, names)
    return names


def test_the_lines_to_paste_train_the_same_model_in_a_bare_script(
    kept: Kept, tmp_path: Path
) -> None:
    study, metrics, winner = kept
    path, own = tmp_path / "best.pt", loop_of()
    torch.save(content_of(study, winner), path)
    lines = lines_of_loop(study, winner, str(path))
    (seed,) = (line for line in lines if line.endswith("  # run.seed"))
    names: dict[str, Any] = {"sweep": sweep}
    exec(seed, names)
    model = names["model"] = own["build"](names["seed"])
    exec("\n".join(lines), names)
    assert names["epochs"] == 3
    x, y = own["rows"](names["split_seed"])
    *_, (_, loss) = own["fit"](model, names["reg"], x, y, 3)
    assert loss == pytest.approx(metrics["val_loss"], rel=1e-12)
    for name, value in model.state_dict().items():
        torch.testing.assert_close(winner.weights[name], value, rtol=1e-12, atol=0)


def test_a_file_has_the_state_and_the_strength_of_every_layer(kept: Kept, tmp_path: Path) -> None:
    study, metrics, winner = kept
    torch.save(content_of(study, winner), tmp_path / "best.pt")
    stored = torch.load(tmp_path / "best.pt", weights_only=True)
    own = loop_of()
    model = own["build"](0)
    model.load_state_dict(stored["state_dict"])
    x, y = own["rows"](winner.settings["split_seed"])
    with torch.no_grad():
        assert float(nn.functional.mse_loss(model(x[20:]), y[20:])) == metrics["val_loss"]
    made = sweep.Regularizer.of(stored, model)
    assert made.layers == {"0": {"l1": 0.02}, "2": {"l1": 0.01}}


def square(weight: Tensor) -> Tensor:
    return weight.square().sum()


def test_a_regularizer_is_made_again_from_its_content() -> None:
    model = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3), nn.Linear(3, 2))
    made = sweep.Regularizer(
        model,
        {"elastic_net": 0.1, square: 0.2, "decay_corrected": 0.3},
        numbers={"elastic_net.l1_share": 0.25},
        layers={"0": 0.5, "2": 0.0},
        scale_invariant=["0"],
        lr_of={"2*": 0.1},
    )
    again = sweep.Regularizer.of(
        {"regularizer": made.content()}, model, penalties={"square": square}
    )
    assert again.content() == made.content()
    assert again.layers == made.layers
    assert again.parameter_groups(lr=1.0) == made.parameter_groups(lr=1.0)
