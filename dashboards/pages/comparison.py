"""The page that compares studies: what came of it, paths on the same axes, settings that differ."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dashboards.figures.bundle import static_text
from dashboards.gather.frames import Frames
from dashboards.gather.outcome import Outcome
from dashboards.gather.study_file import tables_of
from dashboards.pages.embed import content_policy
from dashboards.pages.live import Standing
from dashboards.pages.page_record import record_block
from dashboards.pages.provenance import provenance, time_text
from dashboards.pages.render import environment, page_name, state_words
from dashboards.pages.secrets import mask_secrets
from dashboards.sections.comparison import (
    comparison_headline,
    comparison_rows,
    on_one_axis,
    path_rows,
)
from sweep.records.facts import StoredStudy

MOST_STUDIES = 8
"""More of them are no comparison, but a table: the index."""
ITS_OWN = ("study.name", "study.question")
"""Keys that differ without a meaning."""
LEFT_OUT = "default"
"""Stands for a key that a study file leaves out."""
RECIPES, RECIPE = "training.", "training.recipe"
"""The table that a recipe fills, and the key that names one."""
MACHINE = ("task", "loss", "penalized layers", "precision", "hardware", "versions", "git commit",
           "update of the weights", "trained together", "fingerprint of the data")  # fmt: skip
"""What is not in a study file and may differ nevertheless."""


def comparison_name(names: Sequence[str]) -> str:
    """The file name of the page that compares these studies, the first with the others."""
    slug = re.sub(r"[^a-z0-9._-]+", "-", "-".join(names).lower()).strip("-.")[:60]
    digest = hashlib.sha256("\0".join(names).encode()).hexdigest()[:8]
    return f"compare-{slug}-{digest}.html"


def render_comparison(compared: Sequence[Frames], fingerprint: str = "") -> str:
    """The page as HTML; the first study is what the others are compared with."""
    outcomes = [Outcome(frames) for frames in compared]
    studies = [frames.study for frames in compared]
    return (
        environment()
        .get_template("comparison.html")
        .render(
            policy=content_policy("none"),
            css=static_text("report.css") + static_text("comparison.css"),
            record=record_block(
                {"fingerprint": fingerprint, "compared": [study.name for study in studies]}
            ),
            names=[study.name for study in studies],
            headline=comparison_headline(outcomes),
            links=[(s.name, page_name(s.name), s.question) for s in studies],
            states=[state_words(frames, Standing()) for frames in compared],
            rows=comparison_rows(outcomes),
            paths=path_rows(outcomes),
            one_axis=on_one_axis(outcomes),
            settings=settings_that_differ(studies),
            machine=facts_that_differ(compared),
            written=time_text(dt.datetime.now(dt.UTC)),
        )
    )


def settings_that_differ(studies: Sequence[StoredStudy]) -> list[dict[str, str]]:
    """One row per key of the study files whose value is not the same in all; a key that is left out
    has its default.
    """
    tables = [dict(_flat(tables_of(mask_secrets(study.text)))) for study in studies]
    keys = [key for key in dict.fromkeys(key for table in tables for key in table)]
    return [
        _row(key, studies, [_shown(table[key]) if key in table else LEFT_OUT for table in tables])
        for key in keys
        if key not in ITS_OWN and len({_meant(key, table) for table in tables}) > 1
    ]


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _meant(key: str, table: Mapping[str, Any]) -> str:
    """A value or else its default, as text that is the same for 1 and 1.0; of a recipe the default
    is not known.
    """
    from sweep.study.study import default_of  # half a second that other pages need not wait

    if key in table:
        return repr(_as_floats(table[key]))
    known = None if key.startswith(RECIPES) and RECIPE in table else default_of(key)
    return LEFT_OUT if known is None else repr(_as_floats(known))


def _as_floats(value: object) -> object:
    if isinstance(value, (list, tuple)):
        return [_as_floats(own) for own in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _flat(tables: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every value by its dotted key."""
    for name, value in tables.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict):
            yield from _flat(value, f"{key}.")
        else:
            yield key, value


def facts_that_differ(compared: Sequence[Frames]) -> list[dict[str, str]]:
    """One row per fact of data and machine that is not the same in all."""
    found = [dict(provenance(frames)) for frames in compared]
    return [
        _row(term, [frames.study for frames in compared], [own.get(term, "–") for own in found])
        for term in MACHINE
        if len({own.get(term) for own in found}) > 1
    ]


def _row(key: str, studies: Sequence[StoredStudy], values: Sequence[str]) -> dict[str, str]:
    names, heading = [study.name for study in studies], "setting"
    while heading in names:  # no name ends with a blank
        heading += " "
    return {heading: key, **{s.name: v for s, v in zip(studies, values, strict=True)}}
