"""After the paths: what was found meets the test split, and is taken apart and compared."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace

from sweep.launchers.context import TrainingContext
from sweep.launchers.loop_context import AnyContext
from sweep.phases._baselines import baseline_trial, boost
from sweep.phases._progress_meter import ProgressMeter
from sweep.phases._training_loop import TESTED, TrainingLoop
from sweep.phases.budget import penalties_of
from sweep.phases.history import StudyHistory
from sweep.phases.paths import ablated, without_regularizers
from sweep.records.trial import Phase, Role, Run, State, Trial
from sweep.regularizers.catalogue import COCKTAIL, NONE, has_path, regularizes
from sweep.search.strengths import Strengths

logger = logging.getLogger("sweep")


class Confirmation:
    """The confirm phase of a study, its baselines, its ablation and the control of its pruning."""

    def __init__(self, context: AnyContext, strengths: Strengths, loop: TrainingLoop):
        self.study, self.context, self.strengths = context.study, context, strengths
        self.loop, self.draws = loop, loop.draws
        self.history: StudyHistory = loop.recorder.history
        self.meter: ProgressMeter = loop.meter

    def run(self) -> int | None:
        """Trains all of it; returns the winner's number, None where no trial completed."""
        best = self._best_trials()
        winner = self._confirm(best) if best else None
        if winner is None:
            logger.warning("no trial completed, so there is nothing to confirm")
        self._ablate()
        if self.study.search.control:
            self._control()
        return winner

    def _best_trials(self) -> dict[str, Trial]:
        """The best trial of each penalty that has one, on its path where it has a path."""
        history, on_path = self.history, filter(has_path, penalties_of(self.study))
        best = {p: history.selected_trial(p) for p in (*penalties_of(self.study), NONE)}
        if self.study.path.points:
            best |= {p: history.best_trial(Phase.PATH, p) for p in on_path}
        return {penalty: trial for penalty, trial in best.items() if trial is not None}

    def _confirm(self, found: Mapping[str, Trial]) -> int:
        """Fresh seeds, and the test split for the only time; returns the winner's number."""
        history = self.history
        judged = comparable_trials(history, found)
        overall = min(found, key=lambda penalty: history.cost(judged[penalty].number))
        first = history.next_number(*TESTED, Phase.CONTROL)
        plain = without_regularizers(found.get(NONE, found[overall]))
        chosen = {NONE: self._at(plain, 0.0, first)}
        for penalty, trial in found.items():
            if regularizes(penalty):
                chosen[penalty] = self._at(trial, trial.strength, first + len(chosen))
        self.loop.train_trials(list(chosen.values()), Phase.CONFIRM)
        self._train_baselines(first + len(chosen))
        return chosen[overall].number

    def _at(self, base: Trial, strength: float, number: int) -> Trial:
        """A setting to be confirmed."""
        point = self.strengths.scaled(base, strength)
        return replace(
            point, number=number, phase=Phase.CONFIRM, round=0, role=Role.SETTING, layer=""
        )

    def _train_baselines(self, first: int) -> None:
        """A good default and boosted trees on the rows that the chosen settings were tested on."""
        trials = [
            baseline_trial(name, self.study.training.optimizer_name, self.context.layers, first + i)
            for i, name in enumerate(self.study.search.baselines)
        ]
        trained = [trial for trial in trials if trial.role is not Role.BOOSTING]
        self.loop.train_trials(trained, Phase.BASELINE)
        self.loop.recorder.add_trials(trials)
        for trial in trials:
            if trial.role is Role.BOOSTING:
                self._boost(trial)

    def _boost(self, trial: Trial) -> None:
        runs = [Run(trial.number, i, draw) for i, draw in enumerate(self.draws[Phase.BASELINE])]
        missing = [run for run in runs if (run.trial, run.number) not in self.history.runs]
        assert isinstance(self.context, TrainingContext)  # a loop's study has no baselines
        task, judges = self.context.data.task, self.context.study_data.judges
        split_of = self.context.split_of
        results = [boost(run, split_of(run, True)[1], task, judges) for run in missing]
        self.loop.recorder.end_runs(results)

    def _ablate(self) -> None:
        """Takes the confirmed cocktail apart, on the draws that it was confirmed on."""
        history = self.history
        cocktail = next(iter(history.of_phase(Phase.CONFIRM, COCKTAIL)), None)
        if cocktail is None:
            return
        first = history.next_number(Phase.ABLATION, Phase.CONTROL)
        trials = history.of_phase(Phase.ABLATION) or [
            replace(trial, number=first + i, phase=Phase.ABLATION)
            for i, trial in enumerate(ablated(cocktail))
        ]
        self._train_counted(trials, Phase.ABLATION)

    def _control(self) -> None:
        """Every pruned trial from its start to its end; the search has never heard of them."""
        history = self.history
        explored = history.of_phase(Phase.EXPLORE)
        pruned = [t for t in explored if history.state_of(t.number) is State.PRUNED]
        first = history.next_number(Phase.CONTROL)
        trials = history.of_phase(Phase.CONTROL) or [
            replace(t, number=first + i, phase=Phase.CONTROL, role=Role.CONTROL, parent=t.number)
            for i, t in enumerate(pruned)
        ]
        self._train_counted(trials, Phase.CONTROL)

    def _train_counted(self, trials: list[Trial], phase: Phase) -> None:
        """Trains trials whose number is known only now."""
        self.meter.planned[phase] = len(trials) * len(self.draws[phase])
        self.loop.train_trials(trials, phase)


def comparable_trials(history: StudyHistory, found: Mapping[str, Trial]) -> Mapping[str, Trial]:
    """The trials by which penalties are compared, by penalty: those ``found``; where a penalty has
    no path, since the rows of a path are others, those selected on the same resamples; or else
    those of the search.
    """
    if all(has_path(penalty) or not regularizes(penalty) for penalty in found):
        return found
    repeated = {p: history.best_trial(Phase.SELECT, p) for p in found}
    compared = {p: trial for p, trial in repeated.items() if trial is not None}
    if len(compared) == len(found):
        return compared
    return {penalty: history.selected_trial(penalty) or t for penalty, t in found.items()}
