"""What the samplers remember of a long study: the best trials and the newest, at a fixed cost."""

from __future__ import annotations

import math

import numpy as np
import pytest

import sweep
from sweep.records.trial import FinishedTrial, Phase, State, Trial
from sweep.search.sampler import BEST, MEMORY, Search
from sweep.search.strengths import Strengths
from tests.support.counting import Cost, cost_of


def search(objective: str = "val_loss", **changes: object) -> Search:
    study = sweep.Study(
        study={"name": "long", "objective": objective},
        data={"name": "digits"},
        search={
            "penalties": ["l2"],
            "strength": {"low": 1e-4, "high": 1.0},
            "trials": 4000,
            "startup": 0,
            **changes,
        },
    )
    return Search(study, Strengths(study.search, ("first",)))


def history(n: int, seed: int = 0) -> list[FinishedTrial]:
    """Ended trials: of each four, one was pruned and one diverged."""
    rng = np.random.default_rng(seed)
    states = (State.COMPLETE, State.COMPLETE, State.PRUNED, State.DIVERGED)
    finished = []
    for number in range(n):
        strength = float(10 ** rng.uniform(-4, 0))
        state, value = states[number % 4], float(rng.normal())
        trial = Trial(number, Phase.EXPLORE, 0, "l2", strength, {"first": strength}, {})
        value = math.nan if state is State.DIVERGED else value
        finished.append(FinishedTrial(trial, state, value, 6))
    return finished


def test_a_history_of_usual_length_is_remembered_whole() -> None:
    finished = history(MEMORY)
    assert search()._remembered(finished) == finished


@pytest.mark.parametrize(("objective", "sign"), [("val_loss", 1), ("val_accuracy", -1)])
def test_of_a_long_history_the_best_and_the_newest_are_remembered_in_order(
    objective: str, sign: int
) -> None:
    finished = history(1000)
    kept = [t.trial.number for t in search(objective)._remembered(finished)]
    complete = [t for t in finished if t.state is State.COMPLETE]
    best = sorted(complete, key=lambda t: sign * t.value)[:BEST]
    assert len(kept) == MEMORY
    assert kept == sorted(kept)
    assert {t.trial.number for t in best} <= set(kept)
    others = sorted(set(range(1000)) - {t.trial.number for t in best})
    assert set(others[-(MEMORY - BEST) :]) <= set(kept)


@pytest.mark.parametrize("sampler", ["tpe", "gp"])
@pytest.mark.parametrize("state", [None, State.DIVERGED])
def test_without_a_complete_trial_the_quasi_random_block_goes_on(
    sampler: str, state: State | None
) -> None:
    """Rounds 0 and 1 are asked before anything is known; a sampler would draw at random there."""

    def asked(name: str) -> list[float]:
        one = search(sampler=name, trials=48)
        first = one.ask(0, [], [])
        finished = [FinishedTrial(trial, state, math.nan, 1) for trial in first] if state else []
        return [t.strength for round_ in (1, 2) for t in one.ask(round_, finished, [])]

    assert asked(sampler) == asked("qmc") != asked("random")


@pytest.mark.long
def test_asking_costs_no_more_after_four_thousand_trials_than_after_four_hundred() -> None:
    """In calls and in memory, which can be counted."""
    one = search()

    def cost(n: int) -> Cost:
        finished = history(n)
        return cost_of(lambda: one.ask(n // 16, finished, []))

    cost(400)
    few, many = cost(400), cost(3984)
    assert many.n_calls < 1.2 * few.n_calls
    assert many.most_bytes < 1.5 * few.most_bytes
