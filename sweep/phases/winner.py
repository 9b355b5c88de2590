"""What is said of a study that has ended without a trial that completed."""

from __future__ import annotations

from collections import Counter

from sweep.errors import ModelError
from sweep.records.trial import Phase, State
from sweep.store.store import Store
from sweep.study.study import Study


def check_winner(study: Study, store: Store) -> None:
    """Raises ModelError where a finished study has no winner, since none of its trials completed:
    what was found is stored, and answers nothing.
    """
    name, ended = study.study.name, Counter[str]()
    for (phase, state), n in store.counts(name).items():
        if phase != Phase.BASELINE:
            ended[state] += n
    if store.read_study(name).winner is not None or ended[State.COMPLETE]:
        return
    found = ", ".join(f"{n} {state}" for state, n in sorted(ended.items()))
    advice = "correct the loop" if study.training.loop_kind else "lower lr or the strengths"
    raise ModelError(
        f"{name}: at least one trial must complete, found {found}; the notes of its runs say why "
        f"(export, or the report): {advice}, and run it under another name"
    )
