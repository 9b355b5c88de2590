"""How long the runs of a trial are, and how far they get: steps, and sums of learning rates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sweep.launchers._training_plan import fewest_training_rows
from sweep.launchers.context import TrainingContext
from sweep.records.trial import Phase, Trial
from sweep.regularizers.catalogue import NONE, follows_lr, has_timescale
from sweep.regularizers.timescale import RUN, Params, RunRates, Timescale
from sweep.training.jobs import TrainingPlan
from sweep.training.schedules import sum_of_factors


@dataclass(frozen=True)
class RunLengths:
    """The lengths of a study's runs by the params of their trials."""

    plan: TrainingPlan
    """That of trials which have nothing of their own."""
    n_rows: int
    """Training rows of a run."""

    def n_steps(self, trial: Trial) -> int:
        """All steps of a run."""
        batch = min(int(trial.params.get("batch_size", self.plan.batch_size)), self.n_rows)
        return self.plan.epochs_of(trial) * (self.n_rows // (batch * self.plan.accumulate))

    def rates_of(self, params: Params) -> RunRates:
        """The learning rates of a run while penalties act; of one in which they never do, those of
        one step.
        """
        plan, trial = self.plan, Trial(0, Phase.EXPLORE, 0, NONE, 0.0, {}, params)
        ends = (plan.number("penalty_from", trial), plan.number("penalty_until", trial))
        factors = sum_of_factors(plan.schedule_of(trial), self.n_steps(trial), *ends)
        return RunRates(plan.number("lr", trial), factors or 1.0, plan.epochs_of(trial))


def run_lengths_of(context: TrainingContext) -> RunLengths:
    """The lengths of the runs of a context's study."""
    return RunLengths(context.plan, fewest_training_rows(context.study, context.study_data))


def timescale_of(context: TrainingContext) -> Timescale | None:
    """The range of decays as a timescale, where the study gives one."""
    wanted = context.study.search.timescale
    if wanted is None:
        return None
    return Timescale(wanted.low, wanted.high, wanted.unit, run_lengths_of(context).rates_of)


def describe_timescale(context: TrainingContext) -> Iterator[str]:
    """One line for each penalty that is searched as a timescale: its range, and that of strengths
    where a trial has no numbers of its own.
    """
    times = timescale_of(context)
    if times is None:
        return
    unit = "of the run" if times.unit == RUN else "epochs"
    for name in filter(has_timescale, context.study.search.names):
        low, high = times.strengths(name, {})
        at = f" at lr {context.plan.lr:g}" if follows_lr(name) else ""
        yield (
            f"{name}: tau from {times.low:g} to {times.high:g} {unit}, "
            f"strength {high:.3g} to {low:.3g}{at}"
        )
