"""The verdict of a study as one line: what to set, from where to where, at which learning rate.

Every finding has a form of its own, so that nothing is sold which was not found.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from dashboards.gather.cocktail import recipe
from dashboards.gather.layer_strengths import layer_strengths, strengths_words
from dashboards.gather.metric_format import judged
from dashboards.gather.names import listed, setting_name
from dashboards.gather.numbers import capitalized, strength_text
from dashboards.gather.outcome import Finding, Outcome, Recommended
from dashboards.gather.sides import best_strength, why_no_boundaries, zone_end
from dashboards.sections.zone_words import zone_words
from sweep.regularizers.catalogue import has_path, regularizes


def headline(outcome: Outcome) -> str:
    """The verdict; what is known before a study has ended is marked as that."""
    words = FORMS[outcome.finding](outcome)
    open_yet = outcome.finding not in (Finding.WAITING, Finding.DIVERGED)
    if outcome.finished or not open_yet:
        return capitalized(words)
    return f"So far: {words}"


def _waiting(outcome: Outcome) -> str:
    if outcome.finished:
        return "no answer: no run came to an end that could be judged"
    return "no result yet: no run has come to an end that can be judged"


def _diverged(outcome: Outcome) -> str:
    tried = outcome.frames.trials["lr"].dropna()
    lowest = f" below {strength_text(float(tried.min()))}" if len(tried) else ""
    return f"every run diverged: lower the learning rate{lowest}"


def _no_signal(outcome: Outcome) -> str:
    return "nothing learned: no setting beats a constant prediction"


def _not_needed(outcome: Outcome) -> str:
    harmless = _harmless(outcome)
    aside = f" ({harmless})" if harmless else ""
    if not outcome.helping:
        return f"no regularization needed{aside}"
    helping = listed(map(setting_name, outcome.helping))
    return (
        f"little to gain by regularization{aside}, though {helping} did better than none on the "
        "test split"
    )


def _harmless(outcome: Outcome) -> str:
    """Up to which strength a penalty that is not shown to help costs nothing: the first path that
    has an end.
    """
    for penalty in (p for p in outcome.frames.paths if p not in outcome.helping):
        right = zone_end(outcome.frames.boundary(penalty), "right")
        if right.found:
            return f"{setting_name(penalty)} up to {strength_text(right.value)} is harmless"
    return ""


def _no_effect(outcome: Outcome) -> str:
    names = listed((setting_name(penalty) for penalty in outcome.frames.paths), "or")
    moved = f"moves the validation {outcome.metric.name} beyond noise"
    return f"no measurable effect: no strength of {names} {moved}"


def _too_few(outcome: Outcome) -> str:
    fresh = outcome.frames.study.design == "fresh"
    what = "resamples" if fresh else "resamples or rows"
    begins = f"too few {what} to tell: " if outcome.finished else ""  # more may come
    taken = outcome.recommended
    if outcome.helping and outcome.gains_validated and taken is not None:
        name = setting_name(taken.penalty) if regularizes(taken.penalty) else "the simplest penalty"
        return f"{begins}{name} is not shown to beat no regularization"
    splits = {
        " in validation": bool(outcome.helping),
        " on the test split": outcome.gains_validated,
    }
    where = "".join(words for words, elsewhere in splits.items() if elsewhere and outcome.rivals)
    several = len(judged(outcome.frames.study)) > 1
    where = f" by {outcome.metric.name}{where}" if several else where
    return f"{begins}no penalty is shown to beat no regularization{where}"


def _mixture(outcome: Outcome) -> str:
    taken = outcome.recommended
    parts = recipe(outcome.frames.trials)
    if "," not in parts:
        return f"of the mixtures, {parts} alone{_at(taken)}"
    return f"a mixture of {parts}{_at(taken)}"


def _layers(outcome: Outcome) -> str:
    taken = _taken(outcome)
    row = outcome.frames.trials.loc[outcome.frames.trials["trial"] == taken.trial].iloc[0]
    strengths = layer_strengths(row)
    if not strengths:
        return _setting(outcome)
    words = f"one strength per layer: {strengths_words(strengths)}"
    return f"{setting_name(taken.penalty)} with {words}{_at(taken)}"


def _setting(outcome: Outcome) -> str:
    taken = _taken(outcome)
    name = setting_name(taken.penalty)
    if not has_path(taken.penalty):
        return f"{name}{_at(taken)}"
    boundary = outcome.boundary
    best = best_strength(boundary, taken.strength)
    if boundary is None or why_no_boundaries(boundary):
        return f"{name} around {strength_text(best)}{_at(taken)}: its limits are not settled"
    rate = f", at learning rate {strength_text(taken.lr)}" if math.isfinite(taken.lr) else ""
    return f"{name} {zone_words(boundary)} (best {strength_text(best)}{rate})"


def _searched(outcome: Outcome) -> str:
    taken = _taken(outcome)
    name = setting_name(taken.penalty)
    if not regularizes(taken.penalty):
        return f"{name} did best in the search{_at(taken)}"
    return f"{name} at {strength_text(taken.strength)} did best in the search{_at(taken)}"


def _taken(outcome: Outcome) -> Recommended:
    assert outcome.recommended is not None, "the finding says that there is one"
    return outcome.recommended


def _at(taken: Recommended | None) -> str:
    if taken is None or not math.isfinite(taken.lr):
        return ""
    return f" (at learning rate {strength_text(taken.lr)})"


FORMS: Mapping[Finding, Callable[[Outcome], str]] = {
    Finding.WAITING: _waiting,
    Finding.DIVERGED: _diverged,
    Finding.NO_SIGNAL: _no_signal,
    Finding.NOT_NEEDED: _not_needed,
    Finding.NO_EFFECT: _no_effect,
    Finding.TOO_FEW: _too_few,
    Finding.MIXTURE: _mixture,
    Finding.LAYERS: _layers,
    Finding.SETTING: _setting,
    Finding.SEARCHED: _searched,
}
