"""The trials of a search with several axes: what differs between them, and their noise."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

import sweep
from dashboards.gather.frames import Frames
from dashboards.gather.tables import path_trials
from sweep.metrics.columns import read_column
from sweep.records.parameters import LAYER_STRENGTH, RATIO, STRENGTH, TAU
from sweep.statistics.strength_profile import replicate_noise

ENDED = ("complete", "pruned", "diverged")
LOG_AXES = frozenset({STRENGTH, "lr", RATIO})
WIDE = 10.0
"""A positive axis whose ends differ by this factor is taken for logarithmic too."""


@dataclass(frozen=True)
class Searched:
    """The explore trials of one penalty and the axes on which they differ."""

    frames: Frames
    penalty: str

    @cached_property
    def trials(self) -> pd.DataFrame:
        """Those that ended."""
        trials = self.frames.trials
        mine = (trials["phase"] == "explore") & (trials["penalty"] == self.penalty)
        found: pd.DataFrame = trials[mine & trials["state"].isin(ENDED) & (trials["strength"] > 0)]
        return found

    @cached_property
    def complete(self) -> pd.DataFrame:
        """Those that trained to their end."""
        done = (self.trials["state"] == "complete") & np.isfinite(self.trials["val_loss"])
        found: pd.DataFrame = self.trials[done]
        return found

    @cached_property
    def axes(self) -> list[str]:
        """What differs between the trials, the strength aside; nothing before one is complete."""
        if self.complete.empty:
            return []
        known = set(sweep.describe_frame("trials_frame")["column"]) - {"lr", "optimizer"}
        known.add(TAU)  # the strength by another name
        candidates = [
            name
            for name in self.trials.columns
            if name not in known
            and str(name) not in LAYER_STRENGTH
            and read_column(str(name)) is None
        ]
        whole = [n for n in candidates if self.trials[n].notna().all()]
        return [str(n) for n in whole if self.trials[n].nunique() > 1]

    def is_log(self, axis: str) -> bool:
        if axis in LOG_AXES:
            return True
        values = self.trials[axis]
        return (
            pd.api.types.is_numeric_dtype(values)
            and values.min() > 0
            and values.max() >= WIDE * values.min()
        )

    def columns(self, trials: pd.DataFrame) -> np.ndarray:
        """The axes of these trials (N, D), each in [0, 1]; words have a column for each choice."""
        columns = []
        for axis in self.axes:
            values = trials[axis]
            if not pd.api.types.is_numeric_dtype(values):
                choices = sorted(values.unique())
                columns += [(values == c).to_numpy(float) for c in choices[len(choices) == 2 :]]
                continue
            numbers = values.to_numpy(float)
            numbers = np.log(numbers) if self.is_log(axis) else numbers
            columns.append((numbers - numbers.min()) / (float(np.ptp(numbers)) or 1.0))
        return np.column_stack(columns) if columns else np.empty((len(trials), 0))

    @cached_property
    def null_loss(self) -> float:
        runs = self.frames.runs
        return float(runs.loc[runs["trial"].isin(self.trials["trial"]), "null_loss"].mean())

    @cached_property
    def noise(self) -> float:
        """Deviation of one run's log loss, from replicates of the search or else of the path."""
        path = path_trials(self.frames.trials, self.penalty)
        for trials in (self.complete, path[path["strength"] > 0]):
            units = self.frames.units_of(trials)
            table = units.pivot(index="trial", columns="unit", values="val_loss").dropna()
            table = table[(table.mean(axis=1) <= self.null_loss) & (table > 0).all(axis=1)]
            if min(table.shape) > 1:
                return replicate_noise(table.to_numpy(float))
        return math.nan
