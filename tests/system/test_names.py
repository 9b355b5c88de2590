"""Names that are markup, formulas, escapes or endless, from a study file to the report's page."""

from __future__ import annotations

import html
import os
import pickle
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch

import sweep
from tests.cli.test_app import Done, call, one_line
from tests.support.databases import opened
from tests.support.long_cases import long

MARKUP = "</script><img src=x onerror=alert(1)>"
QUOTES = 'it\'s "quoted"; DROP TABLE regsweep_run; --'
RIGHT_TO_LEFT = "שלום abc"
FORMULA = "=cmd|'/c calc'!A1"
NETWORK = """
from torch import nn

class Named(nn.Module):
    def __init__(self, n_inputs, n_outputs, names):
        super().__init__()
        self.parts = nn.ModuleDict({{name: nn.Linear(n_inputs, n_outputs) for name in names}})

    def forward(self, x):
        return sum(part(x) for part in self.parts.values())
""".replace("{{", "{").replace("}}", "}")
STUDY = """
[study]
name = {name}
question = "How much?"
[data]
name = "csv"
path = "table.csv"
target = "label"
[model]
name = "named.py:Named"
args = {{ names = {layers} }}
[training]
epochs = 2
batch_size = 6
[search]
penalties = ["l2"]
strength = {{ low = 1e-3, high = 1.0 }}
trials = 3
round = 1
[path]
points = 5
resamples = 2
"""


def quoted(text: str) -> str:
    """As TOML writes it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def write(folder: Path, name: str, layers: list[str], header: str = "x") -> str:
    (folder / "named.py").write_text(NETWORK)
    rows = [
        {header: i % 5, "y": i % 7, "label": (MARKUP, RIGHT_TO_LEFT, "b" * 600)[i % 3]}
        for i in range(60)
    ]
    pd.DataFrame(rows).to_csv(folder / "table.csv", index=False)
    text = STUDY.format(name=quoted(name), layers=f"[{', '.join(map(quoted, layers))}]")
    (folder / "named.toml").write_text(text)
    return str(folder / "named.toml")


def launch(folder: Path, study: str) -> Done:
    return call("run", study, "--database", f"sqlite:///{folder}/sweep.db")


@pytest.mark.parametrize(
    "name", [MARKUP, long(QUOTES), long(RIGHT_TO_LEFT), long(FORMULA), long("x" * 200)]
)
def test_names_of_any_kind_go_from_the_study_to_every_place_as_they_are(
    tmp_path: Path, name: str
) -> None:
    layers = [text.replace(".", "")[:150] for text in (name, MARKUP, FORMULA, "y" * 150)]
    layers = list(dict.fromkeys(layers))
    study = write(tmp_path, name, layers, header=FORMULA)
    url = f"sqlite:///{tmp_path}/sweep.db"
    done = launch(tmp_path, study)
    assert done.returncode == 0, done.stderr
    store = sweep.open_store(url)
    expected = {f"parts.{layer}" for layer in layers}
    assert set(sweep.layers_frame(store, name)["layer"]) == expected
    assert sweep.trials_frame(store, name)["study"].unique().tolist() == [name]
    store.close()
    with opened(url, name) as study_of_optuna:
        assert len(study_of_optuna.trials) > 3
    assert name in call("status", "--database", url).stdout
    asked = ("best", name, "--out", str(tmp_path / "best.pt"), "--study", study)
    best = call(*asked, "--database", url)
    assert best.returncode == 0, best.stderr
    content = torch.load(tmp_path / "best.pt", weights_only=True)
    assert set(content["data"]["classes"]) == {MARKUP, RIGHT_TO_LEFT, "b" * 600}
    exported = call("export", name, "--to", str(tmp_path / "csv"), "--database", url)
    assert exported.returncode == 0, exported.stderr
    cells = pd.read_csv(tmp_path / "csv" / "trials.csv")["study"]
    assert cells.unique().tolist() == [f"'{name}" if name[0] in "=+-@" else name]
    out = tmp_path / "reports"
    report = call(name, "--database", url, "--out", str(out), module="dashboards")
    assert report.returncode == 0, report.stderr
    pages = "".join(path.read_text(encoding="utf-8") for path in out.glob("*.html"))
    assert "<img src=x" not in pages
    assert name in html.unescape(pages)
    assert all(path.parent == out for path in out.rglob("*.html"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "x" * 600}, "study.name"),
        ({"layers": ["x" * 600]}, "a penalized layer's name"),
        ({"layers": ["a\\u0000b"]}, "model.args: numbers, text"),
        ({"name": "\u202eabc\u202c"}, "study.name"),
        ({"layers": ["a\\u001b[2Jb"]}, "a penalized layer's name"),
        ({"name": "a\\u0000b"}, "study.name"),
        ({"header": "la\0bel"}, "the names of columns must be printable, found 'la\\x00bel'"),
        ({"header": "\x1b[2J"}, "the names of columns must be printable, found '\\x1b[2J'"),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_names_that_no_place_takes_are_refused_in_one_line_before_anything_is_made(
    tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    study = write(tmp_path, **{"name": "one", "layers": ["a"], **change})
    path = tmp_path / "named.toml"
    path.write_text(path.read_text().replace("\\\\u00", "\\u00"))  # escapes of TOML's own
    done = launch(tmp_path, study)
    one_line(done, words)
    assert done.stderr.strip().isprintable()
    assert not (tmp_path / "sweep.db").exists()


class Payload:
    """What unpickling it would do is seen."""

    def __init__(self, marker: Path):
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.marker),)


def test_a_pickle_is_never_opened_however_it_is_given(tmp_path: Path) -> None:
    marker = tmp_path / "opened"
    pickled = pickle.dumps(Payload(marker))
    torch.save({"state_dict": Payload(marker)}, tmp_path / "best.pt")
    study = write(tmp_path, "one", ["a"])
    text = Path(study).read_text()
    for content in (pickled, (tmp_path / "best.pt").read_bytes()):
        for name, kind in (("table.csv", "csv"), ("table.parquet", "parquet")):
            (tmp_path / name).write_bytes(content)
            Path(study).write_text(text.replace('"csv"', f'"{kind}"').replace("table.csv", name))
            one_line(launch(tmp_path, study), f"{name}: a table must be readable")
        Path(study).write_bytes(content)
        one_line(launch(tmp_path, study), "must be given")
        (tmp_path / "pickle.db").write_bytes(content)
        for command in (["status"], ["migrate"]):
            done = call(*command, "--database", f"sqlite:///{tmp_path}/pickle.db")
            one_line(done, "file is not a database")
    with pytest.raises(pickle.UnpicklingError):
        torch.load(tmp_path / "best.pt", weights_only=True)
    assert not marker.exists()
    assert not (tmp_path / "sweep.db").exists()
    pickle.loads(pickled)
    assert marker.exists()
