"""The select phase: which of the best settings of a penalty its path goes through.

The best of many trials on one resample is often one that this resample flatters. So the best few
that differ in more than the strength, which the path moves, are trained again on resamples that
were not searched, the same for all of them, and their means decide.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from sweep.phases.history import StudyHistory
from sweep.records.parameters import TAU
from sweep.records.trial import Phase, Trial
from sweep.study.study import Study


def finalists(study: Study, history: StudyHistory) -> list[Trial]:
    """The trials of the select phase, once the explore phase has ended: the same at every launch.

    A penalty has none whose best trials differ in their strengths alone, or that was gone on with
    by a version without this phase.
    """
    if study.search.resamples >= study.path.resamples:
        return []
    number = history.next_number()
    found = []
    for penalty in study.search.names:
        if history.of_phase(Phase.SELECT, penalty):
            found += history.of_phase(Phase.SELECT, penalty)
        elif not any(history.of_phase(phase, penalty) for phase in LATER):
            best = _best(history, penalty, study.search.finalists)
            for trial in best if len(best) > 1 else ():
                found.append(
                    replace(trial, number=number, phase=Phase.SELECT, round=0, parent=trial.number)
                )
                number += 1
    return found


LATER = tuple(phase for phase in Phase if phase not in (Phase.EXPLORE, Phase.SELECT))
"""What comes after it."""


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
