"""After the paths: what was found meets the test split, and is taken apart and compared."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from sweep.launchers.context import TrainingContext
from sweep.launchers.loop_context import AnyContext
from sweep.phases._baselines import baseline_trial, boost
from sweep.phases._numbers import TrialNumbers
from sweep.phases._progress_meter import ProgressMeter
from sweep.phases._schedule import Part, wait_until
from sweep.phases._training_loop import TrainingLoop
from sweep.phases.budget import penalties_of
from sweep.phases.history import StudyHistory
from sweep.phases.paths import ablated, without_regularizers
from sweep.records.trial import Phase, Role, Run, State, Trial
from sweep.regularizers.catalogue import COCKTAIL, NONE, has_path
from sweep.search.strengths import Strengths

logger = logging.getLogger("sweep")


class Confirmation:
    """The confirm phase of a study, its baselines, its ablation and the control of its pruning."""

    def __init__(
        self,
        context: AnyContext,
        strengths: Strengths,
        loop: TrainingLoop,
        numbers: TrialNumbers,
        is_settled: Callable[[str], bool],
    ):
        """``is_settled`` says whether nothing is left to search for a penalty, path included."""
        self.study, self.context, self.strengths = context.study, context, strengths
        self.loop, self.draws, self.numbers = loop, loop.draws, numbers
        self.is_settled = is_settled
        self.history: StudyHistory = loop.recorder.history
        self.meter: ProgressMeter = loop.meter

    # ---- what is asked for ---------------------------------------------------------------------

    def parts(self, has_explored: Callable[[], bool]) -> list[Part]:
        """Fresh seeds and the test split for what was found, and what that is compared with."""
        names = penalties_of(self.study)
        settings = [self._setting(place, name) for place, name in enumerate(names, start=1)]
        ablation = [self._ablation()] if COCKTAIL in names else []
        control = [self._control(has_explored)] if self.study.search.control else []
        return [self._plain(), *settings, self._baselines(), *ablation, *control]

    def _setting(self, place: int, penalty: str) -> Part:
        """The best of a penalty."""
        yield from wait_until(lambda: self.is_settled(penalty))
        trial = self._best(penalty)
        if trial is not None:
            yield [self._confirmed(penalty) or self._at(trial, trial.strength, place)]

    def _plain(self) -> Part:
        """The best without a penalty, or the best of all without its own."""
        names = self.study.search.names
        yield from wait_until(lambda: NONE not in names or self.is_settled(NONE))
        trial = self._best(NONE)
        if trial is None:
            yield from wait_until(lambda: all(map(self.is_settled, names)))
            found = self._best_trials()
            trial = found[self._overall(found)] if found else None
        if trial is not None:
            plain = without_regularizers(trial)
            yield [self._confirmed(NONE) or self._at(plain, 0.0, 0)]

    def _baselines(self) -> Part:
        """A good default, on the rows that what is confirmed is tested on."""
        names = self.study.search.names
        confirmed = partial(self.history.of_phase, Phase.CONFIRM)
        yield from wait_until(lambda: bool(confirmed()) or all(map(self.is_settled, names)))
        trials = [t for t in self._baseline_trials() if t.role is not Role.BOOSTING]
        if confirmed() and trials:
            yield trials

    def _ablation(self) -> Part:
        """The confirmed cocktail, taken apart, on the draws that it is confirmed on."""
        yield from wait_until(lambda: self.is_settled(COCKTAIL))
        cocktail = self._confirmed(COCKTAIL)
        trials = self._counted(ablated(cocktail) if cocktail else [], Phase.ABLATION)
        if trials:
            yield trials

    def _control(self, has_explored: Callable[[], bool]) -> Part:
        """Every pruned trial from its start to its end; the search has never heard of them."""
        yield from wait_until(has_explored)
        explored = self.history.of_phase(Phase.EXPLORE)
        pruned = [t for t in explored if self.history.state_of(t.number) is State.PRUNED]
        again = [replace(t, role=Role.CONTROL, parent=t.number) for t in pruned]
        trials = self._counted(again, Phase.CONTROL)
        if trials:
            yield trials

    def _counted(self, settings: Sequence[Trial], phase: Phase) -> list[Trial]:
        """The trials of a phase, whose runs can be counted only now: those that were asked for
        before, or these settings.
        """
        trials = self.history.of_phase(phase) or [
            replace(setting, number=self.numbers.of(phase, i), phase=phase)
            for i, setting in enumerate(settings)
        ]
        self.meter.planned[phase] = len(trials) * len(self.draws[phase])
        return trials

    # ---- what was found ------------------------------------------------------------------------

    def _best(self, penalty: str) -> Trial | None:
        """The best trial of a penalty, on its path where it has a path."""
        if self.study.path.points and has_path(penalty):
            return self.history.best_trial(Phase.PATH, penalty)
        return self.history.selected_trial(penalty)

    def _best_trials(self) -> dict[str, Trial]:
        """Those of all penalties that have one."""
        best = {name: self._best(name) for name in [*penalties_of(self.study), NONE]}
        return {name: trial for name, trial in best.items() if trial is not None}

    def _overall(self, found: Mapping[str, Trial]) -> str:
        """The best of these penalties."""
        judged = comparable_trials(self.history, found)
        costs = self.history.costs(judged.values())
        return min(found, key=lambda penalty: costs[judged[penalty].number])

    def _confirmed(self, penalty: str) -> Trial | None:
        return next(iter(self.history.of_phase(Phase.CONFIRM, penalty)), None)

    def _at(self, base: Trial, strength: float, place: int) -> Trial:
        """A setting to be confirmed."""
        point, number = self.strengths.scaled(base, strength), self.numbers.of(Phase.CONFIRM, place)
        return replace(
            point, number=number, phase=Phase.CONFIRM, round=0, role=Role.SETTING, layer=""
        )

    def _baseline_trials(self) -> list[Trial]:
        known = {trial.role: trial for trial in self.history.of_phase(Phase.BASELINE)}
        optimizer, layers = self.study.training.optimizer_name, self.context.layers
        return [
            known.get(Role(name))
            or baseline_trial(name, optimizer, layers, self.numbers.of(Phase.BASELINE, i))
            for i, name in enumerate(self.study.search.baselines)
        ]

    # ---- the end -------------------------------------------------------------------------------

    def finish(self) -> int | None:
        """Grows the boosted trees, once all runs have ended; returns the winner's number, None
        where no trial completed.
        """
        found = self._best_trials()
        if not found:
            logger.warning("no trial completed, so there is nothing to confirm")
            return None
        for trial in self._baseline_trials():
            if trial.role is Role.BOOSTING:
                self._boost(trial)
        winner = self._confirmed(self._overall(found))
        assert winner is not None
        return winner.number

    def _boost(self, trial: Trial) -> None:
        self.loop.recorder.add_trials([trial])
        runs = [Run(trial.number, i, draw) for i, draw in enumerate(self.draws[Phase.BASELINE])]
        missing = [run for run in runs if (run.trial, run.number) not in self.history.runs]
        assert isinstance(self.context, TrainingContext)  # a loop's study has no baselines
        task, judges = self.context.data.task, self.context.study_data.judges
        split_of = self.context.split_of
        results = [boost(run, split_of(run, True)[1], task, judges) for run in missing]
        self.loop.recorder.end_runs(results)


def comparable_trials(history: StudyHistory, found: Mapping[str, Trial]) -> Mapping[str, Trial]:
    """The trials by which penalties are compared, by penalty: those ``found``; where one is of no
    path, since the rows of a path are others, those selected on the same resamples; or else those
    of the search.
    """
    if all(trial.phase is Phase.PATH for trial in found.values()):
        return found
    repeated = {p: history.best_trial(Phase.SELECT, p) for p in found}
    compared = {p: trial for p, trial in repeated.items() if trial is not None}
    if len(compared) == len(found):
        return compared
    return {penalty: history.selected_trial(penalty) or t for penalty, t in found.items()}
