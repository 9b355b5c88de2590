"""A study that passes every check, which a test may spoil."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from sweep.checks.judging import RULES
from sweep.checks.results import CheckResult
from sweep.checks.tables import StudyTables
from tests.support.report_frames import (
    LR,
    NULL_LOSS,
    PENALTIES,
    copied,
    make_frames,
    make_study,
)

CLEAN_FACTS: dict[str, Any] = {
    "copied_rows": 0,
    "n_groups": 60,
    "stacked": True,
    "parity": {"stacked": 3e-16},
}


class Spoiled:
    """The frames and the facts of a study, to be changed and judged."""

    def __init__(self, frames: dict[str, pd.DataFrame]):
        self.frames, self.facts = frames, dict(CLEAN_FACTS)

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.frames[name]

    def __setitem__(self, name: str, frame: pd.DataFrame) -> None:
        self.frames[name] = frame

    @property
    def tables(self) -> StudyTables:
        kept = ("trials", "runs", "curves", "boundaries")
        frames = {name: self.frames[name] for name in kept}
        return StudyTables(study=make_study(**self.facts), **frames)

    def judge(self, code: str) -> CheckResult:
        return RULES[code](self.tables)

    def trials_of(self, phase: str, penalty: str = "") -> pd.Series:
        """Which rows of the trials are of a phase, and of a penalty if one is named."""
        trials = self["trials"]
        mine = trials["phase"] == phase
        return mine & (trials["penalty"] == penalty) if penalty else mine


@pytest.fixture(scope="package")
def clean_frames() -> dict[str, pd.DataFrame]:
    frames = make_frames()
    _settle(frames)
    _search_well(frames["trials"])
    _add_default(frames)
    return frames


def _settle(frames: dict[str, pd.DataFrame]) -> None:
    """Validation curves fall to their last value and stay there."""
    curves = frames["curves"]
    losses = curves["metric"] == "val_loss"
    keys = ["trial", "run"]
    ends = curves.loc[losses, keys].merge(frames["runs"][[*keys, "val_loss", "epochs"]], on=keys)
    fall = np.exp(-9 * curves.loc[losses, "epoch"].to_numpy() / ends["epochs"].to_numpy())
    curves.loc[losses, "value"] = NULL_LOSS * fall + (1 - fall) * ends["val_loss"].to_numpy()


def _search_well(trials: pd.DataFrame) -> None:
    """Every penalty has many good trials, the best with a learning rate well inside."""
    for penalty in PENALTIES:
        mine = trials.index[(trials["phase"] == "explore") & (trials["penalty"] == penalty)]
        done = trials.loc[mine].query("state == 'complete'").sort_values("val_loss").index
        trials.loc[done[:10], "val_loss"] = 1.02 + 0.002 * np.arange(10)
        trials.loc[done[0], "lr"] = 2e-3


def _add_default(frames: dict[str, pd.DataFrame]) -> None:
    """The usual default meets the test split and is half as good."""
    trials, runs = frames["trials"], frames["runs"]
    plain = trials[(trials["phase"] == "confirm") & (trials["penalty"] == "none")]
    number = len(trials)
    baseline = plain.assign(
        trial=number, phase="baseline", path="default", penalty="decay", strength=0.01, lr=LR
    )
    own = runs[runs["trial"] == int(plain["trial"].iloc[0])].assign(trial=number)
    own["test_loss"] -= 0.5
    frames["trials"] = pd.concat([trials, baseline], ignore_index=True)
    frames["runs"] = pd.concat([runs, own], ignore_index=True)


@pytest.fixture
def spoiled(clean_frames: dict[str, pd.DataFrame]) -> Spoiled:
    return Spoiled(copied(clean_frames))
