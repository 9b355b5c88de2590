"""All that is known of one study: its facts, its frames, and the tables made of them once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from dashboards.gather.best_losses import best_table
from dashboards.gather.confirmed import confirm_table
from dashboards.gather.tables import best_point, path_trials, spread_table
from sweep.checks.best_trials import moves_of
from sweep.checks.judging import Checked, run_checks
from sweep.checks.tables import StudyTables, row_of_least
from sweep.metrics.metric import Metric
from sweep.records.trial import Trial


@dataclass(frozen=True, eq=False)
class Frames(StudyTables):
    """A study's facts and frames; what several sections draw from them is worked out once."""

    layers: pd.DataFrame
    occupancy: pd.DataFrame = field(default_factory=pd.DataFrame)
    records: Mapping[int, Trial] = field(default_factory=dict)
    """The trials by number: their roles, layers and parents."""
    unpruned: Frames | None = None
    """The same study without pruning, where the database holds one that has finished."""
    provisional: tuple[str, ...] = ()
    """The penalties whose boundaries are estimated from a study that is still under way."""

    @cached_property
    def checked(self) -> list[Checked]:
        """Every check of the study."""
        return run_checks(self)

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
        paths = {penalty: self.path(penalty) for penalty in self.penalties}
        return best_table(self.path_tables, self.units, paths, self.study)

    def best_row(self, metric: Metric) -> pd.Series | None:
        """The row of ``best_losses`` that is the best by a metric, all compared on the same
        resamples; None where none has it.
        """
        known = self.best_losses[self.best_losses[metric.validation].notna()]
        if known.empty:
            return None
        points = zip(map(self.path, known["penalty"]), known["strength"], strict=True)
        numbers = [int(path.loc[path["strength"] == s, "trial"].iloc[0]) for path, s in points]
        moves = moves_of(self, numbers, metric.validation)
        return row_of_least(known, metric.sign * (known[metric.validation] + moves))

    @cached_property
    def confirmed(self) -> pd.DataFrame:
        """``confirm_table``: what the chosen settings reached on the test split."""
        return confirm_table(self.trials, self.runs, self.study)

    def best(self, penalty: str) -> float:
        """The strength of the path with the best mean."""
        return best_point(self.paths[penalty], self.path(penalty), self.objective)
