"""Runs a study: explore, path, confirm, and the boundaries at the end.

This is the one file that sees every part. It keeps no memory of its own: what has been recorded is
read back from the store at the start, so launching a study again is resuming it. Phases overlap:
each part of the study asks for its trials as soon as what it needs has ended, and all wait in one
queue.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from sweep.launchers.choose import make_launcher
from sweep.launchers.launcher import Launcher
from sweep.launchers.loop_context import AnyContext, LoopContext, make_context
from sweep.launchers.run_lengths import timescale_of
from sweep.phases._confirm import Confirmation
from sweep.phases._explore import Explore, NextSteps
from sweep.phases._numbers import TrialNumbers
from sweep.phases._path_rows import path_rows_of
from sweep.phases._progress_meter import ProgressMeter
from sweep.phases._recorder import OccupancyRecorder, Recorder
from sweep.phases._schedule import Part, Schedule, wait_until
from sweep.phases._select import finalists
from sweep.phases._training_loop import TrainingLoop
from sweep.phases.budget import (
    layered_names,
    layered_penalties,
    penalties_with_path,
    planned_runs,
)
from sweep.phases.facts import collect_facts, fingerprint_of, own_dropout_line
from sweep.phases.history import StudyHistory
from sweep.phases.kept_plan import kept_plan
from sweep.phases.path_boundaries import Resamples, conclude
from sweep.phases.paths import PathPlan, Paths
from sweep.records.trial import Observer, Phase, RunResult
from sweep.regularizers.catalogue import has_path, is_mixture
from sweep.runtime.torch_state import limited_threads, plain_defaults
from sweep.runtime.user_code import name_of
from sweep.search.late_tables import LateOptunaTables
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
    if line := own_dropout_line(facts, name_of(study.model.name)):
        logger.info("%s", line)
    occupancy = OccupancyRecorder(name, store)
    with ExitStack() as ends:
        ends.callback(store.close)
        store.start_study(name, fingerprint_of(context), study.text, facts)
        ends.callback(occupancy.save)
        search = Search(study, _strengths(context))
        tables = LateOptunaTables(store.database, study, search.space)
        ends.callback(tables.close)
        n_runs = {phase: len(draws) for phase, draws in context.draws.items()}
        settled = () if study.path.runs is None else (Phase.PATH,)
        history = StudyHistory(study.study.metric, n_runs, settled)
        recorder = Recorder(study, store, history, tables.write)
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
    """One launch of a study: its search, and all that is asked for beside and after it."""

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
        self.numbers = TrialNumbers(self.study, self.history)
        self.explore = self._make_explore()
        self.selected: set[str] = set()
        """The penalties for which it is decided which setting is gone on with."""
        strengths = search.strengths
        self.paths = Paths(self.study, self.history, strengths, resamples, self.numbers)
        self.confirmation = Confirmation(context, strengths, loop, self.numbers, self._is_settled)
        self.schedule = Schedule(self.history, self._parts(), loop.queue_trials)
        self.boundaries: list[dict[str, Any]] = []

    def run(self) -> list[str]:
        """Trains what is missing of the study; returns one sentence per penalty."""
        name, path_rows = self.study.study.name, self.loop.path_rows
        if self.study.path.points and path_rows is not None:
            self.store.record_split_rows(name, path_rows.splits())
        self._follow(self.explore.begin(), [])
        for outcomes in self.loop.train():
            searched = [o for o in outcomes if o.segment.trial.phase is Phase.EXPLORE]
            others = [o.result for o in outcomes if o.segment.trial.phase is not Phase.EXPLORE]
            self._follow(self.explore.take(searched) if searched else NextSteps(), others)
        assert self.schedule.has_ended, "a part waits for what nobody trains"
        self.store.finish_study(name, self.confirmation.finish())
        objective = self.history.objective
        return [row["sentence"] for row in self.boundaries if row["metric"] == objective]

    def _make_explore(self) -> Explore:
        """The search where it stands: rounds of trials, stopped at rungs."""
        draws, epochs_of = self.context.draws[Phase.EXPLORE], self.context.plan.epochs_of
        lengths = {epochs_of(trial) for trial in self.history.of_phase(Phase.EXPLORE)}
        rungs = {rung for n in lengths for rung in stages(self.study.search.pruner, n)[:-1]}
        name, objective = self.study.study.name, self.history.objective
        points = self.store.read_points(name, objective, sorted(rungs)) if rungs else {}
        return Explore(self.search, self.history, draws, epochs_of, points)

    def _follow(self, steps: NextSteps, others: Sequence[RunResult]) -> None:
        """Records what ended, in the search and of ``others``, and queues what follows from it."""
        self.recorder.end_runs(others, taken_up=steps.results)
        self.loop.note_saved([*steps.results, *others])
        self.recorder.save_trials(steps.trials)
        self.loop.queue(steps.segments)
        self.schedule.go_on()

    # ---- parts ---------------------------------------------------------------------------------

    def _parts(self) -> list[Part]:
        study = self.study
        parts = [*map(self._select, study.search.names), self._end_search()]
        if study.path.points:
            parts += map(self._path, penalties_with_path(study))
            parts += map(self._layer_paths, layered_names(study))
            parts.append(self._conclude())
        return [*parts, *self.confirmation.parts(self.explore.has_ended)]

    def _select(self, penalty: str) -> Part:
        """Repeats the best settings of a penalty."""
        yield from wait_until(lambda: self.explore.has_ended(penalty))
        trials = finalists(self.study, self.history, penalty, self.numbers)
        if trials:
            yield trials
            if self.history.best_trial(Phase.SELECT, penalty) is None:
                logger.warning(
                    "%s: none of its %d finalists completed, so the best trial of the search is "
                    "gone on with, which one resample may flatter: lower the learning rate",
                    penalty,
                    len(trials),
                )
        self.selected.add(penalty)

    def _end_search(self) -> Part:
        yield from wait_until(lambda: self.selected.issuperset(self.study.search.names))
        n_selected = len(self.history.of_phase(Phase.SELECT))
        self.loop.meter.planned[Phase.SELECT] = n_selected * self.history.n_runs[Phase.SELECT]
        self.occupancy.save()

    def _path(self, penalty: str) -> Part:
        """Ladders of strengths through the selected trial of a penalty."""
        yield from wait_until(lambda: penalty in self.selected)
        plans = self.paths.of_penalty(penalty)
        if not plans:
            idle = is_mixture(penalty) and self.history.selected_trial(penalty)
            why = "its best trial uses no ingredient" if idle else "no trial completed"
            logger.warning("%s: %s, so it gets no path", penalty, why)
        self.schedule.add(map(self._climb, plans))

    def _layer_paths(self, penalty: str) -> Part:
        """Those of single layers, through the best strength of a penalty, or of all for ``""``."""
        names = [penalty] if penalty else layered_penalties(self.study)
        yield from wait_until(lambda: all(map(self._is_settled, names)))
        plans = self.paths.of_layers(penalty, self.context.layers_acted_on)
        self.schedule.add(map(self._climb, plans))

    def _climb(self, plan: PathPlan) -> Part:
        """One path until its ladder has ended."""
        while (trials := self.paths.next_trials(plan)) or not self.paths.has_ended(plan):
            yield trials
            self.recorder.settle(trials, self.history.wanted, ended=False)
        settled = self.paths.settled[plan.key]
        self.recorder.settle(self.paths.trials_of(plan), settled, ended=True)

    def _conclude(self) -> Part:
        """The boundaries, once all paths have ended."""
        paths, names = self.paths, penalties_with_path(self.study)
        layered = layered_names(self.study)
        yield from wait_until(
            lambda: all(map(paths.have_ended, names)) and all(map(paths.layers_have_ended, layered))
        )
        trained = self.history.of_phase(Phase.PATH)
        n_ended = sum(self.history.n_ended[trial.number] for trial in trained)
        self.loop.meter.planned[Phase.PATH] = n_ended
        metrics = self.context.repetitions.metrics
        self.boundaries = conclude(self.history, paths.resamples, metrics, paths.endings)
        self.store.record_boundaries(self.study.study.name, self.boundaries)
        self.occupancy.save()

    def _is_settled(self, penalty: str) -> bool:
        """Whether nothing is left to search for a penalty, its path included."""
        if self.study.path.points and has_path(penalty):
            return self.paths.have_ended(penalty)
        return penalty in self.selected
