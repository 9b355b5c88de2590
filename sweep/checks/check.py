"""What a check is, beside its rule."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Group(StrEnum):
    """What a check is of."""

    DATA = "data"
    NETWORK = "network"
    TRAINING = "training"
    SEARCH = "search"
    EVIDENCE = "evidence"


class Unit(StrEnum):
    """What the number of a check counts; a share is from 0 to 1."""

    NONE = ""
    SHARE = "share"
    OBJECTIVE = "objective"
    """The metric that the study is judged by, or the loss."""
    TRIALS = "trials"
    ROWS = "rows"
    CLASSES = "classes"
    GROUPS = "groups"
    WEIGHTS = "weights"
    LAYERS = "layers"
    PENALTIES = "penalties"
    STRENGTHS = "strengths"
    UNITS = "repetitions"
    AXES = "hyperparameters"

    @property
    def singular(self) -> str:
        """Of what is counted."""
        return SINGULAR.get(self, self.removesuffix("s"))


SINGULAR = {Unit.CLASSES: "class", Unit.PENALTIES: "penalty"}


@dataclass(frozen=True)
class Check:
    """A row of the catalogue."""

    code: str
    claim: str
    """What holds where it is passed."""
    concern: str
    """What it is called where it is not."""
    group: Group
    unit: Unit
    how: str
    """How it is found."""
    why: str
    """Why it matters."""
    action: str
    """What to do."""
    elsewhere: str = ""
    """What to do where the runs were trained elsewhere, and there is no study file."""
    loops_too: bool = False
    """Whether a loop of the user's, which refuses the keys of ``action``, does that as well."""
    of: str = ""
    """What a share is of; "" where that is plain."""
    shown_in: str = ""
    """The anchor of the section of the page that shows it; "" where the number says all."""
