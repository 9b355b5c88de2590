"""Schedules: what a learning rate is multiplied by, at every step of a run.

A schedule is a function of the step, and never of the epoch, so a run that is pruned or waits keeps
its place. After ``warmup`` steps of a straight climb, which ends at 1, the others share the rest of
the run. The factors are those of ``torch.optim.lr_scheduler``, step for step. Legend: T steps of a
run, W of them warmup.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real

import numpy as np

from sweep.errors import StudyError
from sweep.runtime.user_code import guarded

WHERE = "training.schedule"

ONE_CYCLE_START = 1 / 25
"""The first factor of ``one_cycle`` (Smith & Topin 2018; torch's ``div_factor``)."""

SCHEDULE_NUMBERS = ("warmup", "final_lr", "gamma", "cooldown")
"""The numbers of a schedule that runs may have of their own."""
WINDOW = ("penalty_from", "penalty_until")
"""The shares of a run between which penalties act."""

Factor = Callable[[float], float]
"""A user's schedule: the factor at a share of the run, from 0 to below 1."""


@dataclass(frozen=True)
class Schedule:
    """The shape of a schedule, and the numbers that runs do not have of their own."""

    name: str = "constant"
    warmup: float = 0.0
    """Share of the run that the climb takes, or its steps where it is 1 or more."""
    final_lr: float = 0.0
    """The last factor."""
    gamma: float = 0.1
    """What a milestone multiplies the factor by."""
    cooldown: float = 0.2
    """Share of the run in which ``wsd`` falls."""
    milestones: tuple[float, ...] = ()
    """Shares of the run."""
    own: Factor | None = None
    """The user's function, which takes the place of the named shapes."""

    @property
    def changes(self) -> bool:
        """Whether the learning rate is not the same in all steps."""
        return self.name != "constant" or self.warmup > 0

    def warmup_steps(self, n_steps: int) -> int:
        """How many of the steps of a run are its warmup."""
        if self.warmup >= 1:
            return int(self.warmup)
        return round(self.warmup * n_steps)


CONSTANT = Schedule()


@functools.lru_cache(maxsize=1024)
def factors(schedule: Schedule, n_steps: int) -> np.ndarray:
    """What the learning rate is multiplied by, at every step of a run.

    Args:
        schedule: The shape and its numbers.
        n_steps: Steps of the whole run.

    Returns:
        (T,), read only.
    """
    if schedule.name == "one_cycle" and schedule.own is None:
        found = _one_cycle(schedule, n_steps)
    else:
        n_warm = min(schedule.warmup_steps(n_steps), n_steps)
        climb = (np.arange(n_warm) + 1) / max(n_warm, 1)
        found = np.concatenate([climb, _after_warmup(schedule, n_steps - n_warm, n_steps)])
    found.setflags(write=False)
    return found


def sum_of_factors(
    schedule: Schedule, n_steps: int, start: float = 0.0, stop: float = 1.0
) -> float:
    """The sum of lr_t / lr over the steps of a run, or over its part between two shares of it."""
    counted = in_window(np.arange(n_steps), n_steps, start, stop)
    return float(factors(schedule, n_steps)[counted].sum())


def in_window(steps: np.ndarray, n_steps: int, start: float, stop: float) -> np.ndarray:
    """Whether steps (K,) of a run lie in its part from one share of it to below another (K,)."""
    shares = steps / n_steps
    return np.asarray((start <= shares) & (shares < stop))


def _after_warmup(schedule: Schedule, n: int, n_steps: int) -> np.ndarray:
    """The factors of the ``n`` steps after the warmup of a run of ``n_steps``."""
    share = np.arange(n) / max(n, 1)
    if schedule.own is not None:
        of_run = 1 - (1 - share) * n / n_steps
        return np.array([_asked(schedule, one) for one in of_run.tolist()])
    return _SHAPES[schedule.name](schedule, share, n_steps / max(n, 1))


def _asked(schedule: Schedule, share: float) -> float:
    """What the user's function gives at a share of the run; StudyError for what is no factor."""
    assert schedule.own is not None
    with guarded(WHERE, schedule.name, StudyError):
        factor = schedule.own(share)
    fits = isinstance(factor, Real) and not isinstance(factor, bool)
    if not fits or not math.isfinite(factor) or factor < 0:
        raise StudyError(
            f"{WHERE}: {schedule.name} must give a number that is at least 0, found {factor!r} at "
            f"{share:g} of the run; correct it there"
        )
    return float(factor)


def _constant(schedule: Schedule, share: np.ndarray, longer: float) -> np.ndarray:
    return np.ones_like(share)


def _linear(schedule: Schedule, share: np.ndarray, longer: float) -> np.ndarray:
    return 1 + (schedule.final_lr - 1) * share


def _cosine(schedule: Schedule, share: np.ndarray, longer: float) -> np.ndarray:
    """Loshchilov & Hutter 2017, eq. 5, without restarts."""
    return schedule.final_lr + (1 - schedule.final_lr) * (1 + np.cos(math.pi * share)) / 2


def _exponential(schedule: Schedule, share: np.ndarray, longer: float) -> np.ndarray:
    return np.asarray(schedule.final_lr**share)


def _step(schedule: Schedule, share: np.ndarray, longer: float) -> np.ndarray:
    of_run = 1 - (1 - share) / longer
    passed = np.searchsorted(np.sort(schedule.milestones), of_run + 1e-12, side="right")
    return np.asarray(schedule.gamma**passed)


def _wsd(schedule: Schedule, share: np.ndarray, longer: float) -> np.ndarray:
    """Warm up, stay, decay: the last part falls in a straight line (Hu et al. 2024)."""
    falling = min(schedule.cooldown * longer, 1.0)
    if falling == 0:
        return np.ones_like(share)
    return 1 + (schedule.final_lr - 1) * np.clip((share - (1 - falling)) / falling, 0, 1)


def _one_cycle(schedule: Schedule, n_steps: int) -> np.ndarray:
    """From 1/25 to 1 in the warmup, then to the last factor, each by half a cosine.

    As ``OneCycleLR`` has it the last step of a run is the last of the cycle.
    """
    n_warm = schedule.warmup if schedule.warmup >= 1 else schedule.warmup * n_steps
    top = n_warm - 1  # below 0 the run begins on its way down, as torch's does
    steps = np.arange(n_steps)
    rising = _between(ONE_CYCLE_START, 1.0, steps / top if top > 0 else np.ones(n_steps))
    down = np.clip((steps - top) / max(n_steps - 1 - top, 1), 0, 1)
    return np.where(steps <= top, rising, _between(1.0, schedule.final_lr, down))


def _between(start: float, end: float, share: np.ndarray) -> np.ndarray:
    return end + (start - end) * (1 + np.cos(math.pi * share)) / 2


_SHAPES: dict[str, Callable[[Schedule, np.ndarray, float], np.ndarray]] = {
    "constant": _constant,
    "linear": _linear,
    "cosine": _cosine,
    "exponential": _exponential,
    "step": _step,
    "wsd": _wsd,
}
"""The shape after the warmup, from the share (n,) of what is left of the run; the last argument is
how much longer the whole run is.
"""
