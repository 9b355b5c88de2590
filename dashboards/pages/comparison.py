"""The page that compares studies: what came of it, paths on the same axes, settings that differ."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dashboards.figures.bundle import static_text
from dashboards.gather.frames import Frames
from dashboards.gather.outcome import Outcome
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
MACHINE = ("task", "loss", "penalized layers", "precision", "hardware", "versions", "git commit",
           "trained together", "fingerprint of the data")  # fmt: skip
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
    """One row per key of the study files whose value is not the same in all."""
    tables = [dict(_flat(_tables(study.text))) for study in studies]
    keys = [key for key in dict.fromkeys(key for table in tables for key in table)]
    return [
        _row(key, studies, [table.get(key, "default") for table in tables])
        for key in keys
        if key not in ITS_OWN and len({table.get(key) for table in tables}) > 1
    ]


def _tables(text: str) -> Mapping[str, Any]:
    """The study file without its secrets; an empty one where it is none."""
    try:
        return tomllib.loads(mask_secrets(text))
    except tomllib.TOMLDecodeError:
        return {}


def _flat(tables: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every value by its dotted key, as text."""
    for name, value in tables.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict):
            yield from _flat(value, f"{key}.")
        else:
            yield key, json.dumps(value, ensure_ascii=False, default=str)


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
