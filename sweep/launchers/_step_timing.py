"""What a step costs on this machine: measured on populations of runs without a penalty."""

from __future__ import annotations

from sweep.launchers.context import TrainingContext
from sweep.records.trial import Phase, Run, Trial
from sweep.runtime.torch_state import limited_threads
from sweep.training.jobs import Segment
from sweep.training.pool import lane_threads

PROBE_STEPS = 8
"""Steps of one timing when the width of a population is chosen."""


def seconds_per_step(context: TrainingContext, width: int, batched: bool) -> float:
    """Seconds of one step of a population of this width, in the threads of a lane."""
    with limited_threads(context.threads):
        population = context.short_population(width, batched, PROBE_STEPS)
        seconds = population.seconds_per_epoch(_runs(context, width))
    return seconds / population.plan.steps_per_epoch


def seconds_of_whole_epoch(context: TrainingContext) -> float | None:
    """Seconds of a run's epoch where the library in C takes it whole, run after run, so that they
    do not depend on how many runs there are; else None.
    """
    on_cpu = context.device.type == "cpu"
    if not on_cpu or context.stacks.written_out is None or context.study.hardware.compile:
        return None
    with limited_threads(context.threads):
        population = context.short_population(1, True, PROBE_STEPS)
        seconds = population.seconds_per_epoch(_runs(context, 1))
    n_steps = population.plan.steps_per_epoch
    took_whole = population.steps.took_whole
    return seconds / n_steps * context.plan.steps_per_epoch if took_whole else None


def seconds_in_lanes(context: TrainingContext, width: int, batched: bool, n_lanes: int) -> float:
    """Seconds of a run's step when so many lanes of this width train at the same time."""
    populations = [context.short_population(width, batched, PROBE_STEPS) for _ in range(n_lanes)]
    runs = _runs(context, width)
    with lane_threads(n_lanes, context.threads) as pool:
        seconds: list[float] = list(pool.map(lambda p: p.seconds_per_epoch(runs), populations))
    return max(seconds) / populations[0].plan.steps_per_epoch / (n_lanes * width)


def _runs(context: TrainingContext, n: int) -> list[Segment]:
    """Runs without a penalty, to be timed."""
    draw = context.draws[Phase.EXPLORE][0]
    trial = Trial(0, Phase.EXPLORE, 0, "none", 0.0, {}, {})
    stop = context.plan.epochs_of(trial)
    return [Segment(Run(0, i, draw), trial, stop) for i in range(n)]
