"""Runs a study: explore, path, confirm, and the boundaries at the end.

This is the one file that sees every part. It keeps no memory of its own: what has been recorded is
read back from the store at the start, so launching a study again is resuming it.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any

from sweep.launchers.choose import make_launcher
from sweep.launchers.launcher import Launcher
from sweep.launchers.loop_context import AnyContext, LoopContext, make_context
from sweep.launchers.run_lengths import timescale_of
from sweep.phases._confirm import Confirmation
from sweep.phases._explore import Explore
from sweep.phases._path_rows import path_rows_of
from sweep.phases._progress_meter import ProgressMeter
from sweep.phases._recorder import OccupancyRecorder, Recorder
from sweep.phases._select import finalists
from sweep.phases._training_loop import TrainingLoop
from sweep.phases.budget import penalties_of, planned_runs
from sweep.phases.facts import collect_facts, fingerprint_of
from sweep.phases.history import StudyHistory
from sweep.phases.kept_plan import kept_plan
from sweep.phases.path_boundaries import Resamples, conclude
from sweep.phases.paths import PathPlan, Paths
from sweep.records.trial import Observer, Phase
from sweep.regularizers.catalogue import has_path, is_mixture
from sweep.runtime.torch_state import limited_threads, plain_defaults
from sweep.search.optuna_tables import OptunaTables
from sweep.search.rungs import stages
from sweep.search.sampler import Search
from sweep.search.strengths import Strengths
from sweep.store.store import Store, check_store
from sweep.study.study import Study, check_given

logger = logging.getLogger("sweep")


def run_study(
    study: Study,
    store: Store,
    *,
    device: str | None = None,
    launcher: str = "local",
    workers: int | None = 1,
    observer: Observer | None = None,
) -> list[str]:
    """Runs the study, or what is missing of it, and returns what was found.

    Args:
        study: The study; one that was begun before goes on where it ended.
        store: Where trials, runs and boundaries are kept; the database is created if need be.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:1`` or ``mps``; None for the study's own.
        launcher: Where runs are trained: ``local`` or ``ray``.
        workers: How many processes train; None for this one or others, as a measurement says.
        observer: Called with the ``Progress`` after every epoch of the population.

    Returns:
        One sentence per penalty: its boundaries, as ``describe_boundary`` words them.

    Raises:
        SweepError: One of its five kinds, for all that the user can correct, in one line.
    """
    check_given(study)
    check_store(store)
    store.check_ready(study.study.name)
    with plain_defaults():
        context = make_context(study, device)
        context.try_axes()
        with limited_threads(context.threads):
            memory = kept_plan(store, context)
            trainer = make_launcher(launcher, workers, context, memory=memory)
            try:
                return drive(store, context, trainer, observer)
            finally:
                trainer.close()


def drive(
    store: Store, context: AnyContext, launcher: Launcher, observer: Observer | None = None
) -> list[str]:
    """Takes a study through its phases and closes the store; returns one sentence per penalty."""
    study, name = context.study, context.study.study.name
    facts = collect_facts(context)
    occupancy = OccupancyRecorder(name, store)
    with ExitStack() as ends:
        ends.callback(store.close)
        store.start_study(name, fingerprint_of(context), study.text, facts)
        ends.callback(occupancy.save)
        search = Search(study, _strengths(context))
        tables = OptunaTables(store.database, study)
        ends.callback(tables.close)
        tables.write_note()
        n_runs = {phase: len(draws) for phase, draws in context.draws.items()}
        history = StudyHistory(study.study.metric, n_runs)
        recorder = Recorder(study, store, history, partial(tables.write, axes=search.space))
        recorder.restore()
        planned = planned_runs(study, len(context.layers))
        meter = ProgressMeter(history, planned, context.plan, observer)
        rows = path_rows_of(context)
        loop = TrainingLoop(launcher, recorder, meter, occupancy.log, context.draws, rows)
        sentences = Driver(context, search, loop, occupancy).run()
        tables.write_note(sentences)
        return sentences


def _strengths(context: AnyContext) -> Strengths:
    if isinstance(context, LoopContext):
        return Strengths(context.study.search, context.layers)
    report = context.layer_report
    return Strengths(
        context.study.search,
        context.layers,
        context.layers_of,
        report.groups,
        report.factors,
        timescale_of(context),
    )


class Driver:
    """The phases of one launch of a study, in their order."""

    def __init__(
        self,
        context: AnyContext,
        search: Search,
        loop: TrainingLoop,
        occupancy: OccupancyRecorder,
    ):
        self.study, self.context, self.search = context.study, context, search
        self.loop, self.occupancy = loop, occupancy
        self.recorder, self.store = loop.recorder, loop.recorder.store
        self.history = loop.recorder.history
        n_runs = self.history.n_runs[Phase.PATH]
        resamples = Resamples(self.study, n_runs, *context.repetitions[:3], loop.path_rows)
        self.paths = Paths(self.study, self.history, search.strengths, resamples)
        self.confirmation = Confirmation(context, search.strengths, loop)

    def run(self) -> list[str]:
        """Trains what is missing of every phase; returns one sentence per penalty."""
        name = self.study.study.name
        self._explore()
        self._select()
        self.occupancy.save()
        rows: list[dict[str, Any]] = []
        if self.study.path.points:
            if self.loop.path_rows is not None:
                self.store.record_split_rows(name, self.loop.path_rows.splits())
            self._path()
            paths, metrics = self.paths, self.context.repetitions.metrics
            rows = conclude(self.history, paths.resamples, metrics, paths.endings)
            self.store.record_boundaries(name, rows)
            self.occupancy.save()
        self.store.finish_study(name, self.confirmation.run())
        return [row["sentence"] for row in rows if row["metric"] == self.history.objective]

    def _explore(self) -> None:
        """Rounds of trials as the search asks for them, stopped at rungs."""
        draws, epochs_of = self.context.draws[Phase.EXPLORE], self.context.plan.epochs_of
        lengths = {epochs_of(trial) for trial in self.history.of_phase(Phase.EXPLORE)}
        rungs = {rung for n in lengths for rung in stages(self.study.search.pruner, n)[:-1]}
        name, objective = self.study.study.name, self.history.objective
        points = self.store.read_points(name, objective, sorted(rungs)) if rungs else {}
        explore = Explore(self.search, self.history, draws, epochs_of, points)
        steps = explore.begin()
        self.recorder.save_trials(steps.trials)
        waiting = deque(steps.segments)
        for outcomes in self.loop.train(waiting, Phase.EXPLORE):
            steps = explore.take(outcomes)
            self.recorder.save_results(steps.results)
            self.loop.note_saved(steps.results)
            self.recorder.save_trials(steps.trials)
            waiting.extend(steps.segments)

    def _select(self) -> None:
        """Repeats the best settings of each penalty."""
        trials = finalists(self.study, self.history)
        n_runs = self.history.n_runs[Phase.SELECT]
        self.loop.meter.planned[Phase.SELECT] = len(trials) * n_runs
        self.loop.train_trials(trials, Phase.SELECT)

    def _path(self) -> None:
        """Ladders of strengths through the best trial of each penalty, then of single layers."""
        plans = self.paths.of_penalties()
        wanted = set(filter(has_path, penalties_of(self.study)))
        for penalty in wanted - {plan.base.penalty for plan in plans}:
            idle = is_mixture(penalty) and self.history.selected_trial(penalty)
            why = "its best trial uses no ingredient" if idle else "no trial completed"
            logger.warning("%s: %s, so it gets no path", penalty, why)
        self._climb(plans)
        self._climb(self.paths.of_layers(self.context.layers_acted_on))
        n_trained = len(self.history.of_phase(Phase.PATH))
        self.loop.meter.planned[Phase.PATH] = n_trained * self.history.n_runs[Phase.PATH]

    def _climb(self, plans: Sequence[PathPlan]) -> None:
        """Trains these paths until every ladder has ended."""
        while trials := self.paths.next_trials(plans):
            self.loop.train_trials(trials, Phase.PATH)
