"""Frames to pages: a study's page and the index as HTML.

A page holds all that it shows - script, style, data, the study's text - and asks nobody for
anything, so it can be mailed and opened from a disk years later. Every word that came from a study
passes through jinja's escaping, figures as escaped JSON.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Sequence
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from dashboards.figures.bundle import (
    LICENSE_FILE,
    PLOT_CONFIG,
    PLOTLY_VERSION,
    plotly_script,
    static_text,
)
from dashboards.figures.style import DARK, colour_of
from dashboards.gather.facts import alike
from dashboards.gather.frames import Frames
from dashboards.gather.imported import known_columns, no_path_words, source_words
from dashboards.gather.numbers import count, plain
from dashboards.gather.outcome import Finding, Outcome
from dashboards.gather.tables import shown_strengths
from dashboards.pages.embed import content_policy, json_block, new_nonce
from dashboards.pages.live import ENDED, Standing, provisional_words, standing_words
from dashboards.pages.page_data import PageData
from dashboards.pages.page_record import record_block
from dashboards.pages.provenance import SNIPPET, provenance, time_text
from dashboards.pages.secrets import mask_secrets
from dashboards.pages.study_row import StudyRow, study_row
from dashboards.sections.answers import answers, summary_table
from dashboards.sections.checks import checks_shown
from dashboards.sections.first_screen import first_screen, forest
from dashboards.sections.glossary import GLOSSARY, glossed
from dashboards.sections.html_table import to_html_table
from dashboards.sections.order import groups_of
from dashboards.sections.penalties import basis_words
from dashboards.sections.winner import best_command, judged_of
from sweep.checks.uneven import is_uneven
from sweep.records.facts import StoredStudy
from sweep.records.parameters import LAYER_STRENGTH, MAX_EPOCHS

PARTS = (
    ("answer", "Answer"),
    ("evidence", "Evidence"),
    ("training", "Training"),
    ("search", "Search"),
    ("data", "Data & code"),
)
"""Of the page: their anchors and what the bar calls them."""
_UNBROKEN = re.compile(r"\S+ \[[^\]]*\](?: …)?|\[[^\]]*\]|\d %")
_PIECES = re.compile(r"[^_./:-]*[_./:-]+|[^_./:-]+")
TAKEN = re.compile(
    r"index|bench|compare-.*|.*-[0-9a-f]{8}|(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.ASCII
)
"""Names of a report's other pages, of those that are made unique, and of devices in Windows."""
MAX_ROWS = 1000
"""Trials in the page's table; a larger study keeps the rest in its database."""


def environment() -> Environment:
    """Where templates are found; what they are given is escaped."""
    made = Environment(
        loader=PackageLoader("dashboards"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["glossed"] = glossed
    made.filters["unbroken"] = unbroken
    made.filters["breakable"] = breakable
    return made


def page_context(data: PageData) -> dict[str, Any]:
    """What every page with charts is given: policy, style, script, plotly.js, colours, settings,
    and what its charts draw.
    """
    nonce = new_nonce()
    return {
        "policy": content_policy(nonce),
        "nonce": nonce,
        "css": static_text("report.css"),
        "js": static_text("report.js") + static_text("tables.js"),
        "plotly_version": PLOTLY_VERSION,
        "plotly_license": static_text(LICENSE_FILE),
        "plotly": plotly_script(),
        "dark": json_block(DARK),
        "config": json_block(PLOT_CONFIG),
        "data": data.packed(),
    }


def render_study(
    frames: Frames,
    written: dt.datetime | None = None,
    standing: Standing | None = None,
    fingerprint: str = "",
) -> str:
    """The page of one study as HTML; it keeps its row of the index, and of which records it is."""
    study, written = frames.study, written or dt.datetime.now(dt.UTC)
    standing = standing or Standing(finished=study.finished_at is not None)
    trials, left_out = _trials_shown(frames)
    penalties = list(dict.fromkeys(frames.trials["penalty"]))
    outcome = Outcome(frames)
    found, groups = answers(frames), groups_of(frames)
    anchors = [section.anchor for own in groups.values() for section in own]
    checks = checks_shown(frames, anchors, runs=standing.is_live)
    row = study_row(outcome, checks, standing, short_state(frames, standing))
    data = PageData()
    shown = {part: [data.section(section) for section in own] for part, own in groups.items()}
    return (
        environment()
        .get_template("study.html")
        .render(
            **page_context(data),
            name=study.name,
            question=study.question,
            parts=[(anchor, words) for anchor, words in PARTS if groups.get(words, True)],
            state=state_words(frames, standing),
            record=page_record(study, row, fingerprint),
            live=live_context(standing, frames, written),
            setting=setting_words(study, frames.trials),
            screen=first_screen(outcome),
            checks=checks,
            judged_of=judged_of(outcome),
            best_command=best_command(outcome),
            forest=forest(outcome),
            answers=found,
            no_answer=_no_answer(frames, outcome),
            colours={p: _twins(p, penalties) for p in [*penalties, *(a.penalty for a in found)]},
            summary=summary_table(frames),
            basis=basis_words(frames),
            groups=shown,
            trials=to_html_table(trials, [f"trial-{number}" for number in trials["trial"]]),
            own_runs=any(is_uneven(frames.path(penalty)) for penalty in frames.paths),
            trials_title=count(len(frames.trials), "trial"),
            n_trials=count(len(trials), "trial"),
            left_out=left_out,
            phases=list(dict.fromkeys(frames.trials["phase"])),
            penalties=penalties,
            csv_name=f"{page_name(study.name).removesuffix('.html')}-trials.csv",
            boundaries=to_html_table(_boundaries_shown(frames)),
            provenance=provenance(frames),
            glossary=GLOSSARY,
            snippet=SNIPPET.format(database=study.database, name=study.name),
            text=mask_secrets(study.text),
            written=time_text(written),
        )
    )


def page_record(study: StoredStudy, row: StudyRow, fingerprint: str) -> str:
    """What the page keeps of itself, as a block of JSON."""
    own = {"fingerprint": fingerprint, "database": study.database, "row": row.as_json()}
    return record_block(own)


def live_context(standing: Standing, frames: Frames, written: dt.datetime) -> dict[str, Any]:
    """What the page of a study under way says of that, and whether it is written again."""
    return {
        "parts": standing_words(standing, frames),
        "provisional": provisional_words(frames),
        "again": standing.is_live,
        "written": time_text(written),
        "stamp": int(1000 * written.timestamp()),
        "js": static_text("live.js"),
    }


def _boundaries_shown(frames: Frames) -> pd.DataFrame:
    advice = [c for c in frames.boundaries if str(c).startswith(("advice", "ending"))]
    return frames.boundaries.drop(columns=["study", "sentence", "tail_index", *advice])


def unbroken(text: str) -> str:
    """The text with numbers that no line parts from their intervals and units."""
    return _UNBROKEN.sub(lambda found: found[0].replace(" ", "\N{NO-BREAK SPACE}"), text)


def breakable(text: str) -> Markup:
    """A name, escaped, that lines may break after its separators rather than within its words."""
    return Markup("<wbr>").join(_PIECES.findall(text))


def state_words(frames: Frames, standing: Standing) -> str:
    """Whether a study has finished and when, or how far it is and whether somebody runs it."""
    study = frames.study
    if study.finished_at:
        ended = "imported" if study.source else "finished"
        return f"{ended} {time_text(study.finished_at)}"
    if frames.trials.empty:
        return "just started" if standing.is_live else "not finished: no trial asked yet"
    done = int(frames.trials["state"].isin(ENDED).sum())
    phase = str(frames.trials["phase"].iloc[-1])
    words = "under way" if standing.is_live else "not finished"
    return f"{words}: {phase}, {done:,} of {count(len(frames.trials), 'trial')} asked so far ended"


def short_state(frames: Frames, standing: Standing) -> str:
    """The same where a date stands beside it."""
    if frames.study.finished_at:
        return "imported" if frames.study.source else "finished"
    return state_words(frames, standing)


def _twins(penalty: str, penalties: Sequence[str]) -> tuple[str, str]:
    colour = colour_of(penalty, penalties)
    return colour, DARK.get(colour, colour)


def setting_words(study: StoredStudy, trials: pd.DataFrame) -> str:
    """One line on what was trained on what."""
    parts = _trained_words(study, trials)
    if study.source:
        parts.append(f"imported {time_text(study.finished_at)}")
    elif study.finished_at:
        parts.append(f"finished {time_text(study.finished_at)}")
    else:
        parts.append("not finished")
    return " · ".join(parts)


def _trained_words(study: StoredStudy, trials: pd.DataFrame) -> list[str]:
    """What was trained on what, as far as it is known."""
    if study.source:
        return [source_words(study, int(trials["n_runs"].sum()))]
    schedule = study.schedule or "own"
    under = "" if schedule == "constant" else f", {plain(schedule)} schedule"
    trained = f"the user's {study.loop}" if study.loop else f"{study.optimizer}{under}"
    parts = [] if study.n_train is None else [_rows_in_words(study, trials)]
    parts += [] if study.n_parameters is None else [count(study.n_parameters, "parameter")]
    own = study.own_dropout_words
    parts += [f"dropout of the network's own, {own}"] if own else []
    return [*parts, f"{_epochs_words(study, trials)} of {trained}"]


def _epochs_words(study: StoredStudy, trials: pd.DataFrame) -> str:
    """The epochs of a run, or from which to which number they were searched."""
    own = trials[MAX_EPOCHS].dropna() if MAX_EPOCHS in trials else ()
    if len(own):
        return f"{min(own):.0f} to {max(own):.0f} epochs"
    return "" if study.epochs is None else count(study.epochs, "epoch")


def _rows_in_words(study: StoredStudy, trials: pd.DataFrame) -> str:
    words = f"{study.n_train:,} training and {study.n_validation:,} validation rows"
    if not study.n_test:
        return words
    unread = "" if trials["test_loss"].notna().any() else " and not read yet"
    return f"{words}, {study.n_test:,} test rows kept apart{unread}"


def _no_answer(frames: Frames, outcome: Outcome) -> str:
    """Why there is no figure."""
    if frames.study.source:
        found = " ".join(no_path_words(frames.study))
        return found or "The boundaries of single layers are below."
    if outcome.finding is Finding.DIVERGED:
        return "No run came to an end, so there is nothing to draw."
    if not outcome.finished:
        return "The paths that answer the question have not come to an end yet."
    if frames.paths:
        return f"No run of a path has a value of {outcome.metric.name}: none can be judged by it."
    return (
        "No path of strengths was trained, so there are no boundaries. Set path.points to 9 or "
        "more in the study file and give the study a new name."
    )


def _trials_shown(frames: Frames) -> tuple[pd.DataFrame, str]:
    """The rows of the page's table, and a sentence on those that did not fit."""
    trials = frames.trials.drop(columns="study")
    trials = trials.assign(strength=shown_strengths(trials))
    if frames.study.source:
        trials = known_columns(trials)
    strengths = [c for c in trials.columns if c in LAYER_STRENGTH]
    if alike(frames.study):
        trials = trials.drop(columns=strengths)
    if len(trials) <= MAX_ROWS:
        return trials, ""
    explore = trials["phase"] == "explore"
    room = max(MAX_ROWS - int((~explore).sum()), 100)
    best = trials[explore].nsmallest(room, "val_loss").index
    shown = trials[~explore | trials.index.isin(best)]
    return shown, (
        f"The {room} best of {int(explore.sum())} trials of the search and all others; every one "
        "of them is in the database."
    )


def page_name(study: str) -> str:
    """The file name of a study's page: its name where that is safe, made unique where it is not."""
    slug = re.sub(r"[^a-z0-9._-]+", "-", study.lower()).strip("-.")[:80]
    if slug == study and not TAKEN.fullmatch(slug):
        return f"{slug}.html"
    return f"{slug or 'study'}-{hashlib.sha256(study.encode()).hexdigest()[:8]}.html"
