"""What several sections take from a study's facts in the same way."""

from __future__ import annotations

from dashboards.gather.names import setting_name
from sweep.metrics.metric import Metric, metric_of
from sweep.records.division import DividedBy
from sweep.records.facts import StudyFacts
from sweep.records.parameters import ALL_DROPOUTS
from sweep.regularizers.catalogue import NONE

UNIT_WORDS = {"kfold": "folds", "holdout": "seeds"}


def unit_word(design: str) -> str:
    """What the repetitions of a setting are under a design: resamples, folds or seeds."""
    return UNIT_WORDS.get(design, "resamples")


def division_words(facts: StudyFacts) -> str:
    """What rows are divided by, and what the intervals may claim then; "" for rows at random."""
    fixed = "every interval is conditional on this one split"
    drawn = facts.design in ("resample", "kfold")
    if facts.divided_by == DividedBy.GROUPS:
        claim = "intervals are over groups and speak of other groups like these"
        return (
            f"by group: none of the {facts.n_groups} groups is in two of training, validation and "
            f"test; {claim if drawn else fixed}"
        )
    if facts.divided_by == DividedBy.TIME:
        claim = (
            "windows follow each other and share training rows, so they are not independent: "
            "intervals take them for alike, and are rough where the data drift"
        )
        return (
            "in the order of time: validation rows come later than training rows, and test rows "
            f"are the latest; {claim if drawn else fixed}"
        )
    if facts.divided_by == DividedBy.PARTS:
        return f"as the data say, into training, validation and test; {fixed}"
    if facts.divided_by == DividedBy.SPLITTER:
        return (
            "by a splitter of the user's; intervals take its splits for random ones of these "
            "sizes, and are wrong where they are not"
        )
    return ""


def own_dropout_words(facts: StudyFacts) -> str:
    """What no regularization means in a network with dropout of its own; "" in any other."""
    if not facts.own_dropout:
        return ""
    words = f"The network has dropout of its own ({facts.own_dropout_words}), which stays on "
    if ALL_DROPOUTS not in facts.penalties:
        return f"{words}without regularization, too."
    return (
        f"{words}under the other penalties and in the model without regularization, on the test "
        "split too; the path of dropout alone is compared with rate 0."
    )


def drops_own(penalty: str, facts: StudyFacts) -> bool:
    """Whether a penalty's path begins without the dropout that the network has of its own, where
    the paths of others begin with the network as it is.
    """
    return penalty == ALL_DROPOUTS and bool(facts.own_dropout)


def baseline_name(penalty: str, facts: StudyFacts) -> str:
    """What the weakest point of a penalty's path is."""
    return "rate 0" if drops_own(penalty, facts) else setting_name(NONE)


def alike(facts: StudyFacts) -> bool:
    """Whether all layers of a study had the same strength."""
    return facts.profile == "even" and facts.layers_mode == "shared"


def objective_of(facts: StudyFacts) -> Metric:
    """What the study's trials are judged by."""
    return metric_of(facts.objective, facts.maximize)
