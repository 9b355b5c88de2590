"""All that is known of one study: its facts, its frames, and the tables made of them once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from dashboards.gather.best_losses import best_table
from dashboards.gather.confirmed import confirm_table
from dashboards.gather.facts import objective_of
from dashboards.gather.tables import (
    best_point,
    boundary_of,
    path_trials,
    penalties_with_path,
    spread_table,
    units_of,
)
from sweep.metrics.metric import Metric
from sweep.records.facts import StoredStudy
from sweep.records.trial import Trial


@dataclass(frozen=True)
class Frames:
    """A study's facts and frames; what several sections draw from them is worked out once."""

    study: StoredStudy
    trials: pd.DataFrame
    runs: pd.DataFrame
    curves: pd.DataFrame
    layers: pd.DataFrame
    boundaries: pd.DataFrame
    occupancy: pd.DataFrame = field(default_factory=pd.DataFrame)
    records: Mapping[int, Trial] = field(default_factory=dict)
    """The trials by number: their roles, layers and parents."""
    unpruned: Frames | None = None
    """The same study without pruning, where the database holds one that has finished."""
    provisional: tuple[str, ...] = ()
    """The penalties whose boundaries are estimated from a study that is still under way."""

    @property
    def objective(self) -> Metric:
        return objective_of(self.study)

    @cached_property
    def null_is_strongest(self) -> bool:
        """Whether the losses at the strongest strength stand for the constant predictor's."""
        if self.study.null_from_strongest or not self.study.loop:
            return self.study.null_from_strongest
        null = self.objective.null
        is_known = null in self.runs and bool(self.runs[null].notna().any())
        return bool(self.penalties) and not is_known

    @cached_property
    def penalties(self) -> list[str]:
        """The penalties that have a path, in the study's order."""
        return penalties_with_path(self.trials, self.study)

    @cached_property
    def units(self) -> Mapping[str, pd.DataFrame]:
        """``units_of`` of every penalty's path."""
        return {p: self.units_of(path_trials(self.trials, p)) for p in self.penalties}

    @cached_property
    def path_tables(self) -> Mapping[str, pd.DataFrame]:
        """``path_table`` of every penalty's path, whether or not it has results."""
        return {
            penalty: spread_table(
                path_trials(self.trials, penalty), self.units[penalty], self.runs, self.study
            )
            for penalty in self.penalties
        }

    @cached_property
    def paths(self) -> Mapping[str, pd.DataFrame]:
        """``path_table`` of every penalty whose path has results at two strengths or more."""
        return {
            penalty: table
            for penalty, table in self.path_tables.items()
            if "val_loss" in table and (table.dropna(subset="val_loss")["strength"] > 0).sum() > 1
        }

    @cached_property
    def best_losses(self) -> pd.DataFrame:
        """``best_table`` of all paths."""
        return best_table(self.path_tables, self.units, self.study)

    @cached_property
    def confirmed(self) -> pd.DataFrame:
        """``confirm_table``: what the chosen settings reached on the test split."""
        return confirm_table(self.trials, self.runs, self.study)

    def units_of(self, trials: pd.DataFrame) -> pd.DataFrame:
        """One row per trial and unit of some of the study's trials."""
        return units_of(trials, self.runs, self.study.design)

    def boundary(self, penalty: str, metric: str = "") -> Mapping[str, Any] | None:
        """The boundaries of a penalty's path, for the study's objective unless another is named."""
        return boundary_of(self.boundaries, penalty, metric or self.objective.validation)

    def best(self, penalty: str) -> float:
        """The strength of the path with the best mean."""
        return best_point(self.paths[penalty], self.objective)
