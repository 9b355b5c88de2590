"""The counts as Markdown: every design for a file of its own, a few of them for the README."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sweep.statistics.verdicts import Verdict
from tests.calibration.run import LEAST, MOST, Hits, Tally

START, END = "<!-- calibration: start -->", "<!-- calibration: end -->"
SHORT_WORDS = {
    Verdict.NO_SIGNAL: "no signal",
    Verdict.EXTEND_WEAKER: "not bracketed",
    Verdict.EXTEND_STRONGER: "not bracketed",
    Verdict.EXTEND_BOTH: "not bracketed",
    Verdict.NOT_UNIMODAL: "several zones",
    Verdict.BELOW_RANGE: "below the range",
    Verdict.NO_EFFECT: "no measurable effect of the strength",
    Verdict.TOO_FEW: "too few strengths finished",
}
"""Other verdicts are words already."""
HEADLINES = (
    ("fresh", "ridge, n=100 p=80", 5),
    ("fresh", "ridge, n=100 p=80", 10),
    ("fresh", "ridge, n=100 p=80", 20),
    ("fresh", "correlated ridge (0.7), n=100 p=80", 10),
    ("fresh", "per-group ridge, n=120 p=40+40", 10),
    ("fresh", "smooth curve, noisy runs", 10),
    ("fresh", "cliff on the right", 10),
    ("fresh", "accuracy on 50 rows, 10 % errors", 10),
    ("fresh", "accuracy on 50 rows, 2 % errors", 5),
    ("resample", "ridge, 200+50 rows, p=80", 10),
    ("kfold", "ridge, 250 rows, p=80", 10),
    ("kfold", "ridge, 100 rows, p=80", 20),
    ("holdout", "ridge, 80+100 rows, p=80", 10),
    ("wrong", "5-fold as if independent, c = 1/R: 250 rows", 20),
    ("wrong", "seeds on one split, taken for the population", 10),
)


def share(count: float, total: int) -> str:
    return f"{100 * count / total:.0f} %" if total else "-"


def pair(values: Sequence[float], form: str) -> str:
    return " / ".join(_number(value, form) for value in values)


def _number(value: float, form: str) -> str:
    if math.isnan(value):
        return "-"
    return "open" if math.isinf(value) else format(value, form)


def verdicts(line: Tally) -> str:
    """How often each verdict on the path was given, the commonest first."""
    short: dict[str, int] = {}
    for verdict, count in line.paths.items():
        head = SHORT_WORDS.get(Verdict(verdict), verdict)
        short[head] = short.get(head, 0) + count
    ordered = sorted(short.items(), key=lambda item: -item[1])
    return ", ".join(f"{head} {share(count, line.n_studies)}" for head, count in ordered)


def judgement(line: Tally) -> str:
    """The last column: whether coverage was as asked, and if not, on which side of it, whether
    chance explains that, and why else it is so.
    """
    if line.part == "wrong":
        return "wrong on purpose"
    low = any(value < LEAST for value in line.coverage)
    high = any(value > MOST for value in line.coverage)
    if not low and not high:
        return "yes"
    words = [f"below {100 * LEAST:.0f} %"] * low + [f"above {100 * MOST:.0f} %"] * high
    chance = "" if line.clearly_outside else ", as chance may do"
    return f"{' and '.join(words)}{chance}{f': {line.beyond}' if line.beyond else ''}"


def _row(line: Tally, form: str, *cells: str) -> str:
    """What every table says of a design, coverage in this form, and what this one says more."""
    coverage = pair([100 * value for value in line.coverage], form)
    first = (line.part, line.name, str(line.n_resamples), coverage)
    return f"| {' | '.join((*first, *cells))} |"


def full_table(lines: Sequence[Tally], hits: Sequence[Hits], seconds: float) -> str:
    """Every design with coverage, bias, width and verdicts, then the controls."""
    n = lines[0].n_studies if lines else hits[0].n_studies
    parts = [
        "# Calibration of the boundaries",
        "",
        "Written by `make calibration`. Two numbers are *overfitting ends / underfitting starts*. "
        "Coverage: in how many of the studies that say anything of a side that is true, at nominal "
        "95 %; an inconclusive side counts by its one-sided bound. Bias: median of estimate minus "
        "truth, width: median width of the interval, both in decades and of sides that were found. "
        f"The last column says whether both coverages are {LEAST:.0%} to {MOST:.0%}, or on which "
        "side of that: below it intervals are too narrow, above it wider than need be. Chance may "
        "do what a coverage within that range would give with a probability over 2.5 %. "
        f"{n} studies a row, {seconds / 60:.0f} minutes.",
        "",
        "| replicates | design | R | coverage, % | bias | width | verdicts | 92 to 98 % |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for line in lines:
        after = pair(line.bias, "+.2f"), pair(line.width, ".2f"), verdicts(line), judgement(line)
        parts.append(_row(line, ".1f", *after))
    parts += ["", "| control | must say | says so |", "| --- | --- | --- |"]
    parts += [f"| {hit.name} | {hit.says} | {share(hit.hits, hit.n_studies)} |" for hit in hits]
    return "\n".join(parts) + "\n"


def unseen_table(lines: Sequence[Tally], seconds: float) -> str:
    """Designs that the estimator was not made on: what their means are by kind, then all."""
    n = lines[0].n_studies
    parts = [
        "# Calibration on other problems",
        "",
        "Written by `make calibration`, of problems that the estimator was not made on "
        "(`unseen_problems.py`). Two numbers are *overfitting ends / underfitting starts*. "
        "Coverage: in how many of the studies that say anything of a side that is true, at nominal "
        "95 %. Width: median width of the intervals of sides that were found, in decades; ideal: "
        "the decades that hold the middle 95 % of the estimates themselves. Best: in how many of "
        "the studies that name a best strength its interval holds the true one. Not bracketed: "
        "studies that ask for weaker or stronger strengths, though the truth lies well inside; no "
        "signal: studies that say there is none to be learned, though there is in all of them. "
        "Folds and re-splits are of one data set, with the losses of its rows. "
        "The last column says whether both coverages are 92 to 98 %: below it intervals are too "
        "narrow, above it wider than need be. Chance may do what a coverage within that range "
        f"would give with a probability over 2.5 %. {n} studies a row, {seconds / 60:.0f} minutes.",
        "",
        "| replicates | R | designs | coverage, mean, % | coverage, worst, % | width / ideal, mean "
        "| best, mean and worst, % | not bracketed, mean, % | no signal, mean, % |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    kinds: dict[tuple[str, int], list[Tally]] = {}
    for line in lines:
        folds = f" {line.name.rpartition(', ')[2]}" if line.part == "kfold" else ""
        kinds.setdefault((f"{line.part}{folds}", line.n_resamples), []).append(line)
    for (part, size), own in kinds.items():
        covered = list(zip(*(line.coverage for line in own), strict=True))
        wide = zip(*(_by_ideal(line) for line in own), strict=True)
        cells = (
            pair([100 * float(np.nanmean(side)) for side in covered], ".1f"),
            pair([100 * float(np.nanmin(side)) for side in covered], ".1f"),
            pair([_mean_of_finite(side) for side in wide], ".2f"),
            _best(*own),
            f"{100 * np.mean([_not_bracketed(line) for line in own]):.1f}",
            f"{100 * np.mean([_no_signal(line) for line in own]):.1f}",
        )
        parts.append(f"| {part} | {size} | {len(own)} | {' | '.join(cells)} |")
    parts += [
        "",
        "| replicates | design | R | coverage, % | bias | width | ideal | best, % "
        "| not bracketed, % | no signal, % | 92 to 98 % |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for line in lines:
        after = (
            pair(line.bias, "+.2f"),
            pair(line.width, ".2f"),
            pair(line.ideal, ".2f"),
            _best(line),
        )
        false = f"{100 * _not_bracketed(line):.1f}", f"{100 * _no_signal(line):.1f}"
        parts.append(_row(line, ".1f", *after, *false, judgement(line)))
    return "\n".join(parts) + "\n"


def _best(*lines: Tally) -> str:
    """The coverage of the best strength; of several designs its mean and the worst."""
    covered = [100 * line.best_coverage for line in lines]
    if all(map(math.isnan, covered)):
        return "-"
    if len(covered) == 1:
        return f"{covered[0]:.1f}"
    return f"{np.nanmean(covered):.1f}, {np.nanmin(covered):.1f}"


def _by_ideal(line: Tally) -> tuple[float, float]:
    left, right = (
        width / ideal if ideal else math.nan
        for width, ideal in zip(line.width, line.ideal, strict=True)
    )
    return left, right


def _mean_of_finite(values: Sequence[float]) -> float:
    finite = [value for value in values if math.isfinite(value)]
    return float(np.mean(finite)) if finite else math.nan


def _not_bracketed(line: Tally) -> float:
    """The share of studies that ask for strengths beyond the range."""
    asks = (Verdict.EXTEND_WEAKER, Verdict.EXTEND_STRONGER, Verdict.EXTEND_BOTH)
    return sum(line.paths.get(str(verdict), 0) for verdict in asks) / line.n_studies


def _no_signal(line: Tally) -> float:
    """The share of studies that say that nothing can be learned."""
    return line.paths.get(str(Verdict.NO_SIGNAL), 0) / line.n_studies


def short_table(lines: Sequence[Tally], hits: Sequence[Hits]) -> str:
    """The README's: a line for each of HEADLINES that was simulated, and one on the controls."""
    by_key = {(line.part, line.name, line.n_resamples): line for line in lines}
    parts = [
        "| replicates | simulated | R | true, % of studies | width, decades |",
        "| --- | --- | --- | --- | --- |",
    ]
    for key in HEADLINES:
        if key not in by_key:
            continue
        line = by_key[key]
        parts.append(_row(line, ".0f", pair(line.width, ".2f")))
    if hits:
        least = min(hit.hits / hit.n_studies for hit in hits)
        parts += [
            "",
            f"{len(hits)} controls without an answer (no noise, n >> p, no signal, two good zones, "
            f"range too short, flat) are recognised as such in {100 * least:.0f} to 100 % of "
            f"{hits[0].n_studies} studies each.",
        ]
    return "\n".join(parts) + "\n"


def put_between_markers(path: Path, text: str, first: str = START, last: str = END) -> None:
    """Replace what stands between two markers in a file."""
    before, start, rest = path.read_text(encoding="utf-8").partition(first)
    _, end, after = rest.partition(last)
    if not start or not end:
        raise SystemExit(f"{path}: {first} and {last} must stand in it, in this order")
    path.write_text(f"{before}{first}\n{text}{last}{after}", encoding="utf-8")
