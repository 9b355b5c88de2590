"""The best in validation, which ``sweep best`` retrains and checks judge, beside what the test
split recommends.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from dashboards.gather.names import setting_name
from dashboards.gather.outcome import Outcome
from sweep.regularizers.catalogue import regularizes


@dataclass(frozen=True)
class BestCommand:
    """What writes the weights of a study's winner, and whose they are."""

    words: str
    line: str


def best_command(outcome: Outcome) -> BestCommand | None:
    """None before there is a winner."""
    study, taken = outcome.frames.study, outcome.advised
    if study.winner is None or study.source:
        return None
    words = "Weights of the best in validation"
    if taken is not None and (penalty := winning_penalty(outcome)) != taken.penalty:
        words = f"Weights of {setting_name(penalty)}, the best in validation"
    line = f"python -m sweep best {shlex.quote(study.name)} --out best.pt"
    return BestCommand(words, line)


def winning_penalty(outcome: Outcome) -> str:
    """The penalty of the best in validation; "" before there is one."""
    trials = outcome.frames.trials
    own = trials.loc[trials["trial"] == outcome.frames.study.winner, "penalty"]
    return str(own.iloc[0]) if len(own) else ""


def judged_of(outcome: Outcome) -> str:
    """Whose gain the checks judge, where that is not what is recommended."""
    penalty, taken = winning_penalty(outcome), outcome.advised
    if taken is None or penalty in ("", taken.penalty) or not regularizes(penalty):
        return ""
    return (
        f"Checks of the gain are of {setting_name(penalty)}, the best in validation; "
        f"{setting_name(taken.penalty)} is recommended by the test split."
    )
