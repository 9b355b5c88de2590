"""What nobody should give to a report, and somebody does: one line, and nothing is lost."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

import sweep
from dashboards import build_report, plot_boundary
from dashboards.__main__ import main
from dashboards.figures.bundle import figure_values
from dashboards.pages.checks_file import kept_checks
from dashboards.pages.comparison import settings_that_differ
from dashboards.pages.page_record import read_record
from dashboards.pages.render import page_name, render_study
from dashboards.sections.confirm import confirm_figure
from dashboards.sections.layers import layer_norms_figure
from dashboards.sections.learning_curves import learning_figure, learning_table, three_settings
from dashboards.sections.penalties import best_loss_figure
from dashboards.sections.search import explore_figure
from sweep.store import schema
from tests.support.report_frames import copied, fill_store, make_small_frames, make_study, whole


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> sweep.Store:
    """A study that has just begun: it has no trial yet."""
    made = sweep.open_store(f"sqlite:///{tmp_path_factory.mktemp('odd')}/sweep.db")
    study = make_study("young", finished_at=None, winner=None)
    made.start_study("young", "fingerprint", study.text, study)
    return made


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line that a command refuses with."""
    assert main(arguments) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    return lines[0]


def test_a_study_without_a_trial_has_a_page(store: sweep.Store, tmp_path: Path) -> None:
    build_report(store, out=tmp_path)
    assert "just started" in (tmp_path / "young.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", ["", " ", "a\nb", "a\udcff"])
def test_a_folder_has_a_name_in_plain_characters(
    store: sweep.Store,
    folder: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    line = told(capsys, "--database", str(store.url), "--out", folder)
    assert line.startswith("--out: a folder must be named in plain characters, found ")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["index.html", "checks.json", "young.html"])
def test_what_something_else_wrote_is_kept(
    store: sweep.Store, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_text("mine")
    line = told(capsys, "--database", str(store.url), "--out", str(tmp_path))
    assert f"found {tmp_path / name}, which is none of a report" in line
    assert (tmp_path / name).read_text() == "mine"


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    for name in ("page.html", "checks.json"):
        os.mkfifo(tmp_path / name)
    assert read_record(tmp_path / "page.html") == {}
    assert kept_checks(tmp_path) == {}


@pytest.mark.parametrize("text", ["[" * 100_000, "[]", '{"studies": []}', "\udcff"])
def test_checks_that_this_program_cannot_have_written_are_left_out(
    text: str, tmp_path: Path
) -> None:
    (tmp_path / "checks.json").write_text(text, errors="surrogateescape")
    assert kept_checks(tmp_path) == {}
    rows = {"whole": [{"code": "T1"}], "odd": 5, "empty": {}, "half": [5]}
    (tmp_path / "checks.json").write_text(json.dumps({"studies": rows}))
    assert list(kept_checks(tmp_path)) == ["whole"]


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["--serve", "--force", "young"], "found NAME, --force beside it"),
        (["--serve", "--database", "sqlite:///a.db"], "found --database beside it"),
        (["--port", "8001"], "--port is of --serve"),
        (["--forc"], "unrecognized arguments: --forc"),
    ],
)
def test_options_that_would_do_nothing_are_refused(
    arguments: list[str], found: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    line = capsys.readouterr().err
    assert line.startswith("command line: ")
    assert found in line


def test_bytes_that_are_no_text_name_no_study(
    store: sweep.Store, capsys: pytest.CaptureFixture[str]
) -> None:
    line = told(capsys, "--database", str(store.url), "--", "a\udcff")
    assert r"a study named 'a\udcff' must be in it, found young" in line


def test_odd_codes_of_a_database_are_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path}/sweep.db"
    store = sweep.open_store(url)
    fill_store(store, make_small_frames(), make_study())
    with store.database.engines.writer.begin() as connection:
        connection.execute(sa.update(schema.boundary_table).values(overfitting_cause="<b>"))
    store.close()
    line = told(capsys, "--database", url, "--out", str(tmp_path / "reports"))
    assert "overfitting_cause: one of overfitting, " in line
    assert "got '<b>'" in line


def test_no_two_pages_have_one_name() -> None:
    made = page_name("Study")
    taken = [made.removesuffix(".html"), "compare-a", "con", "com1.x", "nul", "a-20261129"]
    names = [page_name(name) for name in taken]
    assert len({made, *names}) == 1 + len(taken)
    assert all(name != f"{study}.html" for name, study in zip(names, taken, strict=True))
    assert page_name("constant") == "constant.html"


def test_a_path_whose_runs_have_no_value_of_the_objective_says_so() -> None:
    frames = copied(make_small_frames())
    for key in ("trials", "runs"):
        frames[key]["val_accuracy"] = np.nan
    frames["boundaries"] = frames["boundaries"].head(0)
    study = whole(frames, objective="val_accuracy", maximize=True)
    assert "No run of a path has a value of accuracy" in render_study(study)


def test_a_study_that_is_named_like_a_heading_is_compared() -> None:
    studies = [make_study("setting", text="[a]\nb = 1"), make_study("other", text="[a]\nb = 2")]
    assert [list(row.values()) for row in settings_that_differ(studies)] == [["a.b", "1", "2"]]


# ---- losses of any sign ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def below_zero() -> dict[str, pd.DataFrame]:
    """A study of densities, whose losses are all below 0."""
    frames = copied(make_small_frames())
    losses = ["val_loss", "train_loss", "test_loss", "null_loss", "best_val_loss"]
    for key in ("trials", "runs"):
        known = [name for name in losses if name in frames[key]]
        frames[key][known] -= 5
    frames["curves"].loc[frames["curves"]["metric"].str.endswith("loss"), "value"] -= 5
    return frames


def test_losses_below_zero_lie_within_their_figures(below_zero: dict[str, pd.DataFrame]) -> None:
    frames = whole(below_zero, loss="gaussian_nll")
    curves = learning_table(frames, three_settings(frames, "decay"), "decay")
    rows = frames.best_losses
    figures = {
        "x": [
            confirm_figure(frames.confirmed, frames.study),
            best_loss_figure(rows, frames.study),
        ],
        "y": [learning_figure(curves, frames.study, "decay"), explore_figure(frames)],
    }
    for axis, drawn in figures.items():
        for figure in map(figure_values, drawn):
            low, high = figure["layout"][f"{axis}axis"]["range"]
            values = [v for trace in figure["data"] for v in trace[axis] if v is not None]
            assert values
            assert low <= min(values) <= max(values) <= high


@pytest.mark.parametrize("loss", ["gaussian_nll", "mse"])
def test_an_interval_holds_its_mean_whatever_its_sign(
    below_zero: dict[str, pd.DataFrame], loss: str
) -> None:
    frames = below_zero if loss == "gaussian_nll" else make_small_frames()
    for row in whole(frames, loss=loss).best_losses.to_dict("records"):
        for name in ("val_loss", "unregularized"):
            assert row[f"{name}_low"] < row[name] < row[f"{name}_high"]
        assert loss == "gaussian_nll" or row["val_loss_low"] >= 0


def test_weights_that_are_all_zero_have_no_share_of_their_norm() -> None:
    table = pd.DataFrame({"layer": "a", "strength": [0.0, 1.0, 2.0], "own": 1.0, "norm": 0.0})
    drawn = figure_values(layer_norms_figure(table, "l2"))
    assert drawn["data"][0]["y"] == [None, None]


def test_a_figures_page_replaces_a_file_as_a_whole(tmp_path: Path) -> None:
    strengths, losses = np.logspace(-3, 1, 5), np.ones((5, 3))
    path = tmp_path / "figure.html"
    path.mkdir()
    with pytest.raises(OSError, match="no file that could be replaced"):
        plot_boundary(strengths, losses, losses, 2.0).write_html(path)
    assert [own.name for own in tmp_path.iterdir()] == ["figure.html"]
