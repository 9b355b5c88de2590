"""Rules on what a study knows of its runs and its rows."""

from __future__ import annotations

from sweep.checks._words import measured
from sweep.checks.results import CheckResult, CheckState, judged, not_applicable
from sweep.checks.tables import StudyTables
from sweep.records.division import DividedBy
from sweep.records.trial import State
from sweep.statistics.number_words import count

FEW_GROUPS = 40
"""Below so many groups intervals are too narrow: for the mean loss of a linear network, 300 studies
each, those of 95 % held it in 80 to 93 % with 20 groups and in 90 to 97 % with 60."""
ELSEWHERE = "the runs were trained elsewhere, and nothing is known of it"
DIVISIONS = {
    DividedBy.TIME: "in the order of time: windows follow each other and share training rows, so "
    "intervals are rough where the data drift",
    DividedBy.SPLITTER: "by a splitter of the user's: intervals take its splits for random ones of "
    "these sizes, and are wrong where they are not",
}


def finished(tables: StudyTables) -> CheckResult:
    waiting = [str(state) for state in State if not state.ended]
    n, n_waiting = len(tables.trials), int(tables.trials["state"].isin(waiting).sum())
    words = f"The study has finished: {count(n, 'trial')}."
    if not tables.finished:
        words = (
            f"The study has not finished ({n_waiting} of {count(n, 'trial')} waiting): these are "
            "the numbers so far."
        )
    return judged(not tables.finished, words, float(n_waiting))


def trained_here(tables: StudyTables) -> CheckResult:
    """What this program has not seen, and has to take from who imported the runs."""
    facts, n = tables.study, len(tables.runs)
    if not facts.source:
        return judged(False, f"{count(n, 'run')} of this program.")
    said = (
        f"These are {count(n, 'run')} that were trained elsewhere, imported from {facts.source}. "
        "That losses leave the penalty out, that a seed stands for the same rows at every "
        "strength, and that nothing moved beside what its columns say, is the word of who imported "
        "them."
    )
    reasons: dict[str, list[str]] = {}
    for name, why in facts.no_path.items():
        reasons.setdefault(why, []).append(name)
    none = [
        f"The runs of {', '.join(names)} are no path, so there are no boundaries: {why}."
        for why, names in reasons.items()
    ]
    return judged(True, [said, *none])


def constant_predictor(tables: StudyTables) -> CheckResult:
    """Where nobody said what a constant predictor loses."""
    if not tables.null_is_strongest:
        return judged(False, "It was computed from the training rows, or given.")
    column = tables.objective.validation
    strongest = {
        penalty: float(ladder[column].dropna().iloc[-1])
        for penalty, ladder in tables.ladders.items()
        if column in ladder and ladder[column].notna().any()
    }
    found = ", ".join(f"{penalty} {measured(value)}" for penalty, value in strongest.items())
    whose = "each path" if tables.study.source else "the penalty that loses most there"
    return judged(
        True,
        f"What a constant predictor would lose was taken from the strongest strength of {whose}"
        f"{f' ({found})' if found else ''}. Where that still learns, the skill is taken for "
        "smaller than it is, and the boundaries lie too close together; where it has blown up, too "
        "far apart.",
        action="Import the loss of a constant predictor too." if tables.study.source else "",
    )


def copied_rows(tables: StudyTables) -> CheckResult:
    copied, n = tables.study.copied_rows, tables.study.n_validation
    if copied is None or not n:
        return not_applicable("Rows were not compared.")
    if not copied:
        return judged(False, f"None of {count(n, 'validation row')} is a training row.", 0.0)
    words = f"{copied} of {count(n, 'validation row')} are training rows too, inputs and target."
    return judged(True, words, copied / n)


def class_rows(tables: StudyTables) -> CheckResult:
    facts = tables.study
    if not facts.n_train or "accuracy" not in _judged_columns(tables):
        return not_applicable("There are no classes, or their rows are not known.")
    missing = facts.missing_classes
    names = ", ".join(map(str, missing))
    words = f"No training row is of class {names}." if missing else "No class is without a row."
    return judged(bool(missing), words, float(len(missing)), state=CheckState.FAILED)


def _judged_columns(tables: StudyTables) -> set[str]:
    """The metrics that runs have values of."""
    known = tables.runs.columns[tables.runs.notna().any()]
    return {str(name).partition("_")[2] for name in known}


def independent_splits(tables: StudyTables) -> CheckResult:
    """Splits that are less than independent draws of rows."""
    facts = tables.study
    if facts.source and facts.divided_by == DividedBy.ROWS:
        return not_applicable(f"{ELSEWHERE[0].upper()}{ELSEWHERE[1:]}.")
    if facts.design == "holdout":
        return not_applicable("All runs share one split (RS502).")
    words = DIVISIONS.get(DividedBy(facts.divided_by))
    if words is None:
        return judged(False, f"Rows are drawn under the design {facts.design}.")
    return judged(True, f"Rows are divided {words}.")


def groups_enough(tables: StudyTables) -> CheckResult:
    facts = tables.study
    if facts.n_groups is None or facts.design == "holdout":
        return not_applicable("Rows have no groups, or all runs share one split.")
    few = facts.n_groups < FEW_GROUPS
    words = f"{'Only ' if few else ''}{count(facts.n_groups, 'group')}"
    words += ": intervals over so few are too narrow." if few else "."
    return judged(few, words, float(facts.n_groups))
