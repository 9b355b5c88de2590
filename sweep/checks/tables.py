"""The frames of one study, and what several checks take from them: paths, units, the search."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any, Self, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from sweep.checks.uneven import candidates, levelled
from sweep.errors import StoreError
from sweep.metrics.metric import LOSS, Metric, metric_of
from sweep.records.facts import StoredStudy, StudyFacts
from sweep.records.parameters import ALL_LAYERS
from sweep.records.trial import Phase, State
from sweep.regularizers.catalogue import regularizes
from sweep.statistics.verdicts import Cause, SideVerdict, Verdict
from sweep.store.frames import boundaries_frame, curves_frame, runs_frame, trials_frame
from sweep.store.store import Store

CODES = {
    "verdict": Verdict,
    **dict.fromkeys(("overfitting_verdict", "underfitting_verdict"), SideVerdict),
    **dict.fromkeys(("overfitting_cause", "underfitting_cause"), Cause),
}
"""Columns of boundaries that hold codes."""
ENDED = tuple(str(state) for state in State if state.ended)


Result = TypeVar("Result")


def known_boundaries(store: Store, name: str) -> pd.DataFrame:
    """``boundaries_frame``; StoreError for codes that are none: a database may hold anything."""
    frame = boundaries_frame(store, name)
    for column, codes in CODES.items():
        odd = set(frame.get(column, ())) - set(codes)
        if odd:
            raise StoreError(
                f"{store.masked_url}: study {name!r}: {column}: one of {', '.join(codes)} must be "
                f"found, got {min(map(repr, odd))}; use a copy of the database from before"
            )
    return frame


@dataclass(frozen=True, eq=False)
class StudyTables:
    """What is stored of a study; what is made of it is worked out once."""

    study: StoredStudy
    trials: pd.DataFrame
    runs: pd.DataFrame
    curves: pd.DataFrame
    boundaries: pd.DataFrame

    @classmethod
    def read(cls, store: Store, name: str) -> Self:
        """Those of a stored study, as of one moment; StoreError for an unknown name."""
        with store.snapshot():
            return cls(
                study=store.read_study(name),
                trials=trials_frame(store, name),
                runs=runs_frame(store, name),
                curves=curves_frame(store, name),
                boundaries=known_boundaries(store, name),
            )

    @property
    def objective(self) -> Metric:
        """What trials are judged by."""
        return metric_of(self.study.objective, self.study.maximize)

    @property
    def finished(self) -> bool:
        return self.study.finished_at is not None

    @cached_property
    def penalties(self) -> list[str]:
        """The penalties that have a path, in the study's order."""
        return penalties_with_path(self.trials, self.study)

    def path(self, penalty: str) -> pd.DataFrame:
        """The trials of a penalty's path, from the zero-strength anchor upwards."""
        trials = self.trials
        mine = (trials["phase"] == str(Phase.PATH)) & (trials["path"] == ALL_LAYERS)
        path: pd.DataFrame = trials[mine & (trials["penalty"] == penalty)]
        return path.sort_values("strength")

    @cached_property
    def units(self) -> Mapping[str, pd.DataFrame]:
        """``units_of`` of every penalty's path."""
        return {penalty: self.units_of(self.path(penalty)) for penalty in self.penalties}

    @cached_property
    def ladders(self) -> Mapping[str, pd.DataFrame]:
        """One row per strength of each path with results at two strengths or more: ``trial``,
        ``strength``, ``units`` and the means of the numbers of runs.
        """
        metrics = dict.fromkeys((self.objective, LOSS))
        compared = [name for m in metrics for name in (m.validation, m.training, m.null)]
        found = {}
        for penalty, units in self.units.items():
            level = levelled(units, self.path(penalty), compared)
            grouped = level.drop(columns="unit").groupby("trial")
            table = grouped.mean().assign(units=grouped.size()).reset_index()
            if (table["strength"] > 0).sum() > 1:
                found[penalty] = table.sort_values("strength", ignore_index=True)
        return found

    def units_of(self, trials: pd.DataFrame, design: str = "") -> pd.DataFrame:
        """``units_of`` of some of the study's trials, under its design unless another is named."""
        return units_of(trials, self.runs, design or self.study.design)

    def best_point(self, penalty: str) -> pd.Series:
        """The row of a penalty's ladder with the best mean objective, the anchor aside."""
        ladder, chosen = self.ladders[penalty], candidates(self.path(penalty))
        ladder = ladder[(ladder["strength"] > 0) & ladder["trial"].isin(chosen["trial"])]
        name = self.objective.validation
        known = name in ladder and bool(ladder[name].notna().all())
        metric = self.objective if known else LOSS
        return row_of_least(ladder, metric.sign * ladder[metric.validation])

    def boundary(self, penalty: str, metric: str = "") -> Mapping[str, Any] | None:
        """The boundaries of a penalty's path, for the objective unless another is named."""
        return self._boundary_rows.get((penalty, metric or self.objective.validation))

    @cached_property
    def _boundary_rows(self) -> Mapping[tuple[str, str], Mapping[str, Any]]:
        rows = self.boundaries[self.boundaries["layer"] == ALL_LAYERS]
        named = ({str(k): v for k, v in row.items()} for row in rows.to_dict("records"))
        return {(row["penalty"], row["metric"]): row for row in named}

    @cached_property
    def explored(self) -> pd.DataFrame:
        """The trials of the search that ended."""
        trials = self.trials
        mine = (trials["phase"] == str(Phase.EXPLORE)) & trials["state"].isin(ENDED)
        found: pd.DataFrame = trials[mine]
        return found

    @cached_property
    def searched(self) -> pd.DataFrame:
        """Those that trained to their end and have a value of the objective."""
        column = self.objective.validation
        done = self.explored[self.explored["state"] == str(State.COMPLETE)]
        if column not in done:
            return done.head(0)
        found: pd.DataFrame = done[np.isfinite(done[column].astype(float))]
        return found

    def skill(self, trials: pd.DataFrame) -> float:
        """What the best of these trials saves of the constant predictor's objective; nan where
        nobody knows that one.
        """
        column = self.objective.null
        if column not in self.runs or trials.empty:
            return math.nan
        null = self.runs.loc[self.runs["trial"].isin(trials["trial"]), column].mean()
        sign = self.objective.sign
        return float(sign * null - (sign * trials[self.objective.validation]).min())

    @cached_property
    def mean_curves(self) -> pd.DataFrame:
        """The validation loss by epoch (rows) of every trial (columns), means over its runs."""
        mine = self.curves[self.curves["metric"] == LOSS.validation]
        return mine.pivot_table("value", "epoch", "trial", "mean")

    @cached_property
    def null_is_strongest(self) -> bool:
        """Whether the losses at the strongest strength stand for the constant predictor's."""
        if self.study.null_from_strongest or not self.study.loop:
            return self.study.null_from_strongest
        null = self.objective.null
        is_known = null in self.runs and bool(self.runs[null].notna().any())
        return bool(self.penalties) and not is_known

    @cached_property
    def tested(self) -> pd.DataFrame:
        """The trials that met the test split."""
        phases = [str(Phase.CONFIRM), str(Phase.BASELINE)]
        trials = self.trials
        kept = trials["phase"].isin(phases) & (trials["state"] == str(State.COMPLETE))
        found: pd.DataFrame = trials[kept]
        return found

    @cached_property
    def test_units(self) -> pd.DataFrame:
        """One row per setting and retraining that met the test split."""
        return self.units_of(self.tested, "holdout")

    @property
    def searched_penalties(self) -> list[str]:
        """The penalties that the search has trials of, in the study's order."""
        present = set(self.explored["penalty"])
        return [p for p in self.study.penalties if p in present and regularizes(p)]


def penalties_with_path(trials: pd.DataFrame, facts: StudyFacts) -> list[str]:
    """The penalties that have a path, in the study's order."""
    present = set(trials.loc[trials["path"] == ALL_LAYERS, "penalty"])
    ordered = [p for p in facts.penalties if p in present]
    return ordered + sorted(present - set(ordered))


def diverged_ends(path: pd.DataFrame) -> tuple[str, ...]:
    """The ends of a path, ``low`` and ``high``, beyond which runs were trained and diverged."""
    strengths = path.loc[path["strength"] > 0, "strength"]
    lost = strengths[path["state"] == str(State.DIVERGED)]
    kept = strengths[path["state"] == str(State.COMPLETE)]
    beyond = {"low": (lost < kept.min()).any(), "high": (lost > kept.max()).any()}
    return tuple(end for end, found in beyond.items() if found)


def once(function: Callable[[StudyTables], Result]) -> Callable[[StudyTables], Result]:
    """The function, which several rules call, worked out once for each study."""
    known: WeakKeyDictionary[StudyTables, Result] = WeakKeyDictionary()

    @wraps(function)
    def remembered(tables: StudyTables) -> Result:
        if tables not in known:
            known[tables] = function(tables)
        return known[tables]

    return remembered


def row_of_least(table: pd.DataFrame, costs: pd.Series) -> pd.Series:
    """The row with the lowest of these costs, those that are not known aside; the first of several.

    ValueError where none is known.
    """
    known = costs.notna()
    return table[known].iloc[int(costs[known].to_numpy().argmin())]


def units_of(trials: pd.DataFrame, runs: pd.DataFrame, design: str) -> pd.DataFrame:
    """One row per trial and unit, columns of ``runs_frame`` beside ``strength`` and ``unit``.

    Runs that did not complete are left out, and those of a path under way that go beyond what its
    trials have come to; seeds are units of their own on one fixed split.
    """
    mine = runs.merge(trials[["trial", "strength", "penalty", "n_runs"]], on="trial")
    n_ended = mine.groupby("trial")["run"].transform("size")
    beyond = (mine["n_runs"] > 0) & (n_ended > mine["n_runs"]) & (mine["run"] >= mine["n_runs"])
    mine = mine[~beyond].drop(columns="n_runs")
    mine = mine[(mine["state"] == str(State.COMPLETE)) & np.isfinite(mine["val_loss"])]
    keys = ["resample", "fold"]
    if design == "holdout":
        keys.append("replicate")
    numbers = [c for c in mine.select_dtypes("number").columns if c not in ("run", "replicate")]
    grouped = mine[list(dict.fromkeys([*numbers, *keys]))].groupby(
        ["trial", "strength", *keys], as_index=False
    )
    units: pd.DataFrame = grouped.mean()
    places = units[keys].to_numpy(int)
    return units.assign(unit=["/".join(map(str, place)) for place in places])
