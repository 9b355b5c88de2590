"""The study of strengths and timescales: what it concludes from cells, and two small cells."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
import pytest

import sweep
from tests.bench.timescales import LR, NAMES, Cell, main, report, slopes, spreads


def cells_of(moving: int, noise: float = 0.05) -> list[Cell]:
    """Sixteen cells in which one of the three is the same, and its estimate is off by ``noise``."""
    rng, cells = np.random.default_rng(1), []
    for epochs, rows in itertools.product((20, 40, 80, 160), (1000, 2000, 4000, 8000)):
        summed = 1e-3 * epochs * rows / 64
        strength = (0.7, 1 / (0.3 * summed), epochs / (20 * summed))[moving]
        best = strength * 10 ** rng.normal(0, noise)
        ends = (best / 10 ** (1.96 * noise), best * 10 ** (1.96 * noise))
        cells.append(Cell(epochs, rows, best, *ends, summed))
    return cells


@pytest.mark.parametrize("moving", [0, 1, 2])
def test_what_stays_is_found_by_its_spread_and_its_exponents(moving: int) -> None:
    cells = cells_of(moving)
    found, drawn = spreads(cells)
    assert found.argmin() == moving
    assert found[moving] < 0.03, "but for noise it does not move"
    assert (drawn.argmin(axis=1) == moving).mean() > 0.99
    np.testing.assert_allclose(slopes(cells)[:, moving], 0, atol=0.1)
    assert f"{NAMES[moving]} moves least" in report(cells)
    assert "settles nothing" not in report(cells)


def test_the_spread_is_that_beyond_the_noise_of_the_estimates() -> None:
    """With tau in epochs the same, the strength goes as 1/rows: log10 of 1, 2, 4, 8 thousand."""
    found, drawn = spreads(cells_of(2, noise=0.2))
    exact = np.std(np.tile(np.log10([1, 2, 4, 8]), 4), ddof=1)
    assert found[0] == pytest.approx(exact, abs=0.1)
    low, high = np.quantile(drawn[:, 0], [0.025, 0.975])
    assert low < exact < high


def test_nothing_is_settled_where_no_cell_knows_its_best() -> None:
    unknown = Cell(20, 1000, 0.5, math.nan, math.nan, 1.0)
    assert "Fewer than two cells" in report([unknown, unknown])


@pytest.mark.long
def test_two_small_cells_are_run_and_not_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = ["--epochs", "2,4", "--rows", "130", "--points", "5", "--resamples", "3"]
    arguments = ["--out", str(tmp_path / "found.md"), *sizes, "--hidden", "4"]
    assert main(arguments) == 0
    first = (tmp_path / "found.md").read_text(encoding="utf-8")
    store = sweep.open_store(f"sqlite:///{tmp_path}/found.db")
    for epochs in (2, 4):
        name, n_steps = f"130 rows, {epochs} epochs", 2 * epochs
        n_train = sweep.read_study(store, name)["n_train"]
        assert abs(n_train - 130) < 2
        best = sweep.boundaries_frame(store, name).set_index("metric").loc["val_loss", "best"]
        summed = LR * np.sum((1 + np.cos(np.pi * np.arange(n_steps) / n_steps)) / 2)
        assert f"| {n_train} | {epochs} | {best:.3g}" in first
        assert f"| {1 / (best * summed):.3g} | {epochs / (best * summed):.3g} |" in first
    monkeypatch.setattr(sweep, "run_study", None)
    assert main(arguments) == 0
    assert (tmp_path / "found.md").read_text(encoding="utf-8") == first
