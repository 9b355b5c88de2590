"""The checks by their codes, which never change: what each is of, and what to do about it.

After Godbole et al. (2023), "Deep Learning Tuning Playbook", and what this program knows besides.
``CHECKS.md`` is printed from this table (``python -m sweep.checks._reference``).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sweep.checks.check import Check, Group, Unit

DATA = (
    Check(
        "RS101", "The study has finished", "The study has not finished",
        Group.DATA, Unit.TRIALS,
        "Trials that have not ended are counted; the study says when it finished.",
        "Numbers of a study under way still move.",
        "Launch it again, unless it runs: it goes on with what is missing.",
    ),
    Check(
        "RS102", "The runs were trained here", "The runs were trained elsewhere",
        Group.DATA, Unit.NONE,
        "The study says whether it was imported.",
        "What an imported table leaves out cannot be checked: penalties in losses, rows, seeds.",
        "Make sure of it with who trained them, or train one path here.",
    ),
    Check(
        "RS103", "What a constant predictor loses is known",
        "The constant predictor was not measured",
        Group.DATA, Unit.NONE,
        "The study says whether the strongest strength stands for the constant predictor.",
        "The tolerance of every boundary is a share of what there is to learn beyond it.",
        "Give it as training.null_loss, or report null_loss.",
    ),
    Check(
        "RS104", "No validation row is a training row too", "Validation rows are training rows too",
        Group.DATA, Unit.SHARE,
        "Rows of the first split are compared, inputs and targets.",
        "Where they are copies of one record, the validation loss is too low and overfitting looks "
        "harmless.",
        "Remove copies, or keep them together with data.groups, under a new name.",
        of="of the validation rows",
    ),
    Check(
        "RS105", "Every class has training rows", "A class has no training row",
        Group.DATA, Unit.CLASSES,
        "Classes of the first split's training rows are counted.",
        "A network cannot learn a class that it never sees.",
        "Give more rows of it, or leave the class out.",
    ),
    Check(
        "RS106", "Splits are independent draws", "Splits are less than independent draws",
        Group.DATA, Unit.NONE,
        "The study says what rows are divided by.",
        "Intervals take splits for independent draws: they are too narrow where they are not.",
        "Read the intervals as rough, or divide rows by groups or at random.",
        shown_in="provenance",
    ),
    Check(
        "RS107", "There are groups enough", "There are few groups",
        Group.DATA, Unit.GROUPS,
        "Groups are counted; 40 are wanted.",
        "Simulated with 20 groups, intervals of 95 % hold in 80 to 93 % of studies.",
        'Get more groups, or set design = "kfold".',
        shown_in="provenance",
    ),
)  # fmt: skip

NETWORK = (
    Check(
        "RS201", "Steps agree with plain PyTorch", "Compared with plain PyTorch in few digits",
        Group.NETWORK, Unit.SHARE,
        "The first steps of two runs are trained by plain PyTorch too, before the study starts.",
        "Runs that train together must be what they would be alone.",
        "Give a network that takes float64, or train alone (hardware.population = 1).",
        of="of the largest number",
        shown_in="provenance",
    ),
    Check(
        "RS202", "Every weight gets a gradient", "Some weights get no gradient",
        Group.NETWORK, Unit.WEIGHTS,
        "Weights without a gradient in the first batches are listed.",
        "They stay as they were drawn: no penalty acts on them, and counts of weights are too "
        "large.",
        "Take what is not used out of the network, or freeze it.",
        shown_in="provenance",
    ),
    Check(
        "RS203", "The size of every weight matters", "Some weights have a size without a meaning",
        Group.NETWORK, Unit.LAYERS,
        "The sum of w*dL/dw of every penalized layer is compared with 0 before training.",
        "A norm layer takes the scale of these weights out again: a penalty acts on them through "
        "the effective learning rate alone.",
        "Read their strengths together with the learning rate, and sweep search.axes.lr beside "
        "them.",
        shown_in="layers",
    ),
    Check(
        "RS204", "Every penalty changes the weights", "A penalty has no effect",
        Group.NETWORK, Unit.PENALTIES,
        "The norms of the weights at the strengths of a path are compared.",
        "A strength that changes no weight does not reach the network, so its path says nothing.",
        "See whether the penalty is in the loss, and which layers search.include names.",
        elsewhere="See whether the penalty was in the loss.",
        loops_too=True,
        shown_in="weights",
    ),
    Check(
        "RS205", "Every seed begins with weights of its own",
        "Seeds do not change what they should",
        Group.NETWORK, Unit.NONE,
        "The network is built under two seeds; runs of a setting are compared where others train.",
        "Intervals leave out what other initial weights, or rows, would change.",
        "That is as it should be for weights from a file; otherwise take torch.manual_seed out of "
        "the network, and use run.seed and run.split_seed in a loop of your own.",
        elsewhere="Import runs that differ in their seed.",
    ),
)  # fmt: skip

TRAINING = (
    Check(
        "RS301", "No run diverged or failed", "Runs diverged or failed",
        Group.TRAINING, Unit.SHARE,
        "Runs by their state, those of a control left out.",
        "They are left out of every mean, which flatters the settings they belong to.",
        "Lower the learning rate, clip gradients (training.clip_norm), or narrow the range.",
        elsewhere="Lower the learning rate, clip gradients, or narrow the range.",
        loops_too=True,
        of="of the runs",
        shown_in="trials-of-search",
    ),
    Check(
        "RS302", "The best learning rate is not at the edge of stability",
        "The best learning rate is at the edge of stability",
        Group.TRAINING, Unit.SHARE,
        "The share of diverged trials whose learning rate is up to three times the best.",
        "A setting at the edge diverges with the next seed, and higher rates were never judged.",
        "Add a warmup (training.warmup) or training.clip_norm, and search the learning rate again.",
        elsewhere="Add a warmup, or clip gradients, and search the learning rate again.",
        loops_too=True,
        of="of the trials near it",
        shown_in="trials-of-search",
    ),
    Check(
        "RS303", "The best learning rate lies inside those tried",
        "The best learning rate lies at the edge of those tried",
        Group.TRAINING, Unit.SHARE,
        "Where the best complete trial lies between the lowest and the highest rate, from 0 to 1.",
        "Another rate may be better still, and strengths of most penalties move with it.",
        "Move that end of search.axes.lr further out.",
        of="of the way up",
        shown_in="explore",
    ),
    Check(
        "RS304", "Training had come to rest", "Training was still improving at its end",
        Group.TRAINING, Unit.SHARE,
        "The fall of the best settings' validation loss over the last tenth of training, as a "
        "share of what there is to learn.",
        "With more epochs boundaries may move to stronger penalties.",
        "Raise training.epochs.",
        of="of what there is to learn",
        shown_in="curves",
    ),
    Check(
        "RS305", "Training was not much longer than needed",
        "Training was flat long before its end",
        Group.TRAINING, Unit.SHARE,
        "The share of training after which the best settings' validation loss stays within 2 % of "
        "what there is to learn of its last value.",
        "Shorter runs would give the same answer in less time.",
        "Lower training.epochs, or give patience.",
        elsewhere="Train for fewer epochs.",
        loops_too=True,
        of="of training",
        shown_in="curves",
    ),
    Check(
        "RS306", "The best settings do not overfit late", "The best settings overfit late",
        Group.TRAINING, Unit.SHARE,
        "The rise of the best settings' validation loss from its lowest to its last value, as a "
        "share of what there is to learn.",
        "The strength is then chosen for runs that are too long for it.",
        "Stop early (training.patience), or train for fewer epochs.",
        elsewhere="Stop early, or train for fewer epochs.",
        loops_too=True,
        of="of what there is to learn",
        shown_in="curves",
    ),
    Check(
        "RS307", "Stopping early gets less than half of the gain",
        "Stopping early gets much of the gain",
        Group.TRAINING, Unit.SHARE,
        "What the unregularized runs lose from their best epoch to their last, as a share of the "
        "gain of the best strength. The epoch is chosen on the rows that it is judged on.",
        "Much of the gain is then that of a shorter training, which costs less.",
        "Add early_stopping to search.penalties, so that both meet the test split.",
        elsewhere="Train with early stopping too.",
        of="of the gain",
        shown_in="curves",
    ),
    Check(
        "RS308", "Few trials of the search overfit late", "Most trials of the search overfit late",
        Group.TRAINING, Unit.SHARE,
        "The share of complete trials whose validation loss rises at the end.",
        "Runs are then too long for most of what was tried, and the search compares how badly they "
        "overfit.",
        "Train for fewer epochs, give patience, or search stronger penalties.",
        elsewhere="Train for fewer epochs, stop early, or try stronger penalties.",
        loops_too=True,
        of="of the complete trials",
        shown_in="curves",
    ),
    Check(
        "RS309", "Steps are steadier than the differences claimed",
        "Validation jumps as much as the differences claimed",
        Group.TRAINING, Unit.NONE,
        "The deviation from epoch to epoch over the last quarter of the best settings' runs, of "
        "their mean, over the loss by which a boundary is drawn.",
        "Boundaries then depend on which epoch was the last.",
        "Let the learning rate fall to 0 (training.schedule), average weights (training.ema), or "
        "raise path.resamples.",
        elsewhere="Let the learning rate fall to 0, average weights, or train with more seeds.",
        loops_too=True,
        shown_in="curves",
    ),
    Check(
        "RS310", "The training rows are fitted", "The training rows are not fitted",
        Group.TRAINING, Unit.SHARE,
        "The unregularized training loss over the constant predictor's; not where nothing can be "
        "learned.",
        "A network that has not fitted its training rows gains little from regularization.",
        "Train longer, or use a larger network, before reading much into the boundaries.",
        of="of the constant predictor's loss",
        shown_in="penalties",
    ),
)  # fmt: skip

SEARCH = (
    Check(
        "RS401", "Every best strength lies well inside", "A best strength lies near the edge",
        Group.SEARCH, Unit.PENALTIES,
        "Best strengths within one step of an end of their path are counted.",
        "The best may lie beyond what was searched.",
        "Move that end of search.strength further out.",
        shown_in="answers",
    ),
    Check(
        "RS402", "Strengths enough lie in every good zone", "A good zone holds few strengths",
        Group.SEARCH, Unit.STRENGTHS,
        "The fewest strengths of a path that lie in its good zone; three are wanted.",
        "Between fewer the curve may bend unseen, and the boundaries with it.",
        "Raise path.points (or path.runs, where it is given), or narrow search.strength around the "
        "zone.",
        elsewhere="Train at more strengths around the zone.",
        shown_in="answers",
    ),
    Check(
        "RS403", "Several trials share the good region", "Hardly a trial reached the good region",
        Group.SEARCH, Unit.TRIALS,
        "The fewest complete trials of a penalty's search within 5 % of what there is to learn of "
        "its best; three are wanted.",
        "The setting that the path holds may be one lucky draw.",
        "Raise search.trials, or narrow the ranges around the best.",
        elsewhere="Train more trials around the best.",
        shown_in="trials-of-search",
    ),
    Check(
        "RS404", "More trials would hardly have found better",
        "More trials would have found better",
        Group.SEARCH, Unit.SHARE,
        "What the best of all trials is expected to save beyond the best of half of them, as a "
        "share of what there is to learn (Dodge et al. 2019).",
        "A search that still improves has not found the setting that the path should hold.",
        "Raise search.trials.",
        elsewhere="Train more trials.",
        of="of what there is to learn",
        shown_in="trials-of-search",
    ),
    Check(
        "RS405", "The learning rate was searched beside the strength",
        "The learning rate was held fixed",
        Group.SEARCH, Unit.AXES,
        "Hyperparameters that differ between trials are counted, the strength aside; the others "
        "are listed as fixed.",
        "Strengths move with what is held fixed: the answer is for these values alone.",
        "Sweep search.axes.lr, and what else you would tune.",
        shown_in="explore",
    ),
    Check(
        "RS406", "Every penalty has its path", "A penalty has no path",
        Group.SEARCH, Unit.PENALTIES,
        "Penalties of the study without a path of strengths are counted.",
        "Without a path there are no boundaries.",
        "Set path.points to 9 or more, and see whether any of its trials completed.",
        shown_in="trials-of-search",
    ),
)  # fmt: skip

EVIDENCE = (
    Check(
        "RS501", "There are repetitions enough", "There are few repetitions",
        Group.EVIDENCE, Unit.UNITS,
        "The fewest resamples, folds or seeds of a path, at its strengths by the boundaries; five "
        "are wanted, ten are good.",
        "Intervals of fewer are too wide to be useful.",
        "Raise path.resamples, or path.runs where it is given.",
        shown_in="answers",
    ),
    Check(
        "RS502", "More than one split was trained on", "All runs share one split",
        Group.EVIDENCE, Unit.NONE,
        "The study says how its rows are divided.",
        "Every interval is conditional on this split and says nothing about other data.",
        'Set design = "resample" or "kfold".',
        elsewhere="Train on other splits too.",
        shown_in="provenance",
    ),
    Check(
        "RS503", "Every limit is as exact as it can be", "A limit is open, or its interval wide",
        Group.EVIDENCE, Unit.PENALTIES,
        "Penalties of which the boundary statistics ask for something are counted.",
        "A boundary that is open or wide is not yet an answer.",
        "Do what is said of each penalty.",
        shown_in="answers",
    ),
    Check(
        "RS504", "Intervals hold the largest uncertainty",
        "The search varies more than intervals say",
        Group.EVIDENCE, Unit.OBJECTIVE,
        "Three deviations of the best value: over seeds on the same rows, over resamples, and over "
        "repetitions of the search (by the spread of the best of as many trials).",
        "Intervals are over repetitions alone: another search could have led to another path.",
        "Raise search.trials, or repeat the study with another study.seed.",
        elsewhere="Train more trials, or repeat the search.",
        shown_in="trials-of-search",
    ),
    Check(
        "RS505", "The gain over no regularization is shown",
        "The gain over no regularization is not shown",
        Group.EVIDENCE, Unit.OBJECTIVE,
        "The paired difference from no regularization on the test split, of the best penalty in "
        "validation, with its 95 % interval. It has failed where the loss is clearly more than "
        "5 % of the skill.",
        "A gain in validation alone may be that of having chosen the best of many.",
        "Raise path.resamples, keep more test rows, or do without.",
        shown_in="test",
    ),
    Check(
        "RS506", "The gain over the usual default is shown",
        "The gain over the usual default is not shown",
        Group.EVIDENCE, Unit.OBJECTIVE,
        "The paired difference from the usual default on the test split.",
        "Who needs no more than the default need not tune.",
        "Keep the default, or raise path.resamples.",
        shown_in="test",
    ),
    Check(
        "RS507", "The gain over early stopping is shown",
        "The gain over early stopping is not shown",
        Group.EVIDENCE, Unit.OBJECTIVE,
        "The paired difference from early stopping on the test rows where that was confirmed; "
        "else, on the validation rows, from the unregularized runs at their best epoch.",
        "Early stopping is the honest baseline: it costs nothing and needs no strength.",
        "Add early_stopping to search.penalties, or stop early.",
        elsewhere="Train with early stopping too.",
        shown_in="test",
    ),
)  # fmt: skip

CHECKS: Mapping[str, Check] = MappingProxyType(
    {check.code: check for check in (*DATA, *NETWORK, *TRAINING, *SEARCH, *EVIDENCE)}
)
"""Every check in the order of its code."""
