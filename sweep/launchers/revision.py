"""Which of several plans trains fastest, by what training itself takes.

Short trials before the training can mislead: another program had a core for that moment. So plans
that came near to the best take turns in training itself, each for about a second at a time, where
much is still to be trained. No result depends on it, and what is tried is little dearer.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

from sweep.records.execution import ExecutionPlan

logger = logging.getLogger("sweep")

TURNS = 2
"""Turns of every plan; its quicker one counts, since what disturbs a turn only adds to it."""
TURN_SECONDS = 1.0
TURN_EPOCHS = 2
"""Epochs that every slot trains in a turn, at least."""
SMALL_SHARE = 0.1
"""All turns together take at most about such a part of what is to be trained."""
BETTER = 1.03
"""Another plan is taken if it trains so many times as fast as the first."""


class Revision:
    """Turns of several plans, the one that training begins with first."""

    def __init__(self, plans: Sequence[ExecutionPlan], clock: Callable[[], float] = time.monotonic):
        self.plans, self.clock = plans, clock
        self.best: list[float] = [0.0 for _ in plans]
        """Epochs of runs per second, by plan."""
        self.turn = 0
        self._start: tuple[float, int] | None = None
        """When this turn began to count, and what had been trained by then."""
        self._ready_at: int | None = None
        """Epochs of runs from which on the turn counts: every slot has trained one."""

    @property
    def plan(self) -> ExecutionPlan:
        """What to train by now."""
        return self.plans[self.turn % len(self.plans)]

    @property
    def ended(self) -> bool:
        """Whether it is decided."""
        return len(self.plans) == 1

    def begin(self) -> None:
        """Another pool trains from now on, from no epoch on."""
        self._start = self._ready_at = None

    def note(self, trained: int, n_slots: int, full: bool, waiting: int) -> None:
        """Takes up that ``trained`` epochs of runs have been trained by now in so many slots, and
        ``waiting`` epochs wait; a turn begins again when not all slots are ``full``.
        """
        if self.ended:
            return
        if self._ready_at is None:
            self._ready_at = trained + n_slots
        if not full:
            self._start = None
        elif self._start is None:
            if trained >= self._ready_at:
                self._start = (self.clock(), trained)
        else:
            self._end_turn(*self._start, trained, n_slots, waiting)

    def _end_turn(self, since: float, before: int, trained: int, n_slots: int, left: int) -> None:
        seconds, epochs = self.clock() - since, trained - before
        if seconds < TURN_SECONDS or epochs < TURN_EPOCHS * n_slots:
            return
        speed, now = epochs / seconds, self.turn % len(self.plans)
        self.best[now] = max(self.best[now], speed)
        all_turns = TURNS * len(self.plans) * seconds
        self.turn += 1
        self._start = self._ready_at = None
        if self.turn == TURNS * len(self.plans):
            self._decide()
        elif self.turn == 1 and left / speed * SMALL_SHARE < all_turns:
            self.turn = 0  # too little is left for turns to pay
            self.plans, self.best = self.plans[:1], self.best[:1]

    def _decide(self) -> None:
        fastest = max(range(len(self.plans)), key=lambda place: self.best[place])
        chosen = fastest if self.best[fastest] > BETTER * self.best[0] else 0
        plan, self.turn = self.plans[chosen], 0
        speeds = ", ".join(
            f"{speed:.3g} with {p.n_lanes} of {p.width}"
            for p, speed in zip(self.plans, self.best, strict=True)
        )
        logger.info("training goes on with %s (epochs of runs per second: %s)", plan.sizes, speeds)
        self.plans, self.best = [plan], [self.best[chosen]]
