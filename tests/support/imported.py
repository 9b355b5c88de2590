"""Tables of runs as other tools export them, with a good zone between 0.01 and 1."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import sweep

STRENGTHS = np.array([0.0, *np.logspace(-4, 2, 9)])
N_SEEDS, NULL = 6, 2.3


def make_runs(n_seeds: int = N_SEEDS, **columns: Any) -> pd.DataFrame:
    """One row for each strength and seed, in the order of the strengths."""
    rng = np.random.default_rng(0)
    x = np.log10(np.maximum(STRENGTHS, 1e-6))[:, None]
    seeds = rng.normal(0, 0.02, n_seeds)
    noise = rng.normal(0, 0.01, (len(STRENGTHS), n_seeds))
    validation = 1 + 1.2 / (1 + np.exp(4 * (x + 2.2))) + 1.3 / (1 + np.exp(-4 * (x - 0.8)))
    training = 0.05 + 2.2 / (1 + np.exp(-2 * (x - 0.5)))
    runs = pd.DataFrame(
        {
            "wd": np.repeat(STRENGTHS, n_seeds),
            "seed": np.tile(np.arange(n_seeds), len(STRENGTHS)),
            "val_loss": (validation + seeds + noise).ravel(),
            "train_loss": (training + 0.5 * seeds + 0.3 * noise).ravel(),
        }
    )
    return runs.assign(**columns)


def pivoted(runs: pd.DataFrame, column: str) -> np.ndarray:
    """The losses (K, R) of a table."""
    return runs.pivot(index="wd", columns="seed", values=column).to_numpy()


def empty_store(folder: Path) -> sweep.Store:
    return sweep.open_store(f"sqlite:///{folder}/sweep.db")


def add_runs(store: sweep.Store, runs: pd.DataFrame, **changes: Any) -> list[str]:
    """Imports a table as one of seeds on one split."""
    given = {"name": "mine", "strength": "wd", "null_loss": NULL, "design": "holdout"}
    return sweep.import_frame(runs, store, **(given | changes))
