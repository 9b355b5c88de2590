"""Rules on the network, as it was looked at before training and as its weights ended."""

from __future__ import annotations

import numpy as np

from sweep.checks._data_rules import ELSEWHERE
from sweep.checks._words import listed
from sweep.checks.results import CheckResult, CheckState, judged, not_applicable
from sweep.checks.tables import StudyTables
from sweep.records.trial import State
from sweep.regularizers.catalogue import acts_on_weights, has_path, is_mixture, regularizes
from sweep.statistics.number_words import two_digits

EXACT = 1e-9
"""Steps agree with plain PyTorch's to this share where they are compared in float64."""
SAME_NORM = 1e-6
"""Norms of weights that differ by less are taken for the same."""
FEWEST_SETTINGS = 3
"""Settings that were trained several times, at least, to be compared."""
REPEATED = (
    "All runs of a setting came to exactly the same loss: neither seeds nor splits reach the "
    "training, so intervals know of no noise and say nothing of other seeds or rows."
)
LISTED = 5
"""Names in a sentence."""


def parity(tables: StudyTables) -> CheckResult:
    """Training that could be compared with plain PyTorch's in few digits only."""
    facts = tables.study
    if not facts.parity:
        return not_applicable(_why_unknown(tables) or "Steps were not compared at that time.")
    worst = facts.parity.get("stacked" if facts.stacked else "alone", 0.0)
    words = f"The first steps agree with plain PyTorch's to {two_digits(worst)} of the largest "
    words += "number."
    if worst > EXACT:
        words = (
            "The network does not take float64, so its first steps were compared with plain "
            f"PyTorch's in float32 alone, where they agree to {two_digits(worst)} of the largest "
            "number."
        )
    return judged(worst > EXACT, words, worst)


def _why_unknown(tables: StudyTables) -> str:
    """Why nothing is known of the network; "" where it is."""
    if tables.study.source:
        return f"{ELSEWHERE[0].upper()}{ELSEWHERE[1:]}."
    return "A loop of the user's trains its own network." if tables.study.loop else ""


def idle_weights(tables: StudyTables) -> CheckResult:
    if why := _why_unknown(tables):
        return not_applicable(why)
    idle = tables.study.idle_parameters
    names = listed([*idle[:LISTED], *(["others"] if len(idle) > LISTED else [])])
    words = f"{names} get no gradient and are left alone." if idle else "All of them do."
    return judged(bool(idle), words, float(len(idle)))


def scale_invariant(tables: StudyTables) -> CheckResult:
    """Weights whose size means nothing to the loss: what is called a penalty there is none."""
    if why := _why_unknown(tables):
        return not_applicable(why)
    layers = tables.study.scale_invariant
    weighing = [p for p in tables.study.penalties if is_mixture(p) or _of_weights(p)]
    penalties = [p for p in weighing if has_path(p)]  # the others have no strength to read
    if not (layers and penalties):
        return judged(False, "No penalized layer stands before a norm layer.", float(len(layers)))
    act = "acts" if len(penalties) == 1 else "act"
    return judged(
        True,
        f"{', '.join(penalties)} on {', '.join(layers)} {act} through the effective learning rate: "
        "a norm layer takes the scale of these weights out again, so their size does not limit "
        "what the network computes.",
        float(len(layers)),
    )


def _of_weights(penalty: str) -> bool:
    return regularizes(penalty) and acts_on_weights(penalty)


def penalty_effect(tables: StudyTables) -> CheckResult:
    """A strength that changes no weight: the penalty does not reach the model."""
    spreads = {}
    for penalty, ladder in tables.ladders.items():
        if "weight_norm" in ladder and ladder["weight_norm"].count() > 2:
            norms = ladder["weight_norm"].dropna().to_numpy()
            spreads[penalty] = float(np.ptp(norms)) / (abs(float(norms.mean())) or 1.0)
    if not spreads:
        return not_applicable("Weights are known of no path.")
    idle = [penalty for penalty, spread in spreads.items() if spread <= SAME_NORM]
    words = [
        f"{penalty}: the weights are the same at every strength, so this penalty has no effect on "
        "this model."
        for penalty in idle
    ]
    moved = f"The weights change with {listed(spreads)}."
    return judged(
        bool(idle), words or moved, float(len(idle)), numbers=spreads, state=CheckState.FAILED
    )


def own_weights(tables: StudyTables) -> CheckResult:
    """Initial weights that no seed changes; of runs that were trained by others, nothing at all."""
    if why := _why_unknown(tables):
        if _repeat(tables):
            return judged(True, REPEATED, state=CheckState.FAILED)
        return not_applicable(why)
    same = tables.study.same_weights
    words = "Two seeds gave different weights."
    if same:
        words = (
            "Every run begins with the same weights for every seed, so the intervals leave out "
            "what other initial weights would change."
        )
    return judged(same, words)


def _repeat(tables: StudyTables) -> bool:
    """Whether runs of the same setting never differ in what trials are judged by."""
    complete = tables.runs[tables.runs["state"] == str(State.COMPLETE)]
    values = complete.groupby("trial")[tables.objective.validation]
    spread = (values.max() - values.min())[values.count() > 1]
    return len(spread) >= FEWEST_SETTINGS and not spread.any()
