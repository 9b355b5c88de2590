"""Progress that shows itself in a notebook, and nowhere else."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

import sweep
from sweep.phases import driver
from sweep.records.trial import Progress


def ignore(progress: Progress) -> None:
    """An observer of the user's own."""


@pytest.mark.parametrize(
    ("shell", "own", "shown"),
    [
        (None, None, False),
        (SimpleNamespace(), None, False),
        (SimpleNamespace(kernel=object()), None, True),
        (SimpleNamespace(kernel=object()), ignore, False),
    ],
    ids=["script", "IPython in a terminal", "notebook", "an observer of one's own"],
)
def test_only_a_notebook_shows_progress_by_itself(
    shell: Any,
    own: Any,
    shown: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def run_study(study: Any, store: Any, *, observer: Any, **options: Any) -> list[str]:
        assert options == {"device": "cpu", "launcher": "local", "workers": 1}
        if observer is not None:
            observer(Progress("explore", 3, 8, 0.4, 90.0, 0.25))
        assert (observer is own) is not shown
        return ["found"]

    monkeypatch.setattr(driver, "run_study", run_study)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setitem(sys.modules, "ipywidgets", None)  # without them a bar cannot move
    study = sweep.Study(study={"name": "small"}, data={"name": "digits"})
    store: Any = None
    assert sweep.run_study(study, store, device="cpu", observer=own) == ["found"]
    words = "explore: 3 of at most 8 runs, 40 %, lowest val_loss so far 0.25, 1 min 30 s left"
    assert (words in capsys.readouterr().err) == shown
