"""What every column of every frame means, in the order of the columns.

Phases, states and roles are read from their enums. The codes of verdicts and causes are made in the
statistics, which the store does not import: a test compares them, and the words for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from sweep.records.parameters import ALL_LAYERS
from sweep.records.trial import Phase, Role, State

PATHS: Mapping[Role, str] = {
    Role.SETTING: "empty for a setting that is searched or confirmed",
    Role.POINT: f"for a point of a path what the path moves: {ALL_LAYERS} (every layer together), "
    "one layer, or one ingredient of a cocktail",
    Role.CONTROL: "'trial' and its number for a control, which trains that trial to its end",
    Role.WITHOUT: "'without' and an ingredient for the cocktail that lacks it",
    Role.ONLY: "'only' and an ingredient for the cocktail of it alone",
    Role.DEFAULT: f"{Role.DEFAULT} for the baseline of a good default",
    Role.BOOSTING: f"{Role.BOOSTING} for the baseline of boosted trees",
}
"""What stands in the column ``path`` of a trial, by its role."""

VERDICTS: Mapping[str, str] = {
    "found": "found",
    "none": "no boundary in the searched range",
    "inconclusive": "inconclusive",
    "below_range": "overfitting ends below the searched range: extend it to weaker strengths",
    "no_signal": "no learnable signal",
    "extend_weaker": "optimum not bracketed: extend the range to weaker strengths",
    "extend_stronger": "optimum not bracketed: extend the range to stronger strengths",
    "extend_both": "optimum not bracketed: extend the range to both sides",
    "not_unimodal": "not unimodal: several good zones",
    "no_effect": "no measurable effect of the strength",
    "too_few": "too few strengths finished: fewer than 4 have a loss in every resample",
}
"""The codes of a path's verdict."""

SIDE_VERDICTS: Mapping[str, str] = {
    "found": "found",
    "none": "none in the searched range",
    "inconclusive": "inconclusive",
    "below_range": "below the searched range",
    "undefined": "undefined",
}
"""The codes of the verdict on one side of the best strength."""

CAUSES: Mapping[str, str] = {
    "overfitting": "overfitting",
    "optimization_limited": "optimization-limited",
    "underfitting": "underfitting",
    "mismatch": "objective mismatch or instability",
    "undetermined": "undetermined",
    "none": "no boundary",
}
"""The codes of why validation loss rises on one side."""

ADVICE: Mapping[str, str] = {
    "none": "nothing is asked for but a robust loss where there is a tail_index",
    "extend_weaker": "extend the range to weaker strengths, or stop runs diverging there",
    "extend_stronger": "extend the range to stronger strengths, or stop runs diverging there",
    "extend_both": "both of these",
    "lower_lr": "too many runs diverged",
    "find_signal": "first find a setting that learns",
    "look_between": "look at the curve between the good zones",
    "finer_metric": "the metric moves in steps too large for the threshold",
    "more_resamples": "so many more would settle it",
    "few_resamples": "too few for narrow intervals",
    "more_data": "more resamples of these data would not help",
    "nothing": "no affordable number of resamples would settle it",
    "strengths_at_ends": "the curve is too steep for the strengths around the boundaries",
    "strengths_inside": "too few strengths in the good zone",
}
"""The codes of what would settle what is open."""

ENDINGS: Mapping[str, str] = {
    "none": "no ladder was laid for this metric",
    "narrow": "every interval is as narrow as wanted",
    "strengths_spent": "all strengths of path.points are used",
    "runs_spent": "all runs of path.runs are used",
    "spent_narrow": "so they are, and every interval is as narrow as wanted",
    "alike": "intervals seem narrow, but that may be chance",
    "noise": "noise makes an interval wide, not the gaps between strengths",
    "diverged": "runs diverge further out",
    "limit": "there are no stronger strengths",
    "even": "it was laid evenly",
    "verdict": "the verdict says why",
}
"""The codes of why a ladder ended."""


def _one_of(words: Iterable[str]) -> str:
    """The words in their order: "a, b or c"."""
    *first, last = map(str, words)
    return f"{', '.join(first)} or {last}"


def _listed(codes: Mapping[str, str], *without: str) -> str:
    """The codes but for those that cannot be, with their meanings where these say more."""
    kept = {code: meaning for code, meaning in codes.items() if code not in without}
    return _one_of(
        code if re.sub(r"\W", "_", meaning) == code else f"{code} ({meaning})"
        for code, meaning in kept.items()
    )


COLUMNS: Mapping[str, Mapping[str, str]] = {
    "trials_frame": {
        "study": "name of the study",
        "trial": "number of the trial within the study",
        "phase": _one_of(Phase),
        "round": "round in which the trial was asked",
        "path": "; ".join(PATHS[role] for role in Role),
        "penalty": "name of the penalty, built in or your own; none for no penalty",
        "strength": "shared strength, on a layer's path its own; 0 is the unregularized anchor",
        "strength.<layer>": "strength of one penalized layer",
        "lr": "learning rate; nan (in SQL 0) where it is not known, of a loop of the user's or an "
        "imported study",
        "<axis>": "every other swept axis under its own name, but epochs under max_epochs; tau is "
        "1/(strength * sum of lr over the steps), in runs or in epochs, where decay is searched as "
        "a timescale",
        "optimizer": "name of the optimizer; own where a loop of the user's has one",
        "state": _one_of(State),
        "val_loss": "validation loss without penalty at the end, with patience at the best epoch, "
        "mean over runs",
        "val_loss_se": "its standard error over runs; nan for a single run",
        "val_accuracy": "share of validation rows classified right, mean over runs",
        "train_loss": "training loss without penalty in eval mode at the end, mean over runs",
        "train_accuracy": "share of training rows classified right, mean over runs",
        "test_loss": "test loss, mean over runs; confirm phase only",
        "test_accuracy": "share of test rows classified right; confirm phase only",
        "val_<metric>": "a metric that the study names, of the validation rows, mean over runs; "
        "likewise train_<metric> and, confirm phase only, test_<metric>",
        "gap": "val_loss - train_loss",
        "n_runs": "runs that ended",
        "epochs": "epochs trained, mean over runs; 0 where they are not known",
        "seconds": "the trial's share of the training time, summed over runs",
    },
    "runs_frame": {
        "study": "name of the study",
        "trial": "number of the trial",
        "run": "number of the run within the trial",
        "resample": "number of the draw of the data split",
        "fold": "cross-validation part; 0 without folds",
        "replicate": "number of the seed on the same data",
        "seed": "seed of initial weights, batch order and noise",
        "state": _one_of(state for state in State if state.ended),
        "epochs": "epochs trained, 0 where they are not known; with patience all metrics of a "
        "complete run are of best_epoch",
        "val_loss": "validation loss without penalty at the end",
        "train_loss": "training loss without penalty in eval mode at the end",
        "val_accuracy": "share of validation rows classified right at the end",
        "train_accuracy": "share of training rows classified right at the end",
        "test_loss": "test loss; confirm phase only",
        "test_accuracy": "share of test rows classified right; confirm phase only",
        "null_loss": "validation loss of the constant predictor fitted on the training rows",
        "null_accuracy": "validation accuracy of that constant predictor",
        "val_<metric>": "a metric that the study names, of the validation rows at the end; "
        "likewise train_<metric>, test_<metric> (confirm phase only) and null_<metric>",
        "penalty_loss": "what the penalty added to the objective at the end",
        "best_val_loss": "lowest validation loss over all epochs",
        "best_epoch": "its epoch",
        "weight_norm": "Euclidean norm of all penalized weights",
        "zeros": "penalized weights that are exactly zero",
        "n_weights": "penalized weights in all",
        "seconds": "the run's share of the training time",
        "note": "why the run did not complete",
    },
    "curves_frame": {
        "study": "name of the study",
        "trial": "number of the trial",
        "run": "number of the run within the trial",
        "epoch": "epochs trained so far",
        "metric": "val_loss, val_accuracy, train_loss, train_accuracy, batch_loss (mean loss of "
        "the epoch's batches, with augmentation, input noise, mixup and label smoothing), "
        "penalty_loss, test_loss, test_accuracy, and the like of metrics that the study names, of "
        "which null_<metric> has one point, the constant predictor's, at the epoch whose weights "
        "the run ended with",
        "value": "its value",
    },
    "layers_frame": {
        "study": "name of the study",
        "trial": "number of the trial",
        "run": "number of the run within the trial",
        "layer": "name of the layer, in the model's order",
        "strength": "its strength",
        "norm": "Euclidean norm of its weights at the end",
        "zeros": "its weights that are exactly zero",
        "weights": "its weights in all",
    },
    "occupancy_frame": {
        "study": "name of the study",
        "launch": "number of the launch: resuming a study is launching it again",
        "phase": f"{_one_of(Phase)}; that of most of the runs in slots, where phases overlap",
        "start_seconds": "when the stretch began, since the launch began to train",
        "seconds": "how long it was",
        "occupied": "mean number of slots with a run in them; with workers, of jobs under way",
        "slots": "mean number of slots that a run could have been in; with workers, of workers",
        "waiting": "mean number of runs that waited",
    },
    "row_losses_frame": {
        "study": "name of the study",
        "trial": "number of the trial, a point of a path",
        "run": "number of the run within the trial",
        "metric": "val_loss, or val_accuracy where there are classes",
        "row": "number of the validation row in the data, from 0 on",
        "loss": "what it lost at the end of the run, without penalty (float32); by val_accuracy 1 "
        "where it was wrong, else 0",
    },
    "boundaries_frame": {
        "study": "name of the study",
        "penalty": "the path's penalty",
        "layer": "all, or the one layer whose strength moved",
        "metric": "val_loss, val_accuracy or val_<metric>",
        "best": "strength of the lowest smoothed validation loss",
        "overfitting_ends": "lower end of the good zone",
        "overfitting_ends_low": "its 95 % interval, lower end",
        "overfitting_ends_high": "its 95 % interval, upper end",
        "overfitting_verdict": f"{_listed(SIDE_VERDICTS)} (verdict says why)",
        "overfitting_cause": _listed(CAUSES, "underfitting", "mismatch"),
        "underfitting_starts": "upper end of the good zone",
        "underfitting_starts_low": "its 95 % interval, lower end",
        "underfitting_starts_high": "its 95 % interval, upper end",
        "underfitting_verdict": f"{_listed(SIDE_VERDICTS, 'below_range')} (verdict says why)",
        "underfitting_cause": _listed(CAUSES, "overfitting", "optimization_limited"),
        "width_decades": "log10(underfitting_starts / overfitting_ends)",
        "n_strengths": "points of the ladder, the zero-strength anchor not counted",
        "n_resamples": "resamples per point; the most, where points differ (path.runs)",
        "n_rows": "validation rows (or groups of them) that the intervals rest on; 0 where they "
        "rest on the resamples",
        "design": "the study's [data] design: what the resamples are",
        "verdict": f"verdict on the whole path: {_listed(VERDICTS)}",
        "best_low": "95 % interval of best, lower end",
        "best_high": "95 % interval of best, upper end",
        "rho": "share of the learnable skill that marks a boundary",
        "best_loss": "loss at best; accuracies count as error rates, and any other metric that is "
        "maximized with its sign changed",
        "threshold_loss": "loss at which a boundary is drawn",
        "null_loss": "loss of the constant predictor; of a loop without, of the strongest strength",
        "strength_min": "ladder point with the lowest mean (glmnet's lambda.min)",
        "strength_1se": "strongest point within one standard error of it (glmnet's lambda.1se)",
        "sentence": "the result in words",
        "advice_kind": f"what would settle what is open: {_listed(ADVICE)}",
        "advice": "the same in a sentence or two; empty for none",
        "ending_kind": f"why the path's ladder ended: {_listed(ENDINGS)}",
        "ending": "the same in words",
        "tail_index": "Hill's index of the largest losses of rows, where they clearly have no "
        "variance and intervals may be too narrow; else nan",
    },
}
"""What every column means, by frame."""

MADE: Mapping[str, Mapping[str, str]] = {
    "checks_frame": {
        "study": "name of the study",
        "code": "the check, as CHECKS.md and report.ignore name it",
        "title": "what holds where it is passed, and else what is wrong",
        "group": "what it is of: data, network, training, search or evidence",
        "state": "failed, attention, passed, not_applicable or ignored",
        "value": "the number that decided; nan where there is none",
        "unit": "what the number counts; a share is from 0 to 1",
        "found": "what was found, in sentences",
        "action": "what to do; empty where nothing is",
    },
}
"""The same of frames that are made of others, and are no views."""
