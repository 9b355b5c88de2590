"""A study in one row of the index: made with its page, kept in it, and read back from there."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self, get_type_hints

from dashboards.figures.style import colour_of
from dashboards.figures.thumbnail import draw_thumbnail
from dashboards.gather.metric_format import value_text
from dashboards.gather.names import setting_name
from dashboards.gather.numbers import count, estimate_words, percent, strength_text
from dashboards.gather.outcome import Outcome, Recommended
from dashboards.gather.study_file import tables_of
from dashboards.pages.live import Standing
from dashboards.pages.secrets import mask_secrets
from dashboards.sections.checks import ChecksShown
from dashboards.sections.evidence_words import estimate_of
from dashboards.sections.headline import headline
from dashboards.sections.settings_table import strength_words
from sweep.metrics.metric import ACCURACY
from sweep.records.facts import StoredStudy
from sweep.regularizers.catalogue import regularizes
from sweep.study.catalogue import USUAL_NETWORK

DRAWN = re.compile(r'(<(svg|rect|polyline|circle)( (?!on)[\w-]+="[^"<>]*")*/?>|</svg>)*')
"""A drawing that holds shapes alone."""
LEAST_SHARE = 0.005
"""A share that is not 0 %."""
SHORT = 60
"""Characters of a name of data or of a network."""


@dataclass(frozen=True, kw_only=True)
class StudyRow:
    """What the index says of a study; numbers beside texts are what a column is sorted by."""

    name: str
    question: str = ""
    href: str = ""
    """Its page; "" where there is none."""
    data: str = ""
    model: str = ""
    objective: str = ""
    verdict: str = ""
    setting: str = ""
    """The recommended one."""
    gain: str = ""
    """What the setting gains over no regularization on the test split, with its interval."""
    gain_number: float | None = None
    accuracy: str = ""
    accuracy_number: float | None = None
    to_look_at: int | None = None
    """Checks that found something."""
    passed: int | None = None
    runs: int = 0
    state: str = ""
    share: float = 1.0
    """Of the work that is done."""
    under_way: bool = False
    date: str = ""
    """When it ended, or began: year-month-day."""
    thumbnail: str = ""
    fault: str = ""
    """Why it has no page."""

    def as_json(self) -> dict[str, Any]:
        """The values by name, for ``read``."""
        return asdict(self)

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        """The row of these values; TypeError for what another version, or nobody, wrote."""
        kinds = get_type_hints(cls)
        wanted = set(stored) == {own.name for own in fields(cls)}
        if not wanted or not all(isinstance(stored[name], kinds[name]) for name in kinds):
            raise TypeError("another version wrote it")
        if not DRAWN.fullmatch(str(stored["thumbnail"])):  # the only one that is not escaped
            raise TypeError("somebody else drew it")
        return cls(**stored)


def study_row(outcome: Outcome, checks: ChecksShown, standing: Standing, state: str) -> StudyRow:
    """The row of a study whose page is being written."""
    study, taken = outcome.frames.study, outcome.advised
    tables = tables_of(study.text)
    gain, gain_number = _gain(outcome, taken)
    accuracy, accuracy_number = _accuracy(outcome, taken)
    return StudyRow(
        name=study.name,
        question=study.question,
        data=study.source or _named(tables, "data"),
        model="" if study.source else _model(study, tables),
        objective=outcome.metric.validation,
        verdict=headline(outcome),
        setting=_setting(outcome, taken),
        gain=gain,
        gain_number=gain_number,
        accuracy=accuracy,
        accuracy_number=accuracy_number,
        to_look_at=len(checks.found),
        passed=checks.n_passed,
        runs=len(outcome.frames.runs),
        state=state,
        share=standing.share if math.isfinite(standing.share) else 0.0,
        under_way=standing.is_live,
        date=date_of(study),
        thumbnail=_thumbnail(outcome, taken),
    )


def date_of(study: StoredStudy) -> str:
    """The day on which a study ended, or began."""
    when = study.finished_at or study.created_at
    return when.astimezone(dt.UTC).strftime("%Y-%m-%d")


def _named(tables: Mapping[str, Any], table: str) -> str:
    """The name in a table of the study file; "" without one."""
    found = tables.get(table, {})
    name = found.get("name", "") if isinstance(found, dict) else ""
    text = mask_secrets(str(name))
    return text if len(text) <= SHORT else f"{text[: SHORT - 1]}…"


def _model(study: StoredStudy, tables: Mapping[str, Any]) -> str:
    """The network's name; of a study file that names none the one that is built then."""
    return _named(tables, "model") or study.loop or (USUAL_NETWORK if tables else "")


def _setting(outcome: Outcome, taken: Recommended | None) -> str:
    if taken is None:
        return ""
    if not regularizes(taken.penalty):
        return setting_name(taken.penalty)
    verb = "tested" if taken.tested else "trained"
    strength = strength_words(outcome, taken.penalty, taken.strength, verb)
    words = f"{setting_name(taken.penalty)} {strength}".strip()
    rate = f", learning rate {strength_text(taken.lr)}" if math.isfinite(taken.lr) else ""
    return f"{words}{rate}"


def _gain(outcome: Outcome, taken: Recommended | None) -> tuple[str, float | None]:
    """The change of the objective over no regularization in the good direction."""
    row = _confirmed(outcome, taken)
    if row is None or taken is None or not regularizes(taken.penalty):
        return "", None
    metric = outcome.metric
    change = estimate_of(row, metric)
    if not math.isfinite(change.mean):
        return "", None
    scale = -metric.sign * (100 if metric == ACCURACY else 1)
    mean, *ends = (scale * value for value in (change.mean, change.low, change.high))
    unit = " points" if metric == ACCURACY else ""
    return f"{estimate_words(mean, *sorted(ends))}{unit}", mean


def _accuracy(outcome: Outcome, taken: Recommended | None) -> tuple[str, float | None]:
    row = _confirmed(outcome, taken)
    value = math.nan if row is None else float(row.get(ACCURACY.test, math.nan))
    return (value_text(ACCURACY, value), value) if math.isfinite(value) else ("", None)


def _confirmed(outcome: Outcome, taken: Recommended | None) -> Mapping[Any, Any] | None:
    """The row of the recommended setting among those that met the test split."""
    if taken is None:
        return None
    for row in outcome.frames.confirmed.to_dict("records"):
        plain = not regularizes(taken.penalty) and not regularizes(str(row["penalty"]))
        if plain or row["setting"] == taken.penalty:
            return row
    return None


def _thumbnail(outcome: Outcome, taken: Recommended | None) -> str:
    """The path of the recommended penalty, or else the first."""
    frames, metric = outcome.frames, outcome.metric
    drawn = [p for p in frames.paths if metric.validation in frames.paths[p]]
    if not drawn:
        return ""
    penalty = taken.penalty if taken is not None and taken.penalty in drawn else drawn[0]
    colour = colour_of(penalty, frames.study.penalties)
    return draw_thumbnail(frames.paths[penalty], frames.boundary(penalty), metric, colour)


def checks_words(row: StudyRow) -> str:
    """How many checks found something, of how many."""
    if row.to_look_at is None or row.passed is None:
        return ""
    total = count(row.to_look_at + row.passed, "check")
    return f"{row.to_look_at} of {total}" if row.to_look_at else f"all {total} passed"


def share_words(row: StudyRow) -> str:
    """How much of a study under way is done; "" where that is not known."""
    known = row.under_way and LEAST_SHARE <= row.share < 1
    return percent(round(row.share, 2)) if known else ""
