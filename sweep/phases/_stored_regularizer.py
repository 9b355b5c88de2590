"""What ``best.pt`` says of the winner's regularizers, for ``Regularizer.of`` to read."""

from __future__ import annotations

from typing import Any

from sweep.launchers.context import TrainingContext
from sweep.records.parameters import ALL_DROPOUTS, LR_OF, number_of
from sweep.records.trial import Trial
from sweep.training.augmentation import AUGMENTATIONS


def stored_regularizer(context: TrainingContext, trial: Trial) -> dict[str, Any]:
    """Plain values by key, as a file may have them.

    Args:
        context: That of the trial's shape.
        trial: The winner.

    Returns:
        ``penalties`` with the strength of every layer by name; ``numbers`` of these; the selection
        of weights; what is done ``elsewhere`` than on weights; ``window``, the shares of the run
        between which penalties act; and the optimizer and its rate.
    """
    plan, parameters = context.plan, context.layer_report.parameters
    rows = {n: plan.strengths_of(n, trial, context.layers) for n in context.penalties}
    used = {name: row for name, row in rows.items() if any(row.values())}
    numbers = {
        full: float(trial.params.get(full, default))
        for name in used
        for number, default in context.penalties[name].numbers.items()
        for full in [number_of(name, number)]
    }
    elsewhere = {name: plan.number(name, trial) for name in (*AUGMENTATIONS, "patience")}
    if plan.dropout is not None:
        elsewhere[ALL_DROPOUTS] = trial.strength_in_run(ALL_DROPOUTS)
    return {
        "penalties": used,
        "numbers": numbers,
        "scope": plan.selection.scope,
        "include": list(plan.selection.include),
        "exclude": list(plan.selection.exclude),
        "idle": sorted(context.probe.backward.idle),
        "scale_invariant": [n for n, p in parameters.items() if p in plan.scale_invariant],
        "lr_of": {
            pattern: float(trial.params.get(LR_OF.name_of(pattern), default))
            for pattern, default in plan.lr_of.items()
        },
        "elsewhere": {name: value for name, value in elsewhere.items() if value > 0},
        "window": [plan.number("penalty_from", trial), plan.number("penalty_until", trial)],
        "optimizer": plan.optimizer.name,
        "lr": float(trial.params.get("lr", plan.lr)),
    }
