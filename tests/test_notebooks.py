"""README's examples of other people's losses, run in a real notebook."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, NamedTuple

import nbclient
import nbformat
import numpy as np
import optuna
import pandas as pd
import pytest

import sweep
from sweep.statistics.boundary import estimate_boundary
from tests.support.databases import HANG_SECONDS
from tests.support.readme import PYTHON, ROOT
from tests.support.ridge_truth import Problem, fresh_study

EXAMPLES = ("validation_curve", "load_study", "wandb_export.csv")
"""A word of each that no other example has."""


class Shown(NamedTuple):
    """What an example left behind."""

    printed: str
    boundary: str
    """The HTML of its boundary, as the last expression of a cell."""
    figure: dict[str, Any]
    """What plotly gives a notebook to draw."""


def ridge_table(n_columns: int) -> pd.DataFrame:
    """One row per strength and column of a study of ridge regression, as trackers keep them."""
    problem, strengths = Problem(100, 80), np.logspace(-3, 3, 13)
    table = fresh_study(problem, strengths, n_columns, np.random.default_rng(7))
    places = [(k, r) for k in range(13) for r in range(n_columns)]
    return pd.DataFrame(
        {
            "strength": [float(strengths[k]) for k, _ in places],
            "column": [r for _, r in places],
            "val_loss": [float(table.validation[k, r]) for k, r in places],
            "train_loss": [float(table.training[k, r]) for k, r in places],
            "null_loss": [float(table.null[r]) for _, r in places],
        }
    )


def store_trials(table: pd.DataFrame) -> None:
    """The table as an Optuna study in the current folder, a trial for each row, in any order."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(study_name="ridge", storage="sqlite:///optuna.db")
    asked = {
        "strength": optuna.distributions.FloatDistribution(1e-9, 1e9),
        "fold": optuna.distributions.IntDistribution(0, 4),
    }
    study.add_trials(
        [
            optuna.trial.create_trial(
                params={"strength": row["strength"], "fold": row["column"]},
                distributions=asked,
                user_attrs={name: row[name] for name in ("train_loss", "null_loss")},
                value=row["val_loss"],
            )
            for row in table.sample(frac=1, random_state=0).to_dict("records")
        ]
    )


def write_export(table: pd.DataFrame) -> None:
    """The table as a tracker exports it, in any order and with crashed runs."""
    names = {"strength": "weight_decay", "column": "seed"}
    export = table.rename(columns=names).assign(State="finished")
    export["Name"] = [f"run-{i}" for i in range(len(export))]
    crashed = export.iloc[:2].assign(State="crashed", val_loss=None)
    shuffled = pd.concat([export, crashed]).sample(frac=1, random_state=0)
    shuffled.to_csv("wandb_export.csv", index=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("notebook")


@pytest.fixture(scope="module")
def shown(folder: Path) -> dict[str, Shown]:
    """What README's examples show as cells of one notebook, each with its boundary and figure."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        store_trials(ridge_table(5))
        write_export(ridge_table(6))
        paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        patch.setenv("PYTHONPATH", os.pathsep.join(paths))
        patch.setenv("JUPYTER_PLATFORM_DIRS", "1")
        cells = []
        for word in EXAMPLES:
            (code,) = [block for block in PYTHON if word in block]
            cells += [nbformat.v4.new_code_cell(text) for text in (code, "boundary", "figure")]
        notebook = nbformat.v4.new_notebook(cells=cells)
        patience = int(HANG_SECONDS)
        nbclient.NotebookClient(notebook, timeout=patience, kernel_name="python3").execute()
    outputs = [cell["outputs"] for cell in notebook["cells"]]
    return {
        word: Shown(
            "".join(o["text"] for o in outputs[3 * i] if o.get("name") == "stdout"),
            outputs[3 * i + 1][0]["data"]["text/html"],
            outputs[3 * i + 2][-1]["data"],
        )
        for i, word in enumerate(EXAMPLES)
    }


def test_the_scikit_learn_example_runs(shown: dict[str, Shown]) -> None:
    sentence = shown["validation_curve"].printed.strip()
    assert re.match(r"ridge: overfitting ends at \d+ \[.*underfitting starts at \d+ \[", sentence)


def test_the_optuna_example_gives_what_the_arrays_give(
    shown: dict[str, Shown], folder: Path
) -> None:
    wanted = direct(ridge_table(5), "ridge", design="kfold", n_folds=5)
    assert shown["load_study"].printed.strip() == wanted
    assert wanted.split(" (")[0] in (folder / "ridge.html").read_text(encoding="utf-8")


def test_the_wandb_example_gives_what_the_arrays_give(
    shown: dict[str, Shown], folder: Path
) -> None:
    wanted = direct(ridge_table(6), "weight decay", design="holdout")
    assert shown["wandb_export.csv"].printed.strip() == wanted
    assert (folder / "decay.html").is_file()


@pytest.mark.parametrize("word", EXAMPLES)
def test_a_notebook_shows_boundaries_and_figures(shown: dict[str, Shown], word: str) -> None:
    found = shown[word]
    assert "overfitting ends" in found.boundary
    traces = found.figure["application/vnd.plotly.v1+json"]["data"]
    assert traces


def direct(table: pd.DataFrame, name: str, **design: Any) -> str:
    """The sentence on the same numbers, given as plain arrays."""
    n = table["column"].nunique()
    losses = [table[c].to_numpy().reshape(-1, n) for c in ("val_loss", "train_loss", "null_loss")]
    strengths = table["strength"].to_numpy().reshape(-1, n)[:, 0]
    boundary = estimate_boundary(strengths, losses[0], losses[1], losses[2][0], **design)
    assert boundary.underfitting_starts > boundary.overfitting_ends > 0
    return sweep.describe_boundary(boundary, name)
