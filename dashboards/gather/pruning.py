"""What pruning saved and whether it cost anything, in numbers: stopped and kept trials, a control.

A stopped trial's end is known where the study has a control (``search.control``), which trains what
was stopped to its end: then rung values can be compared with last values without a bias, since
nobody is left out. Without one, only the epochs that were saved are known.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from dashboards.gather.facts import objective_of
from dashboards.gather.frames import Frames
from sweep.metrics.metric import Metric
from sweep.records.facts import StoredStudy
from sweep.records.parameters import MAX_EPOCHS
from sweep.search.rungs import stages

FEWEST_RANKED = 4
SHARES = ("half of the run", "three quarters of the run")
"""Where the rungs lie, in words, where each trial has epochs of its own."""


@dataclass(frozen=True)
class Rung:
    """Where trials were compared."""

    words: str
    """``epoch 20``, or where each trial has epochs of its own ``half of the run``."""
    epochs: pd.Series
    """The epoch of every explore trial."""


@dataclass(frozen=True)
class Pruning:
    """The explore trials of a study, and of its control, as the pruner saw them."""

    frames: Frames

    @property
    def study(self) -> StoredStudy:
        return self.frames.study

    @property
    def objective(self) -> str:
        return self.metric.validation

    @property
    def metric(self) -> Metric:
        return objective_of(self.study)

    @property
    def sign(self) -> float:
        """What makes lower better."""
        return self.metric.sign

    @cached_property
    def explored(self) -> pd.DataFrame:
        """The ended trials of the explore phase, by their number."""
        trials = self.frames.trials
        mine = trials[(trials["phase"] == "explore") & trials["state"].isin(["complete", "pruned"])]
        return mine.set_index("trial", drop=False).rename_axis(index=None)

    @cached_property
    def control(self) -> dict[int, int]:
        """The complete control trial of a stopped one, by number."""
        trials = self.frames.trials
        mine = trials[(trials["phase"] == "control") & (trials["state"] == "complete")]
        stopped = {number: self.frames.records[number].parent for number in mine["trial"].tolist()}
        return {parent: number for number, parent in stopped.items() if parent is not None}

    @property
    def shares_rungs(self) -> bool:
        """Whether all trials have the same epochs, and so the same rungs."""
        return MAX_EPOCHS not in self.frames.trials

    @cached_property
    def planned(self) -> pd.Series:
        """The epochs of every trial's runs, if nothing stops them."""
        trials = self.frames.trials.set_index("trial")
        if self.shares_rungs:
            return pd.Series(self.study.epochs, index=trials.index)
        return trials[MAX_EPOCHS].fillna(self.study.epochs).astype(int)

    @cached_property
    def rungs(self) -> list[Rung]:
        own = self.planned[self.explored.index]
        if not self.shares_rungs:
            n_rungs = len(stages(self.study.pruner, 1)) - 1
            ends = np.array([stages(self.study.pruner, n) for n in own])
            return [Rung(SHARES[i], pd.Series(ends[:, i], own.index)) for i in range(n_rungs)]
        stopped = self.explored.loc[self.explored["state"] == "pruned", "epochs"]
        known = self.study.rungs
        found = known if known is not None else sorted(stopped.unique())
        return [Rung(f"epoch {int(e)}", own * 0 + int(e)) for e in found]

    @cached_property
    def curves(self) -> pd.DataFrame:
        """The objective over epochs (rows) of every trial (columns), mean over its runs."""
        trials = [*self.explored.index, *self.control.values()]
        curves = self.frames.curves
        mine = curves[(curves["metric"] == self.objective) & curves["trial"].isin(trials)]
        return mine.pivot_table("value", "epoch", "trial", "mean")

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per explore trial: its values at the rungs and at the end.

        Columns ``trial``, ``penalty``, ``strength``, ``lr``, ``state``, ``epochs``, one by the
        words of each rung and ``end``; what was never trained is nan.
        """
        table = self.explored[["trial", "penalty", "strength", "lr", "state", "epochs"]].copy()
        whole = [self.control.get(trial, trial) for trial in table.index]
        points = self.curves.stack()
        for rung in self.rungs:
            places = list(zip(rung.epochs[table.index], whole, strict=True))
            table[rung.words] = points.reindex(places).to_numpy()
        ends = self.frames.trials.set_index("trial")[self.objective].reindex(whole).to_numpy()
        known = [n in self.control or s == "complete" for n, s in table["state"].items()]
        table["end"] = np.where(known, ends, math.nan)
        return table

    def best(self, penalty: str) -> int | None:
        """The trial of a penalty that the path goes through: its best complete one."""
        kept = self.table[(self.table["penalty"] == penalty) & (self.table["state"] == "complete")]
        ends = (self.sign * kept["end"]).dropna()
        return None if ends.empty else int(ends.sort_values(kind="stable").index[0])

    @cached_property
    def missed(self) -> list[int]:
        """Stopped trials that would have been better than the best of their penalty, best first."""
        found = []
        for penalty in self.penalties:
            best = self.best(penalty)
            limit = math.inf if best is None else self.sign * float(self.table["end"][best])
            own = self.table[self.table["penalty"] == penalty]
            ends = (self.sign * own.loc[own["state"] == "pruned", "end"]).dropna().sort_values()
            found += [int(trial) for trial in ends.index[ends < limit]]
        return found

    @property
    def penalties(self) -> list[str]:
        present = set(self.explored["penalty"])
        ordered = [p for p in self.study.penalties if p in present]
        return ordered + sorted(present - set(ordered))

    @property
    def n_stopped(self) -> int:
        return int((self.explored["state"] == "pruned").sum())

    def saved(self, penalty: str = "") -> tuple[float, float]:
        """Epochs not trained by stopped runs, and those of all runs without stops; summed."""
        trials, runs = self.frames.trials, self.frames.runs
        mine = trials[trials["phase"] == "explore"]
        if penalty:
            mine = mine[mine["penalty"] == penalty]
        own = runs[runs["trial"].isin(mine["trial"])]
        full = self.planned[own["trial"]].to_numpy()
        saved = (full - own["epochs"].to_numpy())[(own["state"] == "pruned").to_numpy()].sum()
        return float(saved), float(full.sum())

    def correlation(self, rung: Rung, penalty: str) -> float:
        """Spearman's rank correlation of rung values and last values; nan unless all are known."""
        own = self.table[self.table["penalty"] == penalty]
        pairs = own[[rung.words, "end"]]
        if len(pairs) < FEWEST_RANKED or pairs.isna().any().any():
            return math.nan
        ranks = pairs.rank()
        if (ranks.nunique() < 2).any():
            return math.nan
        return float(np.corrcoef(ranks.to_numpy().T)[0, 1])
