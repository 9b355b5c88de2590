"""Every form of the headline leads a page, and nothing is sold there that was not found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dashboards.gather.frames import Frames
from dashboards.gather.outcome import Finding, Outcome
from dashboards.pages.render import render_study
from dashboards.sections.headline import FORMS, headline
from tests.report.test_headline import IDLE, OPEN_LEFT, UNDEFINED, confirmed, make_alike
from tests.support.long_cases import long
from tests.support.pages import Reader
from tests.support.report_frames import PENALTIES, copied, set_boundary, whole

Tables = dict[str, pd.DataFrame]
UNENDED: dict[str, Any] = {"finished_at": None, "winner": None}


def _of_all(frames: Tables, **changes: Any) -> None:
    for penalty in PENALTIES:
        set_boundary(frames, penalty, **changes)


def _keep(frames: Tables, phases: list[str]) -> None:
    trials = frames["trials"]
    frames["trials"] = trials[trials["phase"].isin(phases)]
    for name in ("runs", "curves", "layers"):
        frames[name] = frames[name][frames[name]["trial"].isin(frames["trials"]["trial"])]


def waiting(frames: Tables) -> dict[str, Any]:
    for name in ("trials", "runs", "curves", "layers", "boundaries", "occupancy"):
        frames[name] = frames[name].head(0)
    return UNENDED


def diverged(frames: Tables) -> dict[str, Any]:
    for name in ("trials", "runs"):
        frames[name]["state"] = "diverged"
    frames["boundaries"] = frames["boundaries"].head(0)
    return {"winner": None}


def no_signal(frames: Tables) -> dict[str, Any]:
    _of_all(frames, verdict="no_signal", **UNDEFINED)
    return {}


def not_needed(frames: Tables) -> dict[str, Any]:
    make_alike(frames)
    _of_all(frames, overfitting_verdict="none", **OPEN_LEFT)
    return {}


def no_effect(frames: Tables) -> dict[str, Any]:
    _of_all(frames, **IDLE)
    return {}


def too_few(frames: Tables) -> dict[str, Any]:
    make_alike(frames)
    _of_all(frames, overfitting_verdict="inconclusive", **OPEN_LEFT)
    return {"design": "resample"}


def mixture(frames: Tables) -> dict[str, Any]:
    """With what it is compared with beside it: single penalties, and boosted trees."""
    trials = frames["trials"]
    mine = (trials["phase"] == "confirm") & (trials["penalty"] == "decay")
    for column, value in {"use.decay": 1, "use.dropout": 1, "decay": 0.2, "dropout": 0.1}.items():
        trials[column] = np.where(mine, value, np.nan)
    frames["runs"].loc[confirmed(frames, "decay"), "test_loss"] -= 0.5
    plain = trials[(trials["phase"] == "confirm") & (trials["penalty"] == "none")]
    trees = plain.assign(
        trial=trials["trial"].max() + 1, phase="baseline", path=TREES, penalty=TREES
    )
    own = frames["runs"][frames["runs"]["trial"].isin(plain["trial"])]
    own = own.assign(trial=int(trees["trial"].iloc[0]), test_loss=own["test_loss"] + 0.3)
    trials.loc[mine, "penalty"] = "cocktail"
    frames["trials"] = pd.concat([trials, trees], ignore_index=True)
    frames["runs"] = pd.concat([frames["runs"], own], ignore_index=True)
    return {}


def layers(frames: Tables) -> dict[str, Any]:
    mine = (frames["trials"]["phase"] == "confirm") & (frames["trials"]["penalty"] == "decay")
    for layer, strength in {"0": 0.05, "2": 0.4, "4": 2.0}.items():
        frames["trials"].loc[mine, f"strength.{layer}"] = strength
    frames["runs"].loc[confirmed(frames, "decay"), "test_loss"] -= 0.5
    return {"layers_mode": "free"}


def setting(frames: Tables) -> dict[str, Any]:
    return {}


def searched(frames: Tables) -> dict[str, Any]:
    _keep(frames, ["explore"])
    frames["boundaries"] = frames["boundaries"].head(0)
    return UNENDED


MAKERS: dict[Finding, Callable[[Tables], dict[str, Any]]] = {
    Finding.WAITING: waiting, Finding.DIVERGED: diverged, Finding.NO_SIGNAL: no_signal,
    Finding.NOT_NEEDED: not_needed, Finding.NO_EFFECT: no_effect, Finding.TOO_FEW: too_few,
    Finding.MIXTURE: mixture, Finding.LAYERS: layers, Finding.SETTING: setting,
    Finding.SEARCHED: searched,
}  # fmt: skip
TREES = "gradient_boosting"
SOLD = (Finding.MIXTURE, Finding.LAYERS, Finding.SETTING, Finding.SEARCHED)


def page_of(frames: Tables, **facts: Any) -> tuple[Outcome, Reader, str]:
    """What a study came to, and its page."""
    study: Frames = whole(frames, **facts)
    text = render_study(study)
    return Outcome(study), Reader(text), text


def test_every_form_has_a_page_here() -> None:
    assert set(MAKERS) == set(FORMS)


@pytest.mark.parametrize("finding", [Finding.DIVERGED, *map(long, set(MAKERS) - {"diverged"})])
def test_a_finding_leads_its_page(few_frames: Tables, finding: Finding) -> None:
    frames = copied(few_frames)
    outcome, page, text = page_of(frames, **MAKERS[finding](frames))
    assert outcome.finding is finding
    assert page.text_of("h1") == [headline(outcome)]
    assert ("Use it" in page.text_of("h2")) == (finding in SOLD)
    drawn = finding not in (Finding.WAITING, Finding.DIVERGED, Finding.SEARCHED)
    assert ('class="drawing' in text.partition('aria-labelledby="believe-title"')[0]) == drawn
    if finding is Finding.MIXTURE:
        assert "boosted trees (+" in text, "whether it beat them is said"
        assert "L1 (+" in text


@pytest.mark.long
def test_a_metric_of_ones_own_leads_its_page(few_frames: Tables) -> None:
    frames = copied(few_frames)
    for part in ("val", "train", "test"):
        for key in ("runs", "trials"):
            frames[key][f"{part}_f1"] = 0.9 - 0.1 * frames[key][f"{part}_loss"]
    frames["runs"]["null_f1"] = 0.1
    bounds = frames["boundaries"]
    bounds["metric"] = bounds["metric"].replace("val_loss", "val_f1")
    own = {"objective": "val_f1", "maximize": True, "metrics": {"f1": True}}
    outcome, page, text = page_of(frames, **own)
    assert page.text_of("h1") == [headline(outcome)]
    assert "F1 against strength" in text
    assert "test f1" in page.text_of("th")
