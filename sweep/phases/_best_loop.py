"""The winner of a study whose runs a loop or a command of the user's trained."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import Any

import torch

from sweep.errors import ModelError
from sweep.launchers.loop_context import LoopContext
from sweep.launchers.loop_launcher import make_loop_launcher
from sweep.launchers.own_run import LoopJob
from sweep.phases._best_model import BestModel, check_rows, compare_losses, winner_of
from sweep.records.parameters import EPOCHS
from sweep.records.trial import Phase, Run, State, Trial
from sweep.regularizers.catalogue import acts_on_weights, is_mixture
from sweep.regularizers.loop_usage import command_line, function_lines
from sweep.runtime.user_code import name_of
from sweep.store.store import Store
from sweep.study.command import filled, placeholders
from sweep.study.study import Study
from sweep.training.jobs import Segment

FILES = {"results": "results.jsonl", "rows": "rows.json"}
"""What stands for the files of a command where nobody waits for them."""


def retrain_loop(study: Study, store: Store) -> BestModel:
    """The winner, trained once more for the model that its loop returns; of a command, which
    returns none, as it was stored.
    """
    stored = store.read_study(study.study.name)
    trial = winner_of(store, stored)
    context = LoopContext(study)
    if context.study_data is not None:
        check_rows(study, stored, context.study_data.data.fingerprint)
    segment = segment_of(context, trial)
    job = context.job_of(segment)
    settings = {**job.params, "epochs": job.epochs, "seed": job.seed, "split_seed": job.split_seed}
    settings |= {"fold": job.fold}
    if study.training.command is not None:
        stored_run = next(
            r for r in store.read_runs(stored.name) if (r.trial, r.number) == (trial.number, 0)
        )
        return BestModel({}, trial, dict(stored_run.metrics), {}, settings, {}, segment.run, job)
    metrics, kept = _trained(context, segment)
    compare_losses(metrics["val_loss"], store, stored.name, trial.number)
    regularizer = kept["regularizer"]
    if regularizer is not None:
        regularizer["elsewhere"] = elsewhere_of(job)
    own = regularizer or {}
    return BestModel(kept["state_dict"], trial, metrics, {}, settings, own, segment.run, job)


def segment_of(context: LoopContext, trial: Trial) -> Segment:
    """The winner's first run of the confirm phase."""
    run = Run(trial.number, 0, context.draws[Phase.CONFIRM][0])
    stop = context.plan.epochs_of(trial)
    return Segment(run, trial, stop, with_test=True, keep_weights=True)


def elsewhere_of(job: LoopJob) -> dict[str, float]:
    """The strengths of what acts on no weights, by name."""
    return {n: s for n, s in job.strengths.items() if s > 0 and not acts_on_weights(n)}


def _trained(context: LoopContext, segment: Segment) -> tuple[dict[str, float], dict[str, Any]]:
    """The metrics of the run, and what its process kept of it."""
    launcher = make_loop_launcher("local", 1, context)
    try:
        (outcome,) = [one for some in launcher.train(deque([segment])) for one in some]
        if outcome.result.state is not State.COMPLETE:
            raise ModelError(
                f"trial {segment.trial.number}: the winner must complete when it is trained again, "
                f"found it {outcome.result.state}: {outcome.result.note}"
            )
        return dict(outcome.result.metrics), _kept(launcher.model_file(segment.run))
    finally:
        launcher.close()


def _kept(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {"state_dict": {}, "regularizer": None}
    found: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return found


def lines_of_loop(study: Study, winner: BestModel, out: str) -> tuple[str, ...]:
    """The lines that train as the winner was in the loop or the command that found it."""
    trial, job = winner.trial, winner.job
    assert job is not None, "retrain_loop gives it"
    if study.training.command is not None:
        names = placeholders(study.training.command)
        values = dict.fromkeys(names, 0.0) | job.placeholders | FILES
        return command_line(filled(study.training.command, values), trial.strength, trial.penalty)
    strengths = dict(job.strengths) if is_mixture(trial.penalty) else trial.strength
    asks = bool(winner.regularizer)
    source = out if asks and winner.weights else ""
    own = {EPOCHS: job.epochs, "seed": job.seed, "split_seed": job.split_seed}
    own |= {"fold": job.fold} if study.data.design == "kfold" else {}
    params = {**job.params, **job.numbers, **own}
    name = name_of(study.training.loop or "")
    return function_lines(name, trial.penalty, strengths, params, source, asks=asks)
