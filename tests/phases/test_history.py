"""The memory of trials and runs: what it says after results, and after it was read back."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from sweep.metrics.metric import ACCURACY, LOSS, Metric
from sweep.phases.history import EndedRun, StudyHistory
from sweep.records.trial import Draw, Phase, Run, RunResult, State, Trial

TRIAL = Trial(0, Phase.EXPLORE, 0, "l2", 0.1, {"first": 0.1}, {})
N_RUNS = {Phase.EXPLORE: 2, Phase.PATH: 1, Phase.CONTROL: 1}


def result(
    number: int, run: int, value: float, epochs: int = 4, state: State = State.COMPLETE
) -> RunResult:
    draw = Draw(run, 0, 0, 1, 1)
    metrics = {"val_loss": value, "val_accuracy": value}
    return RunResult(Run(number, run, draw), state, epochs, metrics, seconds=0.5)


def history(metric: Metric = LOSS, *phases: Phase) -> StudyHistory:
    """Of one trial a phase, in this order."""
    found = StudyHistory(metric, N_RUNS)
    phases = phases or (Phase.EXPLORE,)
    found.add_trials(replace(TRIAL, number=i, phase=phase) for i, phase in enumerate(phases))
    return found


def test_a_trial_waits_until_the_last_of_its_runs_has_ended() -> None:
    one = history()
    one.end_run(result(0, 1, 3.0, epochs=2))
    assert one.state_of(0) is State.WAITING
    assert one.n_ended[0] == 1
    assert math.isnan(one.best)
    one.end_run(result(0, 0, 1.0))
    assert one.state_of(0) is State.COMPLETE
    assert one.best == one.cost(0) == one.finished(0).value == 2.0
    assert one.finished(0).epochs == 4


def test_a_trial_is_what_the_worst_of_its_runs_is_and_then_is_no_choice() -> None:
    one = history()
    one.end_run(result(0, 0, 1.0))
    one.end_run(result(0, 1, 1.0, state=State.PRUNED))
    assert one.state_of(0) is State.PRUNED
    assert one.best_trial(Phase.EXPLORE, "l2") is None
    assert math.isnan(one.best)


@pytest.mark.parametrize(("metric", "best"), [(LOSS, 0.25), (ACCURACY, 0.5)])
def test_the_best_is_by_the_objective_and_a_control_is_not_in_the_running(
    metric: Metric, best: float
) -> None:
    one = history(metric, Phase.PATH, Phase.PATH, Phase.CONTROL)
    for number, value in enumerate((0.5, 0.25, 0.125 if metric is LOSS else 0.75)):
        one.end_run(result(number, 0, value))
    assert one.best == best
    found = one.best_trial(Phase.PATH, "l2")
    assert found is not None
    assert found.number == (1 if metric is LOSS else 0)


def test_only_new_trials_are_taken_up() -> None:
    one = history()
    other = replace(TRIAL, number=1)
    assert one.add_trials([TRIAL, other]) == [other]


def test_what_is_read_back_says_the_same() -> None:
    one, again = history(), history()
    for run, value in enumerate((1.0, 2.0)):
        one.end_run(result(0, run, value))
    for key, (state, metrics) in one.runs.items():
        again.restore_run(key, EndedRun(state, dict(metrics)))
    assert (again.runs, again.summaries, again.best) == (one.runs, one.summaries, one.best)
    assert again.finished(0) == one.finished(0)
