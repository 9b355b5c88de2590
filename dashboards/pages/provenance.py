"""Where a page's numbers come from: versions, seed, hardware, source text; secrets masked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from dashboards.gather.facts import division_words
from dashboards.gather.frames import Frames
from dashboards.gather.numbers import count, digits, strength_text
from dashboards.gather.study_file import tables_of
from dashboards.pages.secrets import mask_secrets
from sweep.records.facts import StudyFacts
from sweep.regularizers.timescale import EPOCHS

UPDATE = "update"
"""What the record of the hardware calls whatever updates weights there."""
SNIPPET = """\
import sweep

store = sweep.open_store({database!r})
boundaries = sweep.boundaries_frame(store, {name!r})   # the answer: one row per penalty and metric
trials = sweep.trials_frame(store, {name!r})
runs = sweep.runs_frame(store, {name!r})               # one row per training
path = runs.merge(trials.query("phase == 'path'")[["trial", "penalty", "strength"]], on="trial")
path.groupby(["penalty", "strength"])[["train_loss", "val_loss"]].agg(["mean", "sem"])"""


def provenance(frames: Frames) -> list[tuple[str, str]]:
    """Terms and values of how the numbers came about, empty ones left out."""
    study = frames.study
    seconds = float(frames.runs["seconds"].sum())
    trained = "" if study.source else f", {count(round(seconds), 'second')} of training"
    rows: list[tuple[str, Any]] = [
        ("imported from", study.source),
        ("database", study.database),
        ("started", "" if study.source else time_text(study.created_at)),
        ("imported" if study.source else "finished", time_text(study.finished_at) or "not yet"),
        ("runs", f"{len(frames.runs)}{trained}"),
        ("seed", "" if study.source else study.seed),
        ("objective", study.objective),
        ("design", study.design),
        ("rows are divided", division_words(study)),
        ("rows count", "each by its weight" if study.weighted else ""),
        ("task", study.task),
        ("loss", study.loss or ("as reported" if study.loop else "as the task has it")),
        ("optimizer", study.optimizer),
        ("batch size", study.batch_size or ""),
        ("steps per epoch", study.steps_per_epoch or ""),
        ("penalized layers", _listed(study.layers)),
        ("strength by layer", "" if study.source else study.layers_mode),
        ("groups of layers", _groups(study.layer_groups)),
        ("starting profile", _profile(study)),
        ("scale-invariant layers", _listed(list(study.scale_invariant))),
        ("all weights are zero from", _strengths(study.zeroing_strengths)),
        ("decay searched as tau", _timescale(study)),
        ("swept in the search", "" if study.source else _swept(study.text)),
        ("trained together", "" if study.source else _stacked(study)),
        ("differs from plain PyTorch", _parity(study)),
        ("precision", study.precision),
        ("update of the weights", study.hardware.get(UPDATE, "")),
        ("hardware", _listed({k: v for k, v in study.hardware.items() if k != UPDATE})),
        ("versions", _listed(study.versions)),
        ("git commit", study.git_commit),
        ("fingerprint of the data", study.data_fingerprint),
    ]
    return [(term, mask_secrets(str(v))) for term, v in rows if v is not None and str(v) != ""]


def _timescale(study: StudyFacts) -> str:
    unit = "epochs" if study.timescale_unit == EPOCHS else "runs"
    return f"{_listed(study.timescale)} {unit}" if study.timescale else ""


def _listed(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {v}" for key, v in value.items() if str(v) not in ("", "None"))
    if isinstance(value, (list, tuple)):
        return ", ".join(str(v) for v in value)
    return "" if value is None else str(value)


def _strengths(by_penalty: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {strength_text(value)}" for name, value in by_penalty.items())


def _groups(groups: Mapping[str, Any]) -> str:
    return "; ".join(f"{group}: {_listed(layers)}" for group, layers in groups.items())


def _profile(study: StudyFacts) -> str:
    factors = study.profile_factors
    return f"{study.profile}: {_listed(factors)}" if factors else ""


def _swept(text: str) -> str:
    """The nuisance axes of the study file; what is not named here was held fixed."""
    tables = tables_of(text)
    if not tables:
        return ""
    axes = tables.get("search", {}).get("axes", {})
    return ", ".join(["strength", *axes]) + "; everything else was held fixed"


def _stacked(study: StudyFacts) -> str:
    return "yes" if study.stacked else f"no: {study.why_alone}"


def _parity(study: StudyFacts) -> str:
    """How far the first steps of training here were from the same steps in plain PyTorch."""
    words = {"stacked": "runs that train together", "alone": "a run alone"}
    parts = [f"{words.get(how, how)} by {digits(worst, 1)}" for how, worst in study.parity.items()]
    if not parts:
        return ""
    return f"three steps and an evaluation of {', '.join(parts)} of the largest number"


def time_text(value: Any) -> str:
    """A time to the minute in UTC; "" for none."""
    return f"{value:%Y-%m-%d %H:%M} UTC" if isinstance(value, dt.datetime) else ""
