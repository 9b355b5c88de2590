"""What a study came to, as one finding, and the setting that it recommends.

The finding decides the form of the headline: it is a code here, and words in
``dashboards.sections.headline``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

import pandas as pd

from dashboards.gather.columns import change_of, ends_of
from dashboards.gather.facts import alike
from dashboards.gather.frames import Frames
from dashboards.gather.rivals import Rival, rivals_of, simplest_of
from dashboards.gather.sides import undefined_by, zone_end
from dashboards.gather.tables import path_trials
from sweep.checks.early_stop import EarlyStop, best_stop, stop_early
from sweep.metrics.metric import Metric
from sweep.regularizers.catalogue import NONE, acts_on_weights, is_mixture, regularizes
from sweep.statistics.verdicts import SideVerdict, Verdict


class Finding(StrEnum):
    """The one thing to say first."""

    WAITING = "waiting"
    """No run has ended."""
    DIVERGED = "diverged"
    """Every run that ended did so by diverging or failing."""
    NO_SIGNAL = "no_signal"
    """No setting beats a constant prediction."""
    NOT_NEEDED = "not_needed"
    """Without regularization the loss is within the tolerance of the best."""
    NO_EFFECT = "no_effect"
    """No strength of any path changes the validation loss by more than noise."""
    TOO_FEW = "too_few"
    """Neither a gain nor its absence is shown."""
    MIXTURE = "mixture"
    LAYERS = "layers"
    """One strength per layer."""
    SETTING = "setting"
    """One penalty at one strength."""
    SEARCHED = "searched"
    """The search has a best trial, and nothing has been estimated yet."""


UNADVISED = (Finding.NO_SIGNAL, Finding.NO_EFFECT, Finding.TOO_FEW)
"""Findings under which no setting is sold."""


@dataclass(frozen=True)
class Recommended:
    """The setting to take."""

    penalty: str
    strength: float
    """Of the best point that was trained; nan where it has no strength."""
    lr: float
    trial: int
    tested: bool
    """Whether it was chosen by the test split, and not by validation alone."""


@dataclass(frozen=True)
class Outcome:
    """What a study came to; worked out once for the whole page."""

    frames: Frames

    @property
    def metric(self) -> Metric:
        return self.frames.objective

    @property
    def finished(self) -> bool:
        return self.frames.study.finished_at is not None

    @cached_property
    def rivals(self) -> list[Rival]:
        """The settings on the test split, the best first."""
        return rivals_of(self.frames.trials, self.frames.runs, self.frames.study)

    @cached_property
    def recommended(self) -> Recommended | None:
        """The simplest setting that cannot be told from the best on the test split, before that
        the best in validation; None without any.
        """
        frames = self.frames
        chosen = simplest_of(self.rivals, frames.trials, frames.study, self._ruled_out())
        if chosen is not None:
            row = frames.trials.loc[frames.trials["trial"] == chosen.trial].iloc[0]
            lr = float(row["lr"])
            return Recommended(chosen.penalty, chosen.strength, lr, chosen.trial, tested=True)
        return self._best_in_validation()

    @property
    def advised(self) -> Recommended | None:
        """The recommended setting where there is something to recommend it for."""
        taken = self.recommended
        if taken is None or self.finding in UNADVISED:
            return None
        not_needed = self.finding is Finding.NOT_NEEDED and regularizes(taken.penalty)
        return None if not_needed else taken

    def _ruled_out(self) -> list[str]:
        """The penalties that validation speaks against: those whose strength has no measurable
        effect, and none where every path loses more than the tolerance at its zero.
        """
        paths = list(self.frames.paths)
        sides = [zone_end(self.frames.boundary(p), "left").verdict for p in paths]
        idle = [penalty for penalty in paths if not self._has_effect(penalty)]
        needed = bool(sides) and all(side is SideVerdict.FOUND for side in sides)
        return [*idle, NONE] if needed else idle

    def _has_effect(self, penalty: str) -> bool:
        """Whether the strengths of a path differ by more than noise, as far as it is known."""
        boundary = self.frames.boundary(penalty)
        return boundary is None or Verdict(boundary["verdict"]) is not Verdict.NO_EFFECT

    def _best_in_validation(self) -> Recommended | None:
        frames, best = self.frames, self.frames.best_losses
        if is_estimated(self.frames) and not best.empty and self.metric.validation in best:
            row = frames.best_row(self.metric)
            if row is not None:
                return self._at(str(row["penalty"]), float(row["strength"]))
        ended = frames.trials[frames.trials["state"] == "complete"]
        searched = ended[ended["phase"] == "explore"]
        if not is_estimated(self.frames) and len(searched):  # few strengths of a path are no search
            ended = searched
        if self.metric.validation not in ended:
            return None
        ended = ended[ended[self.metric.validation].notna()]
        if ended.empty:
            return None
        costs = self.metric.sign * ended[self.metric.validation]
        trial = ended.iloc[int(costs.argmin())]
        number, lr = int(trial["trial"]), float(trial["lr"])
        strength = float(trial["strength"])
        return Recommended(str(trial["penalty"]), strength, lr, number, tested=False)

    def _at(self, penalty: str, strength: float) -> Recommended:
        """A point of a penalty's path."""
        path = path_trials(self.frames.trials, penalty)
        trial = path[path["strength"] == strength].iloc[0]
        return Recommended(penalty, strength, float(trial["lr"]), int(trial["trial"]), tested=False)

    @cached_property
    def boundary(self) -> Mapping[str, Any] | None:
        """The boundaries of the recommended penalty's path."""
        taken = self.recommended
        return None if taken is None else self.frames.boundary(taken.penalty)

    @cached_property
    def early_stop(self) -> EarlyStop | None:
        """What stopping the unregularized network early gets, on the recommended penalty's path or
        else, where it has none, on the best in validation.
        """
        taken = self.recommended
        if taken is not None and taken.penalty in self.frames.paths:
            return stop_early(self.frames, taken.penalty)
        return best_stop(self.frames)

    @cached_property
    def finding(self) -> Finding:
        """What is said first."""
        ended = self.frames.runs["state"]
        if ended.empty:
            return Finding.WAITING
        if not ended.isin(["complete", "pruned"]).any():
            return Finding.DIVERGED
        if self._learned_nothing():
            return Finding.NO_SIGNAL
        if self.recommended is None:
            return Finding.WAITING
        if not self.rivals and not is_estimated(self.frames):
            return Finding.SEARCHED
        return self._of_recommended(self.recommended)

    def _learned_nothing(self) -> bool:
        boundaries = [self.frames.boundary(penalty) for penalty in self.frames.paths]
        known = [undefined_by(b) for b in boundaries if b is not None]
        return bool(known) and all(verdict is Verdict.NO_SIGNAL for verdict in known)

    def _of_recommended(self, taken: Recommended) -> Finding:
        if not regularizes(taken.penalty) or not self.gain_shown:
            if self.harmless:
                return Finding.NOT_NEEDED
            paths = list(self.frames.paths)
            idle = bool(paths) and not any(map(self._has_effect, paths))
            return Finding.NO_EFFECT if idle else Finding.TOO_FEW
        if is_mixture(taken.penalty):
            return Finding.MIXTURE
        if acts_on_weights(taken.penalty) and not alike(self.frames.study):
            return Finding.LAYERS
        return Finding.SETTING

    @cached_property
    def harmless(self) -> bool:
        """Whether every path that was estimated does as well without regularization."""
        sides = [zone_end(self.frames.boundary(p), "left").verdict for p in self.frames.paths]
        return bool(sides) and all(side is SideVerdict.NONE for side in sides)

    @cached_property
    def gain_shown(self) -> bool:
        """Whether the recommended setting is shown to beat no regularization: its path found where
        overfitting ends, or its paired difference from none is all on one side of 0.
        """
        taken = self.recommended
        if taken is None or not self._has_effect(taken.penalty):
            return False
        left = zone_end(self.boundary, "left").verdict
        if left in (SideVerdict.FOUND, SideVerdict.BELOW_RANGE):
            return True
        ends = [self._tested_change(taken.penalty), self._validated_change(taken.penalty)]
        known = [end for end in ends if math.isfinite(end)]
        return bool(known) and known[0] < 0

    @property
    def helping(self) -> list[str]:
        """The penalties that the test split shows to beat no regularization."""
        return [penalty for penalty in self.frames.penalties if self._tested_change(penalty) < 0]

    @property
    def gains_validated(self) -> bool:
        """Whether validation shows that of some, at the best strength of their paths."""
        return any(self._validated_change(penalty) < 0 for penalty in self.frames.paths)

    def _tested_change(self, penalty: str) -> float:
        """The worse end of the test split's paired change from none, lower being better."""
        return worse_end(self.frames.confirmed, "setting", penalty, self.metric)

    def _validated_change(self, penalty: str) -> float:
        return worse_end(self.frames.best_losses, "penalty", penalty, self.metric)


def is_estimated(frames: Frames) -> bool:
    """Whether a path says something yet: while a study is under way, by its estimate alone."""
    paths, finished = frames.paths, frames.study.finished_at is not None
    return bool(paths) and (finished or any(map(frames.boundary, paths)))


def worse_end(table: pd.DataFrame, key: str, penalty: str, metric: Metric) -> float:
    """The worse end of a penalty's paired change from none, lower being better; nan without one."""
    names = ends_of(change_of(metric.name))
    if table.empty or names[0] not in table:
        return math.nan
    rows = table.loc[table[key] == penalty, list(names)]
    ends = metric.sign * rows.to_numpy(float).ravel()[:2]
    return float(ends.max()) if len(ends) else math.nan
