"""The select phase: which of the best settings of a penalty its path goes through.

The best of many trials on one resample is often one that this resample flatters. So the best few
that differ in more than the strength, which the path moves, are trained again on resamples that
were not searched, the same for all of them, and their means decide.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from sweep.phases._numbers import TrialNumbers
from sweep.phases.history import StudyHistory
from sweep.records.parameters import TAU
from sweep.records.trial import Phase, Trial
from sweep.study.study import Study


def finalists(
    study: Study, history: StudyHistory, penalty: str, numbers: TrialNumbers
) -> list[Trial]:
    """A penalty's trials of the select phase, once its explore trials have ended: the same at every
    launch.

    It has none where its best trials differ in their strengths alone, or where it was gone on with
    by a version without this phase.
    """
    known = history.of_phase(Phase.SELECT, penalty)
    gone_on = any(history.of_phase(phase, penalty) for phase in (Phase.PATH, Phase.CONFIRM))
    if known or gone_on or study.search.resamples >= study.path.resamples:
        return known
    best = _best(history, penalty, study.search.finalists)
    return [
        replace(
            trial,
            number=numbers.of_finalist(penalty, i),
            phase=Phase.SELECT,
            round=0,
            parent=trial.number,
        )
        for i, trial in enumerate(best if len(best) > 1 else ())
    ]


def _best(history: StudyHistory, penalty: str, most: int) -> list[Trial]:
    """The best explore trials of each setting, the better first."""
    ended = [
        (history.cost(trial.number), trial.number, trial)
        for trial in history.of_phase(Phase.EXPLORE, penalty)
        if history.may_be_best(trial)
    ]
    by_setting: dict[Hashable, Trial] = {}
    for _, _, trial in sorted(ended, key=lambda each: each[:2]):
        held = {name: value for name, value in trial.params.items() if name != TAU}
        by_setting.setdefault(frozenset(held.items()), trial)
    return list(by_setting.values())[:most]
