"""Runs a study: explore, path, confirm, and the boundaries at the end.

This is the one file that sees every part. It keeps no memory of its own: what has been recorded is
read back from the store at the start, so launching a study again is resuming it.
"""

from __future__ import annotations

import hashlib
import logging
import math
import subprocess
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from sweep.launchers.context import TrainingContext
from sweep.launchers.launcher import Launcher, make_launcher
from sweep.phases._baselines import baseline_trial, boost
from sweep.phases._explore import Explore
from sweep.phases._history import StudyHistory
from sweep.phases._path_boundaries import Resamples, conclude
from sweep.phases.paths import (
    PathPlan,
    Paths,
    ablated,
    most_strengths,
    penalties_of,
    without_regularizers,
)
from sweep.records.occupancy import OccupancyLog, Stretch
from sweep.records.trial import Observer, Phase, Progress, Role, Run, RunResult, State, Trial
from sweep.regularizers.catalogue import BOOSTING, COCKTAIL
from sweep.runtime.device import limited_threads, package_versions, plain_defaults
from sweep.search.rungs import rung_epochs
from sweep.search.sampler import Search
from sweep.store.store import Store
from sweep.study.study import Study
from sweep.training.jobs import Segment, SegmentResult

logger = logging.getLogger("sweep")

TESTED = (Phase.CONFIRM, Phase.ABLATION, Phase.BASELINE)
"""The phases that meet the test split."""
PACKAGES = ("regsweep", "torch", "optuna", "sqlalchemy", "pandas", "plotly", "numpy", "scipy")


def run_study(
    study: Study,
    store: Store,
    *,
    device: str | None = None,
    launcher: str = "local",
    workers: int | None = 1,
    observer: Observer | None = None,
) -> list[str]:
    """Runs the study, or what is missing of it; returns one sentence per penalty.

    ``device`` overrides the study's; ``launcher`` (local or ray) and ``workers`` say where runs are
    trained (None: in this process or in others, whichever is measured to be faster); ``observer``
    is told whenever something was. Raises a SweepError for whatever the person can mend.
    """
    store.check_ready(study.study.name)
    with plain_defaults():
        context = TrainingContext(study, device)
        with limited_threads(context.threads):
            trainer = make_launcher(launcher, workers, context)
            try:
                return Driver(study, store, context, trainer, observer).run()
            finally:
                trainer.close()


class Driver:
    """One launch of one study."""

    def __init__(
        self,
        study: Study,
        store: Store,
        context: TrainingContext,
        launcher: Launcher,
        observer: Observer | None = None,
    ):
        self.study, self.store, self.observer = study, store, observer
        self.context, self.launcher = context, launcher
        self.search = Search(
            study,
            context.layers,
            context.layers_of,
            context.layer_report.groups,
            context.layer_report.factors,
            context.timescale,
        )
        self.draws = context.draws
        self.done_epochs = 0.0
        """Epochs trained in this launch, summed over runs."""
        self.occupancy = OccupancyLog()
        self.launch: int | None = None
        """The number of this launch, once it has trained."""
        self.saved_epochs = 0.0
        """Epochs that runs which ended early in this launch did not train."""

    def run(self) -> list[str]:
        study, store = self.study, self.store
        facts = _facts(study) | dict(self.context.facts())
        facts["unpruned_fingerprint"] = self._fingerprint("study.name", "search.pruner")
        with ExitStack() as ends:
            ends.callback(store.close)
            store.start_study(study.study.name, self._fingerprint(), study.text, facts)
            ends.callback(self._record_occupancy)
            self.history = StudyHistory(study, store, self.search)
            ends.callback(self.history.optuna_tables.close)
            split, n_runs = self.context.first_split, len(self.draws[Phase.PATH])
            rows = Resamples(n_runs, split.validation_ratio, len(split.x_validation))
            self.paths = Paths(self.history, rows)
            return self._run_phases()

    def _record_occupancy(self) -> None:
        name, stretches = self.study.study.name, self.occupancy.stretches
        self.launch = self.store.record_occupancy(name, stretches, self.launch)

    def _run_phases(self) -> list[str]:
        study, store = self.study, self.store
        self._start_clock()
        self._explore()
        self._record_occupancy()
        rows: list[dict[str, Any]] = []
        if study.path.points:
            self._path()
            paths, metrics = self.paths, self.context.study_data.metrics
            rows = conclude(self.history, paths.resamples, metrics, paths.endings)
            store.record_boundaries(study.study.name, rows)
            self._record_occupancy()
        winner = self._confirm()
        self._ablate()
        if study.search.control:
            self._control()
        store.finish_study(study.study.name, winner)
        return [row["sentence"] for row in rows if row["metric"] == self.history.objective]

    def _fingerprint(self, *without: str) -> str:
        """What a stored study must share with this one to go on: settings, data and network.

        Settings ``without`` which another is still the same study count for nothing.
        """
        model = self.context.build(0)
        shapes = [(name, tuple(p.shape)) for name, p in model.named_parameters()]
        parts = [self.study.fingerprint_without(*without), self.context.data.fingerprint]
        parts += [str(self.context.dtype), repr(model), repr(shapes)]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    # ---- the three phases ----------------------------------------------------------------------

    def _explore(self) -> None:
        draws, history = self.draws[Phase.EXPLORE], self.history
        explore = Explore(self.search, draws, self.context.plan.epochs)
        trials = history.of_phase(Phase.EXPLORE)
        if trials:
            points = self.store.read_points(history.name, history.objective, explore.rungs)
            explore.restore(trials, history.runs, points)
        waiting: deque[Segment] = deque()
        work = explore.begin()
        history.add_trials(work.trials)
        waiting.extend(work.segments)
        for outcomes in self._train(waiting, Phase.EXPLORE):
            work = explore.take(outcomes)
            self._record(work.results, len(draws))
            history.add_trials(work.trials)
            waiting.extend(work.segments)

    def _path(self) -> None:
        """Ladders of strengths through the best trial of each penalty, then of single layers."""
        plans = self.paths.of_penalties()
        for penalty in set(penalties_of(self.study)) - {plan.base.penalty for plan in plans}:
            idle = penalty == COCKTAIL and self.history.best_trial(Phase.EXPLORE, penalty)
            why = "its best trial uses no ingredient" if idle else "no trial completed"
            logger.warning("%s: %s, so it gets no path", penalty, why)
        self._climb(plans)
        self._climb(self.paths.of_layers(lambda base: self.context.layers_of(base.params)))
        spared = self.most_strengths - len(self.history.of_phase(Phase.PATH))
        self._expect_runs(-spared * len(self.draws[Phase.PATH]))

    def _climb(self, plans: Sequence[PathPlan]) -> None:
        """Trains these paths until every ladder has ended."""
        while trials := self.paths.next_trials(plans):
            self._train_trials(trials, Phase.PATH)

    def _confirm(self) -> int | None:
        """Fresh seeds, and the test split for the only time; returns the winner's number."""
        history = self.history
        source = Phase.PATH if self.study.path.points else Phase.EXPLORE
        best = {
            penalty: history.best_trial(source, penalty) for penalty in penalties_of(self.study)
        }
        best["none"] = history.best_trial(Phase.EXPLORE, "none")
        found = {penalty: trial for penalty, trial in best.items() if trial is not None}
        if not found:
            logger.warning("no trial completed, so there is nothing to confirm")
            return None
        overall = min(found, key=lambda penalty: history.cost(found[penalty].number))
        number = history.next_number(*TESTED, Phase.CONTROL)
        plain = without_regularizers(found.pop("none", found[overall]))
        chosen = {"none": self._at(plain, 0.0, number)}
        for penalty, trial in found.items():
            place = number + len(chosen)
            chosen[penalty] = self._at(trial, trial.strength, place)
        self._train_trials(list(chosen.values()), Phase.CONFIRM)
        self._meet_baselines(number + len(chosen))
        return chosen[overall].number

    def _meet_baselines(self, first: int) -> None:
        """A good default and boosted trees on the rows that the chosen settings were tested on."""
        draws, history = self.draws[Phase.BASELINE], self.history
        trials = [
            baseline_trial(name, self.study.training.optimizer, self.context.layers, first + i)
            for i, name in enumerate(self.study.search.baselines)
        ]
        trained = [t for t in trials if t.penalty != BOOSTING]
        self._train_trials(trained, Phase.BASELINE)
        history.add_trials(trials)
        for trial in (t for t in trials if t.penalty == BOOSTING):
            runs = [Run(trial.number, i, draw) for i, draw in enumerate(draws)]
            missing = [run for run in runs if (run.trial, run.number) not in history.runs]
            task = self.context.data.task
            results = [boost(run, self.context.split_of(run, True)[1], task) for run in missing]
            history.record(results, len(draws))

    def _control(self) -> None:
        """Every pruned trial from its start to its end; the search has never heard of them."""
        explored, known = self.history.of_phase(Phase.EXPLORE), self.history.of_phase(Phase.CONTROL)
        pruned = [t for t in explored if self.history.states[t.number] is State.PRUNED]
        first = self.history.next_number(Phase.CONTROL)
        trials = known or [_control_of(t, first + i) for i, t in enumerate(pruned)]
        self._expect_runs(len(trials) * len(self.draws[Phase.CONTROL]))
        self._train_trials(trials, Phase.CONTROL)

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
        spared = 2 * len(self.study.search.cocktail) - len(trials)
        self._expect_runs(-spared * len(self.draws[Phase.ABLATION]))
        self._train_trials(trials, Phase.ABLATION)

    def _at(self, base: Trial, strength: float, number: int) -> Trial:
        """A setting to be confirmed."""
        point = self.search.scaled(base, strength)
        return replace(
            point, number=number, phase=Phase.CONFIRM, round=0, role=Role.SETTING, layer=""
        )

    # ---- training ------------------------------------------------------------------------------

    def _train_trials(self, trials: Sequence[Trial], phase: Phase) -> None:
        """Trains every run of these trials that is not stored yet."""
        self.history.add_trials(trials)
        draws, epochs = self.draws[phase], self.context.plan.epochs
        waiting = deque(
            Segment(Run(t.number, i, draw), t, epochs, with_test=phase in TESTED)
            for i, draw in enumerate(draws)
            for t in trials
            if (t.number, i) not in self.history.runs
        )
        for outcomes in self._train(waiting, phase):
            self._record([outcome.result for outcome in outcomes], len(draws))

    def _record(self, results: Sequence[RunResult], n_runs: int) -> None:
        self.history.record(results, n_runs)
        self.saved_epochs += sum(self.context.plan.epochs - result.epochs for result in results)

    def _train(self, waiting: deque[Segment], phase: Phase) -> Iterator[list[SegmentResult]]:
        """What ends, as it ends; progress is told in between."""
        if not waiting:
            return
        before, last = self.done_epochs, time.monotonic()
        for outcomes in self.launcher.train(waiting):
            now, (occupied, slots) = time.monotonic(), self.launcher.occupancy
            tick = (str(phase), last - self.started, now - last, occupied, slots, len(waiting))
            self.occupancy.note(Stretch(*tick))
            if outcomes:
                yield outcomes
            self.done_epochs = before + self.launcher.trained_epochs
            last = now
            self._tell(phase)

    # ---- progress ------------------------------------------------------------------------------

    def _start_clock(self) -> None:
        study, epochs = self.study, self.context.plan.epochs
        runs = study.search.trials * len(self.draws[Phase.EXPLORE])
        self.most_strengths = most_strengths(study, len(self.context.layers))
        runs += self.most_strengths * len(self.draws[Phase.PATH])
        confirmed = 1 + len(penalties_of(study)) + 2 * len(study.search.cocktail)
        confirmed += len(study.search.baselines)
        runs += confirmed * len(self.draws[Phase.CONFIRM])
        self.total_runs, self.total_epochs = runs, float(runs * epochs)
        self.restored_runs = len(self.history.runs)
        self.started = time.monotonic()
        if self.restored_runs:
            logger.info("going on: %d of at most %d runs are stored", self.restored_runs, runs)

    def _expect_runs(self, more: int) -> None:
        """So many runs are to come beside those that were counted at the start."""
        self.total_runs += more
        self.total_epochs += more * self.context.plan.epochs

    def _tell(self, phase: Phase) -> None:
        if self.observer is None:
            return
        epochs, runs = self.context.plan.epochs, self.history.runs
        done = self.restored_runs * epochs + self.saved_epochs + self.done_epochs
        share = min(1.0, done / self.total_epochs)
        elapsed = time.monotonic() - self.started
        left = (self.total_epochs - done) * elapsed / max(self.done_epochs, 1.0)
        measured = self.done_epochs > 0.05 * self.total_epochs
        seconds_left = max(0.0, left) if measured else math.nan
        self.observer(
            Progress(str(phase), len(runs), self.total_runs, share, seconds_left, self.history.best)
        )


def _control_of(trial: Trial, number: int) -> Trial:
    """A trial that was pruned, to be trained to its end."""
    control = replace(trial, number=number, phase=Phase.CONTROL)
    return replace(control, role=Role.CONTROL, parent=trial.number)


def _facts(study: Study) -> dict[str, Any]:
    """What the report says about the question and the software."""
    return {
        "question": study.study.question,
        "objective": study.study.metric.validation,
        "maximize": study.study.metric.maximize,
        "seed": study.study.seed,
        "design": study.data.design,
        "folder": str(study.folder),
        "penalties": list(study.search.names),
        "cocktail": list(study.search.cocktail),
        "layers_mode": study.search.layers if isinstance(study.search.layers, str) else "groups",
        "optimizer": study.training.optimizer,
        "pruner": study.search.pruner,
        "rungs": list(rung_epochs(study.search.pruner, study.training.epochs)),
        "versions": package_versions(PACKAGES),
        "git_commit": git_commit(study.folder),
    }


def git_commit(folder: Path) -> str:
    """The commit that a folder is at, marked when files were changed; "" outside a checkout."""
    try:
        out = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return out.stdout.strip() if out.returncode == 0 else ""
