"""Whole studies on the device: they end, and go on after an interruption as if there was none."""

from __future__ import annotations

import tempfile
import time
from collections import deque
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch

import sweep
from sweep.launchers.context import TrainingContext
from sweep.records.trial import Phase, Progress, Run, State, Trial
from sweep.training.jobs import Segment
from tests.gpu.kit import Check, Place

ROOT = Path(__file__).parent.parent.parent
WHOLE = ("quick", "mnist1d")
TOLERANCE = 1e-9
NUMBERS = ["val_loss", "train_loss", "test_loss", "weight_norm"]


def small_study(name: str, precision: str = "float64", epochs: int = 3) -> sweep.Study:
    """A small study of the digits."""
    return sweep.Study(
        study={"name": name, "seed": 3},
        data={"name": "digits"},
        model={"name": "mlp", "hidden": [12]},
        training={"optimizer": "adamw", "lr": 1e-2, "epochs": epochs},
        search={
            "penalties": ["decay", "l1"],
            "strength": {"low": 1e-4, "high": 1.0},
            "trials": 6,
            "round": 3,
        },
        path={"points": 5, "resamples": 2},
        hardware={"precision": precision, "population": 8},
    )


def train_whole(study: sweep.Study, device: torch.device, n: int = 8) -> np.ndarray:
    """The validation losses of ``n`` runs over a range of decays, trained together to their end."""
    shop = TrainingContext(study, str(device))
    draw, waiting = shop.draws[Phase.EXPLORE][0], deque[Segment]()
    for i, strength in enumerate(np.geomspace(1e-3, 1.0, n).tolist()):
        strengths = dict.fromkeys(shop.layers, strength)
        trial = Trial(i, Phase.EXPLORE, 0, "decay", strength, strengths, {})
        waiting.append(Segment(Run(i, 0, draw), trial, shop.plan.epochs))
    found = [o.result for batch in shop.population(n).train(waiting) for o in batch]
    assert [result.state for result in found] == [State.COMPLETE] * n
    losses = {result.run.trial: result.metrics["val_loss"] for result in found}
    return np.array([losses[i] for i in range(n)])


def run_whole(study: sweep.Study, url: str, device: torch.device, until: float = 2.0) -> bool:
    """Runs it, or what is missing, up to this share of its epochs; whether it came to its end."""

    def observe(progress: Progress) -> None:
        if progress.share > until:
            raise KeyboardInterrupt

    store = sweep.open_store(url)
    try:
        sweep.run_study(study, store, device=str(device), observer=observe)
    except KeyboardInterrupt:
        return False
    return True


def frame_of(study: sweep.Study, url: str) -> pd.DataFrame:
    """The runs that are stored, and whether boundaries are."""
    store = sweep.open_store(url)
    try:
        assert len(sweep.boundaries_frame(store, study.study.name)) > 0, "no boundaries"
        runs = sweep.runs_frame(store, study.study.name)
    finally:
        store.close()
    return runs.sort_values(["trial", "run"]).reset_index(drop=True)


def resumes(place: Place) -> None:
    """Interrupted twice, a study in float64 has the runs of one that was not."""
    with tempfile.TemporaryDirectory() as folder:
        study, found = small_study("resumed"), []
        for name, stops in (("whole", []), ("cut", [0.2, 0.6])):
            url = f"sqlite:///{folder}/{name}.db"
            for stop in stops:
                assert not run_whole(study, url, place.device, stop), "it was not interrupted"
            assert run_whole(study, url, place.device)
            found.append(frame_of(study, url))
    whole, cut = found
    names = ["trial", "run", "state", "epochs"]
    pd.testing.assert_frame_equal(whole[names], cut[names])
    for name in (name for name in NUMBERS if name in whole):
        pd.testing.assert_series_equal(whole[name], cut[name], rtol=TOLERANCE, atol=TOLERANCE)


def ends(name: str, place: Place) -> None:
    """A study of the folder ``studies`` ends and has boundaries; how long it took is kept."""
    study = sweep.load_study(ROOT / "studies" / f"{name}.toml")
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        assert run_whole(study, f"sqlite:///{folder}/sweep.db", place.device)
        seconds = time.perf_counter() - start
        runs = frame_of(study, f"sqlite:///{folder}/sweep.db")
    found = {"seconds": round(seconds, 2), "runs": len(runs)}
    found |= {str(k): int(v) for k, v in runs["state"].value_counts().items()}
    place.note(f"study {name}", found)


def study_checks(short: bool) -> list[Check]:
    """A small study that is interrupted; without ``short`` two of the folder's, too."""
    whole = [] if short else [Check("studies", f"{n} ends", partial(ends, n)) for n in WHOLE]
    return [Check("studies", "a study goes on after interruptions", resumes), *whole]
