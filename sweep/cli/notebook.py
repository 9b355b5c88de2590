"""``run_study`` with its progress shown where nobody has asked for it otherwise: in a notebook."""

from __future__ import annotations

from sweep.cli.progress import in_notebook, shown_progress
from sweep.phases import driver
from sweep.records.trial import Observer
from sweep.store.store import Store
from sweep.study.study import Study


def run_study(
    study: Study,
    store: Store,
    *,
    device: str | None = None,
    launcher: str = "local",
    workers: int | None = 1,
    observer: Observer | None = None,
) -> list[str]:
    """Runs the study, or what is missing of it, and returns what was found.

    Args:
        study: The study; one that was begun before goes on where it ended.
        store: Where trials, runs and boundaries are kept; the database is created if need be.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:1`` or ``mps``; None for the study's own.
        launcher: Where runs are trained: ``local`` or ``ray``.
        workers: How many processes train; None for this one or others, as a measurement says.
        observer: Called with the ``Progress`` after every epoch of the population; by default a
            notebook shows it, and a script says nothing.

    Returns:
        One sentence per penalty: its boundaries, as ``describe_boundary`` words them.

    Raises:
        SweepError: One of its five kinds, for all that the user can correct, in one line.
    """
    if observer is not None or not in_notebook():
        return driver.run_study(
            study, store, device=device, launcher=launcher, workers=workers, observer=observer
        )
    with shown_progress(study) as shown:
        return driver.run_study(
            study, store, device=device, launcher=launcher, workers=workers, observer=shown
        )
