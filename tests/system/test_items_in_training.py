"""Whole studies of padded items and of images, against a plain loop over the items as they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from sklearn.metrics import f1_score
from torch import Tensor, nn

import sweep
from sweep.data.datasets import load_data
from sweep.data.division import divide_pool
from sweep.data.resampling import permutation, plan_draws
from sweep.records.trial import Draw, Phase

N, EPOCHS, BATCH, LR = 60, 2, 8, 0.01
RNG = np.random.default_rng(0)
Y = np.arange(N) % 2
LENGTHS = RNG.integers(1, 9, N)
SERIES = [torch.from_numpy(RNG.normal(Y[i], 1, size=(LENGTHS[i], 2))) for i in range(N)]
PIXELS = (
    RNG.integers(0, 200, (N, 5, 4, 3), dtype=np.uint8)
    + 20 * Y.astype(np.uint8)[:, None, None, None]
)


class Recurrent(nn.Module):
    """The mean of a series's states; without a mask all of it counts."""

    def __init__(self) -> None:
        super().__init__()
        self.states, self.out = nn.GRU(2, 3, batch_first=True), nn.Linear(3, 2)

    def forward(
        self, x: Tensor, mask: Tensor | None = None, lengths: Tensor | None = None
    ) -> Tensor:
        states, _ = self.states(x)
        if mask is None or lengths is None:
            return self.out(states.mean(1))  # type: ignore[no-any-return]
        summed = (states * mask.unsqueeze(-1)).sum(1)
        return self.out(summed / lengths.unsqueeze(-1))  # type: ignore[no-any-return]


def recurrent() -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return Recurrent()


def convolution() -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return nn.Sequential(nn.Conv2d(3, 2, 3), nn.Tanh(), nn.Flatten(), nn.Linear(12, 2))


def image_data(folder: Path) -> dict[str, Any]:
    """The images in the order of their names, which is that of their numbers within a class."""
    for i, pixels in enumerate(PIXELS):
        path = folder / f"images/{'ab'[Y[i]]}/{i:02d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
    return {"name": "images", "path": str(folder / "images")}


def series_data(folder: Path) -> dict[str, Any]:
    return {"rows": (SERIES, Y), "name": "arrays", "pad": 7, "mask": "mask", "lengths": "lengths"}


IMAGES = [
    torch.from_numpy(PIXELS[i].transpose(2, 0, 1)).double() / 255
    for i in np.argsort(Y, kind="stable")
]
CASES: dict[str, tuple[Callable[[Path], Any], Any, Any, Any]] = {
    "padded series": (series_data, recurrent, SERIES, Y),
    "images": (image_data, convolution, IMAGES, np.sort(Y)),
}


def plain_loop(
    build: Any, items: list[Tensor], y: np.ndarray, draw: Draw, parts: list[np.ndarray]
) -> list[list[tuple[float, float]]]:
    """Loss and f1 of every part after every epoch, of a loop that takes items one by one."""
    model = build().double()
    optimizer = torch.optim.AdamW(model.parameters(), lr=LR, weight_decay=0)
    target, train, found = torch.from_numpy(y), parts[0], []
    for epoch in range(EPOCHS):
        order = train[permutation(draw.seed, epoch, len(train))]
        for step in range(len(train) // BATCH):
            chosen = order[step * BATCH : (step + 1) * BATCH]
            optimizer.zero_grad()
            loss = F.cross_entropy(
                torch.cat([model(items[i][None]) for i in chosen]), target[chosen]
            )
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        with torch.no_grad():
            found.append([_judged(model, items, target, part) for part in parts])
    return found


def _judged(model: nn.Module, items: list[Tensor], target: Tensor, part: np.ndarray) -> Any:
    output = torch.cat([model(items[i][None]) for i in part])
    loss = float(F.cross_entropy(output, target[part]))
    return loss, f1_score(target[part], output.argmax(1))


@pytest.mark.parametrize("case", CASES)
def test_a_study_is_a_loop_over_the_items_as_they_are(case: str, tmp_path: Path) -> None:
    """Losses and metrics of all phases: what is padded enters none of them."""
    data, build, items, y = CASES[case]
    study = sweep.Study(
        study={"name": "items", "metrics": ["f1"]},
        data=data(tmp_path),
        model=build,
        training={"epochs": EPOCHS, "batch_size": BATCH, "lr": LR},
        search={"penalties": ["none"], "trials": 1, "pruner": "none"},
        path={"points": 0, "resamples": 1},
        hardware={"precision": "float64", "population": 1},
    )
    store = sweep.open_store(f"sqlite:///{tmp_path}/items.db")
    sweep.run_study(study, store)
    curves, trials = sweep.curves_frame(store, "items"), sweep.trials_frame(store, "items")
    runs = sweep.runs_frame(store, "items").merge(trials[["trial", "phase"]], on="trial")
    pool = load_data(study.data, tmp_path).pool
    assert pool is not None
    division, rest, test = divide_pool(pool, study.data, "classification", 0)
    for phase in (Phase.EXPLORE, Phase.CONFIRM):
        (draw,) = plan_draws("resample", phase, 1, study_seed=0, n_folds=5)
        train, validation = (rest[own] for own in division.split(draw, pool.take(rest)))
        wanted = plain_loop(build, items, y, draw, [train, validation, test])
        (run,) = runs[runs["phase"] == phase].itertuples()
        own = curves[curves["trial"] == run.trial].pivot(
            index="epoch", columns="metric", values="value"
        )
        np.testing.assert_allclose(own["val_loss"], [parts[1][0] for parts in wanted], atol=1e-9)
        np.testing.assert_allclose(own["val_f1"], [parts[1][1] for parts in wanted], atol=1e-9)
        assert run.train_loss == pytest.approx(wanted[-1][0][0], abs=1e-9)
        if phase is Phase.CONFIRM:
            assert run.test_loss == pytest.approx(wanted[-1][2][0], abs=1e-9)
            assert run.test_f1 == pytest.approx(wanted[-1][2][1], abs=1e-9)
