"""How many runs train together, in how many lanes, and how: the plan, by a rule or as measured.

What is measured before the training are short trials; where others than the best come near to it,
the training itself decides (``revision.py``).
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from sweep.launchers._step_timing import (
    seconds_in_lanes,
    seconds_of_whole_epoch,
    seconds_per_step,
)
from sweep.launchers.context import TrainingContext
from sweep.records.execution import ExecutionPlan
from sweep.records.parameters import Shape
from sweep.runtime.device import MOST_ON_GPU, free_bytes
from sweep.runtime.trees import n_bytes, taken
from sweep.training.pool import PopulationPool
from sweep.training.population import Population

logger = logging.getLogger("sweep")

WIDTHS = (1, 4, 8, 16, 32, 64, 128)
WORTHWHILE = 0.97
"""A wider population must bring a run's cost below this share of the narrower one's."""
FEWER = 0.8
"""Fewer lanes must bring a run's cost below this share of more: where others have a core for this
moment, lanes seem to pay less than they do. What comes near is tried in training itself."""
PYTHON_SECONDS = 5e-3
"""About what an epoch of a population costs beside the training of its runs."""
SMALL_SHARE = 1 / 32
"""What that should be of an epoch, where widening costs nothing."""
FREE = 4
"""A lane trains for so many times as long as all lanes need Python in turn: none waits for it."""
AGAIN = (3.0, 3.0, 2.0, 1.5, 1.1, 1.1)
"""In each turn, sizes that cost up to so many times the cheapest are timed again: other work of the
machine can make a size seem dear for a moment."""
TIMING_SECONDS = 1.0
"""After so long no turn begins."""
MOST_ELEMENTS = 2**31 - 1
"""Numbers that a population may keep for its backward pass on a GPU, whose kernels count in 32
bits."""
NEAR = 1.25
"""Sizes that cost up to so many times the cheapest are tried in training itself."""
ASKED = "as hardware.population says"
"""Who chose the sizes, where the study did."""
COMPARED_RUNS = 8
"""Runs of a population when vmap is timed against one run after the other."""


@dataclass(frozen=True)
class StepCosts:
    """Seconds of a run's step in the lanes of this process, and in processes of one lane."""

    here: float
    apart: float


class PoolMaker:
    """Makes pools of populations as a plan says, for runs of every shape."""

    def __init__(self, context: TrainingContext):
        self.context = context
        self._batched: dict[Shape, bool] = {}
        """Of shapes other than the study's own, measured when the first of their runs comes."""

    def pool(
        self, plan: ExecutionPlan, in_turn: bool = False, first_slots: int | None = None
    ) -> PopulationPool:
        """A pool of the planned width and number of lanes; ``in_turn`` says that ``trains_in_turn``
        is true, and ``first_slots`` how many of a lane are open until a run has ended.
        """
        context = self.context
        return PopulationPool(
            partial(self._population, plan),
            plan.n_lanes,
            plan.width,
            context.threads,
            fixed=context.study.hardware.compile,
            in_turn=in_turn,
            first_slots=first_slots,
        )

    def _population(self, plan: ExecutionPlan, width: int, shape: Shape) -> Population:
        context = self.context.variant(shape)
        if context.probe.noisy:  # what a run draws must not depend on others
            width = 1
        if shape and shape not in self._batched:
            self._batched[shape] = measure_batched(context)
        return context.population(width, self._batched[shape] if shape else plan.batched)


def fitted(kept: ExecutionPlan, context: TrainingContext) -> ExecutionPlan | None:
    """A plan of an earlier launch as the memory that is free now allows it; None where it is none
    for this study.
    """
    wanted = context.study.hardware.population
    most = max(1, most_runs(context) if wanted == "auto" else int(wanted))
    sizes = (kept.width, most), (kept.n_lanes, context.most_lanes)
    if not all(isinstance(size, int) and 1 <= size <= limit for size, limit in sizes):
        return None
    if wanted != "auto":
        return kept
    return replace(kept, width=min(kept.width, _most_in_memory(context)))


def measured_plans(context: TrainingContext) -> list[ExecutionPlan]:
    """The plan for this machine, as the study says, by a rule or as timings find best; after it
    those that came near to it.
    """
    batched = measure_batched(context)
    wanted = context.study.hardware.population
    if context.probe.noisy:
        return [ExecutionPlan(1, 1, batched)]
    if wanted != "auto":
        n_lanes = min(int(wanted), context.most_lanes)
        asked = ExecutionPlan(math.ceil(int(wanted) / n_lanes), n_lanes, batched)
        logger.info("%s, %s", asked.sizes, ASKED)
        return [asked]
    whole = seconds_of_whole_epoch(context)
    width, widths = _measure_width(context, batched, whole)
    n_lanes, lanes = context.most_lanes, dict[int, float]()
    if whole is not None and width * whole >= FREE * n_lanes * PYTHON_SECONDS:
        logger.info("populations side by side: %d, as many as there are cores for", n_lanes)
    else:
        n_lanes, lanes = _measure_lanes(context, width, batched)
    best = ExecutionPlan(width, n_lanes, batched)
    if context.study.hardware.compile:
        return [best]  # another width would be compiled anew
    return [
        best,
        *(replace(best, n_lanes=n) for n in _near(lanes) if n != n_lanes),
        *(replace(best, width=w) for w in _near(widths) if w != width),
    ]


def _near(measured: Mapping[int, float]) -> list[int]:
    """The sizes that cost little more than the cheapest."""
    cheapest = min(measured.values(), default=math.inf)
    return [size for size, cost in measured.items() if cost <= NEAR * cheapest]


def trains_whole_epochs(context: TrainingContext) -> bool:
    """Whether the library in C takes a run through all steps of an epoch; a few are tried."""
    return seconds_of_whole_epoch(context) is not None


def trains_in_turn(context: TrainingContext, plan: ExecutionPlan) -> bool:
    """Whether the runs of a population train one after the other, epoch by epoch, so that one of
    fewer runs takes less time in proportion.
    """
    return not plan.batched or trains_whole_epochs(context)


def measure_batched(context: TrainingContext) -> bool:
    """Whether vmap trains a population's runs at once, or one after the other is faster."""
    probe = context.probe
    if probe.why_alone:
        logger.warning("training one run at a time: %s", probe.why_alone)
        return False
    if context.stacks.written_out or context.study.hardware.compile or context.device.type != "cpu":
        return True
    n = min(COMPARED_RUNS, most_runs(context), _most_in_memory(context))
    together, apart = (seconds_per_step(context, n, batched) / n for batched in (True, False))
    if apart < together:
        logger.info(
            "training one run at a time, which is faster: %s milliseconds per run and step, "
            "by vmap %s",
            milliseconds(apart),
            milliseconds(together),
        )
    return together <= apart


def _measure_width(
    context: TrainingContext, batched: bool, whole: float | None
) -> tuple[int, dict[int, float]]:
    """The width, and what was measured to find it."""
    most = min(math.ceil(most_runs(context) / context.most_lanes), _most_in_memory(context))
    if context.device.type == "cuda":
        return min(most, MOST_ON_GPU), {}
    if whole is not None:
        width = suited_width(whole, most)
        logger.info(
            "%d runs share a population, which takes one after the other through a whole epoch "
            "(%s milliseconds for a run)",
            width,
            milliseconds(whole),
        )
        return width, {}
    logger.info("timing how many runs train best together, for some seconds")
    width, measured = choose_width(partial(seconds_per_step, context, batched=batched), most)
    costs = ", ".join(f"{milliseconds(seconds)} at {w}" for w, seconds in measured.items())
    logger.info("%d runs share a population (milliseconds per run and step: %s)", width, costs)
    return width, measured


def _measure_lanes(
    context: TrainingContext, width: int, batched: bool
) -> tuple[int, dict[int, float]]:
    """The number of lanes, and what was measured to find it."""
    if context.most_lanes == 1:
        return 1, {}
    seconds = partial(seconds_in_lanes, context, width, batched)
    lanes, measured = choose_lanes(seconds, context.most_lanes)
    costs = ", ".join(f"{milliseconds(seconds)} in {n}" for n, seconds in measured.items())
    logger.info("populations side by side: %d (milliseconds per run and step: %s)", lanes, costs)
    return lanes, measured


def suited_processes(context: TrainingContext) -> int:
    """How many processes of one lane each could suit the runs better than this process.

    1 where a step hardly needs Python, and where the study says how its runs train.
    """
    hardware = context.study.hardware
    if hardware.compile or hardware.population != "auto" or context.stacks.written_out:
        return 1
    return context.most_lanes


def measure_costs(context: TrainingContext, plan: ExecutionPlan) -> StepCosts:
    """What a run's step costs in this process, and in as many processes as could suit: the least of
    two turns, since what disturbs a measurement only adds to it.
    """
    width, batched, lanes = plan.width, plan.batched, plan.n_lanes
    one = here = math.inf
    for _ in range(2):
        one = min(one, seconds_per_step(context, width, batched) / width)
        if lanes > 1:
            here = min(here, seconds_in_lanes(context, width, batched, lanes))
    return StepCosts(one if lanes == 1 else here, one / suited_processes(context))


def most_runs(context: TrainingContext) -> int:
    """The most runs that can wait at once: two rounds of the explore phase, or all paths."""
    search, path = context.study.search, context.study.path
    explore = min(search.trials, 2 * search.round) * search.resamples
    return max(explore, len(search.names) * max(path.most_runs, path.resamples))


def _most_in_memory(context: TrainingContext) -> int:
    """How many runs every lane can hold in half of the memory that is free."""
    probe, plan = context.probe, context.plan
    n_copies = 7 if plan.uses("patience") else 6
    # weights, gradients, moments, ...
    states = n_copies * probe.n_parameters * context.dtype.itemsize
    batch_bytes = n_bytes(taken(context.first_split.x_train, slice(plan.batch_size)))
    each = states + 3 * batch_bytes + 2 * probe.saved_bytes
    most = int(free_bytes(context.device) / 2 / context.most_lanes / each)
    if context.device.type == "cuda" and not probe.is_mlp:
        most = min(most, MOST_ELEMENTS // max(1, probe.saved_bytes // context.dtype.itemsize))
    return max(1, most)


def suited_width(seconds: float, most: int) -> int:
    """How many runs, which train one after the other and take so many seconds for an epoch, share a
    population: enough for the work beside their training to be small.
    """
    width = next((w for w in WIDTHS if w * seconds * SMALL_SHARE >= PYTHON_SECONDS), WIDTHS[-1])
    return max(1, min(width, most))


def milliseconds(seconds: float) -> str:
    """So many seconds as a number of milliseconds, with two digits."""
    return f"{1e3 * seconds:.2g}" if seconds < 0.099 else f"{1e3 * seconds:.0f}"


def choose_width(
    seconds_per_step: Callable[[int], float], wanted: int
) -> tuple[int, dict[int, float]]:
    """The narrowest width among WIDTHS up to ``wanted`` that costs a run hardly more than the
    cheapest, and what was measured.

    ``seconds_per_step`` measures one step of a population of this width. Widening stops when it has
    not paid twice, so a population is as narrow, and refilled as evenly, as it can be.
    """

    def cost(width: int) -> float:
        return seconds_per_step(width) / width

    measured: dict[int, float] = {}
    best, in_vain = math.inf, 0
    for width in WIDTHS:
        if width > max(1, wanted) or in_vain == 2:
            break
        measured[width] = cost(width)
        if measured[width] >= WORTHWHILE * best:  # or so it seems
            measured[width] = min(measured[width], cost(width))
        if measured[width] < WORTHWHILE * best:
            best, in_vain = measured[width], 0
        else:
            in_vain += 1
    return min(_settled(cost, measured, WORTHWHILE)), measured


def choose_lanes(seconds: Callable[[int], float], most: int) -> tuple[int, dict[int, float]]:
    """How many populations train side by side, at most one per core, and what was measured.

    ``seconds`` measures what a run's step costs in so many lanes. Halving their number goes on
    while it pays: on a machine with so many cores that Python cannot keep a lane on each of them.
    Unless fewer are clearly better, the most are taken.
    """
    measured = {most: seconds(most)}
    best = most
    while best > 1:
        fewer = best // 2
        measured[fewer] = seconds(fewer)
        if measured[fewer] >= FEWER * measured[best]:
            break
        best = fewer
    return max(_settled(seconds, measured, FEWER)), measured


def _settled(cost: Callable[[int], float], measured: dict[int, float], share: float) -> list[int]:
    """The sizes of which the cheapest has this ``share`` of the cost or more, once those near it
    were measured in turns; the least of all times counts, since what disturbs a measurement only
    adds to it.
    """
    start = time.perf_counter()
    for most in AGAIN:
        near = [size for size, found in measured.items() if found <= most * min(measured.values())]
        if len(near) == 1 or time.perf_counter() - start > TIMING_SECONDS:
            break
        for size in near:
            measured[size] = min(measured[size], cost(size))
    cheapest = min(measured.values())
    return [size for size, found in measured.items() if share * found <= cheapest]
