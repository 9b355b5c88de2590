"""Every state that a study can be in has a page: young, without a result, broken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import torch
from torch import Tensor, nn

import sweep
from dashboards import build_report
from sweep.records.trial import Progress
from sweep.store import schema
from tests.support.long_cases import long
from tests.support.pages import Reader


class Stop(Exception):
    pass


def study(name: str, **changes: dict[str, Any]) -> sweep.Study:
    settings: dict[str, dict[str, Any]] = {
        "data": {"name": "digits"},
        "model": {"hidden": [8, 8]},
        "training": {"epochs": 4, "batch_size": 256},
        "search": {"penalties": ["decay", "dropout"], "trials": 8, "round": 4},
        "path": {"points": 5, "resamples": 2},
        "hardware": {"population": 16},
    }
    for table, values in changes.items():
        settings[table] = values if "name" in values else settings[table] | values
    return sweep.Study(study={"name": name}, **settings)


def page(store: sweep.Store, name: str, out: Path) -> str:
    build_report(store, [name], out=out)
    return (out / f"{name}.html").read_text(encoding="utf-8")


@pytest.mark.long
def test_a_sweep_has_a_page_from_its_first_epoch_on(tmp_path: Path) -> None:
    store = sweep.open_store(f"sqlite:///{tmp_path}/young.db")
    seen: list[tuple[str, bool]] = []

    def observe(progress: Progress) -> None:
        state = (progress.phase, len(sweep.runs_frame(store, "young")) > 0)
        if state not in seen:
            seen.append(state)
            page(store, "young", tmp_path / "reports")

    sweep.run_study(study("young"), store, observer=observe)
    assert seen[0] == ("explore", False)
    assert {phase for phase, _ in seen} >= {"explore", "path"}


@pytest.mark.parametrize("layers", ["free", long("shared")])
def test_strengths_of_layers_are_shown_where_there_are_any(tmp_path: Path, layers: str) -> None:
    store = sweep.open_store(f"sqlite:///{tmp_path}/layers.db")
    sweep.run_study(study("layers", search={"layers": layers}), store)
    shown = page(store, "layers", tmp_path / "reports")
    assert ("decay: each layer's strength" in shown.replace("&#39;", "'")) == (layers == "free")
    assert "dropout: each layer's strength" not in shown.replace("&#39;", "'")


class Exploding(nn.Module):
    """Its loss is infinite from the first step on."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden, self.output = nn.Linear(64, 4), nn.Linear(4, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.output(self.hidden(x)) * (torch.inf if self.training else 1.0)  # type: ignore[no-any-return]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_study_in_which_nothing_completes_has_a_page_that_says_so(tmp_path: Path) -> None:
    store = sweep.open_store(f"sqlite:///{tmp_path}/nothing.db")
    axes = {"lr": {"low": 1e-3, "high": 1e-2, "scale": "log"}}
    search = {"penalties": ["l2"], "axes": axes}
    sweep.run_study(study("nothing", search=search, model={"name": Exploding}), store)
    assert not (sweep.runs_frame(store, "nothing")["state"] == "complete").any()
    shown = page(store, "nothing", tmp_path / "reports")
    assert "No path was trained for l2" in shown
    assert 'id="evidence"' not in shown, "no heading stands over nothing"


def test_a_broken_study_is_a_row_of_the_index_beside_the_others(tmp_path: Path) -> None:
    store = sweep.open_store(f"sqlite:///{tmp_path}/two.db")
    for name in ("good", "bad"):
        with pytest.raises(Stop):
            sweep.run_study(study(name), store, observer=stop)
    with store.database.engines.writer.begin() as connection:
        table = schema.study_table
        facts = connection.execute(sa.select(table.c.facts).where(table.c.name == "bad")).scalar()
        odd = {**facts, "n_train": "many"}
        connection.execute(sa.update(table).where(table.c.name == "bad").values(facts=odd))
    out = tmp_path / "reports"
    with pytest.raises(sweep.StoreError, match="n_train"):
        build_report(store, out=out)
    assert (out / "good.html").is_file()
    assert not (out / "bad.html").exists()
    index = Reader((out / "index.html").read_text(encoding="utf-8"))
    assert [str(a["href"]) for a in index.all("a")] == ["good.html"]
    assert "n_train" in " ".join(words for _, words in index.words)


def stop(_: Progress) -> None:
    raise Stop
