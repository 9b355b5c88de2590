"""Every check with its rule, and what all of them come to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sweep.checks import (
    _curve_rules,
    _data_rules,
    _evidence_rules,
    _gain_rules,
    _network_rules,
    _search_rules,
    _training_rules,
)
from sweep.checks.catalogue import CHECKS
from sweep.checks.check import Check
from sweep.checks.results import CheckResult, CheckState, not_applicable
from sweep.checks.tables import StudyTables

Rule = Callable[[StudyTables], CheckResult]

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "RS101": _data_rules.finished,
        "RS102": _data_rules.trained_here,
        "RS103": _data_rules.constant_predictor,
        "RS104": _data_rules.copied_rows,
        "RS105": _data_rules.class_rows,
        "RS106": _data_rules.independent_splits,
        "RS107": _data_rules.groups_enough,
        "RS201": _network_rules.parity,
        "RS202": _network_rules.idle_weights,
        "RS203": _network_rules.scale_invariant,
        "RS204": _network_rules.penalty_effect,
        "RS205": _network_rules.own_weights,
        "RS301": _training_rules.lost_runs,
        "RS302": _training_rules.edge_of_stability,
        "RS303": _training_rules.rate_inside,
        "RS304": _curve_rules.still_improving,
        "RS305": _curve_rules.flat_early,
        "RS306": _curve_rules.best_rises_late,
        "RS307": _gain_rules.stopping_share,
        "RS308": _curve_rules.search_rises_late,
        "RS309": _curve_rules.steady_steps,
        "RS310": _training_rules.fitted,
        "RS401": _search_rules.best_inside,
        "RS402": _search_rules.strengths_in_zone,
        "RS403": _search_rules.trials_in_good_region,
        "RS404": _search_rules.search_enough,
        "RS405": _search_rules.kept_fixed,
        "RS406": _search_rules.every_path,
        "RS501": _evidence_rules.repetitions,
        "RS502": _evidence_rules.several_splits,
        "RS503": _evidence_rules.exact_limits,
        "RS504": _evidence_rules.three_spreads,
        "RS505": _gain_rules.gain_over_none,
        "RS506": _gain_rules.gain_over_default,
        "RS507": _gain_rules.gain_over_stopping,
    }
)
"""The rule of every check by its code."""
ORDER = tuple(CheckState)


@dataclass(frozen=True)
class Checked:
    """A check, and what it came to in a study."""

    check: Check
    result: CheckResult
    imported: bool = False
    """Whether the runs were trained elsewhere."""
    looped: bool = False
    """Whether a loop of the user's trained them."""

    @property
    def title(self) -> str:
        """What it is called as it came out."""
        return self.check.concern if self.result.state.pressing else self.check.claim

    @property
    def action(self) -> str:
        """What to do; "" where nothing is."""
        if not self.result.state.pressing:
            return ""
        usual, theirs = self.check.action, self.imported or (self.looped and self.check.loops_too)
        if theirs and self.check.elsewhere:
            usual = self.check.elsewhere
        return self.result.action or usual


def run_checks(tables: StudyTables) -> list[Checked]:
    """Every check of a study in the order of its code; those that it ignores are not made."""
    ignored = set(tables.study.ignored_checks)
    whose = {"imported": bool(tables.study.source), "looped": bool(tables.study.loop)}
    return [
        Checked(check, _judge(tables, code, ignored), **whose) for code, check in CHECKS.items()
    ]


def _judge(tables: StudyTables, code: str, ignored: Collection[str]) -> CheckResult:
    if code in ignored:
        words = "Switched off in the study file (report.ignore)."
        return CheckResult(CheckState.IGNORED, (words,))
    if tables.trials.empty:
        return not_applicable("No trial has been asked yet.")
    return RULES[code](tables)


def by_urgency(checked: list[Checked]) -> list[Checked]:
    """The same with those first that somebody should look at."""
    return sorted(checked, key=lambda one: ORDER.index(one.result.state))
